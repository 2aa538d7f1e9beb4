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

}  // namespace gatehouse::chat
