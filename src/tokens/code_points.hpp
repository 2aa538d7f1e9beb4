// What kind of character a code point is, as far as the split patterns ask, and the reading of UTF-8 for it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace gatehouse::tokens {

/// Kinds are bits, so that a set of them is a mask.
enum Kind : std::uint8_t {
    symbol = 1,    // none of the others; bytes that are no UTF-8 too
    upper = 2,     // Lu, Lt
    lower = 4,     // Ll
    caseless = 8,  // Lm, Lo
    mark = 16,     // M
    number = 32,   // N
    space = 64,    // White_Space without the two below
    newline = 128  // CR, LF
};

/// The runs of equal kind, ascending: first code point * 16 + the kind's place in the enumeration above.
/// Generated.
std::span<const std::uint32_t> code_point_runs() noexcept;

/// The kinds of all code points, in two steps; equal blocks are kept once.
class CodePointTable {
public:
    static const CodePointTable& get();

    /// REQUIRES: code_point < 128.
    std::uint8_t ascii_kind(unsigned char code_point) const noexcept { return ascii_[code_point]; }
    std::uint8_t kind(std::uint32_t code_point) const noexcept {
        return blocks_[std::size_t{index_[code_point >> 8]} * 256 + (code_point & 255)];
    }

private:
    CodePointTable();

    std::array<std::uint8_t, 128> ascii_{};
    std::array<std::uint16_t, 0x1100> index_{};
    std::vector<std::uint8_t> blocks_;
};

/// One character of a text: its kind and its bytes.
struct Character {
    std::uint8_t kind;
    std::uint8_t length;
};

/// The character at `at`, of two bytes and more. A byte that starts no well-formed sequence (Unicode 15,
/// table 3-7) is a symbol of its own. REQUIRES: at < end.
Character long_character(const CodePointTable& table, const char* at, const char* end) noexcept;

/// The character at `at`. REQUIRES: at < end.
inline Character character(const CodePointTable& table, const char* at, const char* end) noexcept {
    const auto first = static_cast<unsigned char>(*at);
    return first < 0x80 ? Character{table.ascii_kind(first), 1} : long_character(table, at, end);
}

}  // namespace gatehouse::tokens
