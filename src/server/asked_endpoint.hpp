// What a path asks for, and the body that goes with it: the same for a request and for one that is only to be
// explained.
// Room: server, private.
#pragma once

#include "routes.hpp"

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/limits.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::server {

struct AskedEndpoint {
    chat::Endpoint endpoint{chat::Endpoint::chat_completions};
    bool in_path{false};  // model and stream stand in the path, as Gemini's clients say them
    std::string model{};
    bool stream{false};
};

/// Nothing for a verb that is not served. REQUIRES: the route was found for the path and asks for an
/// inference.
std::optional<AskedEndpoint> asked_endpoint(const Route& route, std::string_view path);

/// Problems: those of Dialect::decode_request.
Result<chat::Request> decode_body(const AskedEndpoint& asked, std::string body, wire::JsonLimits limits);

}  // namespace gatehouse::server
