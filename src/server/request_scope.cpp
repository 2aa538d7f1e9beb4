#include "request_scope.hpp"

#include "reply.hpp"

#include "gatehouse/telemetry/log.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace gatehouse::server {

namespace {

/// A caller asked for an inference, whatever came of it.
bool belongs_in_ledger(const telemetry::Trail& trail) noexcept {
    return !trail.endpoint.empty() && !trail.caller.empty();
}

}  // namespace

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
    const WallTime wall = server_.stopped ? std::chrono::system_clock::now() : server_.clock.wall();
    auto* const ledger = server_.context.ledger;
    if (belongs_in_ledger(trail_) && ledger != nullptr) {
        ledger->append(std::move(trail_), wall);  // the line follows the row
    } else if (auto* const log = telemetry::process_log()) {
        log->access(trail_, wall, belongs_in_ledger(trail_) ? "off" : "");
    }
}

}  // namespace gatehouse::server
