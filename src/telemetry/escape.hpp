// Text of others made safe to stand inside one line: a JSON string, a label value.
//
// Nothing that goes through here can end its string, its line or the terminal's good manners: control
// characters (C0, DEL, C1) are escaped, bytes that are no UTF-8 become U+FFFD. Room: telemetry, private.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::telemetry {

/// Most bytes that write_json_text() can need for a text of `size` bytes cut at `limit`.
constexpr std::size_t json_text_room(std::size_t size, std::size_t limit) noexcept {
    constexpr std::size_t longest_escape = 6;  // \u001b
    constexpr std::size_t ellipsis = 3;
    return (size < limit ? size : limit) * longest_escape + ellipsis;
}

/// Writes `text` as the inside of a JSON string and returns the end of what it wrote. Longer than `limit`
/// bytes: cut at a character, `…` put behind. REQUIRES: json_text_room() bytes at `to`.
char* write_json_text(char* to, std::string_view text, std::size_t limit) noexcept;

/// Appends `text` as a label value of the Prometheus text format 0.0.4: `\`, `"` and line feed escaped.
void append_label_text(std::string& out, std::string_view text);

}  // namespace gatehouse::telemetry
