// Caller keys that were made at run time, and the audit log of the admin listener, on disk.
//
// Keys lie there as hashes. What is written is on the disk, past a crash of the machine too, when the task
// returns. Room: store. May include: core, net.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/core/task.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::net {
class Lane;
}

namespace gatehouse::store {

struct StoredKey {
    std::string id;        // `key_…`, random
    std::string name;      // unique
    Digest hash{};         // SHA-256 of the key; unique
    std::string settings;  // a JSON text
    WallTime created{};
    WallTime updated{};
    std::string updated_by{};  // the name of the admin's key
};

/// One call of an admin.
struct AuditNote {
    WallTime at{};
    std::string admin;    // the name of its key
    std::string method;   // POST …
    std::string path;     // of the table of paths: `/admin/keys/{id}`
    std::string object;   // what it was about; empty: nothing in particular
    int status{0};        // as answered
    std::string details;  // a JSON object: what changed, or why not; empty: nothing to say. No secrets
};

struct AuditEntry {
    std::int64_t number{0};  // rises
    AuditNote note;
};

class KeyStore {
public:
    virtual ~KeyStore() = default;

    /// All keys, in the order of their creation. Waits for the disk: to be asked while nobody is served yet.
    virtual Result<std::vector<StoredKey>> recall() = 0;
    /// Adds the key, or replaces the one with its id, and notes the call, both or none. Resumed on `lane`.
    /// Problem storage_unavailable, with the disk's words.
    virtual Task<Status> put(net::Lane& lane, StoredKey key, AuditNote note) = 0;
    /// Removes it and notes the call. As `put`; done, if there is none.
    virtual Task<Status> erase(net::Lane& lane, std::string id, AuditNote note) = 0;
    /// Notes a call that changed nothing here. Never waits; what the disk refuses is counted and logged.
    virtual void note(AuditNote note) = 0;
    /// The newest first, `most` of them, those before `before` (0: from the newest). Resumed on `lane`.
    /// Problem storage_unavailable.
    virtual Task<Result<std::vector<AuditEntry>>> audit(net::Lane& lane, std::int64_t before,
                                                        std::size_t most) = 0;
};

}  // namespace gatehouse::store
