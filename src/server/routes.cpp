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

constexpr Route generate(std::string_view path) {
    return {path, Action::generate, At::client, Needs::key, BodyForm::json, Endpoint::generate_content};
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
    infer("/v1/messages", Endpoint::messages),
    infer("/v1/messages/count_tokens", Endpoint::count_message_tokens),
    generate("/v1beta/models/{id}"),
    generate("/v1beta/tunedModels/{id}"),
    generate("/v1/models/{id}"),
    generate("/v1/tunedModels/{id}"),
    infer("/v1/responses/input_tokens", Endpoint::count_response_tokens),
    get("/v1beta/models/{id}", Action::show_model, At::client, Needs::key),
    get("/v1beta/models", Action::list_models, At::client, Needs::key),
    get("/v1/responses/{id}", Action::show_response, At::client, Needs::key),
    get("/v1/responses/{id}", Action::delete_response, At::client, Needs::key),
    get("/v1/models", Action::list_models, At::client, Needs::key),
    get("/v1/models/{id}", Action::show_model, At::client, Needs::key),
    get("/v1/usage", Action::show_own_usage, At::client, Needs::key),
    get("/health/live", Action::health_live, At::both, Needs::nothing),
    get("/health/ready", Action::health_ready, At::both, Needs::nothing),
    get("/metrics", Action::metrics, At::admin, Needs::nothing),
    get("/admin/config", Action::show_config, At::admin, Needs::admin_key),
    get("/admin/targets", Action::show_targets, At::admin, Needs::admin_key),
    Route{"/admin/targets", Action::order_target, At::admin, Needs::admin_key, BodyForm::json},
    get("/admin/usage", Action::show_usage, At::admin, Needs::admin_key),
    get("/admin/reload", Action::reload, At::admin, Needs::admin_key),
    Route{"/admin/explain", Action::explain, At::admin, Needs::admin_key, BodyForm::json},
};

bool opens(At at, Door door) noexcept {
    return at == At::both || (at == At::client) == (door == Door::client);
}

/// `rest`: what `{id}` stands for.
bool matches(const Route& route, std::string_view path, std::string_view& rest) noexcept {
    if (!route.path.ends_with(parameter)) {
        return route.path == path;
    }
    const auto prefix = route.path.substr(0, route.path.size() - parameter.size());
    if (path.size() <= prefix.size() || !path.starts_with(prefix)) {
        return false;
    }
    rest = path.substr(prefix.size());
    return true;
}

}  // namespace

bool Route::takes(std::string_view method) const noexcept {
    if (action == Action::delete_response) {
        return method == "DELETE";
    }
    return is_post() ? method == "POST" : method == "GET" || method == "HEAD";
}

std::string_view FoundRoute::methods() const noexcept {
    if (remove) {
        return "GET, HEAD, DELETE, OPTIONS";
    }
    if (get && post) {
        return "GET, HEAD, POST, OPTIONS";
    }
    return post ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

FoundRoute find_route(std::string_view path, std::string_view method, Door door) noexcept {
    FoundRoute found;
    for (const Route& route : routes) {
        std::string_view rest;
        if (!opens(route.at, door) || !matches(route, path, rest)) {
            continue;
        }
        if (route.action == Action::delete_response) {
            found.remove = true;
        } else {
            (route.is_post() ? found.post : found.get) = true;
        }
        if (found.route == nullptr || route.takes(method)) {
            found.route = &route;
            found.rest = rest;
        }
        if (!route.path.ends_with(parameter) && route.takes(method)) {
            break;
        }
    }
    return found;
}

chat::Vendor vendor_of(const wire::RequestHead& head) noexcept {
    const std::string_view path = head.path;
    const auto below = [path](std::string_view prefix) {
        return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
    };
    if (below("/v1/messages")) {
        return chat::Vendor::anthropic;
    }
    if (below("/v1beta") || below("/v1/tunedModels")) {
        return chat::Vendor::gemini;
    }
    if (!below("/v1/models")) {
        return chat::Vendor::openai;
    }
    if (head.fields.find("anthropic-version")) {
        return chat::Vendor::anthropic;
    }
    const bool googles =
        head.method == "POST" || head.fields.find("x-goog-api-key") || head.fields.find("x-goog-api-client");
    return googles ? chat::Vendor::gemini : chat::Vendor::openai;
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
