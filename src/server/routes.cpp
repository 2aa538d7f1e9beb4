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
    Route{"/v1/cache/feedback", Action::take_feedback, At::client, Needs::key, BodyForm::json},
    get("/health/live", Action::health_live, At::both, Needs::nothing),
    get("/health/ready", Action::health_ready, At::both, Needs::nothing),
    get("/metrics", Action::metrics, At::admin, Needs::nothing),
    get("/admin/config", Action::show_config, At::admin, Needs::admin_key),
    get("/admin/targets", Action::show_targets, At::admin, Needs::admin_key),
    Route{"/admin/targets", Action::order_target, At::admin, Needs::admin_key, BodyForm::json},
    get("/admin/usage", Action::show_usage, At::admin, Needs::admin_key),
    get("/admin/reload", Action::reload, At::admin, Needs::admin_key),
    Route{"/admin/explain", Action::explain, At::admin, Needs::admin_key, BodyForm::json},
    get("/admin/cache", Action::show_cache, At::admin, Needs::admin_key),
    get("/admin/cache", Action::purge_cache, At::admin, Needs::admin_key),
    get("/admin/keys", Action::list_keys, At::admin, Needs::admin_key),
    Route{"/admin/keys", Action::create_key, At::admin, Needs::admin_key, BodyForm::json},
    get("/admin/keys/{id}/rotate", Action::rotate_key, At::admin, Needs::admin_key),
    get("/admin/keys/{id}", Action::show_key, At::admin, Needs::admin_key),
    Route{"/admin/keys/{id}", Action::change_key, At::admin, Needs::admin_key, BodyForm::json},
    get("/admin/keys/{id}", Action::revoke_key, At::admin, Needs::admin_key),
    get("/admin/audit", Action::show_audit, At::admin, Needs::admin_key),
};

bool opens(At at, Door door) noexcept {
    return at == At::both || (at == At::client) == (door == Door::client);
}

/// `rest`: what `{id}` stands for.
bool matches(const Route& route, std::string_view path, std::string_view& rest) noexcept {
    const auto at = route.path.find(parameter);
    if (at == std::string_view::npos) {
        return route.path == path;
    }
    const auto before = route.path.substr(0, at);
    const auto behind = route.path.substr(at + parameter.size());
    if (path.size() <= before.size() + behind.size() || !path.starts_with(before) ||
        !path.ends_with(behind)) {
        return false;
    }
    rest = path.substr(before.size(), path.size() - before.size() - behind.size());
    return true;
}

/// `{id}` at the end stands for other paths too, which may have routes of their own.
bool is_open(const Route& route) noexcept {
    return route.path.ends_with(parameter);
}

constexpr unsigned bit(Verb verb) noexcept {
    return 1U << static_cast<unsigned>(verb);
}
constexpr unsigned gets = bit(Verb::get);
constexpr unsigned posts = bit(Verb::post);
constexpr unsigned patches = bit(Verb::patch);
constexpr unsigned removes = bit(Verb::remove);

}  // namespace

Verb Route::verb() const noexcept {
    switch (action) {
        case Action::delete_response:
        case Action::revoke_key:
        case Action::purge_cache:
            return Verb::remove;
        case Action::change_key:
            return Verb::patch;
        case Action::reload:
        case Action::rotate_key:
            return Verb::post;
        default:
            return body == BodyForm::none ? Verb::get : Verb::post;
    }
}

bool Route::takes(std::string_view method) const noexcept {
    switch (verb()) {
        case Verb::post:
            return method == "POST";
        case Verb::patch:
            return method == "PATCH";
        case Verb::remove:
            return method == "DELETE";
        case Verb::get:
            break;
    }
    return method == "GET" || method == "HEAD";
}

std::string_view FoundRoute::methods() const noexcept {
    switch (verbs) {
        case gets | removes:
            return "GET, HEAD, DELETE, OPTIONS";
        case gets | patches | removes:
            return "GET, HEAD, PATCH, DELETE, OPTIONS";
        case gets | posts:
            return "GET, HEAD, POST, OPTIONS";
        case posts:
            return "POST, OPTIONS";
        default:
            return "GET, HEAD, OPTIONS";
    }
}

FoundRoute find_route(std::string_view path, std::string_view method, Door door) noexcept {
    FoundRoute found;
    for (const Route& route : routes) {
        std::string_view rest;
        if (!opens(route.at, door) || !matches(route, path, rest)) {
            continue;
        }
        found.verbs |= bit(route.verb());
        if (found.route == nullptr || route.takes(method)) {
            found.route = &route;
            found.rest = rest;
        }
        const bool is_narrow = !is_open(route) && route.path.find(parameter) != std::string_view::npos;
        if (is_narrow || (!is_open(route) && route.takes(method))) {
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
