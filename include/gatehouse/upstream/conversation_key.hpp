// Which conversation a request belongs to, for who must not know dialects.
// Room: upstream. May include: core, chat, dialect.
#pragma once

#include "gatehouse/chat/request.hpp"

#include <string>

namespace gatehouse::upstream {

/// As dialect::conversation_key. Reads the body once more: ask only if it matters.
std::string conversation_key(const chat::Request& request);

}  // namespace gatehouse::upstream
