#include "audit_scope.hpp"

#include "gatehouse/telemetry/metrics.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <exception>
#include <string>
#include <utility>

namespace gatehouse::server {

store::AuditNote audit_note(const Incoming& in, WallTime at, int status) {
    store::AuditNote note;
    note.at = at;
    note.admin = in.caller->name;
    note.method = in.head.method;
    note.path = in.route->path;  // not as it was asked for: somebody may put a key into it
    note.object = in.audited.object;
    note.details = in.audited.details;
    note.status = status;
    return note;
}

AuditScope::AuditScope(const Incoming& in) : in_(in) {
    if (in.door == Door::admin) {
        began_ = in.connection.clock.wall();
    }
}

AuditScope::~AuditScope() {
    const bool is_admins = in_.route != nullptr && in_.route->needs == Needs::admin_key && in_.caller;
    if (!is_admins || in_.audited.noted || in_.context.admin.keys == nullptr) {
        return;
    }
    try {
        close();
    } catch (const std::exception&) {
        // No memory for the note: the call itself is over, and a destructor has nobody to tell.
        in_.context.metrics.escaped_exception();
    }
}

void AuditScope::close() {
    auto note = audit_note(in_, began_, in_.trail.status);
    if (in_.trail.problem) {
        const std::string problem = R"({"problem":)" + wire::json_string(name_of(*in_.trail.problem));
        note.details = note.details.empty() ? problem + "}" : problem + "," + note.details.substr(1);
    }
    in_.context.admin.keys->note(std::move(note));
}

}  // namespace gatehouse::server
