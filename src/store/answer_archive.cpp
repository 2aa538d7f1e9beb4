#include "answer_archive.hpp"

#include "archived_text.hpp"
#include "times.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace gatehouse::store {
namespace {

/// Each brings the file from the version of its place to the next.
constexpr std::array<const char*, 2> answer_steps{
    "CREATE TABLE answer(digest BLOB NOT NULL UNIQUE, alias BLOB, stored_ms INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL, about TEXT NOT NULL, body BLOB NOT NULL);"
    "CREATE INDEX answer_age ON answer(expires_ms);",
    // Requests have other digests since: nobody would find what is there.
    "DELETE FROM answer;"};

constexpr std::size_t most_changes_together = 256;
/// What waits takes this beyond the answer itself.
constexpr std::size_t bytes_of_change = 128;
/// The file may hold so many times what the memory does: what was removed leaves gaps.
constexpr std::size_t file_factor = 2;
constexpr std::size_t least_file = 16 * 1024 * 1024;
/// A part of what is too old goes with each commit.
constexpr std::int64_t cleared_together = 256;

std::string_view bytes_in(const Digest& digest) noexcept {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<Digest> digest_in(const std::string& bytes) noexcept {
    Digest digest{};
    if (bytes.size() != digest.size()) {
        return std::nullopt;
    }
    std::memcpy(digest.data(), bytes.data(), digest.size());
    return digest;
}

WallTime wall_of(std::int64_t milliseconds) noexcept {
    return WallTime(std::chrono::milliseconds(milliseconds));
}

void remove_files(const std::string& path) {
    std::error_code ignored;
    for (const char* const ending : {"", "-wal", "-shm"}) {
        std::filesystem::remove(path + ending, ignored);
    }
}

std::size_t file_for(std::size_t max_bytes) noexcept {
    return std::max(max_bytes * file_factor, least_file);
}

/// Nobody else on the machine reads what callers were answered. SQLite gives the files beside it the rights
/// of the database.
void make_private(const std::string& path) {
    const int made = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (made >= 0) {
        ::close(made);
    }
    using std::filesystem::perms;
    std::error_code ignored;
    for (const char* const ending : {"", "-wal", "-shm"}) {
        std::filesystem::permissions(path + ending, perms::owner_read | perms::owner_write, ignored);
    }
}

Result<Database> open_file(const AnswerCacheOptions& options, const std::string& path) {
    make_private(path);
    return Database::open(path, file_for(options.max_bytes), answer_steps);
}

void complain(std::string_view event, const std::string& path, const std::string& why) {
    telemetry::log(telemetry::LogLevel::warning, event, {{"file", path}, {"reason", why}});
}

}  // namespace

struct AnswerArchive::Statements {
    explicit Statements(Database& database)
        : insert(database.handle(),
                 "INSERT INTO answer(digest, alias, stored_ms, expires_ms, about, body)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(digest) DO UPDATE SET"
                 " alias=?2, stored_ms=?3, expires_ms=?4, about=?5, body=?6"),
          erase(database.handle(), "DELETE FROM answer WHERE digest=?1"),
          clear(database.handle(),
                "DELETE FROM answer WHERE rowid IN"
                " (SELECT rowid FROM answer WHERE expires_ms<=?1 ORDER BY expires_ms LIMIT ?2)") {}
    bool ok() const noexcept { return insert.ok() && erase.ok() && clear.ok(); }

