// CORS: off unless origins are configured.
// Room: server, private.
#pragma once

#include "gatehouse/server/options.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <string>

namespace gatehouse::server {

/// For every response: nothing unless the request's Origin is allowed (but `vary`, when CORS is on).
void append_cors_fields(std::string& block, const wire::Fields& fields, const CorsOptions& options);
/// For the answer to a preflight besides: which methods and headers the page may use.
void append_preflight_fields(std::string& block, const wire::Fields& fields, const CorsOptions& options,
                             std::string_view methods);

}  // namespace gatehouse::server
