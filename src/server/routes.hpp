// The table of paths: which path takes which method, at which door, and what it asks for.
// Room: server, private.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/server/session.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::server {

enum class Action : std::uint8_t {
    infer,
    list_models,
    show_model,
    health_live,
    health_ready,
    metrics,
    show_config,
    reload,
};

/// How a request must come: by whom and with which body.
enum class Needs : std::uint8_t { nothing, key, admin_key };
enum class BodyForm : std::uint8_t { none, json, form };
enum class At : std::uint8_t { client, admin, both };

struct Route {
    std::string_view path;  // a trailing `{id}` stands for all the rest, not empty
    Action action;
    At at;
    Needs needs;
    BodyForm body;  // none: GET and HEAD; others: POST
    chat::Endpoint endpoint{chat::Endpoint::chat_completions};

    bool is_post() const noexcept { return body != BodyForm::none || action == Action::reload; }
    bool takes(std::string_view method) const noexcept;
    /// For the Allow field.
    std::string_view methods() const noexcept;
};

struct FoundRoute {
    const Route* route{nullptr};  // null: no such path at this door
    std::string_view rest;        // what `{id}` stands for; a view into the path
};

FoundRoute find_route(std::string_view path, Door door) noexcept;

/// The method as a static name for logs and labels; empty for one we do not know.
std::string_view known_method(std::string_view method) noexcept;

}  // namespace gatehouse::server
