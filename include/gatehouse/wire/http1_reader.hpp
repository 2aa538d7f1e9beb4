// HTTP/1.1 messages out of bytes (RFC 9112), without a socket: bytes in, "what next" out.
//
// Strict on purpose: the lenient readings that let two servers disagree about where a message ends (obs-fold,
// bare LF, two lengths, odd transfer codings, chunk lines with blanks) are refused, not repaired. A library
// parser behind a check of ours would be a second opinion on the same bytes: docs/decisions/0001.
// Room: wire.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/http_message.hpp"
#include "gatehouse/wire/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::wire {

/// How far a head reader has looked, so that no byte is looked at twice however the head arrives in pieces.
struct HeadScan {
    std::size_t scanned{0};  // no line end before this offset that was not seen
    std::size_t lines{0};    // complete lines so far
};

/// Finds and checks the head of a request. One per connection; `reset()` between messages.
class RequestHeadReader {
public:
    explicit RequestHeadReader(HeadLimits limits) : limits_(limits) {}

    /// Looks at everything received so far and not consumed. Returns the number of bytes the head took (it is
    /// then in `head`), 0 when more bytes are needed, or why the message is refused: bad_framing,
    /// uri_too_long, headers_too_large, http_version, expectation_failed. After a refusal the connection
    /// cannot go on. Leading empty lines are bad_framing but for one CRLF (RFC 9112, 2.2).
    Result<std::size_t> read(std::string_view received, RequestHead& head);
    void reset() noexcept { scan_ = HeadScan(); }

private:
    HeadLimits limits_;
    HeadScan scan_;
};

/// The same for a provider's response. 1xx responses are skipped by the caller (they have no body).
/// `request_was_head` decides about the body. Problems are upstream_protocol.
class ResponseHeadReader {
public:
    explicit ResponseHeadReader(HeadLimits limits) : limits_(limits) {}
    Result<std::size_t> read(std::string_view received, ResponseHead& head, bool request_was_head);
    void reset() noexcept { scan_ = HeadScan(); }

private:
    HeadLimits limits_;
    HeadScan scan_;
};

/// Takes the body out of the bytes that follow a head. Chunk extensions within 256 bytes and trailers within
/// 16 KiB are checked and dropped.
class BodyReader {
public:
    BodyReader() = default;
    explicit BodyReader(BodyFraming framing);

    struct Step {
        std::size_t consumed{0};   // bytes of `received` that are dealt with
        std::string_view payload;  // body bytes, a view into `received`
        bool complete{false};      // the message ends here
    };

    /// Call again with the rest while `consumed` is not 0. For `until_close` the caller decides about the
    /// end. Problem: bad_framing.
    Result<Step> feed(std::string_view received);
    bool complete() const noexcept { return state_ == State::complete; }
    BodyKind kind() const noexcept { return framing_.kind; }

private:
    enum class State : std::uint8_t {
        data,
        size,
        extension_start,
        extension_name,
        extension_value_start,
        extension_value,
        extension_quoted,
        extension_escaped,
        extension_end,
        size_lf,
        data_cr,
        data_lf,
        trailer_start,
        trailer_name,
        trailer_value,
        trailer_lf,
        last_lf,
        complete
    };
    bool chunk_line(
        char c) noexcept;  // one byte of what stands around the chunks' data; false if it is wrong
    bool chunk_extension(char c) noexcept;
    bool trailer_line(char c) noexcept;

    BodyFraming framing_;
    State state_{State::complete};
    std::uint64_t left_{0};    // of the body, or of the chunk
    std::uint32_t digits_{0};  // of the chunk size so far
    std::uint32_t line_{0};    // bytes of the extension or trailer section so far
};

}  // namespace gatehouse::wire
