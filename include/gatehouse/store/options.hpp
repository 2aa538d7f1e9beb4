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
    std::size_t entries_of_caller{100'000};        // of one caller; its oldest make room
    std::size_t total{4ULL * 1024 * 1024 * 1024};  // bytes of all; the oldest make room
    std::size_t waiting{64 * 1024 * 1024};    // bytes that wait to be written; above it nothing new is kept
    std::size_t unwritten{64 * 1024 * 1024};  // bytes that the disk refused, in memory; the oldest make room
    std::chrono::hours lifetime{30 * 24};     // from when it was kept
    std::chrono::hours lifetime_of_thoughts{1};
};

/// Of the ledger: a row for each request of a caller.
struct LedgerOptions {
    bool enabled{true};  // yaml: ledger.enabled; at a restart only
    std::chrono::milliseconds retention{std::chrono::hours(400 * 24)};  // yaml: ledger.retention
    std::chrono::milliseconds gather{25};         // rows of so long are committed together
    std::size_t waiting{32 * 1024};               // rows that wait to be written; above it they are lost
    std::size_t waiting_bytes{64 * 1024 * 1024};  // what their texts take
    std::size_t tag_sets_of_day{
        10'000};  // different sets of tags of a day's rows; beyond them rows have none
    std::size_t longest_log{64 * 1024 * 1024};  // bytes of the write-ahead log, where much usage is asked for
    std::chrono::milliseconds clear_every{60 * 1000};  // looks for rows that are too old
};

/// Of the audit log.
struct AuditLimits {
    std::size_t entries{100'000};  // of reads and of changes each, the newest stay
    std::size_t waiting{10'000};   // that wait to be written; above it they are in the process's log alone
};

/// Of answers that are kept to be given again.
struct AnswerCacheOptions {
    std::size_t max_bytes{std::size_t{256} * 1024 * 1024};  // yaml: cache.exact.max_size
    std::string directory{};                // yaml: data_dir, with cache.exact.persist; empty: in memory only
    std::size_t waiting{32 * 1024 * 1024};  // bytes on their way to the disk; above it they stay in memory
};

struct StoreOptions {
    std::string directory;  // yaml: data_dir; made if it is not there
    std::size_t disk{0};    // bytes of the database file; 0: as large as the disk lets it be
    ConversationLimits conversations;
    LedgerOptions ledger;
    AuditLimits audit{};
};

}  // namespace gatehouse::store
