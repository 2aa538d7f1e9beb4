// The way in: every check that a request passes before its body is read, in the order of docs/api.md.
// Room: server, private.
#pragma once

#include "incoming.hpp"

#include "gatehouse/core/result.hpp"

namespace gatehouse::server {

/// Finds the route and the caller and checks the header. Order of refusals: path, method, draining, host,
/// key, media type, declared size, our headers. OPTIONS passes once its path is found.
Status enter(Incoming& in);

}  // namespace gatehouse::server
