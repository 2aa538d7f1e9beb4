// Cuts a text into the pieces that a byte-pair encoding works on, as the regular expressions of
// `tiktoken` 1.0.22 do (encoders/o200k_base.json, encoders/cl100k_base.json), in one pass without a regex
// engine.
#pragma once

#include "code_points.hpp"

#include "gatehouse/tokens/tokenizer.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::tokens {

class Splitter {
public:
    /// Keeps `text` by reference.
    Splitter(SplitPattern pattern, std::string_view text) noexcept
        : table_(CodePointTable::get()),
          pattern_(pattern),
          at_(text.data()),
          end_(text.data() + text.size()) {}

    /// The next piece; empty at the end. The pieces together are the text.
    std::string_view next() noexcept;

    /// Bytes looked at so far, again and again counted. At most a small multiple of the text.
    std::uint64_t work() const noexcept { return work_; }

private:
    struct Word {
        const char* cased;  // end of the first alternative's match, or null
        const char* upper;  // end of the second's, which asks for nothing in lower case
    };

    const char* piece_end() noexcept;
    const char* o200k_word(Character first) noexcept;
    const char* cl100k_word(Character first) noexcept;
    Word scan_word(const char* from) noexcept;
    const char* contraction(const char* from) const noexcept;
    const char* white_space(Character first) noexcept;
    const char* run(const char* from, unsigned kinds) noexcept;
    Character look(const char* at) const noexcept { return character(table_, at, end_); }

    const CodePointTable& table_;
    SplitPattern pattern_;
    const char* at_;
    const char* end_;
    std::uint64_t work_{0};
};

}  // namespace gatehouse::tokens
