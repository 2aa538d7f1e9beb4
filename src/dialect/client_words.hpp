// Fields under the names that the client knows them by: writers of providers' requests name what they cannot
// honour in the words of the chat dialect.
//
// Room: dialect, private. May include: core, chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"
#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/core/result.hpp"

#include <string>
#include <vector>

namespace gatehouse::dialect {

/// The same problem; its `param`, and the field in its message, in the words of `client`. A path keeps what
/// follows the field's name: `messages[2]` is `contents[2]`. `said` tells apart fields that mean the same to
/// others: a level of thinking and a budget of it.
Problem in_words_of(chat::Endpoint client, const chat::Conversation& said, Problem problem);

/// The names of dropped fields likewise; ascending, each once.
std::vector<std::string> in_words_of(chat::Endpoint client, const chat::Conversation& said,
                                     std::vector<std::string> dropped);

}  // namespace gatehouse::dialect
