#include "database.hpp"

#include "gatehouse/store/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

namespace gatehouse::store {
namespace {

/// A file of our own making that goes unless it is kept.
class NewFile {
public:
    explicit NewFile(std::string path) : path_(std::move(path)) {
        const int made = ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        error_ = made < 0 ? errno : 0;
        if (made >= 0) {
            ::close(made);
        }
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (error_ == 0 && !kept_) {
            std::remove(path_.c_str());
        }
    }
    int error() const noexcept { return error_; }
    void keep() noexcept { kept_ = true; }

private:
    std::string path_;
    int error_{0};
    bool kept_{false};
};

Problem no_copy(const std::string& to, const std::string& why) {
    return Problem(ProblemKind::internal, "cannot write the copy " + to + ": " + why);
}

Result<std::unique_ptr<sqlite3, CloseDatabase>> open_copy(const std::string& to) {
    sqlite3* handle = nullptr;
    const int outcome =
        sqlite3_open_v2(to.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    std::unique_ptr<sqlite3, CloseDatabase> copy(handle);
    if (outcome != SQLITE_OK) {
        return no_copy(to, handle == nullptr ? "out of memory" : sqlite3_errmsg(handle));
    }
    return copy;
}

/// In one piece: a copy that lets others write between its pieces would begin anew after each of their
/// commits. Nobody waits for it; what is written meanwhile stays in the write-ahead log.
Status copy_all(sqlite3* from, sqlite3* copy, const std::string& to) {
    auto* const backup = sqlite3_backup_init(copy, "main", from, "main");
    if (backup == nullptr) {
        return no_copy(to, sqlite3_errmsg(copy));
    }
    const int outcome = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    return outcome == SQLITE_DONE ? done() : no_copy(to, sqlite3_errstr(outcome));
}

Status check_copy(sqlite3* copy, const std::string& to) {
    // One file that can be carried away, not one with a log beside it.
    if (sqlite3_exec(copy, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) != SQLITE_OK) {
        return no_copy(to, sqlite3_errmsg(copy));
    }
    Statement check(copy, "PRAGMA integrity_check(1)");
    if (!check.ok() || !check.step()) {
        return no_copy(to, sqlite3_errmsg(copy));
    }
    const auto found = check.blob(0);
    return found == "ok" ? done() : no_copy(to, "it is damaged: " + found);
}

}  // namespace

Status back_up(const std::string& directory, const std::string& to) {
    // Whatever version wrote it: a copy is most wanted before the next one changes its form.
    auto from = Database::open_as_it_can_be(directory + "/gatehouse.db", Database::Versions::any);
    if (!from) {
        return std::move(from.problem());
    }
    NewFile file(to);
    if (file.error() != 0) {
        return no_copy(to, std::strerror(file.error()));
    }
    auto copy = open_copy(to);
    if (!copy) {
        return std::move(copy.problem());
    }
    auto copied = copy_all(from->handle(), copy->get(), to);
    if (copied) {
        copied = check_copy(copy->get(), to);
    }
    if (copied) {
        file.keep();
    }
    return copied;
}

}  // namespace gatehouse::store
