#include "gatehouse/store/conversation_store.hpp"

#include "answer.hpp"
#include "database.hpp"
#include "waiting_writes.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <set>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::store {
namespace {

namespace asio = boost::asio;

/// So many at most are committed together.
constexpr std::size_t largest_commit = 256;

std::int64_t milliseconds_of(WallTime time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// The conversations in the database. On the store's own thread.
class Shelf {
public:
    Shelf(Database database, const ConversationLimits& limits)
        : database_(std::move(database)),
          limits_(limits),
          insert_(database_.handle(),
                  "INSERT INTO conversation(caller, kind, id, kept_at, bytes, body) VALUES(?1, ?2, ?3, ?4, "
                  "?5, ?6)"
                  " ON CONFLICT(caller, kind, id) DO UPDATE SET kept_at=?4, bytes=?5, body=?6"),
          find_(database_.handle(),
                "SELECT body FROM conversation"
                " WHERE caller=?1 AND kind=?2 AND id=?3 AND kept_at>?4"),
          erase_(database_.handle(), "DELETE FROM conversation WHERE caller=?1 AND kind=?2 AND id=?3"),
          expire_(database_.handle(),
                  "DELETE FROM conversation WHERE kept_at<=?1 OR (kind=?2 AND kept_at<=?3)"),
          // The newest that fit stay: an entry goes when it and all newer ones are more than the limit.
          trim_caller_(
              database_.handle(),
              "DELETE FROM conversation WHERE rowid IN (SELECT rowid FROM (SELECT rowid, SUM(bytes)"
              " OVER ages AS newer, ROW_NUMBER() OVER ages AS place FROM conversation WHERE caller=?1"
              " WINDOW ages AS (ORDER BY kept_at DESC, rowid DESC)) WHERE newer>?2 OR place>?3)"),
          trim_all_(database_.handle(),
                    "DELETE FROM conversation WHERE rowid IN (SELECT rowid FROM (SELECT rowid, SUM(bytes)"
                    " OVER (ORDER BY kept_at DESC, rowid DESC) AS newer FROM conversation) WHERE newer>?1)"),
          sum_caller_(database_.handle(), "SELECT SUM(bytes), COUNT(*) FROM conversation WHERE caller=?1"),
          sum_all_(database_.handle(), "SELECT SUM(bytes) FROM conversation") {}

    bool usable() const noexcept {
        return insert_.ok() && find_.ok() && erase_.ok() && expire_.ok() && trim_caller_.ok() &&
               trim_all_.ok() && sum_caller_.ok() && sum_all_.ok();
    }
    std::string last_words() const { return database_.last_words(); }

    /// In one transaction, all or none.
    bool write(const std::vector<std::shared_ptr<const Write>>& writes) {
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
    const std::string& last_failure() const noexcept { return last_failure_; }

    std::optional<std::string> find(const ConversationKey& key, WallTime now) {
        bind(find_, key);
        find_.bind(4, milliseconds_of(now - limits_.lifetime));
        std::optional<std::string> found;
        if (find_.step()) {
            found = find_.blob(0);
        }
        find_.reset();
        return found;
    }

    std::vector<KeptConversation> recall(ConversationKind kind, WallTime since, std::size_t most) {
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

    bool erase(const ConversationKey& key, WallTime now) {
        const bool there = find(key, now).has_value();
        bind(erase_, key);
        return erase_.run() && there;
    }

private:
    static void bind(Statement& statement, const ConversationKey& key) {
        statement.bind_text(1, key.caller).bind(2, static_cast<std::int64_t>(key.kind)).bind_text(3, key.id);
    }

    bool insert(const Write& write) {
        bind(insert_, write.key);
        insert_.bind(4, milliseconds_of(write.at)).bind(5, static_cast<std::int64_t>(write.body->size()));
        insert_.bind_blob(6, *write.body);
        return insert_.run();
    }

    bool trim_caller(std::string_view caller) {
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

    bool trim_all(WallTime newest) {
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

    Database database_;
    ConversationLimits limits_;
    Statement insert_;
    Statement find_;
    Statement erase_;
    Statement expire_;
    Statement trim_caller_;
    Statement trim_all_;
    Statement sum_caller_;
    Statement sum_all_;
    std::string last_failure_;
};

/// For what the disk refuses; null if there is no memory for it.
std::unique_ptr<Shelf> shelf_in_memory(ConversationLimits limits) {
    limits.total = std::min(limits.total, limits.unwritten);
    auto database = Database::open(":memory:", 0);
    if (!database) {
        return nullptr;
    }
    auto shelf = std::make_unique<Shelf>(std::move(*database), limits);
    return shelf->usable() ? std::move(shelf) : nullptr;
}

class SqliteConversations : public ConversationStore {
public:
    SqliteConversations(std::unique_ptr<Shelf> shelf, const ConversationLimits& limits)
        : shelf_(std::move(shelf)), limits_(limits), work_(asio::make_work_guard(context_)) {
        thread_ = std::thread([this] { context_.run(); });
    }
    SqliteConversations(const SqliteConversations&) = delete;
    SqliteConversations& operator=(const SqliteConversations&) = delete;
    /// Writes what waits. No lane may be asking any more.
    ~SqliteConversations() override {
        work_.reset();
        thread_.join();
    }

    void keep(ConversationKey key, std::string body, WallTime now) override {
        const bool fits = body.size() <= limits_.entry;
        bool first = false;
        const bool taken = fits && waiting_.with([&](WaitingWrites& waiting) {
            Write write{std::move(key), std::make_shared<const std::string>(std::move(body)), now};
            if (waiting.bytes() + write.bytes() > limits_.waiting) {
                return false;
            }
            first = waiting.empty();
            waiting.add(std::move(write));
            return true;
        });
        if (!taken) {
            ++lost_;
        }
        if (first) {
            asio::post(context_, [this] { write_waiting(); });
        }
    }

    Task<std::optional<std::string>> find(net::Lane& lane, ConversationKey key, WallTime now) override {
        if (const auto waits = waiting_write(key)) {
            const bool alive = waits->at > now - limits_.lifetime;
            co_return alive ? std::optional(*waits->body) : std::nullopt;
        }
        const auto answer = std::make_shared<Answer<std::optional<std::string>>>(lane);
        asio::post(context_, [this, answer, key, now] { answer->give(find_kept(key, now)); });
        co_return co_await answer->wait();
    }

    Task<bool> erase(net::Lane& lane, ConversationKey key, WallTime now) override {
        const auto answer = std::make_shared<Answer<bool>>(lane);
        asio::post(context_, [this, answer, key, now] { answer->give(erase_kept(key, now)); });
        co_return co_await answer->wait();
    }

    void forget(ConversationKey key, WallTime now) override {
        asio::post(context_, [this, key = std::move(key), now] { erase_kept(key, now); });
    }

    std::vector<KeptConversation> recall(ConversationKind kind, WallTime since, std::size_t most) override {
        std::promise<std::vector<KeptConversation>> answer;
        asio::post(context_, [&] { answer.set_value(shelf_->recall(kind, since, most)); });
        return answer.get_future().get();
    }

    std::size_t largest() const noexcept override { return limits_.entry; }
    ConversationCounts counts() const override { return {kept_.load(), lost_.load(), unwritten_.load()}; }

private:
    std::shared_ptr<const Write> waiting_write(const ConversationKey& key) const {
        return waiting_.with([&](const WaitingWrites& waiting) { return waiting.find(key); });
    }

    void write_waiting() {
        const auto writes =
            waiting_.with([](WaitingWrites& waiting) { return waiting.take(largest_commit); });
        if (writes.empty()) {
            return;
        }
        if (shelf_->write(writes)) {
            kept_ += writes.size();
            forget_refused(writes);
        } else {
            const bool in_memory = keep_refused(writes);
            (in_memory ? unwritten_ : lost_) += writes.size();
            telemetry::log(telemetry::LogLevel::error,
                           in_memory ? "conversations_in_memory_only" : "conversations_not_kept",
                           {{"why", shelf_->last_failure()}, {"count", std::to_string(writes.size())}});
        }
        const bool more = waiting_.with([&](WaitingWrites& waiting) {
            waiting.written(writes);
            return !waiting.empty();
        });
        if (more) {
            asio::post(context_, [this] { write_waiting(); });
        }
    }

    /// What the disk refused is newer than what it has.
    std::optional<std::string> find_kept(const ConversationKey& key, WallTime now) {
        auto found = refused_ ? refused_->find(key, now) : std::nullopt;
        return found ? std::move(found) : shelf_->find(key, now);
    }

    bool erase_kept(const ConversationKey& key, WallTime now) {
        const bool waited = waiting_.with([&](WaitingWrites& waiting) { return waiting.erase(key); });
        const bool there = shelf_->erase(key, now);
        const bool unwritten = refused_ && refused_->erase(key, now);
        return waited || there || unwritten;
    }

    bool keep_refused(const std::vector<std::shared_ptr<const Write>>& writes) {
        if (!refused_) {
            refused_ = shelf_in_memory(limits_);
        }
        if (!refused_ || !refused_->write(writes)) {
            return false;
        }
        // An older body must not come back when the newer one has to make room.
        for (const auto& write : writes) {
            shelf_->erase(write->key, write->at);
        }
        return true;
    }

    void forget_refused(const std::vector<std::shared_ptr<const Write>>& writes) {
        for (const auto& write : writes) {
            if (refused_) {
                refused_->erase(write->key, write->at);
            }
        }
    }

    std::unique_ptr<Shelf> shelf_;
    std::unique_ptr<Shelf>
        refused_;  // in memory; none until the disk refuses something. The store's own thread
    ConversationLimits limits_;
    Guarded<WaitingWrites> waiting_;
    std::atomic<std::uint64_t> kept_{0};
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::uint64_t> unwritten_{0};
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

Result<std::unique_ptr<ConversationStore>> with_shelf(Database database, const ConversationLimits& limits) {
    auto shelf = std::make_unique<Shelf>(std::move(database), limits);
    if (!shelf->usable()) {
        return Problem(ProblemKind::internal, "cannot use the database: " + shelf->last_words());
    }
    return std::unique_ptr<ConversationStore>(
        std::make_unique<SqliteConversations>(std::move(shelf), limits));
}

}  // namespace

Result<std::unique_ptr<ConversationStore>> open_conversations(const StoreOptions& options) {
    std::error_code error;
    const bool made = std::filesystem::create_directories(options.directory, error);
    if (error) {
        return Problem(ProblemKind::internal, "cannot make " + options.directory + ": " + error.message());
    }
    if (made) {  // conversations are their callers' own: nobody else on the machine reads them
        std::filesystem::permissions(options.directory, std::filesystem::perms::owner_all, error);
    }
    auto database = Database::open(options.directory + "/gatehouse.db", options.disk);
    if (!database) {
        return std::move(database.problem());
    }
    return with_shelf(std::move(*database), options.conversations);
}

Result<std::unique_ptr<ConversationStore>> conversations_in_memory(const ConversationLimits& limits) {
    auto database = Database::open(":memory:", 0);
    if (!database) {
        return std::move(database.problem());
    }
    return with_shelf(std::move(*database), limits);
}

}  // namespace gatehouse::store