    Statement insert;
    Statement erase;
    Statement clear;
};

std::unique_ptr<AnswerArchive> AnswerArchive::open(const AnswerCacheOptions& options, StillKept still_kept) {
    const std::string path = options.directory + "/cache.db";
    std::error_code error;
    std::filesystem::create_directories(options.directory, error);
    auto database = open_file(options, path);
    if (!database) {
        complain("cache_begun_anew", path, database.problem().message());
        remove_files(path);
        database = open_file(options, path);
    }
    if (!database) {
        complain("cache_in_memory_only", path, database.problem().message());
        return nullptr;
    }
    auto archive = std::make_unique<AnswerArchive>(std::move(*database), options, std::move(still_kept));
    if (!archive->statements_->ok()) {
        complain("cache_in_memory_only", path, archive->database_.last_words());
        return nullptr;
    }
    return archive;
}

AnswerArchive::AnswerArchive(Database database, const AnswerCacheOptions& options, StillKept still_kept)
    : database_(std::move(database)),
      statements_(std::make_unique<Statements>(database_)),
      still_kept_(std::move(still_kept)),
      most_bytes_(options.max_bytes),
      most_waiting_(options.waiting) {}

AnswerArchive::~AnswerArchive() {
    worker_.ask([this] {
        while (write_some()) {
        }
    });
    worker_.ask([this] { statements_.reset(); });
}

std::vector<ArchivedAnswer> AnswerArchive::recall(WallTime now) {
    std::vector<Digest> useless;
    auto found = worker_.ask([&] { return read(now, useless); });
    for (const auto& digest : useless) {
        erase(digest);
    }
    return found;
}

/// What is not brought back must not lie there either: nobody could take it out.
std::vector<ArchivedAnswer> AnswerArchive::read(WallTime now, std::vector<Digest>& useless) {
    std::vector<ArchivedAnswer> found;
    Statement all(database_.handle(),
                  "SELECT digest, alias, stored_ms, expires_ms, about, body FROM answer"
                  " WHERE expires_ms>?1 ORDER BY stored_ms DESC");
    if (!all.ok()) {
        return found;
    }
    all.bind(1, milliseconds_of(now));
    std::size_t bytes = 0;
    OriginShelf origins;
    while (all.step()) {
        const auto digest = digest_in(all.blob(0));
        auto answer = digest && bytes < most_bytes_ ? answer_of(all.blob(4), origins) : std::nullopt;
        if (!answer) {
            useless.push_back(digest.value_or(Digest{}));
            continue;
        }
        answer->stored_at = wall_of(all.integer(2));
        answer->expires_at = wall_of(all.integer(3));
        answer->bytes = all.blob(5);
        bytes += answer->bytes.size();
        const auto alias = all.is_null(1) ? std::nullopt : digest_in(all.blob(1));
        found.push_back({*digest, alias, std::make_shared<const KeptAnswer>(std::move(*answer))});
    }
    std::reverse(found.begin(), found.end());
    return found;
}

void AnswerArchive::write(ArchivedAnswer answer) {
    const auto bytes = answer.answer->bytes.size() + bytes_of_change;
    add(std::move(answer), bytes);
}

void AnswerArchive::erase(const Digest& digest) {
    add(ArchivedAnswer{digest}, 0);
}

void AnswerArchive::add(ArchivedAnswer change, std::size_t bytes) {
    bool first = false;
    std::deque<ArchivedAnswer> given_up;  // freed when the lock is open again
    const bool taken = waiting_.with([&](Waiting& waiting) {
        if (bytes != 0 && waiting.bytes + bytes > most_waiting_) {
            return false;
        }
        first = !std::exchange(waiting.busy, true);
        waiting.bytes += bytes;
        waiting.erasures += bytes == 0 ? 1 : 0;
        if (waiting.erasures * bytes_of_change > most_waiting_) {
            // Too many to remember: everything on the disk goes.
            given_up.swap(waiting.queue);
            waiting.bytes = 0;
            waiting.erasures = 0;
            waiting.all = true;
            return true;
        }
        waiting.queue.push_back(std::move(change));
        return true;
    });
    lost_ += static_cast<std::uint64_t>(
        std::count_if(given_up.begin(), given_up.end(), [](const auto& each) { return bool(each.answer); }));
    if (!taken) {
        ++lost_;
    }
    if (first) {
        worker_.post([this] { write_waiting(); });
    }
}

Task<bool> AnswerArchive::settled(net::Lane& lane) {
    const auto answer = std::make_shared<Answer<bool>>(lane, false);
    worker_.post([this, answer] {
        answer->give([&] {
            while (write_some()) {
            }
            return usable();
        });
    });
    co_return co_await answer->wait();
}

void AnswerArchive::bound(std::size_t max_bytes) {
    worker_.post([this, max_bytes] {
        while (write_some()) {
        }
        const auto cut = database_.bound(file_for(max_bytes));
        if (!cut) {
            telemetry::log(telemetry::LogLevel::warning, "cache_file_not_bounded",
                           {{"reason", cut.problem().message()}});
        }
    });
}

std::size_t AnswerArchive::waiting() const {
    return waiting_.with([](const Waiting& waiting) { return waiting.bytes; });
}

void AnswerArchive::write_waiting() {
    if (write_some()) {
        worker_.post([this] { write_waiting(); });
    }
}

bool AnswerArchive::write_some() {
    std::vector<ArchivedAnswer> changes;
    const bool all = waiting_.with([&](Waiting& waiting) {
        const auto count = std::min(most_changes_together, waiting.queue.size());
        const auto end = waiting.queue.begin() + static_cast<std::ptrdiff_t>(count);
        std::move(waiting.queue.begin(), end, std::back_inserter(changes));
        waiting.queue.erase(waiting.queue.begin(), end);
        for (const auto& change : changes) {
            waiting.bytes -= change.answer ? change.answer->bytes.size() + bytes_of_change : 0;
            waiting.erasures -= change.answer ? 0 : 1;
        }
        return std::exchange(waiting.all, false);
    });
    if (!changes.empty() || all) {
        const bool good = commit(changes, all);
        if (usable_.exchange(good) != good) {
            telemetry::log(good ? telemetry::LogLevel::info : telemetry::LogLevel::error,
                           good ? "cache_written_again" : "cache_not_written",
                           {{"reason", good ? std::string() : last_failure_}});
        }
        if (!good) {
            refused(changes.size());
        }
    }
    return waiting_.with([](Waiting& waiting) {
        waiting.busy = !waiting.queue.empty();
        return waiting.busy;
    });
}

void AnswerArchive::refused(std::size_t changes) {
    lost_ += changes;
    waiting_.with([](Waiting& waiting) { waiting.all = true; });
}

bool AnswerArchive::commit(const std::vector<ArchivedAnswer>& changes, bool all) {
    bool good = database_.execute("BEGIN IMMEDIATE");
    good = good && (!all || database_.execute("DELETE FROM answer"));
    for (const auto& change : changes) {
        good = good && apply(change);
    }
    const auto now = milliseconds_of(std::chrono::system_clock::now());
    statements_->clear.bind(1, now).bind(2, cleared_together);
    good = good && statements_->clear.run() && database_.execute("COMMIT");
    if (!good) {
        last_failure_ = database_.last_words();
        database_.execute("ROLLBACK");
    }
    return good;
}

bool AnswerArchive::apply(const ArchivedAnswer& change) {
    const auto digest = bytes_in(change.digest);
    if (!change.answer) {
        return statements_->erase.bind_blob(1, digest).run();
    }
    const auto& answer = *change.answer;
    if (!still_kept_(change.digest, answer)) {
        return true;
    }
    const auto about = archived_text(answer);
    auto& row = statements_->insert;
    row.bind_blob(1, digest);
    if (change.alias) {
        row.bind_blob(2, bytes_in(*change.alias));
    } else {
        row.bind_null(2);
    }
    row.bind(3, milliseconds_of(answer.stored_at)).bind(4, milliseconds_of(answer.expires_at));
    row.bind_text(5, about).bind_blob(6, answer.bytes);
    return row.run();
}

}  // namespace gatehouse::store
