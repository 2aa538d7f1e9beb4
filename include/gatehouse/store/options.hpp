// Options of the store room: where durable state is and how much of it is kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace gatehouse::store {

/// Of conversations that the gateway keeps for its callers (responses, message threads).
struct ConversationLimits {
    std::size_t entry{16 * 1024 * 1024};           // bytes; a larger one is not kept
    std::size_t of_caller{256 * 1024 * 1024};      // bytes of one caller; its oldest make room
    std::size_t total{4ULL * 1024 * 1024 * 1024};  // bytes of all; the oldest make room
    std::size_t waiting{64 * 1024 * 1024};  // bytes that wait to be written; above it nothing new is kept
    std::chrono::hours lifetime{30 * 24};   // from when it was kept
};

struct StoreOptions {
    std::string directory;  // yaml: data_dir; made if it is not there
    ConversationLimits conversations;
};

}  // namespace gatehouse::store
