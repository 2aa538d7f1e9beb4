#include "gatehouse/store/key_store.hpp"

#include "answer.hpp"
#include "key_shelf.hpp"
#include "sqlite_keys.hpp"
#include "writer.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <atomic>
#include <utility>

namespace gatehouse::store {
namespace {

constexpr const char* no_memory = "out of memory";

Problem unavailable(std::string_view what, const std::string& why) {
    return Problem(ProblemKind::storage_unavailable, std::string(what) + ": " + why);
}

class SqliteKeys : public KeyStore {
public:
    SqliteKeys(std::shared_ptr<Writer> writer, const AuditLimits& limits)
        : writer_(std::move(writer)),
          limits_(limits),
          shelf_(std::make_unique<KeyShelf>(writer_->database, limits.entries)) {}
    SqliteKeys(const SqliteKeys&) = delete;
    SqliteKeys& operator=(const SqliteKeys&) = delete;
    /// Writes what waits. No lane may be asking any more.
    ~SqliteKeys() override {
        writer_->worker.ask([this] { shelf_.reset(); });
    }

    bool usable() const noexcept { return shelf_->usable(); }

    Result<std::vector<StoredKey>> recall() override {
        return writer_->worker.ask([this] { return keys_in(writer_->database); });
    }

    Task<Status> put(net::Lane& lane, StoredKey key, AuditNote note) override {
        const auto answer = std::make_shared<Answer<Status>>(lane, unwritten());
        writer_->worker.post([this, answer, key = std::move(key), note = std::move(note)] {
            answer->give([&] { return outcome(shelf_->put(key, note)); });
        });
        co_return co_await answer->wait();
    }

    Task<Status> erase(net::Lane& lane, std::string id, AuditNote note) override {
        const auto answer = std::make_shared<Answer<Status>>(lane, unwritten());
        writer_->worker.post([this, answer, id = std::move(id), note = std::move(note)] {
            answer->give([&] { return outcome(shelf_->erase(id, note)); });
        });
        co_return co_await answer->wait();
    }

    void note(AuditNote note) override {
        if (waiting_.fetch_add(1) >= limits_.waiting) {
            --waiting_;
            lose("too many wait to be written");
            return;
        }
        writer_->worker.post([this, note = std::move(note)] {
            --waiting_;
            if (!shelf_->note(note)) {
                lose(shelf_->last_failure());
            }
        });
    }

    Task<Result<std::vector<AuditEntry>>> audit(net::Lane& lane, std::int64_t before,
                                                std::size_t most) override {
        const auto answer = std::make_shared<Answer<Result<std::vector<AuditEntry>>>>(
            lane, unavailable("The audit log cannot be read", no_memory));
        writer_->worker.post(
            [this, answer, before, most] { answer->give([&] { return read_audit(before, most); }); });
        co_return co_await answer->wait();
    }

private:
    static Status unwritten(const std::string& why = no_memory) {
        return unavailable("The disk did not take it", why);
    }
    Status outcome(bool written) const { return written ? done() : unwritten(shelf_->last_failure()); }

    Result<std::vector<AuditEntry>> read_audit(std::int64_t before, std::size_t most) {
        auto entries = shelf_->audit(before, most);
        if (!entries) {
            return unavailable("The audit log cannot be read", shelf_->last_failure());
        }
        return std::move(*entries);
    }

    static void lose(const std::string& why) {
        telemetry::log(telemetry::LogLevel::error, "audit_note_not_kept", {{"why", why}});
    }

    std::shared_ptr<Writer> writer_;
    AuditLimits limits_;
    std::unique_ptr<KeyShelf> shelf_;  // on the writer's thread
    std::atomic<std::size_t> waiting_{0};
};

}  // namespace

Result<std::unique_ptr<KeyStore>> keys_with(std::shared_ptr<Writer> writer, const AuditLimits& limits) {
    auto keys = std::make_unique<SqliteKeys>(writer, limits);
    if (!keys->usable()) {
        return Problem(ProblemKind::internal, "cannot use the database: " + writer->database.last_words());
    }
    return std::unique_ptr<KeyStore>(std::move(keys));
}

}  // namespace gatehouse::store
