// Keys and the audit log in a database.
//
// On the thread of its database. Room: store, private.
#pragma once

#include "database.hpp"

#include "gatehouse/store/key_store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::store {

class KeyShelf {
public:
    /// REQUIRES: the database outlives it. `most_notes`: of the audit log the newest stay, of those
    /// that only looked (GET, HEAD) and of the others so many each.
    KeyShelf(Database& database, std::size_t most_notes);

    bool usable() const noexcept;
    /// With the note in one transaction, on the disk when this returns; or not at all.
    bool put(const StoredKey& key, const AuditNote& call);
    bool erase(const std::string& id, const AuditNote& call);
    /// On the disk a little later.
    bool note(const AuditNote& call);
    const std::string& last_failure() const noexcept { return last_failure_; }
    /// Absent if they cannot be read.
    std::optional<std::vector<AuditEntry>> audit(std::int64_t before, std::size_t most);

private:
    template <class Steps>
    bool durably(Steps steps);
    bool insert_note(const AuditNote& call);
    bool trim();
    bool failed();

    Database& database_;
    std::int64_t most_notes_;
    std::int64_t notes_until_trim_{0};
    Statement put_;
    Statement erase_;
    Statement note_;
    Statement trim_;
    Statement audit_;
    std::string last_failure_;
};

/// All keys in the order of their creation. Problem internal, with SQLite's words.
Result<std::vector<StoredKey>> keys_in(const Database& database);

}  // namespace gatehouse::store
