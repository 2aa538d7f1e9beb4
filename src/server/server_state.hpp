// What the connections of one lane share. Owned by the server and by each connection.
// Room: server, private.
#pragma once

#include "gatehouse/net/lane.hpp"
#include "gatehouse/server/session.hpp"

#include <unordered_set>
#include <utility>

namespace gatehouse::server {

class Session;

struct Server::State {
    explicit State(ServerContext given)
        : context(std::move(given)),
          clock(context.clock != nullptr ? *context.clock : context.lane.clock()) {}

    ServerContext context;
    Clock& clock;
    std::unordered_set<Session*> sessions;
    bool stopped{false};  // the server is gone: only frames are being taken down
};

}  // namespace gatehouse::server
