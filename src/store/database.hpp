// SQLite, as much of it as the store needs: a connection, statements, and its failures as values.
//
// One thread at a time. Room: store, private.
#pragma once

#include "migrations.hpp"

#include "gatehouse/core/result.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::store {

struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
struct EndStatement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

class Statement {
public:
    /// `text` is a literal of ours. Usable only if `ok()`.
    Statement(sqlite3* database, std::string_view text);

    bool ok() const noexcept { return statement_ != nullptr; }
    /// Parameters count from 1. Texts and blobs must outlive the run.
    Statement& bind(int place, std::int64_t value);
    Statement& bind_text(int place, std::string_view value);
    Statement& bind_blob(int place, std::string_view value);
    Statement& bind_null(int place);
    /// True while there is a row.
    bool step();
    /// Runs to its end and makes it ready for the next run.
    bool run();
    void reset();
    std::int64_t integer(int column) const;
    bool is_null(int column) const;
    std::string blob(int column) const;
    bool interrupted() const noexcept { return outcome_ == SQLITE_INTERRUPT; }
    /// The last step() met a failure, not the end of the rows.
    bool failed() const noexcept { return outcome_ != SQLITE_DONE && outcome_ != SQLITE_ROW; }

private:
    std::unique_ptr<sqlite3_stmt, EndStatement> statement_;
    int outcome_{SQLITE_OK};
};

class Database {
public:
    /// Opens or creates the file, checks it, and brings it to the newest of our versions. `most_bytes` is how
    /// large it may grow; 0: no limit, and one that is larger already does not grow. Problem internal.
    /// `steps`: what it looks like, those of the store's own database unless said otherwise.
    static Result<Database> open(const std::string& path, std::size_t most_bytes,
                                 std::span<const char* const> steps = migrations);
    /// Of which versions a file may be.
    enum class Versions { ours, any };
    /// A second connection, that only reads; also while another process writes. Problem internal, also when
    /// the file is of a version that it may not be.
    static Result<Database> open_for_reading(const std::string& path, Versions versions = Versions::ours);
    /// A file that nobody can write to while it is open, such as one on a medium that can only be read. What
    /// stands in a write-ahead log beside it is not seen.
    static Result<Database> open_unchanging(const std::string& path, Versions versions = Versions::ours);
    /// The first, or where that cannot be and no log is there, the second.
    static Result<Database> open_as_it_can_be(const std::string& path, Versions versions = Versions::ours);

    sqlite3* handle() const noexcept { return handle_.get(); }
    bool execute(const char* text) noexcept;
    /// Moves all that stands in the write-ahead log to its place, and empties the file. False if somebody who
    /// reads is in the way for longer than a moment.
    bool shorten_log() noexcept;
    /// Cuts a file that is larger, as far as what is in it lets that be, and lets it grow no further. Takes
    /// as long as writing the file anew.
    Status bound(std::size_t most_bytes);
    /// SQLite's words for the last failure.
    std::string last_words() const;

private:
    explicit Database(sqlite3* handle) : handle_(handle) {}
    Status prepare();
    Status check();
    Result<std::int64_t> version();
    /// Of a pragma that has one.
    Result<std::int64_t> number_of(const char* pragma);
    Status check_version(const std::string& path, Versions versions);
    Status migrate(std::span<const char* const> steps);
    Status limit(std::size_t most_bytes);
    Problem failure(std::string_view what) const;

    std::unique_ptr<sqlite3, CloseDatabase> handle_;
};

}  // namespace gatehouse::store
