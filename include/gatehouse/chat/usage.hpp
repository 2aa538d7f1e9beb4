// Tokens of one reply. All numbers are disjoint: cached input is not part of input, reasoning not of output.
// Room: chat.
#pragma once

#include "gatehouse/core/units.hpp"

namespace gatehouse::chat {

struct Usage {
    TokenCount input;         // not cached
    TokenCount cached_input;  // read from the provider's prompt cache
    TokenCount cache_write;
    TokenCount output;  // without reasoning
    TokenCount reasoning;
    bool known{false};  // the provider said so; false: nothing was reported

    TokenCount prompt() const noexcept {
        return TokenCount(input.value() + cached_input.value() + cache_write.value());
    }
    TokenCount completion() const noexcept { return TokenCount(output.value() + reasoning.value()); }
};

/// Of separate calls together: known as far as one of them is.
inline Usage sum_of(const Usage& a, const Usage& b) noexcept {
    const auto sum = [](TokenCount x, TokenCount y) { return TokenCount(x.value() + y.value()); };
    Usage both;
    both.input = sum(a.input, b.input);
    both.cached_input = sum(a.cached_input, b.cached_input);
    both.cache_write = sum(a.cache_write, b.cache_write);
    both.output = sum(a.output, b.output);
    both.reasoning = sum(a.reasoning, b.reasoning);
    both.known = a.known || b.known;
    return both;
}

}  // namespace gatehouse::chat
