// The store: all durable state of a process, in one database that one thread writes to.
//
// Room: store. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/store/conversation_store.hpp"
#include "gatehouse/store/key_store.hpp"
#include "gatehouse/store/ledger.hpp"
#include "gatehouse/store/options.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::store {

/// They go on for as long as any of them lives.
struct Store {
    std::unique_ptr<ConversationStore> conversations;
    std::unique_ptr<Ledger> ledger;  // null: turned off
    std::unique_ptr<KeyStore> keys;
};

/// In `directory`/gatehouse.db (SQLite). Problem internal, with SQLite's words, when it cannot be opened,
/// checked, written to or brought to this version's form; nothing is changed then, and the caller may go on
/// in memory. What the disk refuses later (it is full, or fails) is logged and counted; conversations are
/// then kept in memory.
Result<Store> open_store(const StoreOptions& options);

/// The keys of a database that cannot be written to; none, if there is no database. Problem internal.
Result<std::vector<StoredKey>> read_keys(const std::string& directory);

/// Sums from the database of another process, which may be running. Problems as of open_store.
Result<UsageReport> read_usage(const std::string& directory, const UsageQuery& query);

/// Copies the database of another process, which may be running and of another version, to a new file that
/// only its owner may read, and checks the copy. Problem internal: there is a file already, or the disk says
/// no; then nothing is left behind.
Status back_up(const std::string& directory, const std::string& to);

}  // namespace gatehouse::store
