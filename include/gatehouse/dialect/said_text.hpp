// What a whole answer says, as plain text.
// Pure. Room: dialect. May include: core, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Of its first choice, without thoughts. Empty: it says nothing in words, it is no answer, or its endpoint
/// is none of chat completions, messages and generateContent.
std::string said_text(chat::Endpoint endpoint, std::string_view whole);

}  // namespace gatehouse::dialect
