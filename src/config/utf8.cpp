#include "utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace gatehouse::config {
namespace {

/// Length of the well-formed sequence at the start of `text` (Unicode 15, table 3-7), 0 if there is none.
std::size_t sequence_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(0);
    if (lead < 0x80U) {
        return 1;
    }
    if (lead >= 0xC2U && lead <= 0xDFU) {
        return continues(1) ? 2 : 0;
    }
    if (lead >= 0xE0U && lead <= 0xEFU) {
        const bool overlong = lead == 0xE0U && byte(1) < 0xA0U;
        const bool surrogate = lead == 0xEDU && byte(1) > 0x9FU;
        return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0U && lead <= 0xF4U) {
        const bool overlong = lead == 0xF0U && byte(1) < 0x90U;
        const bool beyond = lead == 0xF4U && byte(1) > 0x8FU;
        return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

/// True when a tab before the first text of a line would count as indentation.
bool tab_indents(std::string_view rest) noexcept {
    const std::size_t first = rest.find_first_not_of(" \t");
    return first != std::string_view::npos && rest[first] != '\n' && rest[first] != '\r' &&
           rest[first] != '#';
}

}  // namespace

std::optional<Finding> first_unreadable(std::string_view text) {
    int line = 1;
    int column = 1;
    bool indentation = true;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text.substr(at));
        if (length == 0) {
            return Finding{line, column, "not valid UTF-8"};
        }
        const char c = text[at];
        if (c == '\n') {
            ++line;
            column = 1;
            indentation = true;
            ++at;
            continue;
        }
        const auto value = static_cast<unsigned char>(c);
        if ((value < 0x20U && c != '\t' && c != '\r') || value == 0x7FU) {
            return Finding{line, column, "a control character"};
        }
        if (c == '\t' && indentation && tab_indents(text.substr(at))) {
            return Finding{line, column, "a tab in the indentation; YAML takes spaces only"};
        }
        indentation = indentation && (c == ' ' || c == '\t');
        ++column;
        at += length;
    }
    return std::nullopt;
}

}  // namespace gatehouse::config
