// One request on its way to its handler: what was read, who asks, where the answer goes.
// Room: server, private.
#pragma once

#include "asked_endpoint.hpp"
#include "gateway_headers.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "routes.hpp"

#include "gatehouse/chat/request.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::server {

/// What the audit log says of an admin's call beyond who, when and which path.
struct Audited {
    std::string object;   // what the call is about; empty: nothing in particular
    std::string details;  // a JSON object, or empty
    bool noted{false};    // the log has it already, together with the change
};

struct Incoming {
    const ServerContext& context;
    Connection& connection;
    const wire::RequestHead& head;
    const Live& live;  // pinned: a reload does not change a running request
    telemetry::Trail& trail;
    RequestBody& body;
    Reply& reply;
    Door door;
    // Found on the way in.
    const Route* route{nullptr};
    std::string_view path_rest;
    std::shared_ptr<const policy::Caller> caller;
    GatewayHeaders narrowed;
    // What of a form has not arrived; lives as long as the exchange that reads it.
    std::unique_ptr<chat::RestOfBody> rest_of_form{};
    std::string_view methods{};  // that the path takes, for Allow
    // What is asked for, where the route means an inference: the route's, or the verb's of its path.
    AskedEndpoint asked{};
    Audited audited{};
};

}  // namespace gatehouse::server
