#include "entrance.hpp"

#include "doors.hpp"
#include "identify.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/multipart.hpp"

#include <string>

namespace gatehouse::server {
namespace {

Status find(Incoming& in) {
    const auto& head = in.head;
    if (head.path == "*" && head.method == "OPTIONS") {
        return done();
    }
    const auto found = find_route(head.path, head.method, in.door);
    in.reply.speak(vendor_of(head));
    if (found.route == nullptr) {
        return Problem(ProblemKind::not_found, "There is no such path.");
    }
    in.route = found.route;
    in.path_rest = found.rest;
    in.trail.route_path = found.route->path;
    in.methods = found.methods();
    if (head.method != "OPTIONS" && !found.route->takes(head.method)) {
        return Problem(ProblemKind::method_not_allowed, "This path does not take the method of the request.")
            .with_detail(std::string(in.methods));
    }
    return done();
}

/// Which inference is meant; Gemini's paths end in model and verb.
Status find_endpoint(Incoming& in) {
    if (in.route->action != Action::infer && in.route->action != Action::generate) {
        return done();
    }
    auto asked = asked_endpoint(*in.route, in.head.path);
    if (!asked) {
        return Problem(ProblemKind::not_found, "There is no such path.");
    }
    in.asked = std::move(*asked);
    in.trail.endpoint = chat::name_of(in.asked.endpoint);
    return done();
}

bool is_health(Action action) noexcept {
    return action == Action::health_live || action == Action::health_ready;
}

std::string_view without_parameters(std::string_view value) noexcept {
    return trim(value.substr(0, value.find(';')));
}

/// `charset=utf-8` is the only parameter that may matter to JSON; others are ignored (RFC 8259, 11).
bool is_utf8_json(std::string_view value) {
    if (!equals_ignoring_case(without_parameters(value), "application/json")) {
        return false;
    }
    const auto semicolon = value.find(';');
    const auto parameters = to_lower(semicolon == std::string_view::npos ? "" : value.substr(semicolon + 1));
    const auto charset = parameters.find("charset=");
    if (charset == std::string::npos) {
        return true;
    }
    auto name = std::string_view(parameters).substr(charset + 8);
    name = trim(name.substr(0, name.find(';')));
    return name == "utf-8" || name == "\"utf-8\"" || name == "utf8";
}

Status check_media(const Incoming& in) {
    const auto& fields = in.head.fields;
    const auto encoding = fields.find("content-encoding");
    if (encoding && !equals_ignoring_case(*encoding, "identity") &&
        !equals_ignoring_case(*encoding, "gzip")) {
        return Problem(ProblemKind::unsupported_media_type, "Content-Encoding must be `identity` or `gzip`.");
    }
    const auto type = fields.find("content-type").value_or("");
    if (in.route->body == BodyForm::json && !is_utf8_json(type)) {
        return Problem(ProblemKind::unsupported_media_type, "Content-Type must be `application/json`.");
    }
    if (in.route->body == BodyForm::form && !wire::multipart_boundary(type)) {
        return Problem(ProblemKind::unsupported_media_type,
                       "Content-Type must be `multipart/form-data` with a boundary.");
    }
    return done();
}

Status check_size(const Incoming& in) {
    const auto limit = in.live.options->limits.body;
    const auto declared = in.body.declared();
    if (declared && *declared > limit) {
        return Problem(ProblemKind::request_too_large,
                       "The request body is larger than " + std::to_string(limit) + " bytes.");
    }
    return done();
}

Status check_caller(Incoming& in) {
    if (in.route->needs == Needs::nothing) {
        return done();
    }
    auto caller = in.route->needs == Needs::admin_key
                      ? identify_admin(in.head, in.live, in.connection.clock.wall())
                      : identify(in.head, in.live, in.connection.clock.wall());
    if (!caller) {
        return std::move(caller.problem());
    }
    in.caller = std::move(*caller);
    in.trail.caller = in.caller->name;
    in.trail.team = in.caller->team;
    in.trail.organisation = in.caller->organisation;
    if (!in.trail.endpoint.empty()) {  // also of what is refused from here on
        in.trail.tags.assign(in.caller->tags.begin(), in.caller->tags.end());
    }
    return done();
}

/// What else a request is filed under: of two tags of one name the key's own wins.
void note_tags(Incoming& in) {
    if (!in.caller || in.trail.endpoint.empty()) {
        return;
    }
    auto& tags = in.trail.tags;
    for (const auto& tag : in.narrowed.tags) {
        if (in.caller->tags.count(tag.first) == 0) {
            tags.push_back(tag);
        }
    }
}

}  // namespace

Status enter(Incoming& in) {
    if (in.door == Door::admin) {
        in.reply
            .hide_from_pages();  // CORS is for the client door: a page may chat, not read the configuration
    }
    auto found = find(in);
    if (!found || in.route == nullptr) {
        return found;
    }
    if (in.context.life.draining() && in.door == Door::client && !is_health(in.route->action)) {
        return shutting_down();
    }
    if (in.door == Door::admin) {
        auto host = check_admin_host(in.head, *in.live.options);
        if (!host) {
            return host;
        }
    }
    if (in.head.method == "OPTIONS") {
        return done();
    }
    auto endpoint = find_endpoint(in);
    if (!endpoint) {
        return endpoint;
    }
    auto caller = check_caller(in);
    if (!caller) {
        return caller;
    }
    if (in.route->body != BodyForm::none) {
        auto media = check_media(in);
        if (!media) {
            return media;
        }
    }
    auto size = check_size(in);
    if (!size) {
        return size;
    }
    auto narrowed = read_gateway_headers(in.head.fields);
    if (!narrowed) {
        return std::move(narrowed.problem());
    }
    in.narrowed = std::move(*narrowed);
    note_tags(in);
    if (in.narrowed.debug && in.caller) {
        if (!in.caller->debug) {
            return Problem(ProblemKind::permission_denied, "This API key may not use `x-gatehouse-debug`.")
                .with_param("x-gatehouse-debug");
        }
        in.reply.show_debug();
    }
    return done();
}

}  // namespace gatehouse::server
