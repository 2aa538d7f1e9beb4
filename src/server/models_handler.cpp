#include "handlers.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <string>
#include <utility>

namespace gatehouse::server {
namespace {

/// The start of 2026. Clients want a time here, and one that changed at a reload or differed between
/// instances would look like another model.
constexpr std::string_view created = "1767225600";

/// `match` as found for `name`; its first target's provider owns it.
void append_model(std::string& out, std::string_view name, const pipeline::ModelMatch& match) {
    out += "{\"id\":";
    out += wire::json_string(name);
    out += ",\"object\":\"model\",\"created\":";
    out += created;
    out += ",\"owned_by\":";
    out += wire::json_string(match.options->targets.front().provider);
    out += '}';
}

/// The same answers as the inference endpoints give for a name.
Result<pipeline::ModelMatch> find_for(const Incoming& in, std::string_view name) {
    if (in.caller->models && !in.caller->models->allows(name)) {
        return Problem(ProblemKind::model_not_allowed,
                       "This API key may not use the model `" + std::string(name) + "`.")
            .with_param("model");
    }
    auto match = in.live.settings->find_model(name);
    if (!match) {
        return Problem(ProblemKind::model_not_found, "The model `" + std::string(name) + "` does not exist.")
            .with_param("model");
    }
    if (match->options->targets.empty()) {
        return Problem(ProblemKind::model_not_found,
                       "The model `" + std::string(name) + "` has no provider that can be used.")
            .with_param("model");
    }
    return std::move(*match);
}

}  // namespace

Task<Status> list_models(Incoming& in) {
    std::string body = "{\"object\":\"list\",\"data\":[";
    bool first = true;
    for (const auto& name : in.live.settings->listed_models(*in.caller)) {
        if (!first) {
            body += ',';
        }
        first = false;
        append_model(body, name, *in.live.settings->find_model(name));
    }
    body += "]}";
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", body);
}

Task<Status> show_model(Incoming& in) {
    const auto found = find_for(in, in.path_rest);
    if (!found) {
        co_return co_await in.reply.refuse(found.problem());
    }
    std::string body;
    append_model(body, in.path_rest, *found);
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", body);
}

}  // namespace gatehouse::server
