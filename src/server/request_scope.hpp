// The account of one request: opened when its head is complete, closed whatever becomes of it, so that every
// request is counted and logged exactly once, also one that was cancelled.
// Room: server, private.
#pragma once

#include "request_body.hpp"
#include "server_state.hpp"

#include "gatehouse/telemetry/trail.hpp"

namespace gatehouse::server {

class RequestScope {
public:
    RequestScope(Server::State& server, telemetry::Trail& trail, const RequestBody& body);
    RequestScope(const RequestScope&) = delete;
    RequestScope& operator=(const RequestScope&) = delete;
    ~RequestScope();

private:
    void close();

    Server::State& server_;
    telemetry::Trail& trail_;
    const RequestBody& body_;
};

}  // namespace gatehouse::server
