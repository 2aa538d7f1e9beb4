#include "key_shelf.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::store {
namespace {

/// While a log fills, it is cut to its length so many times: it is longer by a hundredth at most.
constexpr std::int64_t trims_of_a_log = 100;

std::int64_t in_milliseconds(WallTime time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

WallTime from_milliseconds(std::int64_t count) {
    return WallTime(std::chrono::milliseconds(count));
}

std::string_view bytes_of(const Digest& hash) noexcept {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

KeyShelf::KeyShelf(Database& database, std::size_t most_notes)
    : database_(database),
      most_notes_(static_cast<std::int64_t>(most_notes)),
      put_(database.handle(),
           "INSERT INTO caller_key(id, name, hash, settings, created_ms, updated_ms, updated_by)"
           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
           " ON CONFLICT(id) DO UPDATE SET hash=?3, settings=?4, updated_ms=?6, updated_by=?7"),
      erase_(database.handle(), "DELETE FROM caller_key WHERE id=?1"),
      note_(database.handle(),
            "INSERT INTO audit(at_ms, admin, method, path, object, status, details)"
            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      trim_(database.handle(),
            "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE (method IN ('GET', 'HEAD'))=?1"
            " ORDER BY id DESC LIMIT -1 OFFSET ?2)"),
      audit_(database.handle(),
             "SELECT id, at_ms, admin, method, path, object, status, details FROM audit"
             " WHERE ?1=0 OR id<?1 ORDER BY id DESC LIMIT ?2") {}

bool KeyShelf::usable() const noexcept {
    return put_.ok() && erase_.ok() && note_.ok() && trim_.ok() && audit_.ok();
}

bool KeyShelf::failed() {
    last_failure_ = database_.last_words();
    return false;
}

/// What others write may be lost with the machine's power; these transactions wait for the disk.
template <class Steps>
bool KeyShelf::durably(Steps steps) {
    if (!database_.execute("PRAGMA synchronous=FULL; BEGIN IMMEDIATE")) {
        failed();
        database_.execute("PRAGMA synchronous=NORMAL");
        return false;
    }
    const bool good = (steps() && database_.execute("COMMIT")) || failed();
    if (!good) {
        database_.execute("ROLLBACK");
    }
    database_.execute("PRAGMA synchronous=NORMAL");
    return good;
}

bool KeyShelf::insert_note(const AuditNote& call) {
    note_.bind(1, in_milliseconds(call.at)).bind_text(2, call.admin).bind_text(3, call.method);
    note_.bind_text(4, call.path).bind_text(5, call.object).bind(6, call.status).bind_text(7, call.details);
    return note_.run() && trim();
}

/// Of those that only looked and of the others each: who looks often shall not push out what was changed. It
/// walks all of them, so not at every note.
bool KeyShelf::trim() {
    if (--notes_until_trim_ > 0) {
        return true;
    }
    notes_until_trim_ = std::max<std::int64_t>(1, most_notes_ / trims_of_a_log);
    for (const std::int64_t looked : {0, 1}) {
        trim_.bind(1, looked).bind(2, most_notes_);
        if (!trim_.run()) {
            return false;
        }
    }
    return true;
}

bool KeyShelf::put(const StoredKey& key, const AuditNote& call) {
    return durably([&] {
        put_.bind_text(1, key.id).bind_text(2, key.name).bind_blob(3, bytes_of(key.hash));
        put_.bind_text(4, key.settings).bind(5, in_milliseconds(key.created));
        put_.bind(6, in_milliseconds(key.updated)).bind_text(7, key.updated_by);
        return put_.run() && insert_note(call);
    });
}

bool KeyShelf::erase(const std::string& id, const AuditNote& call) {
    return durably([&] {
        erase_.bind_text(1, id);
        return erase_.run() && insert_note(call);
    });
}

bool KeyShelf::note(const AuditNote& call) {
    if (!database_.execute("BEGIN IMMEDIATE")) {
        return failed();
    }
    const bool good = (insert_note(call) && database_.execute("COMMIT")) || failed();
    if (!good) {
        database_.execute("ROLLBACK");
    }
    return good;
}

std::optional<std::vector<AuditEntry>> KeyShelf::audit(std::int64_t before, std::size_t most) {
    audit_.bind(1, before).bind(2, static_cast<std::int64_t>(most));
    std::vector<AuditEntry> entries;
    while (audit_.step()) {
        AuditNote note{from_milliseconds(audit_.integer(1)),
                       audit_.blob(2),
                       audit_.blob(3),
                       audit_.blob(4),
                       audit_.blob(5),
                       static_cast<int>(audit_.integer(6)),
                       audit_.blob(7)};
        entries.push_back(AuditEntry{audit_.integer(0), std::move(note)});
    }
    const bool good = !audit_.failed() || failed();
    audit_.reset();
    return good ? std::optional(std::move(entries)) : std::nullopt;
}

Result<std::vector<StoredKey>> keys_in(const Database& database) {
    const auto failure = [&] {
        return Problem(ProblemKind::internal, "cannot read the keys: " + database.last_words());
    };
    Statement all(database.handle(),
                  "SELECT id, name, hash, settings, created_ms, updated_ms, updated_by FROM caller_key"
                  " ORDER BY created_ms, rowid");
    if (!all.ok()) {
        return failure();
    }
    std::vector<StoredKey> keys;
    while (all.step()) {
        StoredKey key{all.blob(0),
                      all.blob(1),
                      {},
                      all.blob(3),
                      from_milliseconds(all.integer(4)),
                      from_milliseconds(all.integer(5)),
                      all.blob(6)};
        const std::string hash = all.blob(2);
        if (hash.size() != key.hash.size()) {
            return Problem(ProblemKind::internal, "cannot read the keys: a hash is no hash");
        }
        std::copy(hash.begin(), hash.end(), key.hash.begin());
        keys.push_back(std::move(key));
    }
    if (all.failed()) {
        return failure();
    }
    return keys;
}

}  // namespace gatehouse::store
