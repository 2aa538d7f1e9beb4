// Limits the output of a request whose client has not, before it is said to any provider.
//
// Room: upstream. May include: core, chat, dialect.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstdint>
#include <span>

namespace gatehouse::upstream {

/// Writes `most` tokens into the client's body, in a field that the targets of its own vendor know; others
/// get it translated. REQUIRES: the request names no number.
void cap_output(chat::Request& request, std::span<const Target> plan, std::int64_t most);

}  // namespace gatehouse::upstream
