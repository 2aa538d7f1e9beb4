#include "shelf.hpp"

#include "times.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace gatehouse::store {
namespace {

void bind(Statement& statement, const ConversationKey& key) {
    statement.bind_text(1, key.caller).bind(2, static_cast<std::int64_t>(key.kind)).bind_text(3, key.id);
}

}  // namespace

ConversationFinder::ConversationFinder(Database& database, std::chrono::hours lifetime)
    : lifetime_(lifetime),
      find_(database.handle(),
            "SELECT body FROM conversation"
            " WHERE caller=?1 AND kind=?2 AND id=?3 AND kept_at>?4") {}

Shelf::Shelf(Database& database, const ConversationLimits& limits)
    : database_(database),
      limits_(limits),
      insert_(database_.handle(),
              "INSERT INTO conversation(caller, kind, id, kept_at, bytes, body) VALUES(?1, ?2, ?3, ?4, "
              "?5, ?6)"
              " ON CONFLICT(caller, kind, id) DO UPDATE SET kept_at=?4, bytes=?5, body=?6"),
      finder_(database_, limits.lifetime),
      erase_(database_.handle(), "DELETE FROM conversation WHERE caller=?1 AND kind=?2 AND id=?3"),
      expire_(database_.handle(), "DELETE FROM conversation WHERE kept_at<=?1 OR (kind=?2 AND kept_at<=?3)"),
      // The newest that fit stay: an entry goes when it and all newer ones are more than the limit.
      trim_caller_(database_.handle(),
                   "DELETE FROM conversation WHERE rowid IN (SELECT rowid FROM (SELECT rowid, SUM(bytes)"
                   " OVER ages AS newer, ROW_NUMBER() OVER ages AS place FROM conversation WHERE caller=?1"
                   " WINDOW ages AS (ORDER BY kept_at DESC, rowid DESC)) WHERE newer>?2 OR place>?3)"),
      trim_all_(database_.handle(),
                "DELETE FROM conversation WHERE rowid IN (SELECT rowid FROM (SELECT rowid, SUM(bytes)"
                " OVER (ORDER BY kept_at DESC, rowid DESC) AS newer FROM conversation) WHERE newer>?1)"),
      sum_caller_(database_.handle(), "SELECT SUM(bytes), COUNT(*) FROM conversation WHERE caller=?1"),
      sum_all_(database_.handle(), "SELECT SUM(bytes) FROM conversation") {}

bool Shelf::usable() const noexcept {
    return insert_.ok() && finder_.usable() && erase_.ok() && expire_.ok() && trim_caller_.ok() &&
           trim_all_.ok() && sum_caller_.ok() && sum_all_.ok();
}

bool Shelf::write(const std::vector<std::shared_ptr<const Write>>& writes) {
    if (!database_.execute("BEGIN IMMEDIATE")) {
        return false;
    }
    bool good = true;
    for (const auto& write : writes) {
        good = good && insert(*write);
    }
    std::set<std::string_view> callers;
    for (const auto& write : writes) {
        if (good && callers.insert(write->key.caller).second) {
            good = trim_caller(write->key.caller);
        }
    }
    good = good && trim_all(writes.back()->at);
    good = good && database_.execute("COMMIT");
    if (!good) {
        last_failure_ = database_.last_words();
        database_.execute("ROLLBACK");
    }
    return good;
}

std::optional<std::string> ConversationFinder::find(const ConversationKey& key, WallTime now) {
    bind(find_, key);
    find_.bind(4, milliseconds_of(now - lifetime_));
    std::optional<std::string> found;
    if (find_.step()) {
        found = find_.blob(0);
    }
    find_.reset();
    return found;
}

std::vector<KeptConversation> Shelf::recall(ConversationKind kind, WallTime since, std::size_t most) {
    const auto number = static_cast<std::int64_t>(kind);
    Statement forget(database_.handle(), "DELETE FROM conversation WHERE kind=?1 AND kept_at<=?2");
    Statement newest(database_.handle(),
                     "SELECT caller, id, body, kept_at FROM conversation WHERE kind=?1"
                     " ORDER BY kept_at DESC, rowid DESC");
    std::vector<KeptConversation> found;
    if (!forget.ok() || !newest.ok() || !forget.bind(1, number).bind(2, milliseconds_of(since)).run()) {
        return found;
    }
    newest.bind(1, number);
    for (std::size_t bytes = 0; newest.step();) {
        KeptConversation one{{newest.blob(0), kind, newest.blob(1)},
                             newest.blob(2),
                             WallTime(std::chrono::milliseconds(newest.integer(3)))};
        bytes += one.body.size();
        if (bytes > most) {
            break;
        }
        found.push_back(std::move(one));
    }
    std::reverse(found.begin(), found.end());
    return found;
}

bool Shelf::erase(const ConversationKey& key, WallTime now) {
    const bool there = find(key, now).has_value();
    bind(erase_, key);
    return erase_.run() && there;
}

bool Shelf::insert(const Write& write) {
    bind(insert_, write.key);
    insert_.bind(4, milliseconds_of(write.at)).bind(5, static_cast<std::int64_t>(write.body->size()));
    insert_.bind_blob(6, *write.body);
    return insert_.run();
}

bool Shelf::trim_caller(std::string_view caller) {
    const auto bytes = static_cast<std::int64_t>(limits_.of_caller);
    const auto entries = static_cast<std::int64_t>(limits_.entries_of_caller);
    sum_caller_.bind_text(1, caller);
    const bool row = sum_caller_.step();
    const bool over = row && (sum_caller_.integer(0) > bytes || sum_caller_.integer(1) > entries);
    sum_caller_.reset();
    if (over) {
        trim_caller_.bind_text(1, caller).bind(2, bytes).bind(3, entries);
        return trim_caller_.run();
    }
    return row;
}

bool Shelf::trim_all(WallTime newest) {
    expire_.bind(1, milliseconds_of(newest - limits_.lifetime));
    expire_.bind(2, static_cast<std::int64_t>(ConversationKind::thought));
    expire_.bind(3, milliseconds_of(newest - limits_.lifetime_of_thoughts));
    if (!expire_.run()) {
        return false;
    }
    const auto total = static_cast<std::int64_t>(limits_.total);
    const bool row = sum_all_.step();
    const bool over = row && sum_all_.integer(0) > total;
    sum_all_.reset();
    if (over) {
        trim_all_.bind(1, total);
        return trim_all_.run();
    }
    return row;
}

}  // namespace gatehouse::store
