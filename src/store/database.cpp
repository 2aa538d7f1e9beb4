#include "database.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::store {
namespace {

/// Each brings the database from the version of its place to the next. Never changed once released.
constexpr std::array migrations{
    "CREATE TABLE conversation("
    "  caller TEXT NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL,"
    "  kept_at INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE UNIQUE INDEX conversation_key ON conversation(caller, kind, id);"
    "CREATE INDEX conversation_age ON conversation(kept_at, bytes);"
    "CREATE INDEX conversation_caller_age ON conversation(caller, kept_at, bytes);",
};

int length_of(std::string_view text) noexcept {
    return static_cast<int>(text.size());
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view text) {
    sqlite3_stmt* made = nullptr;
    outcome_ =
        sqlite3_prepare_v3(database, text.data(), length_of(text), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    statement_.reset(made);
}

Statement& Statement::bind(int place, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), place, value);
    return *this;
}

Statement& Statement::bind_text(int place, std::string_view value) {
    sqlite3_bind_text(statement_.get(), place, value.data(), length_of(value), SQLITE_STATIC);
    return *this;
}

Statement& Statement::bind_blob(int place, std::string_view value) {
    sqlite3_bind_blob64(statement_.get(), place, value.data(), value.size(), SQLITE_STATIC);
    return *this;
}

bool Statement::step() {
    outcome_ = sqlite3_step(statement_.get());
    return outcome_ == SQLITE_ROW;
}

bool Statement::run() {
    while (step()) {
    }
    const bool done = outcome_ == SQLITE_DONE;
    reset();
    return done;
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
}

Result<Database> Database::open(const std::string& path, std::size_t most_bytes) {
    sqlite3* handle = nullptr;
    const int outcome = sqlite3_open_v2(
        path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database(handle);
    if (outcome != SQLITE_OK) {
        return database.failure("cannot open " + path);
    }
    // SQLite opens a file that it may not write for reading, without a word.
    if (sqlite3_db_readonly(handle, "main") == 1) {
        return Problem(ProblemKind::internal, path + " is read-only");
    }
    auto ready = database.prepare();
    if (ready) {
        ready = database.migrate();
    }
    if (ready && most_bytes != 0) {
        ready = database.limit(most_bytes);
    }
    if (!ready) {
        return std::move(ready.problem());
    }
    return database;
}

bool Database::execute(const char* text) noexcept {
    return sqlite3_exec(handle_.get(), text, nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::string Database::last_words() const {
    return handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory";
}

Problem Database::failure(std::string_view what) const {
    std::string message(what);
    message += ": ";
    message += last_words();
    return Problem(ProblemKind::internal, std::move(message));
}

Status Database::prepare() {
    sqlite3_busy_timeout(handle_.get(), 5'000);
    // A crash of the machine may cost the last commits, never the database (sqlite.org/pragma.html).
    if (!execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
                 "PRAGMA auto_vacuum=INCREMENTAL;")) {
        return failure("cannot prepare the database");
    }
    Statement check(handle_.get(), "PRAGMA quick_check(1)");
    if (!check.ok() || !check.step()) {
        return failure("cannot check the database");
    }
    if (const auto found = check.blob(0); found != "ok") {
        return Problem(ProblemKind::internal, "the database is damaged: " + found);
    }
    return done();
}

Status Database::migrate() {
    std::int64_t version = 0;
    {
        Statement current(handle_.get(), "PRAGMA user_version");
        if (!current.ok() || !current.step()) {
            return failure("cannot read the database's version");
        }
        version = current.integer(0);
    }
    if (version > static_cast<std::int64_t>(migrations.size())) {
        return Problem(ProblemKind::internal, "the database was written by a newer version of Gatehouse");
    }
    for (auto next = static_cast<std::size_t>(version); next < migrations.size(); ++next) {
        const std::string steps = std::string("BEGIN IMMEDIATE;") + migrations.at(next) +
                                  "PRAGMA user_version=" + std::to_string(next + 1) + ";COMMIT;";
        if (!execute(steps.c_str())) {
            auto problem = failure("cannot bring the database to this version's form");
            execute("ROLLBACK");
            return problem;
        }
    }
    return done();
}

Status Database::limit(std::size_t most_bytes) {
    Statement size(handle_.get(), "PRAGMA page_size");
    if (!size.ok() || !size.step()) {
        return failure("cannot read the database's page size");
    }
    const auto pages = most_bytes / static_cast<std::size_t>(size.integer(0));
    const auto text = "PRAGMA max_page_count=" + std::to_string(std::max<std::size_t>(pages, 1));
    size.reset();
    return execute(text.c_str()) ? done() : failure("cannot limit the database's size");
}

}  // namespace gatehouse::store
