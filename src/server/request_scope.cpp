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

/// Counts a request that is over, writes its row and its line. Outlives the server, where the cost comes
/// late.
struct Closing {
    telemetry::Metrics& metrics;
    store::Ledger* ledger;
    WallTime wall;
    std::chrono::nanoseconds waited;  // for the client

    void operator()(telemetry::Trail&& trail) const {
        trail.overhead = overhead_of(trail, trail.finished, waited);
        metrics.request_finished(trail);
        if (belongs_in_ledger(trail) && ledger != nullptr) {
            ledger->append(std::move(trail), wall);  // the line follows the row
        } else if (auto* const log = telemetry::process_log()) {
            log->access(trail, wall, belongs_in_ledger(trail) ? "off" : "");
        }
    }
};

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
    Closing closing{server_.context.metrics, server_.context.ledger,
                    server_.stopped ? std::chrono::system_clock::now() : server_.clock.wall(),
                    body_.waited()};
    const auto late = std::move(trail_.late_costs);
    if (late == nullptr) {
        closing(std::move(trail_));
    } else {
        late->close_with(std::move(trail_), closing);
    }
}

}  // namespace gatehouse::server
