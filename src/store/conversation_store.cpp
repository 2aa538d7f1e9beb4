#include "gatehouse/store/conversation_store.hpp"

#include "answer.hpp"
#include "conversations.hpp"
#include "shelf.hpp"
#include "waiting_writes.hpp"
#include "writer.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace gatehouse::store {
namespace {

/// So many at most are committed together.
constexpr std::size_t largest_commit = 256;

/// For what the disk refuses.
struct ShelfInMemory {
    ShelfInMemory(Database made, const ConversationLimits& limits)
        : database(std::move(made)), shelf(database, limits) {}
    Database database;
    Shelf shelf;
};

/// Looks for conversations on a connection and a thread of its own.
struct Reading {
    Reading(Database made, const ConversationLimits& limits)
        : database(std::move(made)), finder(database, limits.lifetime) {}
    Database database;
    ConversationFinder finder;
    Worker worker{"conversations"};  // the last: it ends before what it uses
};

/// Null if there is no memory for it.
std::unique_ptr<ShelfInMemory> shelf_in_memory(ConversationLimits limits) {
    limits.total = std::min(limits.total, limits.unwritten);
    auto database = Database::open(":memory:", 0);
    if (!database) {
        return nullptr;
    }
    auto made = std::make_unique<ShelfInMemory>(std::move(*database), limits);
    return made->shelf.usable() ? std::move(made) : nullptr;
}

class SqliteConversations : public ConversationStore {
public:
    SqliteConversations(std::shared_ptr<Writer> writer, std::optional<Database> reader,
                        const ConversationLimits& limits)
        : writer_(std::move(writer)),
          shelf_(std::make_unique<Shelf>(writer_->database, limits)),
          limits_(limits),
          reading_(reader ? std::make_unique<Reading>(std::move(*reader), limits) : nullptr) {}
    SqliteConversations(const SqliteConversations&) = delete;
    SqliteConversations& operator=(const SqliteConversations&) = delete;
    /// Writes what waits. No lane may be asking any more.
    ~SqliteConversations() override {
        writer_->worker.ask([this] {
            while (write_some()) {
            }
        });
        // What writing had posted before has found nothing to do. Statements end where others may be run.
        writer_->worker.ask([this] { shelf_.reset(); });
    }

    bool usable() const noexcept {
        return shelf_->usable() && (reading_ == nullptr || reading_->finder.usable());
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
            writer_->worker.post([this] { write_waiting(); });
        }
    }

    Task<std::optional<std::string>> find(net::Lane& lane, ConversationKey key, WallTime now) override {
        if (const auto waits = waiting_write(key)) {
            const bool alive = waits->at > now - limits_.lifetime;
            co_return alive ? std::optional(*waits->body) : std::nullopt;
        }
        const auto answer = std::make_shared<Answer<std::optional<std::string>>>(lane, std::nullopt);
        // What no longer waits is committed, or among what the disk refused, before it ceases to wait.
        if (reading_ == nullptr || any_refused_) {
            writer_->worker.post([this, answer, key = std::move(key), now] {
                answer->give([&] { return find_kept(key, now); });
            });
        } else {
            reading_->worker.post([this, answer, key = std::move(key), now] {
                answer->give([&] { return reading_->finder.find(key, now); });
            });
        }
        co_return co_await answer->wait();
    }

    Task<bool> erase(net::Lane& lane, ConversationKey key, WallTime now) override {
        const auto answer = std::make_shared<Answer<bool>>(lane, false);
        writer_->worker.post(
            [this, answer, key, now] { answer->give([&] { return erase_kept(key, now); }); });
        co_return co_await answer->wait();
    }

    void forget(ConversationKey key, WallTime now) override {
        writer_->worker.post([this, key = std::move(key), now] { erase_kept(key, now); });
    }

    std::vector<KeptConversation> recall(ConversationKind kind, WallTime since, std::size_t most) override {
        return writer_->worker.ask([&] { return shelf_->recall(kind, since, most); });
    }

    std::size_t largest() const noexcept override { return limits_.entry; }
    ConversationCounts counts() const override { return {kept_.load(), lost_.load(), unwritten_.load()}; }

private:
    std::shared_ptr<const Write> waiting_write(const ConversationKey& key) const {
        return waiting_.with([&](const WaitingWrites& waiting) { return waiting.find(key); });
    }

    void write_waiting() {
        if (write_some()) {
            writer_->worker.post([this] { write_waiting(); });
        }
    }

    /// True if more waits.
    bool write_some() {
        const auto writes =
            waiting_.with([](WaitingWrites& waiting) { return waiting.take(largest_commit); });
        if (writes.empty()) {
            return false;
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
        return waiting_.with([&](WaitingWrites& waiting) {
            waiting.written(writes);
            return !waiting.empty();
        });
    }

    /// What the disk refused is newer than what it has.
    std::optional<std::string> find_kept(const ConversationKey& key, WallTime now) {
        auto found = refused_ ? refused_->shelf.find(key, now) : std::nullopt;
        return found ? std::move(found) : shelf_->find(key, now);
    }

    bool erase_kept(const ConversationKey& key, WallTime now) {
        const bool waited = waiting_.with([&](WaitingWrites& waiting) { return waiting.erase(key); });
        const bool there = shelf_->erase(key, now);
        const bool unwritten = refused_ && refused_->shelf.erase(key, now);
        return waited || there || unwritten;
    }

    bool keep_refused(const std::vector<std::shared_ptr<const Write>>& writes) {
        if (!refused_) {
            refused_ = shelf_in_memory(limits_);
        }
        any_refused_ = true;
        if (!refused_ || !refused_->shelf.write(writes)) {
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
                refused_->shelf.erase(write->key, write->at);
            }
        }
    }

    std::shared_ptr<Writer> writer_;
    std::unique_ptr<Shelf> shelf_;            // on the writer's thread, as what follows
    std::unique_ptr<ShelfInMemory> refused_;  // none until the disk refuses something
    ConversationLimits limits_;
    Guarded<WaitingWrites> waiting_;
    std::atomic<bool> any_refused_{false};  // then who looks for one waits for the writer
    std::atomic<std::uint64_t> kept_{0};
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::uint64_t> unwritten_{0};
    std::unique_ptr<Reading> reading_;
};

}  // namespace

Result<std::unique_ptr<ConversationStore>> conversations_with(std::shared_ptr<Writer> writer,
                                                              std::optional<Database> reader,
                                                              const ConversationLimits& limits) {
    auto store = std::make_unique<SqliteConversations>(writer, std::move(reader), limits);
    if (!store->usable()) {
        return Problem(ProblemKind::internal, "cannot use the database: " + writer->database.last_words());
    }
    return std::unique_ptr<ConversationStore>(std::move(store));
}

Result<std::unique_ptr<ConversationStore>> conversations_in_memory(const ConversationLimits& limits) {
    auto database = Database::open(":memory:", 0);
    if (!database) {
        return std::move(database.problem());
    }
    return conversations_with(std::make_shared<Writer>(std::move(*database)), std::nullopt, limits);
}

}  // namespace gatehouse::store
