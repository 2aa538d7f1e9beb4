// The conversations in a database: found, written many at a time, trimmed to their limits.
//
// On the thread of its database. Room: store, private.
#pragma once

#include "database.hpp"
#include "waiting_writes.hpp"

#include "gatehouse/store/conversation_store.hpp"
#include "gatehouse/store/options.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::store {

/// Finds conversations, on a connection that need not be the one that writes them.
class ConversationFinder {
public:
    /// REQUIRES: the database outlives it.
    ConversationFinder(Database& database, std::chrono::hours lifetime);

    bool usable() const noexcept { return find_.ok(); }
    std::optional<std::string> find(const ConversationKey& key, WallTime now);

private:
    std::chrono::hours lifetime_;
    Statement find_;
};

class Shelf {
public:
    /// REQUIRES: the database outlives it.
    Shelf(Database& database, const ConversationLimits& limits);

    bool usable() const noexcept;
    /// In one transaction, all or none.
    bool write(const std::vector<std::shared_ptr<const Write>>& writes);
    const std::string& last_failure() const noexcept { return last_failure_; }
    std::optional<std::string> find(const ConversationKey& key, WallTime now) {
        return finder_.find(key, now);
    }
    std::vector<KeptConversation> recall(ConversationKind kind, WallTime since, std::size_t most);
    /// Was there one?
    bool erase(const ConversationKey& key, WallTime now);

private:
    bool insert(const Write& write);
    bool trim_caller(std::string_view caller);
    bool trim_all(WallTime newest);

    Database& database_;
    ConversationLimits limits_;
    Statement insert_;
    ConversationFinder finder_;
    Statement erase_;
    Statement expire_;
    Statement trim_caller_;
    Statement trim_all_;
    Statement sum_caller_;
    Statement sum_all_;
    std::string last_failure_;
};

}  // namespace gatehouse::store
