// Is the client still there? A read stays pending on its socket while a request is worked on.
// Room: server, private.
#pragma once

#include "connection.hpp"
#include "request_body.hpp"

#include "gatehouse/core/task.hpp"

namespace gatehouse::server {

/// Returns when the client has gone (end of stream counts), or the connection has been cut short. Starts once
/// the body has been read. Requests that come in the meantime are kept, up to 64 KiB; beyond that nothing
/// more is read, and it looks for the end every 50 ms.
Task<void> client_gone(Connection& connection, RequestBody& body);

}  // namespace gatehouse::server
