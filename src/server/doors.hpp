// The admin door: who may even knock. A browser can be lured to any name that resolves to this machine (DNS
// rebinding), so only hosts that no stranger's page can use are answered.
// Room: server, private.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/server/options.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <string_view>

namespace gatehouse::server {

/// The host of a request must be an IP address, `localhost` or one of `admin_hosts`; a page of another origin
/// may not change anything. Problem permission_denied.
Status check_admin_host(const wire::RequestHead& head, const ServerOptions& options);
/// Does a listening address such as `127.0.0.1:9464` or `[::1]:0` take connections of this machine only?
bool is_loopback(std::string_view listen);

}  // namespace gatehouse::server
