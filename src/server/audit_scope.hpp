// Every admin's call ends in the audit log, also one that failed or was cut off. Who could not say who they
// are stand in the access log alone: strangers shall not push an admin's doings out of a log of bounded
// length.
// Room: server, private.
#pragma once

#include "incoming.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/store/key_store.hpp"

namespace gatehouse::server {

class AuditScope {
public:
    explicit AuditScope(const Incoming& in);
    AuditScope(const AuditScope&) = delete;
    AuditScope& operator=(const AuditScope&) = delete;
    ~AuditScope();

private:
    void close();

    const Incoming& in_;
    WallTime began_{};  // at a hard stop the clock may be gone before the call
};

/// Who calls and for what; `status` is what the call will be answered with.
store::AuditNote audit_note(const Incoming& in, WallTime at, int status);

}  // namespace gatehouse::server
