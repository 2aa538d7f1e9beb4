#include "characters.hpp"
#include "json_scan.hpp"

#include "gatehouse/wire/encodings.hpp"
#include "gatehouse/wire/json_reader.hpp"
#include "gatehouse/wire/json_unescape.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace gatehouse::wire {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

std::uint32_t four_hex(std::string_view text, std::size_t at) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        value = value * 16 + static_cast<std::uint32_t>(hex_value(text[i]));
    }
    return value;
}

/// Writes the bytes of a code point, or of a surrogate as if it were one, and returns the place behind them.
char* put_code_point(char* out, std::uint32_t point) noexcept {
    const auto tail = [&out, point](unsigned shift) {
        *out++ = static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
    };
    if (point < 0x80) {
        *out++ = static_cast<char>(point);
    } else if (point < 0x800) {
        *out++ = static_cast<char>(0xc0U | (point >> 6U));
        tail(0);
    } else if (point < 0x10000) {
        *out++ = static_cast<char>(0xe0U | (point >> 12U));
        tail(6);
        tail(0);
    } else {
        *out++ = static_cast<char>(0xf0U | (point >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
    return out;
}

constexpr bool is_surrogate(std::uint32_t point) noexcept {
    return point >= 0xd800 && point <= 0xdfff;
}

/// What `\uXXXX` stands for, or two of them that are a pair. A surrogate that stands alone is itself.
struct UnicodeEscape {
    std::uint32_t point;
    std::size_t size;  // of the escape
};

UnicodeEscape read_unicode_escape(std::string_view inside, std::size_t at) noexcept {
    const std::uint32_t first = four_hex(inside, at + 2);
    const std::size_t next = at + 6;
    if (is_surrogate(first) && first < 0xdc00 && next + 6 <= inside.size() && inside[next] == '\\' &&
        inside[next + 1] == 'u') {
        const std::uint32_t second = four_hex(inside, next + 2);
        if (second >= 0xdc00 && second <= 0xdfff) {
            return {0x10000 + ((first - 0xd800) << 10U) + (second - 0xdc00), 12};
        }
    }
    return {first, 6};
}

/// Reads `\uXXXX`, with its second half if it is a pair; returns the offset behind.
std::size_t append_unicode_escape(std::string& out, std::string_view inside, std::size_t at) {
    const auto escape = read_unicode_escape(inside, at);
    if (is_surrogate(escape.point)) {
        out.append(replacement);
    } else {
        std::array<char, 4> bytes{};
        out.append(bytes.data(), put_code_point(bytes.data(), escape.point));
    }
    return at + escape.size;
}

char unescaped(char kind) noexcept {
    switch (kind) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return kind;
    }
}

/// Bytes of the well-formed UTF-8 sequence that starts at `at`, at most 4; 0 if none does.
std::size_t sequence_size(std::string_view text, std::size_t at) noexcept {
    for (std::size_t size = 1; size <= 4 && at + size <= text.size(); ++size) {
        if (valid_utf8(text.substr(at, size))) {
            return size;
        }
    }
    return 0;
}

/// Bytes before the next escape, up to `most`. Worth its call where there are few of them.
std::size_t plain_run(std::string_view inside, std::size_t most) noexcept {
    const auto part = inside.substr(0, most);
    return std::min(part.find('\\'), part.size());
}

std::string repaired(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = sequence_size(text, at);
        result.append(size == 0 ? replacement : text.substr(at, size));
        at += size == 0 ? 1 : size;
    }
    return result;
}

void append_escape(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
            out.append("\\\"");
            return;
        case '\\':
            out.append("\\\\");
            return;
        case '\n':
            out.append("\\n");
            return;
        case '\r':
            out.append("\\r");
            return;
        case '\t':
            out.append("\\t");
            return;
        case '\b':
            out.append("\\b");
            return;
        case '\f':
            out.append("\\f");
            return;
        default:
            out.append("\\u00");
            out.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
            out.push_back(digits[static_cast<unsigned char>(c) & 15U]);
    }
}

}  // namespace

std::string unescape_json(std::string_view inside) {
    std::string result;
    result.reserve(inside.size());
    for (std::size_t at = 0; at < inside.size();) {
        const std::size_t stop = find_string_stop(inside, at);
        result.append(inside.substr(at, stop - at));
        at = stop;
        if (at + 1 >= inside.size()) {
            break;
        }
        if (inside[at + 1] == 'u') {
            at = append_unicode_escape(result, inside, at);
        } else {
            result.push_back(unescaped(inside[at + 1]));
            at += 2;
        }
    }
    return result;
}

std::size_t unescape_json_piece(std::string_view& inside, std::span<char> out) noexcept {
    char* to = out.data();
    char* const end = to + out.size();
    std::size_t at = 0;
    while (at < inside.size() && end - to >= 4) {
        std::size_t run = std::min(inside.size() - at, static_cast<std::size_t>(end - to));
#if defined(__SSE2__)
        if (run >= 16) {
            // Copied before it is known how much of it is wanted: the rest is written over.
            const unsigned stops = string_stops_16(inside.data() + at);
            std::memcpy(to, inside.data() + at, 16);
            run = stops == 0 ? 16 : static_cast<std::size_t>(std::countr_zero(stops));
            to += run;
            at += run;
            if (stops == 0) {
                const auto plain = plain_run(inside.substr(at), static_cast<std::size_t>(end - to));
                std::memcpy(to, inside.data() + at, plain);
                to += plain;
                at += plain;
                continue;
            }
            run = 0;
        }
#endif
        for (; run > 0 && inside[at] != '\\'; --run) {
            *to++ = inside[at++];
        }
        if (at == inside.size() || inside[at] != '\\' || end - to < 4) {
            continue;
        }
        if (inside[at + 1] == 'u') {
            const auto escape = read_unicode_escape(inside, at);
            to = put_code_point(to, escape.point);
            at += escape.size;
        } else {
            *to++ = unescaped(inside[at + 1]);
            at += 2;
        }
    }
    inside.remove_prefix(at);
    return static_cast<std::size_t>(to - out.data());
}

void append_json_escaped(std::string& out, std::string_view text) {
    if (!valid_utf8(text)) {
        append_json_escaped(out, repaired(text));
        return;
    }
    for (std::size_t at = 0;;) {
        const std::size_t stop = find_string_stop(text, at);
        out.append(text.substr(at, stop - at));
        if (stop == text.size()) {
            return;
        }
        append_escape(out, text[stop]);
        at = stop + 1;
    }
}

std::string json_string(std::string_view text) {
    std::string result;
    result.reserve(text.size() + 2);
    result.push_back('"');
    append_json_escaped(result, text);
    result.push_back('"');
    return result;
}

}  // namespace gatehouse::wire
