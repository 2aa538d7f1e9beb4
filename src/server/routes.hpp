// The table of paths: which path takes which method, at which door, and what it asks for.
// Room: server, private.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::server {

enum class Action : std::uint8_t {
    infer,
    generate,  // infer, with model and verb in the path
    show_response,
    delete_response,
    list_models,
    show_model,
    health_live,
    health_ready,
    metrics,
    show_config,
    show_targets,
    order_target,
    reload,
    explain,
    show_usage,
    show_own_usage,
    take_feedback,
    create_key,
    list_keys,
    show_key,
    change_key,
    revoke_key,
    rotate_key,
    show_audit,
    show_cache,
    purge_cache,
};

/// How a request must come: by whom and with which body.
enum class Needs : std::uint8_t { nothing, key, admin_key };
enum class BodyForm : std::uint8_t { none, json, form };
enum class At : std::uint8_t { client, admin, both };

enum class Verb : std::uint8_t { get, post, patch, remove };

struct Route {
    std::string_view path;  // `{id}` stands for what is there, not empty; at the end for all the rest
    Action action;
    At at;
    Needs needs;
    BodyForm body;
    chat::Endpoint endpoint{chat::Endpoint::chat_completions};

    Verb verb() const noexcept;
    bool takes(std::string_view method) const noexcept;
};

struct FoundRoute {
    const Route* route{nullptr};  // null: no such path at this door
    std::string_view rest;        // what `{id}` stands for; a view into the path
    unsigned verbs{0};            // what the path takes, whatever the method of the request: a bit for each

    /// For the Allow field.
    std::string_view methods() const noexcept;
};

/// The route that takes the method; if none does, one of the same path.
FoundRoute find_route(std::string_view path, std::string_view method, Door door) noexcept;

/// Whose words the client expects, also where there is no such path: `/v1/messages` and below is Anthropic's,
/// `/v1beta` Gemini's. The models have one path in all three dialects: Anthropic's clients name the version
/// of theirs, Google's send their key in a header of its own, or put a verb behind a model.
chat::Vendor vendor_of(const wire::RequestHead& head) noexcept;

/// The method as a static name for logs and labels; empty for one we do not know.
std::string_view known_method(std::string_view method) noexcept;

}  // namespace gatehouse::server
