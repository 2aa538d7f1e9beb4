// What stays the same from turn to turn of one conversation, so that its turns can go to one place.
//
// Pure. Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/request.hpp"

#include <string>

namespace gatehouse::dialect {

/// What the client itself says (`prompt_cache_key`; else `user`, `safety_identifier`, Anthropic's
/// `metadata.user_id`), else the conversation's beginning as its bytes: instructions and the first message
/// of the user. Empty where the body says none of it.
std::string conversation_key(const chat::Request& request);

}  // namespace gatehouse::dialect
