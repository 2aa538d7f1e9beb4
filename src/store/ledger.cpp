#include "gatehouse/store/ledger.hpp"

#include "answer.hpp"
#include "ledger_table.hpp"
#include "questions.hpp"
#include "sqlite_ledger.hpp"
#include "usage_reader.hpp"
#include "worker.hpp"
#include "writer.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <future>
#include <system_error>
#include <utility>

namespace gatehouse::store {
namespace {

namespace asio = boost::asio;

/// A transaction has so many rows at most.
constexpr std::size_t most_rows_together = 2'000;
/// A burst's memory is given back.
constexpr std::size_t rows_kept_room = 4'096;
constexpr std::chrono::seconds between_complaints{10};
constexpr std::chrono::milliseconds between_clearings{20};
constexpr std::chrono::seconds between_shortenings{10};  // where others were in the way

void write_line(const telemetry::Trail& trail, WallTime finished, std::string_view ledger) noexcept {
    try {
        if (auto* const log = telemetry::process_log()) {
            log->access(trail, finished, ledger);
        }
    } catch (const std::exception&) {
        // No memory for the line: there is nobody to tell.
    }
}

/// What a trail takes beyond its own size; other texts are short, or bounded by the limit of a head.
std::size_t text_bytes(const telemetry::Trail& trail) noexcept {
    std::size_t bytes = trail.asked_model.size() + trail.upstream_model.size() + trail.request_id.size();
    for (const auto& [name, value] : trail.tags) {
        bytes += name.size() + value.size();
    }
    for (const auto& attempt : trail.attempts) {
        bytes += sizeof attempt + attempt.model.size();
    }
    return bytes;
}

/// Rows that wait for the writer.
struct Waiting {
    std::vector<FinishedRequest> rows;
    std::size_t bytes{0};
    std::size_t writing{0};  // taken, not yet committed
};

class SqliteLedger : public Ledger {
public:
    SqliteLedger(std::shared_ptr<Writer> writer, const std::string& path, UsageReader reader,
                 const LedgerOptions& options)
        : writer_(std::move(writer)),
          log_path_(path + "-wal"),
          table_(std::make_unique<LedgerTable>(writer_->database, options.tag_sets_of_day)),
          reader_(std::move(reader)),
          options_(options),
          retention_(options.retention),
          gather_(writer_->worker.context()),
          clearing_(writer_->worker.context()) {}
    SqliteLedger(const SqliteLedger&) = delete;
    SqliteLedger& operator=(const SqliteLedger&) = delete;
    /// Writes what waits. No lane may be asking any more.
    ~SqliteLedger() override {
        writer_->worker.ask([this] {
            closing_ = true;
            gather_.cancel();
            clearing_.cancel();
            commit();
        });
        // What was under way before has found that it is over. Statements end where others may be run.
        writer_->worker.ask([this] { table_.reset(); });
    }

    bool usable() const noexcept { return table_->usable(); }
    /// Begins to remove what is too old.
    void start() {
        writer_->worker.post([this] { clear(); });
    }

    void append(telemetry::Trail&& trail, WallTime finished) noexcept override {
        bool first = false;
        try {
            if (!enqueue(trail, finished, first)) {
                lose(trail, finished);
            }
        } catch (const std::exception&) {  // no memory for the row, which is as it was
            lose(trail, finished);
        }
        if (first) {
            wake();
        }
    }

    Task<Result<UsageReport>> usage(net::Lane& lane, UsageQuery query) override {
        auto place = questions_.take(query.key.value_or(""));
        if (!place) {
            co_return Problem(ProblemKind::overloaded, "Too many ask for usage at this time.");
        }
        const auto answer = std::make_shared<Answer<Result<UsageReport>>>(
            lane, Problem(ProblemKind::internal, "Usage could not be summed up."));
        questions_worker_.post([this, answer, query = std::move(query), place = std::move(place)]() mutable {
            answer->give([&] {
                const auto until_answered = std::move(place);
                return reader_.usage(query);
            });
            shorten_log();
        });
        co_return co_await answer->wait();
    }

