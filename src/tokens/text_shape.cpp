#include "text_shape.hpp"

#include "code_points.hpp"
#include "splitter.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::tokens {
namespace {

/// Costs are 64ths of a token.
constexpr std::uint64_t token = 64;

/// A character's usual share of a token, by its first byte. Fitted to o200k_base with the translated messages
/// of Debian's programs in 40 languages.
constexpr std::uint64_t share_of(unsigned char first) {
    if (first < 0xC3) {
        return token;  // controls of Latin-1, strays
    }
    if (first < 0xCB) {
        return 38;  // Latin letters with marks
    }
    if (first < 0xD0) {
        return 29;  // Greek, loose marks
    }
    if (first < 0xD5) {
        return 26;  // Cyrillic
    }
    if (first < 0xE0) {
        return 29;  // Armenian, Hebrew, Arabic, Syriac
    }
    if (first < 0xE2) {
        return 32;  // Indic scripts, Thai, Georgian, Khmer
    }
    if (first == 0xE2 || first >= 0xEE) {
        return first < 0xF0 ? token : 100;  // typographic signs, full width; emoji
    }
    return 46;  // kana, Han, Hangul
}

constexpr auto shares = [] {
    std::array<std::uint8_t, 256> all{};
    for (std::size_t first = 0; first < all.size(); ++first) {
        all[first] = static_cast<std::uint8_t>(share_of(static_cast<unsigned char>(first)));
    }
    return all;
}();

constexpr bool continues(unsigned char byte) {
    return byte >= 0x80 && byte < 0xC0;
}

/// Words up to four letters are mostly a token; longer ones are more often cut.
std::uint64_t latin_word(std::uint64_t letters) {
    const std::uint64_t some = std::clamp<std::uint64_t>(letters, 4, 9) - 4;
    const std::uint64_t many = std::max<std::uint64_t>(letters, 9) - 9;
    return token + some * 4 + many * 16;
}

std::uint64_t signs(std::uint64_t length) {
    return token + (std::max<std::uint64_t>(length, 3) - 3) * 20;
}

std::uint64_t cost_of(std::string_view piece) noexcept {
    std::uint64_t ascii = 0;
    std::uint64_t others = 0;
    bool has_letter = false;
    bool has_sign = false;
    for (const char c : piece) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            ++ascii;
            const auto kind = CodePointTable::get().ascii_kind(byte);
            has_letter = has_letter || (kind & (upper | lower)) != 0;
            has_sign = has_sign || kind == symbol;
        } else if (!continues(byte)) {
            others += shares[byte];
        }
    }
    const std::uint64_t plain = has_letter ? latin_word(ascii) : has_sign ? signs(ascii) : token;
    return others == 0 ? plain : std::max(token, others + (has_letter || has_sign ? plain : 0));
}

}  // namespace

Script script_of(std::string_view text) noexcept {
    std::uint64_t latin = 0;
    std::uint64_t cjk = 0;
    std::uint64_t other = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            latin += 16;
        } else if (byte >= 0xE3 && byte <= 0xED) {
            cjk += shares[byte];
        } else if (byte >= 0xCE && byte <= 0xE1) {
            other += shares[byte];
        }
    }
    if (cjk > latin && cjk >= other) {
        return Script::cjk;
    }
    return other > latin ? Script::other : Script::latin;
}

std::int64_t tokens_by_shape(std::string_view text) noexcept {
    std::uint64_t cost = 0;
    Splitter splitter(SplitPattern::o200k, text);
    for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
        cost += cost_of(piece);
    }
    return static_cast<std::int64_t>((cost + token / 2) / token);
}

}  // namespace gatehouse::tokens
