#include "database.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::store {
namespace {

/// A check of the whole file takes a second or two a gigabyte; nobody is served meanwhile.
constexpr std::chrono::seconds longest_check{10};
/// For a lock that another process has; milliseconds.
constexpr int longest_wait = 5'000;
/// For those who read; others write meanwhile no row.
constexpr int longest_wait_to_shorten = 100;

int length_of(std::string_view text) noexcept {
    return static_cast<int>(text.size());
}

/// Interrupts what a connection does when its time is over.
class TimeLimit {
public:
    TimeLimit(sqlite3* database, std::chrono::seconds most) : timer_(context_, most) {
        timer_.async_wait([database](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                sqlite3_interrupt(database);
            }
        });
        thread_ = std::thread([this] { context_.run(); });
    }
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;
    ~TimeLimit() {
        boost::asio::post(context_, [this] { timer_.cancel(); });
        thread_.join();
    }

private:
    boost::asio::io_context context_{1};
    boost::asio::steady_timer timer_;
    std::thread thread_;
};

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

Statement& Statement::bind_null(int place) {
    sqlite3_bind_null(statement_.get(), place);
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

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
}

Result<Database> Database::open(const std::string& path, std::size_t most_bytes,
                                std::span<const char* const> steps) {
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
        ready = database.migrate(steps);
    }
    if (ready && most_bytes != 0) {
        ready = database.limit(most_bytes);
    }
    if (!ready) {
        return std::move(ready.problem());
    }
    return database;
}

Result<Database> Database::open_for_reading(const std::string& path, Versions versions) {
    sqlite3* handle = nullptr;
    const int outcome =
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database(handle);
    if (outcome != SQLITE_OK) {
        return database.failure("cannot open " + path);
    }
    sqlite3_busy_timeout(handle, longest_wait);
    auto ours = database.check_version(path, versions);
    if (!ours) {
        return std::move(ours.problem());
    }
    return database;
}

Result<Database> Database::open_unchanging(const std::string& path, Versions versions) {
    // sqlite.org/uri.html
    std::string address = "file:";
    for (const char c : path) {
        if (c == '?' || c == '#' || c == '%') {
            address += c == '?' ? "%3F" : c == '#' ? "%23" : "%25";
        } else {
            address += c;
        }
    }
    address += "?immutable=1";
    sqlite3* handle = nullptr;
    const int outcome = sqlite3_open_v2(
        address.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database(handle);
    if (outcome != SQLITE_OK) {
        return database.failure("cannot open " + path);
    }
    auto ours = database.check_version(path, versions);
    if (!ours) {
        return std::move(ours.problem());
    }
    return database;
}

Result<Database> Database::open_as_it_can_be(const std::string& path, Versions versions) {
    auto database = open_for_reading(path, versions);
    std::error_code error;
    const auto log = std::filesystem::file_size(path + "-wal", error);
    if (database || (!error && log != 0)) {
        return database;
    }
    // Where SQLite cannot make the files that readers and writers share, the database can be read all the
    // same as long as nothing stands in its log.
    auto unchanging = open_unchanging(path, versions);
    return unchanging ? std::move(unchanging) : std::move(database);
}

bool Database::shorten_log() noexcept {
    sqlite3_busy_timeout(handle_.get(), longest_wait_to_shorten);
    const int outcome =
        sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(handle_.get(), longest_wait);
    return outcome == SQLITE_OK;
}

Status Database::check_version(const std::string& path, Versions versions) {
    const auto found = version();
    if (!found) {
        return found.problem();
    }
    if (versions == Versions::ours && *found != static_cast<std::int64_t>(migrations.size())) {
        return Problem(ProblemKind::internal, path + " was written by another version of Gatehouse");
    }
    return done();
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
    sqlite3_busy_timeout(handle_.get(), longest_wait);
    // What is committed survives the end of the process, however it comes. A crash of the machine may cost
    // the last commits, never the database (sqlite.org/pragma.html, "synchronous").
    // The log is as long as the longest reader made it; at its next turn it gives back what is beyond the
    // limit.
    if (!execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
                 "PRAGMA journal_size_limit=67108864;")) {
        return failure("cannot prepare the database");
    }
    return check();
}

Status Database::check() {
    const TimeLimit limit(handle_.get(), longest_check);
    Statement check(handle_.get(), "PRAGMA quick_check(1)");
    if (!check.ok()) {
        return failure("cannot check the database");
    }
    const bool row = check.step();
    if (check.interrupted()) {
        telemetry::log(telemetry::LogLevel::warning, "store_check_cut_short",
                       {{"seconds", longest_check.count()}});
        return done();
    }
    if (!row) {
        return failure("cannot check the database");
    }
    if (const auto found = check.blob(0); found != "ok") {
        return Problem(ProblemKind::internal, "the database is damaged: " + found);
    }
    return done();
}

Result<std::int64_t> Database::number_of(const char* pragma) {
    Statement number(handle_.get(), pragma);
    if (!number.ok() || !number.step()) {
        return failure(std::string("cannot read ") + pragma);
    }
    return number.integer(0);
}

Result<std::int64_t> Database::version() {
    return number_of("PRAGMA user_version");
}

Status Database::migrate(std::span<const char* const> steps) {
    const auto from = version();
    if (!from) {
        return from.problem();
    }
    if (*from > static_cast<std::int64_t>(steps.size())) {
        return Problem(ProblemKind::internal, "the database was written by a newer version of Gatehouse");
    }
    for (auto next = static_cast<std::size_t>(*from); next < steps.size(); ++next) {
        const std::string text = std::string("BEGIN IMMEDIATE;") + steps[next] +
                                 "PRAGMA user_version=" + std::to_string(next + 1) + ";COMMIT;";
        if (!execute(text.c_str())) {
            auto problem = failure("cannot bring the database to this version's form");
            execute("ROLLBACK");
            return problem;
        }
    }
    return done();
}

Status Database::limit(std::size_t most_bytes) {
    const auto size = number_of("PRAGMA page_size");
    if (!size) {
        return size.problem();
    }
    const auto pages = most_bytes / static_cast<std::size_t>(*size);
    const auto text = "PRAGMA max_page_count=" + std::to_string(std::max<std::size_t>(pages, 1));
    return execute(text.c_str()) ? done() : failure("cannot limit the database's size");
}

Status Database::bound(std::size_t most_bytes) {
    const auto size = number_of("PRAGMA page_size");
    const auto pages = number_of("PRAGMA page_count");
    if (!size || !pages) {
        return size ? pages.problem() : size.problem();
    }
    // The log holds the file's new form until its turn has come.
    const bool larger = static_cast<std::size_t>(*pages) * static_cast<std::size_t>(*size) > most_bytes;
    if (larger && (!execute("VACUUM") || !shorten_log())) {
        return failure("cannot cut the database");
    }
    return limit(most_bytes);
}

}  // namespace gatehouse::store
