// The settings of a gateway with one model, `small`, and requests for it that may be shared.
#pragma once

#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/settings.hpp"

#include <memory>
#include <string>
#include <utility>

namespace gatehouse::pipeline {

inline std::shared_ptr<const Settings> small_model(const policy::CacheOptions& cache) {
    upstream::ProviderOptions provider;
    provider.name = "acme";
    provider.base_url = "http://127.0.0.1:1/v1";
    ModelOptions model;
    model.name = "small";
    model.targets = {{"acme", "small"}};
    model.cache = cache;
    Settings::Parts parts;
    parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
    parts.models = {model};
    return std::make_shared<const Settings>(parts, 1, WallTime{});
}

inline Exchange small_request(const std::shared_ptr<const Settings>& settings, const std::string& caller_name,
                              chat::ReplySink& sink, telemetry::Trail& trail) {
    auto caller = std::make_shared<policy::Caller>();
    caller->name = caller_name;
    Exchange x{caller, settings, {}, sink, trail};
    x.request.endpoint = chat::Endpoint::embeddings;
    x.request.model = "small";
    x.request.original.bytes = R"({"model":"small","input":"Hello"})";
    x.model = settings->find_model("small");
    return x;
}

}  // namespace gatehouse::pipeline
