// Who calls? All the headers a key can come in, and one look-up behind them.
// Room: server, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <memory>

namespace gatehouse::server {

/// Problems: invalid_api_key, invalid_value (two different keys).
Result<std::shared_ptr<const policy::Caller>> identify(const wire::RequestHead& head, const Live& live,
                                                       WallTime now);
/// A key with `admin: true`. Where none is configured, nobody, except on a loopback listener of a gateway
/// that asks for no keys at all and knows them all. Problems as above, permission_denied and
/// storage_unavailable.
Result<std::shared_ptr<const policy::Caller>> identify_admin(const wire::RequestHead& head, const Live& live,
                                                             WallTime now);

}  // namespace gatehouse::server
