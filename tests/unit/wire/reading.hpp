// Messages read whole and in pieces, for the tests of the HTTP/1.1 readers: what is said must not depend on
// how the bytes come.
#pragma once

#include "gatehouse/wire/http1_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::wire {

using FieldList = std::vector<std::pair<std::string, std::string>>;

inline FieldList field_list(const Fields& fields) {
    FieldList list;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        list.emplace_back(fields[i].name, fields[i].value);
    }
    return list;
}

/// What a head reader said.
template <class Head>
struct Read {
    std::optional<ProblemKind> refused;
    std::size_t size{0};
    Head head;
};

/// Reads with `first` bytes there, and then `step` more each time, as from a socket. `read_once` calls the
/// reader.
template <class Head, class ReadOnce>
Read<Head> read_in_pieces(std::string_view bytes, std::size_t first, std::size_t step, ReadOnce read_once) {
    Read<Head> read;
    for (std::size_t end = std::min(first, bytes.size());; end = std::min(end + step, bytes.size())) {
        const Result<std::size_t> size = read_once(bytes.substr(0, end), read.head);
        if (!size) {
            read.refused = size.problem().kind();
            return read;
        }
        read.size = *size;
        if (read.size != 0 || end == bytes.size()) {
            return read;
        }
    }
}

template <class Head>
void expect_same(const Read<Head>& whole, const Read<Head>& pieces, std::string_view bytes,
                 std::size_t first) {
    EXPECT_EQ(whole.refused, pieces.refused) << "split behind " << first << ": " << bytes;
    EXPECT_EQ(whole.size, pieces.size) << "split behind " << first << ": " << bytes;
    EXPECT_EQ(field_list(whole.head.fields), field_list(pieces.head.fields)) << bytes;
    EXPECT_EQ(whole.head.body.kind, pieces.head.body.kind) << bytes;
    EXPECT_EQ(whole.head.body.size, pieces.head.body.size) << bytes;
}

/// Whole, byte by byte, and, unless the head is very long, in two pieces split at every byte.
template <class Head, class NewReader>
Read<Head> read_every_way(std::string_view bytes, NewReader new_reader) {
    const Read<Head> whole = read_in_pieces<Head>(bytes, bytes.size(), 1, new_reader());
    expect_same(whole, read_in_pieces<Head>(bytes, 1, 1, new_reader()), bytes, 1);
    for (std::size_t first = 1; first < bytes.size() && bytes.size() <= 1024; ++first) {
        expect_same(whole, read_in_pieces<Head>(bytes, first, bytes.size(), new_reader()), bytes, first);
    }
    return whole;
}

inline Read<RequestHead> read_request(std::string_view bytes, HeadLimits limits = {}) {
    return read_every_way<RequestHead>(bytes, [limits] {
        return [reader = RequestHeadReader(limits)](std::string_view received, RequestHead& head) mutable {
            return reader.read(received, head);
        };
    });
}

inline Read<ResponseHead> read_response(std::string_view bytes, bool request_was_head = false) {
    return read_every_way<ResponseHead>(bytes, [request_was_head] {
        return [reader = ResponseHeadReader(HeadLimits{}), request_was_head](std::string_view received,
                                                                             ResponseHead& head) mutable {
            return reader.read(received, head, request_was_head);
        };
    });
}

/// What a body reader said.
struct Body {
    bool refused{false};
    bool complete{false};
    std::string payload;
    std::size_t consumed{0};
};

inline Body read_body_in_pieces(BodyFraming framing, std::string_view bytes, std::size_t first,
                                std::size_t step) {
    BodyReader reader(framing);
    Body body;
    for (std::size_t end = std::min(first, bytes.size());; end = std::min(end + step, bytes.size())) {
        for (;;) {
            const auto fed = reader.feed(bytes.substr(body.consumed, end - body.consumed));
            if (!fed) {
                body.refused = true;
                return body;
            }
            body.consumed += fed->consumed;
            body.payload += fed->payload;
            body.complete = reader.complete();
            if (fed->consumed == 0 || body.complete) {
                break;
            }
        }
        if (body.complete || end == bytes.size()) {
            return body;
        }
    }
}

/// Whole, byte by byte, and, unless it is very long, in two pieces split at every byte.
inline Body read_body(BodyFraming framing, std::string_view bytes) {
    const Body whole = read_body_in_pieces(framing, bytes, bytes.size(), 1);
    const auto expect_same_body = [&](std::size_t first, std::size_t step) {
        const Body pieces = read_body_in_pieces(framing, bytes, first, step);
        EXPECT_EQ(whole.refused, pieces.refused) << "split behind " << first << ": " << bytes;
        EXPECT_EQ(whole.complete, pieces.complete) << bytes;
        EXPECT_EQ(whole.payload, pieces.payload) << bytes;
        EXPECT_TRUE(whole.refused || whole.consumed == pieces.consumed) << bytes;
    };
    expect_same_body(1, 1);
    for (std::size_t first = 1; first < bytes.size() && bytes.size() <= 1024; ++first) {
        expect_same_body(first, bytes.size());
    }
    return whole;
}

inline Body read_chunked(std::string_view bytes) {
    return read_body({BodyKind::chunked, 0}, bytes);
}

/// A request with a Host and more fields.
inline std::string post(std::string_view fields) {
    return "POST /v1/x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

struct NamedBytes {
    std::string name;
    std::string bytes;
};

inline std::string name_of_bytes(const testing::TestParamInfo<NamedBytes>& info) {
    return info.param.name;
}

}  // namespace gatehouse::wire