    Result<std::vector<Spent>> spent_since(std::chrono::sys_days first) override {
        return questions_worker_.ask([&] { return reader_.spent_since(first); });
    }

    void retain(std::chrono::milliseconds age) override { retention_ = age; }

    LedgerCounts counts() const override {
        LedgerCounts counts;
        counts.rows = rows_;
        counts.lost = lost_;
        counts.without_tags = without_tags_;
        counts.commits = commits_;
        counts.commit_time = std::chrono::nanoseconds(commit_time_.load());
        counts.usable = usable_;
        counts.waiting =
            waiting_.with([](const Waiting& waiting) { return waiting.rows.size() + waiting.writing; });
        return counts;
    }

    bool flush(std::chrono::milliseconds patience) override {
        const auto written = std::make_shared<std::promise<void>>();
        auto done = written->get_future();
        writer_->worker.post([this, written] {
            commit();
            written->set_value();
        });
        return done.wait_for(patience) == std::future_status::ready;
    }

private:
    void lose(const telemetry::Trail& trail, WallTime finished) noexcept {
        ++lost_;
        write_line(trail, finished, "lost");
    }

    /// False when there is no room; `trail` is then as it was. `first`: nobody has woken the writer yet.
    bool enqueue(telemetry::Trail& trail, WallTime finished, bool& first) {
        const std::size_t bytes = text_bytes(trail);
        return waiting_.with([&](Waiting& waiting) {
            if (waiting.rows.size() + waiting.writing >= options_.waiting ||
                waiting.bytes + bytes > options_.waiting_bytes) {
                return false;
            }
            waiting.rows.emplace_back(std::move(trail), finished);
            waiting.bytes += bytes;
            first = waiting.rows.size() == 1 || wake_failed_.exchange(false);
            return true;
        });
    }

    void wake() noexcept {
        try {
            writer_->worker.post([this] { begin_to_gather(); });
        } catch (const std::exception&) {
            wake_failed_ = true;  // no memory: the next append wakes it
        }
    }

    void begin_to_gather() {
        if (closing_) {
            return;
        }
        try {
            gather_.expires_after(options_.gather);
            gather_.async_wait([this](const boost::system::error_code& cancelled) {
                if (!cancelled) {
                    commit();
                }
            });
        } catch (const std::exception&) {
            wake_failed_ = true;
        }
    }

    /// Rows that it has taken are written once or lost, whatever happens.
    void commit() noexcept {
        waiting_.with([&](Waiting& waiting) {
            taken_.swap(waiting.rows);
            waiting.writing = taken_.size();
            waiting.bytes = 0;
        });
        const std::span<const FinishedRequest> rows(taken_);
        for (std::size_t done = 0; done < rows.size(); done += most_rows_together) {
            commit_some(rows.subspan(done, std::min(most_rows_together, rows.size() - done)));
        }
        waiting_.with([](Waiting& waiting) { waiting.writing = 0; });
        taken_.clear();
        if (taken_.capacity() > rows_kept_room) {
            std::vector<FinishedRequest>().swap(taken_);
        }
    }

    void commit_some(std::span<const FinishedRequest> rows) noexcept {
        const auto began = std::chrono::steady_clock::now();
        const bool committed = table_->write(rows);
        commit_time_ += std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
        ++commits_;
        without_tags_ = table_->without_tags();
        (committed ? rows_ : lost_) += rows.size();
        try {
            if (!committed) {
                complain(rows.size(), began);
            } else if (!usable_) {
                telemetry::log(telemetry::LogLevel::warning, "ledger_written_again");
            }
        } catch (const std::exception&) {
            // No memory for the line: the counts tell it.
        }
        usable_ = committed;
        for (const auto& row : rows) {
            write_line(row.trail, row.at, committed ? "" : "lost");
        }
    }

