// Which bytes may stand where in HTTP/1.1 (RFC 9110, 5.6.2 and 5.5), as tables and 16-byte steps.
// Room: wire, private.
#pragma once

#include <algorithm>
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

inline constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}();

inline bool is_token_character(char c) noexcept {
    return token_characters[static_cast<unsigned char>(c)];
}

inline bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

inline int hex_value(char c) noexcept {
    if (is_digit(c)) {
        return c - '0';
    }
    const char folded = static_cast<char>(c | 0x20);
    return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/// A control character other than tab.
inline bool is_control(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

#if defined(__SSE2__)
/// One bit per byte: a control character other than tab.
inline unsigned controls_16(__m128i bytes) noexcept {
    // SSE2 compares signed bytes only: flipping the sign bit makes that an unsigned comparison.
    const __m128i flipped = _mm_xor_si128(bytes, _mm_set1_epi8(static_cast<char>(0x80)));
    const __m128i low = _mm_cmpgt_epi8(_mm_set1_epi8(static_cast<char>(0x20 ^ 0x80)), flipped);
    const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del)));
}

/// Every byte of a text of 4 to 16 bytes at least once, and nothing else: for who asks whether there is one
/// of a kind, not where.
inline __m128i all_bytes(std::string_view text) noexcept {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (text.size() >= 8) {
        std::memcpy(&first, text.data(), 8);
        std::memcpy(&last, text.data() + text.size() - 8, 8);
    } else {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        std::memcpy(&begin, text.data(), 4);
        std::memcpy(&end, text.data() + text.size() - 4, 4);
        first = begin | (std::uint64_t{end} << 32U);
        last = first;
    }
    return _mm_set_epi64x(static_cast<long long>(last), static_cast<long long>(first));
}
#endif

/// The first offset at or behind `at` of a control character other than tab; the size if there is none.
inline std::size_t find_control(std::string_view text, std::size_t at) noexcept {
#if defined(__SSE2__)
    for (; at + 16 <= text.size(); at += 16) {
        const unsigned mask =
            controls_16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at)));
        if (mask != 0) {
            return at + static_cast<std::size_t>(std::countr_zero(mask));
        }
    }
#endif
    while (at < text.size() && !is_control(text[at])) {
        ++at;
    }
    return at;
}

inline bool has_control(std::string_view text) noexcept {
#if defined(__SSE2__)
    if (text.size() >= 4 && text.size() <= 16) {
        return controls_16(all_bytes(text)) != 0;
    }
    if (text.size() > 16) {
        unsigned mask = 0;
        for (std::size_t at = 0; at + 16 < text.size(); at += 16) {
            mask |= controls_16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at)));
        }
        return (mask | controls_16(all_bytes(text.substr(text.size() - 16)))) != 0;
    }
#endif
    return find_control(text, 0) != text.size();
}

/// The first offset at or behind `at` of a byte that is no token character; the size if there is none.
inline std::size_t find_token_end(std::string_view text, std::size_t at) noexcept {
#if defined(__SSE2__)
    // Letters, digits and `-` are what names are made of; the other token characters are looked up below.
    const auto within = [](__m128i bytes, char first, char count) {
        const __m128i place = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
        const __m128i last = _mm_set1_epi8(static_cast<char>(count - 1));
        return _mm_cmpeq_epi8(_mm_min_epu8(place, last), place);
    };
    for (; at + 16 <= text.size(); at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i letters = within(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 26);
        const __m128i others =
            _mm_or_si128(within(bytes, '0', 10), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letters, others))) ^ 0xffffU;
        if (mask != 0) {
            at += static_cast<std::size_t>(std::countr_zero(mask));
            break;
        }
    }
#endif
    while (at < text.size() && is_token_character(text[at])) {
        ++at;
    }
    return at;
}

/// Whether a token is `word` without regard to case. REQUIRES: `name` consists of token characters, and
/// `word` of lower-case letters and `-`: then setting bit 5 makes capital letters small and changes nothing
/// else that could be mistaken for a character of `word`.
template <std::size_t Size>
bool is_word(std::string_view name, const char (&word)[Size]) noexcept {
    constexpr std::size_t letters = Size - 1;
    if (name.size() != letters) {
        return false;
    }
    unsigned differences = 0;
    for (std::size_t i = 0; i < letters; ++i) {
        differences |= (static_cast<unsigned char>(name[i]) | 0x20U) ^ static_cast<unsigned char>(word[i]);
    }
    return differences == 0;
}

/// Walks over the line feeds of a text, 32 bytes at a time.
class LineFeeds {
public:
    LineFeeds(std::string_view text, std::size_t at) noexcept : text_(text), next_block_(at) {}

    /// The offset of the next line feed; the size of the text if there is none.
    std::size_t next() noexcept {
        while (mask_ == 0) {
            block_ = next_block_;
            if (block_ >= text_.size()) {
                return text_.size();
            }
            mask_ = load();
        }
        const std::size_t found = block_ + static_cast<std::size_t>(std::countr_zero(mask_));
        mask_ &= mask_ - 1;
        return found;
    }

private:
    std::uint32_t load() noexcept {
        const char* const bytes = text_.data() + block_;
#if defined(__SSE2__)
        if (text_.size() - block_ >= 32) {
            next_block_ += 32;
            const __m128i line_feed = _mm_set1_epi8('\n');
            const auto* const halves = reinterpret_cast<const __m128i*>(bytes);
            const int low = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(halves), line_feed));
            const int high = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(halves + 1), line_feed));
            return static_cast<std::uint32_t>(low) | (static_cast<std::uint32_t>(high) << 16U);
        }
        if (text_.size() - block_ >= 16) {
            next_block_ += 16;
            const __m128i found =
                _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)), _mm_set1_epi8('\n'));
            return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
        }
#endif
        const std::size_t count = std::min<std::size_t>(text_.size() - block_, 32);
        next_block_ += count;
        std::uint32_t mask = 0;
        for (std::size_t i = 0; i < count; ++i) {
            mask |= static_cast<std::uint32_t>(bytes[i] == '\n') << i;
        }
        return mask;
    }

    std::string_view text_;
    std::size_t block_{0};
    std::size_t next_block_;
    std::uint32_t mask_{0};  // line feeds of the block that were not given out yet
};

}  // namespace gatehouse::wire
