#include "routes.hpp"

#include <array>

namespace gatehouse::server {
namespace {

using chat::Endpoint;

constexpr std::string_view parameter = "{id}";

constexpr Route infer(std::string_view path, Endpoint endpoint, BodyForm body = BodyForm::json) {
    return {path, Action::infer, At::client, Needs::key, body, endpoint};
}

constexpr Route get(std::string_view path, Action action, At at, Needs needs) {
    return {path, action, at, needs, BodyForm::none};
}

// The busiest first: the table is searched in order.
constexpr std::array routes{
    infer("/v1/chat/completions", Endpoint::chat_completions),
    infer("/v1/embeddings", Endpoint::embeddings),
    infer("/v1/responses", Endpoint::responses),
    infer("/v1/completions", Endpoint::completions),
    infer("/v1/moderations", Endpoint::moderations),
    infer("/v1/images/generations", Endpoint::images_generations),
    infer("/v1/audio/speech", Endpoint::audio_speech),
    infer("/v1/audio/transcriptions", Endpoint::audio_transcriptions, BodyForm::form),
    infer("/v1/audio/translations", Endpoint::audio_translations, BodyForm::form),
    get("/v1/models", Action::list_models, At::client, Needs::key),
    get("/v1/models/{id}", Action::show_model, At::client, Needs::key),
    get("/health/live", Action::health_live, At::both, Needs::nothing),
    get("/health/ready", Action::health_ready, At::both, Needs::nothing),
    get("/metrics", Action::metrics, At::admin, Needs::nothing),
    get("/admin/config", Action::show_config, At::admin, Needs::admin_key),
    get("/admin/reload", Action::reload, At::admin, Needs::admin_key),
};

bool opens(At at, Door door) noexcept {
    return at == At::both || (at == At::client) == (door == Door::client);
}

}  // namespace

bool Route::takes(std::string_view method) const noexcept {
    return is_post() ? method == "POST" : method == "GET" || method == "HEAD";
}

std::string_view Route::methods() const noexcept {
    return is_post() ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

FoundRoute find_route(std::string_view path, Door door) noexcept {
    for (const Route& route : routes) {
        if (!opens(route.at, door)) {
            continue;
        }
        if (!route.path.ends_with(parameter)) {
            if (route.path == path) {
                return {&route, {}};
            }
            continue;
        }
        const auto prefix = route.path.substr(0, route.path.size() - parameter.size());
        if (path.size() > prefix.size() && path.starts_with(prefix)) {
            return {&route, path.substr(prefix.size())};
        }
    }
    return {};
}

std::string_view known_method(std::string_view method) noexcept {
    static constexpr std::array<std::string_view, 7> known = {"GET",    "POST",  "HEAD", "OPTIONS",
                                                              "DELETE", "PATCH", "PUT"};
    for (const auto name : known) {
        if (name == method) {
            return name;
        }
    }
    return {};
}

}  // namespace gatehouse::server