    void complain(std::size_t rows, Instant now) {
        if (complained_ == Instant{} || now >= complained_ + between_complaints) {
            complained_ = now;
            telemetry::log(telemetry::LogLevel::error, "ledger_rows_lost",
                           {{"why", table_->last_failure()}, {"count", rows}});
        }
    }

    /// Between two questions: where one follows the other the log never begins anew by itself, as somebody
    /// always reads.
    void shorten_log() {
        std::error_code error;
        const auto bytes = std::filesystem::file_size(log_path_, error);
        const auto now = std::chrono::steady_clock::now();
        if (error || bytes <= options_.longest_log || now < shorten_again_) {
            return;
        }
        if (!writer_->worker.ask([this] { return writer_->database.shorten_log(); })) {
            shorten_again_ = now + between_shortenings;
        }
    }

    /// On the writer's thread, again and again.
    void clear() {
        if (closing_) {
            return;
        }
        const auto age = std::chrono::milliseconds(retention_.load());
        const auto now = std::chrono::system_clock::now();
        const bool more = table_->clear_before(now - age, now);
        clearing_.expires_after(more ? between_clearings : options_.clear_every);
        clearing_.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                clear();
            }
        });
    }

    std::shared_ptr<Writer> writer_;
    std::string log_path_;
    std::unique_ptr<LedgerTable> table_;  // on the writer's thread, as what it fills and counts with
    UsageReader reader_;
    LedgerOptions options_;
    std::atomic<std::chrono::milliseconds> retention_;
    Guarded<Waiting> waiting_;
    std::vector<FinishedRequest> taken_;
    std::atomic<bool> wake_failed_{false};
    std::atomic<std::uint64_t> rows_{0};
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::uint64_t> without_tags_{0};
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::int64_t> commit_time_{0};  // nanoseconds
    std::atomic<bool> usable_{true};
    Questions questions_;
    Instant complained_{};
    Instant shorten_again_{};  // where usage is summed
    bool closing_{false};
    asio::steady_timer gather_;
    asio::steady_timer clearing_;
    Worker questions_worker_{"usage"};  // the reader is used there
};

/// Every row is lost.
class LedgerWithoutDisk : public Ledger {
public:
    void append(telemetry::Trail&& trail, WallTime finished) noexcept override {
        ++lost_;
        write_line(trail, finished, "lost");
    }
    Task<Result<UsageReport>> usage(net::Lane& /*lane*/, UsageQuery /*query*/) override {
        co_return unreadable();
    }
    Result<std::vector<Spent>> spent_since(std::chrono::sys_days /*first*/) override { return unreadable(); }
    void retain(std::chrono::milliseconds /*age*/) override {}
    LedgerCounts counts() const override {
        LedgerCounts counts;
        counts.lost = lost_;
        counts.usable = false;
        return counts;
    }
    bool flush(std::chrono::milliseconds /*patience*/) override { return true; }

private:
    static Problem unreadable() {
        return Problem(ProblemKind::not_ready, "There is no ledger: the data directory cannot be used.");
    }
    std::atomic<std::uint64_t> lost_{0};
};

}  // namespace

Result<std::unique_ptr<Ledger>> ledger_with(std::shared_ptr<Writer> writer, const std::string& path,
                                            const LedgerOptions& options) {
    auto reader = Database::open_for_reading(path);
    if (!reader) {
        return std::move(reader.problem());
    }
    auto ledger = std::make_unique<SqliteLedger>(writer, path, UsageReader(std::move(*reader)), options);
    if (!ledger->usable()) {
        return Problem(ProblemKind::internal, "cannot use the database: " + writer->database.last_words());
    }
    ledger->start();
    return std::unique_ptr<Ledger>(std::move(ledger));
}

std::unique_ptr<Ledger> ledger_without_disk() {
    return std::make_unique<LedgerWithoutDisk>();
}

}  // namespace gatehouse::store
