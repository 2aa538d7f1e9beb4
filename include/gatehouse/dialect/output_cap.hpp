// Limits the output of a request whose client has not: the field that its dialect has for it is written into
// the client's own body.
//
// Room: dialect. May include: core, chat, wire.
#pragma once

#include "gatehouse/chat/request.hpp"

#include <cstdint>

namespace gatehouse::dialect {

/// What chat completions call it: OpenAI's own models want the newer name, some servers know the older only.
enum class ChatCap : std::uint8_t { max_completion_tokens, max_tokens };

/// Writes `most` tokens into the body, in place of what stands there and limits nothing (a null, a zero, a
/// fraction). REQUIRES: the body was admitted, and names no limit. Endpoints without such a field stay as they are.
void cap_output(chat::Request& request, std::int64_t most, ChatCap chat_cap);

}  // namespace gatehouse::dialect
