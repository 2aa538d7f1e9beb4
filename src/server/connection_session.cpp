#include "connection_session.hpp"

#include "audit_scope.hpp"
#include "entrance.hpp"
#include "handlers.hpp"
#include "request_scope.hpp"

#include "gatehouse/core/ids.hpp"
#include "gatehouse/telemetry/log.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace gatehouse::server {
namespace {

constexpr std::size_t head_read_size = 4096;
constexpr std::size_t discard_limit = 2 * 1024 * 1024;
constexpr Milliseconds discard_time{2'000};

wire::HeadLimits head_limits(const Live& live) {
    wire::HeadLimits limits;
    limits.block = live.options->limits.header;
    return limits;
}

}  // namespace

Session::Session(std::shared_ptr<Server::State> server, std::unique_ptr<net::ByteStream> stream, Door door)
    : server_(std::move(server)),
      stream_(std::move(stream)),
      door_(door),
      connection_{*stream_, server_->clock, {}, {}},
      live_(server_->context.live()),
      reader_(head_limits(live_)) {
    server_->sessions.insert(this);
    server_->context.metrics.connection_opened();
}

Session::~Session() {
    server_->context.metrics.connection_closed();
    server_->sessions.erase(this);
}

void Session::close_if_idle() noexcept {
    if (idle_) {
        stream_->close();
    }
}

Task<void> Session::run() {
    After after = After::next;
    while (after == After::next) {
        const HeadRead read = co_await read_head();
        if (read == HeadRead::ended) {
            after = After::close;
        } else if (read == HeadRead::refused) {
            after = co_await refuse_head();
        } else {
            after = co_await answer();
        }
    }
    if (!connection_.broken) {
        co_await stream_->shutdown_send();
        if (after == After::discard) {
            co_await discard_rest();
        }
    }
    stream_->close();
}

Task<Session::HeadRead> Session::read_head() {
    auto& received = connection_.received;
    const auto& limits = live_.options->limits;
    bool begun = false;
    reader_.reset();
    while (true) {
        if (!received.empty()) {
            auto size = reader_.read(received.data(), head_);
            if (!size) {
                refusal_ = std::move(size.problem());
                co_return HeadRead::refused;
            }
            if (*size != 0) {
                received.consume(*size);
                co_return HeadRead::ready;
            }
        }
        idle_ = received.empty();
        if (idle_) {
            // The admin door answers to the end: `/health/ready` must be able to say why.
            if (door_ == Door::client && server_->context.life.draining()) {
                co_return HeadRead::ended;
            }
            received.release();
            // Who has just connected wants something; who was served may come back later.
            connection_.read_by(connection_.clock.now() +
                                (served_ ? limits.idle_timeout : limits.header_timeout));
        } else if (!begun) {
            begun = true;
            connection_.read_by(connection_.clock.now() + limits.header_timeout);
        }
        const auto room = received.prepare(head_read_size);
        const auto got = co_await stream_->read_some(room);
        const bool timed_out = !got && got.problem().kind() == ProblemKind::timed_out;
        if (timed_out && !idle_) {
            refusal_ = connection_.cut.raised()
                           ? shutting_down()
                           : Problem(ProblemKind::request_timeout, "The request header came too slowly.");
            co_return HeadRead::refused;
        }
        idle_ = false;
        if (!got || *got == 0) {
            co_return HeadRead::ended;
        }
        received.commit(*got);
    }
}

Task<Session::After> Session::refuse_head() {
    // There is no request: an empty head stands for it.
    head_ = wire::RequestHead();
    head_.keep_alive = false;
    telemetry::Trail trail;
    trail.request_id = make_id("req_");
    trail.started = connection_.clock.now();
    RequestBody body(connection_, head_, live_.options->limits, trail.started);
    Reply reply(connection_, head_, body, trail, *live_.options, server_->context.life);
    const Problem refusal = std::move(*refusal_);
    refusal_.reset();
    server_->context.metrics.framing_error(name_of(refusal.kind()));
    const auto written = co_await reply.refuse(refusal);
    trail.finished = connection_.clock.now();
    trail.overhead = trail.finished - trail.started;
    if (auto* const log = telemetry::process_log()) {
        log->access(trail, connection_.clock.wall());
    }
    co_return written ? After::discard : After::close;
}

void Session::note_request(Incoming& in) {
    auto& trail = in.trail;
    trail.method = known_method(head_.method);
    const auto id = head_.fields.find("x-request-id");
    trail.request_id = id && acceptable_request_id(*id) ? std::string(*id) : make_id("req_");
    trail.traceparent = continue_traceparent(head_.fields.find("traceparent").value_or(""));
}

Task<Session::After> Session::answer() {
    live_ = server_->context.live();
    served_ = true;
    telemetry::Trail trail;
    trail.started = connection_.clock.now();
    RequestBody body(connection_, head_, live_.options->limits, trail.started);
    const RequestScope scope(*server_, trail, body);
    Reply reply(connection_, head_, body, trail, *live_.options, server_->context.life);
    Incoming in{server_->context, connection_, head_, live_, trail, body, reply, door_, nullptr, {}, {}, {}};
    note_request(in);
    const AuditScope audit(in);

    std::string escaped;
    Status answered = done();
    try {
        answered = co_await handle(in);
    } catch (const std::exception& error) {
        if (net::is_cancellation(error)) {
            throw;
        }
        escaped = error.what();
        if (escaped.empty()) {
            escaped = "exception";
        }
    }
    if (!escaped.empty()) {
        // The last net: a bug of ours, or no memory. The process goes on, this connection does not.
        server_->context.metrics.escaped_exception();
        telemetry::log(telemetry::LogLevel::error, "request_failed",
                       {{"request_id", trail.request_id}, {"what", escaped}});
        trail.outcome = telemetry::RequestOutcome::internal_error;
        reply.end_connection();
        if (reply.started()) {
            connection_.broken = true;
            co_return After::close;
        }
        const Problem internal(ProblemKind::internal, "The gateway failed to handle the request.");
        answered = co_await reply.refuse(internal);
    }
    if (!answered) {
        trail.outcome = telemetry::RequestOutcome::client_closed;
        connection_.broken = true;
        co_return After::close;
    }
    if (reply.keeps_connection()) {
        co_return After::next;
    }
    co_return body.complete() && connection_.received.empty() ? After::close : After::discard;
}

Task<Status> Session::handle(Incoming& in) {
    auto entered = enter(in);
    if (!entered) {
        refusal_ = std::move(entered.problem());
        return in.reply.refuse(*refusal_);
    }
    if (head_.method == "OPTIONS") {
        return show_options(in);
    }
    switch (in.route->action) {
        case Action::infer:
        case Action::generate:
            break;
        case Action::show_response:
            return show_response(in);
        case Action::delete_response:
            return delete_response(in);
        case Action::list_models:
            return list_models(in);
        case Action::show_model:
            return show_model(in);
        case Action::health_live:
            return health_live(in);
        case Action::health_ready:
            return health_ready(in);
        case Action::metrics:
            return show_metrics(in);
        case Action::show_config:
            return show_config(in);
        case Action::show_targets:
            return show_targets(in);
        case Action::order_target:
            return order_target(in);
        case Action::reload:
            return reload(in);
        case Action::explain:
            return explain_request(in);
        case Action::show_usage:
            return show_usage(in);
        case Action::show_own_usage:
            return show_own_usage(in);
        case Action::take_feedback:
            return take_feedback(in);
        case Action::create_key:
            return create_key(in);
        case Action::list_keys:
            return list_keys(in);
        case Action::show_key:
            return show_key(in);
        case Action::change_key:
            return change_key(in);
        case Action::revoke_key:
            return revoke_key(in);
        case Action::rotate_key:
            return rotate_key(in);
        case Action::show_cache:
            return show_cache(in);
        case Action::purge_cache:
            return purge_cache(in);
        case Action::show_audit:
            return show_audit(in);
    }
    return infer(in);
}

Task<void> Session::discard_rest() {
    auto& received = connection_.received;
    received.consume(received.size());
    stream_->read_deadline(std::min(connection_.clock.now() + discard_time, connection_.last_words));
    std::size_t discarded = 0;
    while (discarded < discard_limit) {
        const auto room = received.prepare(head_read_size * 4);
        const auto got = co_await stream_->read_some(room);
        if (!got || *got == 0) {
            co_return;
        }
        discarded += *got;
    }
}

}  // namespace gatehouse::server
