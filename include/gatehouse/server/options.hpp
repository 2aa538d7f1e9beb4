// Options of the server room.
#pragma once

#include "gatehouse/net/options.hpp"
#include "gatehouse/wire/limits.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::server {

struct LimitOptions {
    std::size_t header{16 * 1024};                     // yaml: server.limits.header
    std::size_t body{32 * 1024 * 1024};                // yaml: server.limits.body; also of an inflated one
    std::size_t json_depth{64};                        // yaml: server.limits.json_depth
    std::size_t connections{10'000};                   // yaml: server.limits.connections
    std::size_t connections_per_address{10'000};       // yaml: server.limits.connections_per_address
    std::chrono::milliseconds header_timeout{10'000};  // yaml: server.limits.header_timeout
    std::chrono::milliseconds body_timeout{60'000};    // yaml: server.limits.body_timeout; the whole body
    std::chrono::milliseconds idle_timeout{75'000};    // yaml: server.limits.idle_timeout
    std::chrono::milliseconds write_timeout{60'000};   // yaml: server.limits.write_timeout
};

struct CorsOptions {
    std::vector<std::string> origins;  // yaml: server.cors.origins; empty: CORS is off; "*": any
};

struct ServerOptions {
    std::vector<std::string> listen{"127.0.0.1:8080"};  // yaml: server.listen
    std::string admin_listen{"127.0.0.1:9464"};         // yaml: server.admin_listen
    std::vector<std::string> admin_hosts;               // yaml: server.admin_hosts
    std::size_t lanes{0};                               // yaml: server.lanes; 0: one per core
    std::optional<net::TlsServerOptions> tls;           // yaml: server.tls
    LimitOptions limits;
    CorsOptions cors;
    std::chrono::milliseconds keepalive_comment{15'000};  // yaml: server.keepalive_comment
    std::chrono::milliseconds commit_after{30'000};       // yaml: server.commit_after
    std::chrono::milliseconds drain{30'000};              // yaml: server.drain
    bool auth_required{true};                             // yaml: auth.required
    bool metrics{true};                                   // yaml: telemetry.metrics.enabled
};

}  // namespace gatehouse::server
