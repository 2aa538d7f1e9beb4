#include "handlers.hpp"
#include "model_pages.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::server {
namespace {

/// The same answers as the inference endpoints give for a name: its own entry, or nothing where only rules
/// serve it.
Result<std::optional<pipeline::ModelMatch>> find_for(const Incoming& in, std::string_view name) {
    if (in.caller->models && !in.caller->models->allows(name)) {
        return Problem(ProblemKind::model_not_allowed,
                       "This API key may not use the model `" + std::string(name) + "`.")
            .with_param("model");
    }
    const auto& settings = *in.live.settings;
    auto match = settings.find_model(name);
    if (!match && !settings.routes().serves(name)) {
        return Problem(ProblemKind::model_not_found, "The model `" + std::string(name) + "` does not exist.")
            .with_param("model");
    }
    if (!settings.reaches_target(name)) {
        return Problem(ProblemKind::model_not_found,
                       "The model `" + std::string(name) + "` has no provider that can be used.")
            .with_param("model");
    }
    return match;
}

/// `match` as found for `name`; its first target's provider owns it, its limits are that target's. Where
/// rules choose, nobody knows beforehand.
ShownModel shown(const Incoming& in, std::string_view name,
                 const std::optional<pipeline::ModelMatch>& match) {
    const auto& settings = *in.live.settings;
    ShownModel model;
    model.name = name;
    if (!match || match->options->targets.empty()) {
        model.provider = "gatehouse";
        return model;
    }
    model.provider = match->options->targets.front().provider;
    if (!settings.provider(model.provider)) {
        return model;
    }
    const auto first = settings.targets(*match).front();
    if (const auto* entry = settings.known_model(first).entry) {
        model.max_input = entry->max_input ? entry->max_input : entry->context_window;
        model.max_output = entry->facts.max_output;
    }
    return model;
}

}  // namespace

Task<Status> list_models(Incoming& in) {
    std::vector<ShownModel> models;
    for (const auto& name : in.live.settings->listed_models(*in.caller)) {
        models.push_back(shown(in, name, in.live.settings->find_model(name)));
    }
    const std::string body = models_page(models, in.reply.vendor(), in.head.query);
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", body);
}

Task<Status> show_model(Incoming& in) {
    std::string_view name = in.path_rest;
    if (in.reply.vendor() == chat::Vendor::gemini && name.starts_with("models/")) {
        name.remove_prefix(std::string_view("models/").size());  // Google's SDK puts it before every name
    }
    const auto found = find_for(in, name);
    if (!found) {
        co_return co_await in.reply.refuse(found.problem());
    }
    const std::string body = model_body(shown(in, name, *found), in.reply.vendor());
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", body);
}

}  // namespace gatehouse::server
