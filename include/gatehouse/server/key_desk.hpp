// Where the admin doors for keys and the audit log lead: the composition root keeps one.
//
// On the lane of the admin listener. Every answer is a JSON text. Room: server.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/store/key_store.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::server {

/// A part of a list.
struct Page {
    std::size_t limit{100};
    std::string after;  // the id of the last one seen; empty: from the beginning
};

/// The key that an admin's call is about: by its id, or by its name.
///
/// Problems of all of them: not_found; conflict for a key of the configuration file, a name that is taken, a
/// change of one that cannot be read; storage_unavailable when the disk did not take the change, which then
/// has not happened (but see revoke); what is wrong with a body. A change is in force, and noted in the audit
/// log as `call` says, when the task returns; its object and details are filled in here.
class KeyDesk {
public:
    virtual ~KeyDesk() = default;

    /// With the key itself in `key`: it is never shown again.
    virtual Task<Result<std::string>> create(store::AuditNote call, std::string settings) = 0;
    virtual Task<Result<std::string>> change(store::AuditNote call, std::string which, std::string patch) = 0;
    /// A new key for the old name and settings; the old one is refused from now on.
    virtual Task<Result<std::string>> rotate(store::AuditNote call, std::string which) = 0;
    /// Refused from now on, also if the disk does not take it: then until the next start at least.
    virtual Task<Result<std::string>> revoke(store::AuditNote call, std::string which) = 0;
    virtual Result<std::string> show(std::string_view which) const = 0;
    virtual Result<std::string> list(const Page& page) const = 0;

    /// A call that went elsewhere or failed. Never waits.
    virtual void note(store::AuditNote call) = 0;
    virtual Task<Result<std::string>> audit(Page page) = 0;
};

}  // namespace gatehouse::server
