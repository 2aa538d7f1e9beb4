// HTTP/1.1 messages into bytes. Everything written is checked: a value with CR, LF or another control
// character goes out with it replaced by a blank, so no text of others can end a header. Room: wire.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::wire {

/// `HTTP/1.1 200 OK\r\n`
void append_status_line(std::string& out, int status);
/// `POST /v1/x HTTP/1.1\r\n`
void append_request_line(std::string& out, std::string_view method, std::string_view target);
/// `name: value\r\n`
void append_field(std::string& out, std::string_view name, std::string_view value);
/// The same for a name that is a literal of ours: it is not looked at, the value is.
void append_known_field(std::string& out, std::string_view name, std::string_view value);
void append_known_field(std::string& out, std::string_view name, std::size_t value);
template <std::size_t Size>
void append_field(std::string& out, const char (&name)[Size], std::string_view value) {
    append_known_field(out, std::string_view(name, Size - 1), value);
}
template <std::size_t Size>
void append_field(std::string& out, const char (&name)[Size], std::size_t value) {
    append_known_field(out, std::string_view(name, Size - 1), value);
}
/// The line before a chunk of `size` bytes: `1a\r\n`. The chunk's data is followed by "\r\n".
void append_chunk_head(std::string& out, std::size_t size);
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
/// `Date` value (IMF-fixdate); made anew at most once a second per thread.
std::string_view http_date();
/// The standard phrase; "Unknown" for a status without one.
std::string_view reason_of(int status) noexcept;

}  // namespace gatehouse::wire
