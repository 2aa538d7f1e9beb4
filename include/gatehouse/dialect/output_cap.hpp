// The limit of a request's output, in the field that its dialect has for it: written into the client's own
// body where the client names none, lessened there when a part of the answer has been given.
//
// Room: dialect. May include: core, chat, wire.
#pragma once

#include "gatehouse/chat/request.hpp"

#include <cstdint>

namespace gatehouse::dialect {

/// What chat completions call it: OpenAI's own models want the newer name, some servers know the older only.
enum class ChatCap : std::uint8_t { max_completion_tokens, max_tokens };

/// Writes `most` tokens into the body, in place of what stands there and limits nothing (a null, a zero, a
/// fraction). REQUIRES: the body was admitted, and names no limit. Endpoints without such a field stay as
/// they are.
void cap_output(chat::Request& request, std::int64_t most, ChatCap chat_cap);

/// Takes `used` tokens from every limit that the body names. false: of one of them nothing would be left; the
/// request is good for nothing then. REQUIRES: the body was admitted.
[[nodiscard]] bool lessen_output_cap(chat::Request& request, std::int64_t used);

}  // namespace gatehouse::dialect
