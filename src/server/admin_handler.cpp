#include "cors.hpp"
#include "handlers.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <string>

namespace gatehouse::server {

Task<Status> health_live(Incoming& in) {
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", "{\"status\":\"live\"}");
}

Task<Status> health_ready(Incoming& in) {
    std::string reason;
    if (in.context.life.draining()) {
        reason = "the gateway is shutting down";
    } else if (in.context.admin.not_ready) {
        reason = in.context.admin.not_ready();
    }
    if (!reason.empty()) {
        const Problem problem(ProblemKind::not_ready, "Not ready: " + reason + ".");
        co_return co_await in.reply.refuse(problem);
    }
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", "{\"status\":\"ready\"}");
}

Task<Status> show_metrics(Incoming& in) {
    if (!in.live.options->metrics) {
        const Problem off(ProblemKind::not_found, "Metrics are turned off (`telemetry.metrics.enabled`).");
        co_return co_await in.reply.refuse(off);
    }
    const std::string text = in.context.metrics.render();
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "text/plain; version=0.0.4; charset=utf-8", text);
}

Task<Status> show_config(Incoming& in) {
    const std::string text = in.context.admin.show_config();
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", text);
}

Task<Status> reload(Incoming& in) {
    const auto loaded = co_await in.context.admin.reload();
    if (!loaded) {
        co_return co_await in.reply.refuse(loaded.problem());
    }
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", "{\"status\":\"reloaded\"}");
}

Task<Status> show_options(Incoming& in) {
    const std::string_view methods =
        in.route == nullptr ? std::string_view("GET, HEAD, POST, OPTIONS") : in.methods;
    wire::append_field(in.reply.fields(), "allow", methods);
    if (in.door == Door::client) {
        append_preflight_fields(in.reply.fields(), in.head.fields, in.live.options->cors, methods);
    }
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(204, "", "");
}

}  // namespace gatehouse::server
