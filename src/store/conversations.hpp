// Conversations on a writer that others share.
//
// Room: store, private.
#pragma once

#include "writer.hpp"

#include "gatehouse/store/conversation_store.hpp"

#include <memory>

namespace gatehouse::store {

/// Problem internal when the database does not have what it takes.
Result<std::unique_ptr<ConversationStore>> conversations_with(std::shared_ptr<Writer> writer,
                                                              const ConversationLimits& limits);

}  // namespace gatehouse::store
