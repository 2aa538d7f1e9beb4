// A second opinion: whatever our readers accept, Boost.Beast accepts with the same fields and the same body.
// The messages are generated from a fixed seed, sound ones and ones with a few bytes changed.
#include "unit/wire/reading.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <gtest/gtest.h>

#include <random>

namespace gatehouse::wire {
namespace {

namespace http = boost::beast::http;

class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t bound) { return random_() % bound; }

    std::string one_of(std::initializer_list<std::string_view> choices) {
        return std::string(choices.begin()[below(choices.size())]);
    }

    std::string fields() {
        std::string text;
        for (std::size_t count = below(6); count > 0; --count) {
            text += one_of({"Accept", "X-Stainless-Lang", "x_y", "Cookie", "User-Agent", "!#$%&'*+-.^_`|~9"});
            text += one_of({": ", ":", ":\t", ":  "});
            text += one_of(
                {"", "a", "application/json", "a, b;q=1", "\xc3\xa9", "\"q\\\"\"", "Bearer gh-0123456789"});
            text += one_of({"", " ", "\t "}) + "\r\n";
        }
        return text;
    }

    /// Fields and the body they announce.
    std::string framed_body(bool chunks_known) {
        const std::string data = one_of({"", "a", "hello", "0\r\n\r\n", "{\"model\":\"x\"}"});
        if (!chunks_known || below(3) == 0) {
            return "Content-Length: " + std::to_string(data.size()) + "\r\n\r\n" + data;
        }
        std::string text = "Transfer-Encoding: " + one_of({"chunked", "Chunked"}) + "\r\n\r\n";
        for (std::size_t count = below(4); count > 0 && !data.empty(); --count) {
            text += one_of({"", "0", "000"}) + hex(data.size());
            text += one_of({"", ";a", ";a=b", ";a=\"b c\";d"}) + "\r\n" + data + "\r\n";
        }
        return text + "0\r\n" + one_of({"", "X-Trailer: a\r\n", "X-Trailer:\r\nX-Trailer: b\r\n"}) + "\r\n";
    }

    std::string request() {
        const std::string version = one_of({"1", "1", "0"});
        return one_of({"GET", "POST", "DELETE", "PATCH"}) + ' ' +
               one_of({"/", "/v1/chat/completions", "/a?b=c&d", "/a%20b", "http://h:1/p"}) + " HTTP/1." +
               version + "\r\nHost: " + one_of({"a", "[::1]:80", "a.b:1"}) + "\r\n" + fields() +
               one_of({"", "Connection: close\r\n", "Connection: keep-alive\r\n"}) +
               framed_body(version == "1");
    }

    std::string response() {
        const std::string version = one_of({"1", "1", "0"});
        return "HTTP/1." + version + ' ' + one_of({"200 OK", "404 Not Found", "500 ", "299 \xc3\xa9"}) +
               "\r\n" + fields() + framed_body(version == "1");
    }

    /// Changes, drops or doubles a few bytes.
    void disturb(std::string& text) {
        static constexpr std::string_view bytes("\r\n\t :,;0a5F\0\x7f\x80/%", 17);
        for (std::size_t count = below(4); count > 0; --count) {
            const std::size_t at = below(text.size());
            switch (below(3)) {
                case 0:
                    text[at] = bytes[below(bytes.size())];
                    break;
                case 1:
                    text.erase(at, 1);
                    break;
                default:
                    text.insert(at, 1, bytes[below(bytes.size())]);
            }
        }
    }

private:
    static std::string hex(std::size_t size) {
        constexpr std::string_view digits = "0123456789abcdef";
        return std::string(1, digits[size % 16]);
    }

    std::mt19937 random_;
};

FieldList sorted(FieldList list) {
    std::sort(list.begin(), list.end());
    return list;
}

template <bool IsRequest>
struct Opinion {
    boost::beast::error_code error;
    bool done{false};
    FieldList fields;
    std::string body;
    http::message<IsRequest, http::string_body> message;
};

