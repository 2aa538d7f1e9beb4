// Requests whose answer was begun by one model and is to be ended by another.
//
// Pure. Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/units.hpp"

#include <string_view>

namespace gatehouse::dialect {

/// Can a model go on with an answer to this? It asks for one answer, in plain text, without probabilities,
/// and no call of a tool is demanded; and what it ends with is not an answer already.
bool can_be_continued(const chat::Request& request);

/// The request with `begun` as the last message, the model's own. White space at its end is left out, and all
/// of it if there is nothing else: some providers refuse it there. Where it says how long the answer may be,
/// that is lessened by `used`. Problem: invalid_value where the conversation is not where it should be, or
/// the answer is as long as it may be.
Result<chat::Request> with_answer_begun(const chat::Request& request, std::string_view begun,
                                        TokenCount used);

}  // namespace gatehouse::dialect
