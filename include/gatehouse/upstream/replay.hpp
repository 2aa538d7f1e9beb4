// An answer that was kept, given out again, for who must not know dialects.
// Room: upstream. May include: core, chat, dialect.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/replay.hpp"

#include <string>

namespace gatehouse::upstream {

using dialect::KeptAnswer;
using dialect::ReplayedStream;

/// As the functions of the same names in dialect/replay.hpp.
bool is_worth_keeping(chat::Endpoint endpoint, const KeptAnswer& answer);
Result<std::string> replay_whole(const KeptAnswer& answer, const chat::Request& asking);
Result<ReplayedStream> replay_stream(const KeptAnswer& answer, const chat::Request& asking);
/// What an answer says, as plain text, whatever form it was kept in; see dialect/said_text.hpp.
std::string said_text(const KeptAnswer& answer, const chat::Request& asking);

}  // namespace gatehouse::upstream
