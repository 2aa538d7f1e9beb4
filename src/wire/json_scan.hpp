// The tokens of JSON text (RFC 8259) under a moving pointer: the inner loops of reading it. Nothing here
// reads at or behind `end`. What is wrong comes back as a short phrase; nullptr means that nothing is. Room:
// wire, private.
#pragma once

#include "characters.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::wire {

/// How far a token goes. With a problem, `end` is where it lies.
struct Token {
    const char* end;
    const char* problem{nullptr};
    bool plain{true};  // strings: no escapes; numbers: no fraction and no exponent
};

/// What may follow a backslash: 1 for one character, 2 for `u` and four digits.
inline constexpr std::array<std::uint8_t, 256> escape_kinds = [] {
    std::array<std::uint8_t, 256> table{};
    for (const char c : std::string_view("\"\\/bfnrt")) {
        table[static_cast<unsigned char>(c)] = 1;
    }
    table['u'] = 2;
    return table;
}();

inline bool is_string_stop(char c) noexcept {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

#if defined(__SSE2__)
/// One bit per byte: quote, backslash or control character. Flipping bit 1 puts the quote (0x22) right behind
/// the control characters and the blank (0x20) away from them; flipping the sign bit makes the signed
/// comparison that SSE2 has an unsigned one.
inline unsigned string_stops_16(const char* at) noexcept {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i moved = _mm_xor_si128(bytes, _mm_set1_epi8(static_cast<char>(0x82)));
    const __m128i low = _mm_cmpgt_epi8(_mm_set1_epi8(static_cast<char>(0x21 ^ 0x80)), moved);
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, backslash)));
}
#endif

/// The first offset at or behind `at` of a quote, a backslash or a control character below 0x20; the size if
/// none.
inline std::size_t find_string_stop(std::string_view text, std::size_t at) noexcept {
#if defined(__SSE2__)
    for (; at + 16 <= text.size(); at += 16) {
        const unsigned stops = string_stops_16(text.data() + at);
        if (stops != 0) {
            return at + static_cast<std::size_t>(std::countr_zero(stops));
        }
    }
#endif
    while (at < text.size() && !is_string_stop(text[at])) {
        ++at;
    }
    return at;
}

inline const char* skip_blanks(const char* at, const char* end) noexcept {
    while (at != end && static_cast<unsigned char>(*at) <= ' ' &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        ++at;
    }
    return at;
}

/// From a backslash to behind its escape; nullptr if it is none.
inline const char* pass_escape(const char* at, const char* end) noexcept {
    const std::uint8_t kind =
        end - at < 2 ? std::uint8_t{0} : escape_kinds[static_cast<unsigned char>(at[1])];
    if (kind == 1) {
        return at + 2;
    }
    const bool unicode = kind == 2 && end - at >= 6 && hex_value(at[2]) >= 0 && hex_value(at[3]) >= 0 &&
                         hex_value(at[4]) >= 0 && hex_value(at[5]) >= 0;
    return unicode ? at + 6 : nullptr;
}

/// As scan_string, for a string of which more than a few bytes are to come; takes the widest registers there
/// are.
Token scan_long_string(const char* at, const char* end) noexcept;
/// The same without the choice: what a processor without AVX2 runs.
Token scan_long_string_portably(const char* at, const char* end) noexcept;

/// From behind the opening quote to behind the closing one.
inline Token scan_string(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
    if (end - at >= 16) {  // most keys and many values end here
        const unsigned stops = string_stops_16(at);
        if (stops != 0) {
            const char* const stop = at + std::countr_zero(stops);
            if (*stop == '"') {
                return {stop + 1};
            }
        }
    }
#endif
    return scan_long_string(at, end);
}

/// From the `"` of a key to behind its colon. With a problem, `end` is where it lies.
struct Key {
    const char* end;
    const char* problem;
    std::string_view inside;
    bool plain{true};
};

inline Key scan_key(const char* at, const char* end) noexcept {
    if (at == end || *at != '"') {
        return {at, at == end ? "unexpected end" : "expected a key", {}};
    }
    const Token name = scan_string(at + 1, end);
    if (name.problem != nullptr) {
        return {name.end, name.problem, {}};
    }
    const char* const colon = skip_blanks(name.end, end);
    if (colon == end || *colon != ':') {
        return {colon, "expected a colon", {}};
    }
    return {colon + 1, nullptr, {at + 1, static_cast<std::size_t>(name.end - at) - 2}, name.plain};
}

inline const char* skip_digits(const char* at, const char* end) noexcept {
    while (at != end && is_digit(*at)) {
        ++at;
    }
    return at;
}

/// From the sign or first digit to behind the number.
inline Token scan_number(const char* at, const char* end) noexcept {
    bool integral = true;
    at += *at == '-' ? 1 : 0;
    const char* const whole = at;
    at = skip_digits(whole, end);
    bool valid = at != whole && (*whole != '0' || at == whole + 1);
    if (valid && at != end && *at == '.') {
        integral = false;
        const char* const fraction = at + 1;
        at = skip_digits(fraction, end);
        valid = at != fraction;
    }
    if (valid && at != end && (*at | 0x20) == 'e') {
        integral = false;
        ++at;
        at += at != end && (*at == '+' || *at == '-') ? 1 : 0;
        const char* const exponent = at;
        at = skip_digits(exponent, end);
        valid = at != exponent;
    }
    return {at, valid ? nullptr : "malformed number", integral};
}

/// `true`, `false` or `null`.
template <std::size_t Size>
Token scan_word(const char* at, const char* end, const char (&word)[Size]) noexcept {
    constexpr std::size_t letters = Size - 1;
    const bool same = static_cast<std::size_t>(end - at) >= letters && std::memcmp(at, word, letters) == 0;
    return same ? Token{at + letters} : Token{at, "unknown word"};
}

/// Any value but an object or an array. REQUIRES: at != end.
inline Token scan_scalar(const char* at, const char* end) noexcept {
    switch (*at) {
        case '"':
            return scan_string(at + 1, end);
        case 't':
            return scan_word(at, end, "true");
        case 'f':
            return scan_word(at, end, "false");
        case 'n':
            return scan_word(at, end, "null");
        default:
            return *at == '-' || is_digit(*at) ? scan_number(at, end) : Token{at, "unexpected character"};
    }
}

}  // namespace gatehouse::wire
