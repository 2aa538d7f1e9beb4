// Fields under the names that the client knows them by: writers of providers' requests name what they cannot
// honour in the words of the chat dialect.
//
// Room: dialect, private. May include: core, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/core/result.hpp"

namespace gatehouse::dialect {

/// The same problem; its `param`, and the field in its message, in the words of `client`. A path keeps what
/// follows the field's name: `messages[2]` is `contents[2]`.
Problem in_words_of(chat::Endpoint client, Problem problem);

}  // namespace gatehouse::dialect
