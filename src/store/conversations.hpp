// Conversations on a writer that others share.
//
// Room: store, private.
#pragma once

#include "writer.hpp"

#include "gatehouse/store/conversation_store.hpp"

#include <memory>
#include <optional>

namespace gatehouse::store {

/// `reader`: a connection of their own to read with, so that nobody who looks for one waits for the writer;
/// absent: the writer's has the only one. Problem internal when the database does not have what it takes.
Result<std::unique_ptr<ConversationStore>> conversations_with(std::shared_ptr<Writer> writer,
                                                              std::optional<Database> reader,
                                                              const ConversationLimits& limits);

}  // namespace gatehouse::store
