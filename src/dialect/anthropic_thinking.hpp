// How Anthropic's clients say how much a model shall think: `thinking` and `output_config.effort` together.
//
// Room: dialect, private. May include: chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace gatehouse::dialect {

enum class AnthropicThinking : std::uint8_t { unsaid, disabled, between_tools, adaptive, enabled };

/// Of thoughts, in tokens.
inline constexpr std::int64_t least_budget = 1024;

/// The values of `thinking.type`, in the order of the enumerators behind `unsaid`.
inline constexpr std::array<std::string_view, 4> thinking_types{"disabled", "between_tools", "adaptive",
                                                                "enabled"};

/// The effort of both. Whoever thinks between tools alone does so as near to none as it comes where there is
/// no such way to think.
constexpr chat::Effort effort_of_both(AnthropicThinking thinking, chat::Effort effort) noexcept {
    const bool none = thinking == AnthropicThinking::disabled ||
                      (thinking == AnthropicThinking::between_tools && effort == chat::Effort::unsaid);
    return none ? chat::Effort::none : effort;
}

}  // namespace gatehouse::dialect
