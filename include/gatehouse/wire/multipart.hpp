// multipart/form-data (RFC 7578), read just far enough to find a field: the form goes on to the provider as
// it is. Room: wire.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::wire {

/// The boundary of a Content-Type value; nothing if it is no multipart/form-data or its boundary is not 1 to
/// 70 characters of RFC 2046's set.
std::optional<std::string> multipart_boundary(std::string_view content_type);

/// Looks for the value of a small field in a form of which only the first bytes may have come.
class MultipartScan {
public:
    explicit MultipartScan(std::string boundary, std::size_t value_limit = 1024);

    enum class State : std::uint8_t { need_more, found, absent };

    /// Looks at the form received so far (always from its first byte; the bytes seen before must be the
    /// same). `found`: the range of the value of field `name`. `absent`: the form ended without it. Problem
    /// bad_framing → invalid_value: not a well-formed form, a part header above 8 KiB, a value above the
    /// limit.
    Result<State> scan(std::string_view form, std::string_view name);
    ByteRange value() const noexcept { return value_; }
    /// Fields other than `name` whose whole value was seen on the way (small ones without a file name).
    /// `stream` and `response_format` are of interest.
    std::optional<std::string_view> field(std::string_view form, std::string_view name) const;

private:
    struct Seen {
        std::string name;
        ByteRange value;
    };
    std::string delimiter_;
    std::size_t limit_;
    std::size_t at_{0};        // start of the delimiter line that is looked at next
    std::size_t searched_{0};  // no delimiter before this offset in the part at `at_`
    ByteRange value_;
    std::vector<Seen> seen_;
};

/// Watches a form pass by, in pieces of any size, and says as soon as a field that decides something occurs
/// twice: readers differ about which of the two counts. Sees every byte of the form from the first on; keeps
/// no more than one part header.
class MultipartWatch {
public:
    explicit MultipartWatch(std::string boundary, std::string name = "model");

    /// Problem invalid_value, from then on for every call: a second part of that name has begun, a part
    /// header or boundary is malformed or could be read in two ways, or something stands behind the last
    /// boundary. What it says depends on the bytes alone, not on the pieces they come in.
    Status feed(std::string_view bytes);
    /// The last boundary was seen.
    bool complete() const noexcept { return state_ == State::ended && failure_ == nullptr; }

private:
    enum class State : std::uint8_t { start, behind_delimiter, head, body, ended };
    // Each returns how many bytes it dealt with.
    std::size_t match_start(std::string_view bytes) noexcept;
    void read_behind_delimiter(char c);
    std::size_t read_head(std::string_view bytes);
    std::size_t search_delimiter(std::string_view bytes) noexcept;

    std::string delimiter_;
    std::string name_;
    State state_{State::start};
    std::size_t matched_{2};   // bytes of the delimiter; the first one of a form has no CRLF before it
    char first_behind_{'\0'};  // the first of the two bytes behind a delimiter
    bool behind_crlf_{
        true};         // what matches began with CRLF, not with a bare LF or the blank line before a body
    char last_{'\0'};  // the body's byte before those of this call
    std::string head_;
    bool seen_{false};
    const char* failure_{nullptr};
};

}  // namespace gatehouse::wire
