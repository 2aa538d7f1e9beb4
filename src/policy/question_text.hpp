// A user's text cut into words, numbers, signs, and what has to be compared byte by byte.
//
// Typographic forms of quotes, dashes and blanks are read as their plain ones, except inside of quotes and
// code. Linear in the text. Room: policy (private).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

enum class PieceKind : std::uint8_t {
    word,
    number,
    sign,     // an operator, a bracket, a currency
    quoted,   // between quotes, byte by byte
    code,     // between backticks, byte by byte
    address,  // URL, e-mail address, path, option of a command; byte by byte
};

struct TextPiece {
    PieceKind kind{};
    bool after_blank{};
    bool after_stop{};  // a sentence ended in front of it
    bool after_dash{};  // what a hyphen joins to the piece before it
    std::string
        text{};  // as written, but typographic apostrophes are plain; quotes and code without their marks
};

struct CutText {
    std::vector<TextPiece> pieces{};
    /// Not UTF-8, or with control characters.
    bool unreadable{};
    /// Operators and braces of programs outside of backticks.
    bool unmarked_code{};
    /// Lines that begin with blanks: how they stand may matter.
    bool layout{};
    /// Letters outside of the Latin script, outside of quotes and code.
    bool other_script{};
};

CutText cut_text(std::string_view text);

struct CodePoint {
    char32_t value{};
    std::size_t bytes{};
};
/// Where no ASCII character is.
CodePoint long_code_point_at(std::string_view text, std::size_t at) noexcept;

/// The code point that begins at `at`, and its length in bytes; 0 bytes if none begins there (RFC 3629).
inline CodePoint code_point_at(std::string_view text, std::size_t at) noexcept {
    const auto first = at < text.size() ? static_cast<unsigned char>(text[at]) : 0x80U;
    return first < 0x80U ? CodePoint{first, 1} : long_code_point_at(text, at);
}

}  // namespace gatehouse::policy
