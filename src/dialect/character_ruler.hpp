// Places in a text, between those who count its bytes and those who count its characters.
//
// The text itself is not kept, only where its characters begin. Room: dialect, private. May include: core.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Measures a text of UTF-8 that goes by in pieces.
class CharacterRuler {
public:
    void add(std::string_view text);
    /// Characters that begin before byte `offset`; an offset behind the text counts as its end.
    std::size_t characters_before(std::size_t offset) const noexcept;
    /// The byte at which the character begins that has so many before it; behind the text, its end.
    std::size_t bytes_before(std::size_t characters) const noexcept;
    std::size_t bytes() const noexcept { return ascii_ + begins_.size(); }

private:
    std::size_t ascii_{0};             // the text's first bytes, as long as all of them are ASCII
    std::vector<bool> begins_;         // of each byte behind them: a character begins here
    std::vector<std::size_t> blocks_;  // of each block of those: characters before it
    std::size_t characters_{0};        // all of them
};

}  // namespace gatehouse::dialect
