#include "connection_session.hpp"
#include "server_state.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/telemetry/log.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <exception>
#include <utility>

namespace gatehouse::server {

Server::Server(ServerContext context) : state_(std::make_shared<State>(std::move(context))) {}

Server::~Server() {
    state_->stopped = true;
}

Task<void> Server::serve(std::unique_ptr<net::ByteStream> stream, Door door) {
    const auto state = state_;
    Session session(state, std::move(stream), door);
    try {
        co_await session.run();
    } catch (const std::exception& error) {
        if (net::is_cancellation(error)) {
            throw;
        }
        state->context.metrics.escaped_exception();
        telemetry::log(telemetry::LogLevel::error, "session_failed", {{"what", error.what()}});
    }
}

// Neither ends a session before this returns: what a session waits for is told of the end by its lane.
void Server::close_idle() {
    for (Session* session : state_->sessions) {
        session->close_if_idle();
    }
}

void Server::cut_short(Instant until) {
    for (Session* session : state_->sessions) {
        session->cut_short(until);
    }
}

std::size_t Server::connections() const noexcept {
    return state_->sessions.size();
}

}  // namespace gatehouse::server
