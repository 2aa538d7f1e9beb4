#include "characters.hpp"
#include "json_scan.hpp"

#include "gatehouse/wire/encodings.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstdint>

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

void append_code_point(std::string& out, std::uint32_t point) {
    const auto tail = [&out, point](unsigned shift) {
        out.push_back(static_cast<char>(0x80U | ((point >> shift) & 0x3fU)));
    };
    if (point < 0x80) {
        out.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
        out.push_back(static_cast<char>(0xc0U | (point >> 6U)));
        tail(0);
    } else if (point < 0x10000) {
        out.push_back(static_cast<char>(0xe0U | (point >> 12U)));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xf0U | (point >> 18U)));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// Reads `\uXXXX`, with its second half if it is a pair; returns the offset behind.
std::size_t append_unicode_escape(std::string& out, std::string_view inside, std::size_t at) {
    const std::uint32_t first = four_hex(inside, at + 2);
    at += 6;
    if (first < 0xd800 || first > 0xdfff) {
        append_code_point(out, first);
        return at;
    }
    if (first < 0xdc00 && at + 6 <= inside.size() && inside[at] == '\\' && inside[at + 1] == 'u') {
        const std::uint32_t second = four_hex(inside, at + 2);
        if (second >= 0xdc00 && second <= 0xdfff) {
            append_code_point(out, 0x10000 + ((first - 0xd800) << 10U) + (second - 0xdc00));
            return at + 6;
        }
    }
    out.append(replacement);
    return at;
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
