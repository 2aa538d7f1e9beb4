#include "cors.hpp"
#include "handlers.hpp"

#include "gatehouse/server/explain.hpp"
#include "gatehouse/wire/http1_writer.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::server {
namespace {

/// `{"provider": "openai", "model": "gpt-5-mini", "breaker": "open" | "closed" | "auto"}`.
Result<TargetOrder> read_order(std::string_view body) {
    wire::JsonReader json(body, wire::JsonLimits{});
    if (json.peek() != wire::JsonType::object) {
        return Problem(ProblemKind::invalid_type, "The body must be a JSON object.");
    }
    std::map<std::string, std::string, std::less<>> words{{"provider", {}}, {"model", {}}, {"breaker", {}}};
    json.begin_object();
    while (json.next_member()) {
        const auto word = words.find(json.key());
        if (word == words.end() || json.peek() != wire::JsonType::string) {
            return Problem(ProblemKind::invalid_value,
                           "The members are `provider`, `model` and `breaker`, all of them strings.")
                .with_param(std::string(json.key()));
        }
        word->second = json.string();
    }
    if (!json.finish()) {
        return json.problem();
    }
    for (const auto& [name, value] : words) {
        if (value.empty()) {
            return Problem(ProblemKind::missing_parameter, "`" + name + "` is missing.").with_param(name);
        }
    }
    const auto breaker = policy::breaker_order_named(words["breaker"]);
    if (!breaker) {
        return Problem(ProblemKind::invalid_value, "`breaker` is `open`, `closed` or `auto`.")
            .with_param("breaker");
    }
    return TargetOrder{words["provider"], words["model"], *breaker};
}

/// Names of ours, that need no escaping.
std::string ready_body(const AdminHooks& hooks) {
    std::string parts;
    if (hooks.degraded) {
        for (const auto& part : hooks.degraded()) {
            parts += (parts.empty() ? "\"" : ",\"") + part + "\"";
        }
    }
    return parts.empty() ? "{\"status\":\"ready\"}" : "{\"status\":\"ready\",\"degraded\":[" + parts + "]}";
}

}  // namespace

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
    const std::string body = ready_body(in.context.admin);
    co_return co_await in.reply.whole(200, "application/json", body);
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

Task<Status> show_targets(Incoming& in) {
    const std::string text = in.context.admin.show_targets();
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", text);
}

Task<Status> order_target(Incoming& in) {
    const auto body = co_await in.body.whole();
    if (!body) {
        co_return co_await in.reply.refuse(body.problem());
    }
    const auto order = read_order(*body);
    if (!order) {
        co_return co_await in.reply.refuse(order.problem());
    }
    if (!in.context.admin.order_target(*order)) {
        const Problem unknown(ProblemKind::not_found, "There is no target `" + order->model +
                                                          "` of the provider `" + order->provider + "`.");
        co_return co_await in.reply.refuse(unknown);
    }
    // Not before: names that nobody has may be as long as a body.
    in.audited.object = order->provider + "/" + order->model;
    in.audited.details = R"({"breaker":)" + wire::json_string(name_of(order->breaker)) + "}";
    const std::string text = in.context.admin.show_targets();
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", text);
}

Task<Status> explain_request(Incoming& in) {
    auto body = co_await in.body.whole();
    if (!body) {
        if (body.problem().kind() == ProblemKind::client_gone) {
            co_return std::move(body.problem());
        }
        co_return co_await in.reply.refuse(body.problem());
    }
    const auto question = read_explain_question(std::move(*body));
    if (!question) {
        co_return co_await in.reply.refuse(question.problem());
    }
    const auto explained = co_await in.context.admin.explain(*question, in.live);
    if (!explained) {
        co_return co_await in.reply.refuse(explained.problem());
    }
    in.audited.object = question->key;
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", *explained);
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
