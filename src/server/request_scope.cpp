#include "request_scope.hpp"

#include "reply.hpp"

#include "gatehouse/telemetry/log.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <exception>

namespace gatehouse::server {

void log_access(const telemetry::Trail& trail) {
    if (auto* log = telemetry::process_log()) {
        log->access(trail);
    }
}

RequestScope::RequestScope(Server::State& server, telemetry::Trail& trail, const RequestBody& body)
    : server_(server), trail_(trail), body_(body) {
    server_.context.metrics.request_started();
}

RequestScope::~RequestScope() {
    server_.context.metrics.request_ended();
    try {
        close();
    } catch (const std::exception&) {
        // No memory for the line: the request itself is over, and a destructor has nobody to tell.
        server_.context.metrics.escaped_exception();
    }
}

void RequestScope::close() {
    if (trail_.outcome == telemetry::RequestOutcome::running) {
        trail_.outcome = telemetry::RequestOutcome::client_closed;  // cut off where it stood
    }
    // At a hard stop the lane's clock may be gone before this frame.
    trail_.finished = server_.stopped ? trail_.started : server_.clock.now();
    trail_.overhead = overhead_of(trail_, trail_.finished, body_.waited());
    server_.context.metrics.request_finished(trail_);
    log_access(trail_);
}

}  // namespace gatehouse::server
