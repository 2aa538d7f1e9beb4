#include "escape.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace gatehouse::telemetry {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";     // U+2026

constexpr std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
    return static_cast<std::uint8_t>(text[at]);
}

constexpr bool continues(std::string_view text, std::size_t at) noexcept {
    return at < text.size() && (byte_at(text, at) & 0xC0U) == 0x80U;
}

/// Length of the well-formed UTF-8 character at `at` (Unicode 15, table 3-7); 0: there is none.
std::size_t character_length(std::string_view text, std::size_t at) noexcept {
    const std::uint8_t lead = byte_at(text, at);
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4 || !continues(text, at + 1)) {
        return 0;
    }
    if (lead < 0xE0) {
        return 2;
    }
    const std::uint8_t second = byte_at(text, at + 1);
    if (!continues(text, at + 2)) {
        return 0;
    }
    if (lead < 0xF0) {
        const bool overlong = lead == 0xE0 && second < 0xA0;
        const bool surrogate = lead == 0xED && second > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    const bool overlong = lead == 0xF0 && second < 0x90;
    const bool too_large = lead == 0xF4 && second > 0x8F;
    return overlong || too_large || !continues(text, at + 3) ? 0 : 4;
}

/// True for the bytes that stand for themselves in a JSON string.
constexpr std::array<bool, 256> make_plain() {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x7F; ++c) {
        plain[c] = c != '"' && c != '\\';
    }
    return plain;
}
constexpr std::array<bool, 256> plain = make_plain();

char* write_bytes(char* to, std::string_view bytes) noexcept {
    std::memcpy(to, bytes.data(), bytes.size());
    return to + bytes.size();
}

char* write_escape(char* to, std::uint8_t control) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    to = write_bytes(to, "\\u00");
    *to++ = digits[control >> 4U];
    *to++ = digits[control & 15U];
    return to;
}

char* write_ascii(char* to, char c) noexcept {
    switch (c) {
        case '"':
            return write_bytes(to, "\\\"");
        case '\\':
            return write_bytes(to, "\\\\");
        case '\n':
            return write_bytes(to, "\\n");
        case '\r':
            return write_bytes(to, "\\r");
        case '\t':
            return write_bytes(to, "\\t");
        default:
            return write_escape(to, static_cast<std::uint8_t>(c));
    }
}

/// True when all eight bytes are plain: the high bit of a byte in `marks` says that it is not, or that a
/// lower one is not.
bool all_plain(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t highs = ones * 0x80U;
    const std::uint64_t quote = bytes ^ (ones * '"');
    const std::uint64_t backslash = bytes ^ (ones * '\\');
    const std::uint64_t marks = bytes | (bytes + ones) |             // 0x80 and above; DEL
                                ((bytes - ones * 0x20U) & ~bytes) |  // below the space
                                ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
    return (marks & highs) == 0;
}

template <class Word>
Word load(const char* from) noexcept {
    Word word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// Copies a short or long text at once if all of it is plain, which nearly every text is. The last word
/// overlaps the one before it: cheaper than a loop over the rest. False: nothing of use was written.
bool copy_if_plain(char* to, std::string_view text) noexcept {
    const std::size_t size = text.size();
    const char* const from = text.data();
    if (size >= 8) {
        for (std::size_t at = 0; at + 8 <= size; at += 8) {
            const auto word = load<std::uint64_t>(from + at);
            if (!all_plain(word)) {
                return false;
            }
            std::memcpy(to + at, &word, sizeof word);
        }
        const auto last = load<std::uint64_t>(from + size - 8);
        std::memcpy(to + size - 8, &last, sizeof last);
        return all_plain(last);
    }
    if (size >= 4) {
        const auto first = load<std::uint32_t>(from);
        const auto last = load<std::uint32_t>(from + size - 4);
        std::memcpy(to, &first, sizeof first);
        std::memcpy(to + size - 4, &last, sizeof last);
        return all_plain((static_cast<std::uint64_t>(last) << 32U) | first);
    }
    for (std::size_t at = 0; at < size; ++at) {
        if (!plain[byte_at(text, at)]) {
            return false;
        }
        to[at] = from[at];
    }
    return true;
}

/// Copies the plain bytes that `text` begins with and takes them off it.
char* write_plain(char* to, std::string_view& text) noexcept {
    std::size_t size = 0;
    while (size < text.size() && plain[byte_at(text, size)]) {
        *to++ = text[size++];
    }
    text.remove_prefix(size);
    return to;
}

std::string_view cut_at_character(std::string_view text, std::size_t limit) noexcept {
    std::size_t end = limit;
    while (end > 0 && end + 4 > limit && continues(text, end)) {
        --end;
    }
    return text.substr(0, end);
}

}  // namespace

char* write_json_text(char* to, std::string_view text, std::size_t limit) noexcept {
    if (text.size() <= limit && copy_if_plain(to, text)) {
        return to + text.size();
    }
    const bool cut = text.size() > limit;
    if (cut) {
        text = cut_at_character(text, limit);
    }
    for (;;) {
        to = write_plain(to, text);
        if (text.empty()) {
            break;
        }
        const std::size_t length = character_length(text, 0);
        if (length == 1) {
            to = write_ascii(to, text[0]);
        } else if (length == 0) {
            to = write_bytes(to, replacement);
        } else if (length == 2 && byte_at(text, 0) == 0xC2 && byte_at(text, 1) < 0xA0) {
            to = write_escape(to, byte_at(text, 1));
        } else {
            to = write_bytes(to, text.substr(0, length));
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return cut ? write_bytes(to, ellipsis) : to;
}

void append_label_text(std::string& out, std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = character_length(text, at);
        if (length == 0) {
            out.append(replacement);
            ++at;
            continue;
        }
        const char c = text[at];
        if (c == '\n') {
            out.append("\\n");
        } else {
            if (c == '\\' || c == '"') {
                out.push_back('\\');
            }
            out.append(text, at, length);
        }
        at += length;
    }
}

}  // namespace gatehouse::telemetry