template <bool IsRequest>
Opinion<IsRequest> ask_beast(std::string_view bytes) {
    http::parser<IsRequest, http::string_body> parser;
    parser.eager(true);
    Opinion<IsRequest> opinion;
    while (!parser.is_done() && !bytes.empty() && !opinion.error) {
        const std::size_t taken = parser.put(boost::asio::buffer(bytes), opinion.error);
        bytes.remove_prefix(taken);
        if (taken == 0) {
            break;
        }
    }
    opinion.done = parser.is_done();
    for (const auto& field : parser.get()) {
        opinion.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    opinion.body = parser.get().body();
    opinion.message = parser.release();
    return opinion;
}

template <class Head, class ReadHead, class Compare>
std::size_t compare_messages(Generator& generator, std::string (Generator::*make)(), ReadHead read_head,
                             Compare compare) {
    std::size_t accepted = 0;
    for (int i = 0; i < 4'000; ++i) {
        std::string bytes = (generator.*make)();
        if (i % 2 != 0) {
            generator.disturb(bytes);
        }
        Head head;
        const Result<std::size_t> size = read_head(bytes, head);
        if (!size || *size == 0) {
            EXPECT_NE(i % 2, 0) << "a sound message is refused: " << bytes;
            continue;
        }
        const Body body =
            read_body_in_pieces(head.body, std::string_view(bytes).substr(*size), bytes.size(), 1);
        if (body.refused || !(body.complete || head.body.kind == BodyKind::none)) {
            EXPECT_NE(i % 2, 0) << "a sound body is refused: " << bytes;
            continue;
        }
        ++accepted;
        compare(std::string_view(bytes).substr(0, *size + body.consumed), head, body);
    }
    return accepted;
}

template <bool IsRequest>
void expect_agreement(const Opinion<IsRequest>& theirs, const Fields& fields, bool chunked, const Body& body,
                      std::string_view bytes) {
    EXPECT_FALSE(theirs.error) << theirs.error.message() << ": " << bytes;
    EXPECT_TRUE(theirs.done) << bytes;
    // Same-named fields are neighbours in Beast, and it takes trailers for fields: ours must be among them.
    const FieldList their_fields = sorted(theirs.fields);
    const FieldList our_fields = sorted(field_list(fields));
    if (chunked) {
        EXPECT_TRUE(
            std::includes(their_fields.begin(), their_fields.end(), our_fields.begin(), our_fields.end()))
            << bytes;
    } else {
        EXPECT_EQ(their_fields, our_fields) << bytes;
    }
    EXPECT_EQ(theirs.body, body.payload) << bytes;
}

TEST(Beast, ReadsEveryRequestWeAcceptAsWeDo) {
    Generator generator(1);
    const std::size_t accepted = compare_messages<RequestHead>(
        generator, &Generator::request,
        [](std::string_view bytes, RequestHead& head) {
            return RequestHeadReader(HeadLimits{}).read(bytes, head);
        },
        [](std::string_view bytes, const RequestHead& head, const Body& body) {
            const auto theirs = ask_beast<true>(bytes);
            expect_agreement(theirs, head.fields, head.body.kind == BodyKind::chunked, body, bytes);
            EXPECT_EQ(std::string(theirs.message.method_string()), head.method) << bytes;
            EXPECT_EQ(theirs.message.keep_alive(), head.keep_alive) << bytes;
        });
    EXPECT_GT(accepted, 2'200U) << "too few of the changed messages are still accepted to say anything";
}

TEST(Beast, ReadsEveryResponseWeAcceptAsWeDo) {
    Generator generator(2);
    const std::size_t accepted = compare_messages<ResponseHead>(
        generator, &Generator::response,
        [](std::string_view bytes, ResponseHead& head) {
            return ResponseHeadReader(HeadLimits{}).read(bytes, head, false);
        },
        [](std::string_view bytes, const ResponseHead& head, const Body& body) {
            if (bytes.substr(12, 1) != " ") {
                return;  // a status line without reason and its blank is taken here, since some servers send
                         // it
            }
            const auto theirs = ask_beast<false>(bytes);
            expect_agreement(theirs, head.fields, head.body.kind == BodyKind::chunked, body, bytes);
            EXPECT_EQ(static_cast<int>(theirs.message.result_int()), head.status) << bytes;
        });
    EXPECT_GT(accepted, 2'200U) << "too few of the changed messages are still accepted to say anything";
}

}  // namespace
}  // namespace gatehouse::wire
