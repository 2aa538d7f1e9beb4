// What the head of a request says of it beside its body: to its provider, and to whoever compares it.
// Room: server, private.
#pragma once

#include "gateway_headers.hpp"

#include "gatehouse/chat/request.hpp"
#include "gatehouse/wire/http_message.hpp"

namespace gatehouse::server {

/// Into the request with the client's fields that go on to providers, and with what it wants of them.
void take_head(const wire::Fields& fields, const GatewayHeaders& narrowed, chat::Request& request);

}  // namespace gatehouse::server
