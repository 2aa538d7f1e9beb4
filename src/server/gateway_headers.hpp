// The request headers that are ours: `x-gatehouse-*`, and Cache-Control. Unknown ones of ours are refused, so
// that a typo does not pass.
// Room: server, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/policy/cache_wish.hpp"
#include "gatehouse/policy/route_rules.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <optional>

namespace gatehouse::server {

/// What a client narrowed by header.
struct GatewayHeaders {
    std::optional<Milliseconds> timeout;              // x-gatehouse-timeout
    std::optional<Milliseconds> first_token_timeout;  // x-gatehouse-ttft-timeout
    bool strict_params{false};                        // x-gatehouse-params: strict
    bool debug{false};                                // x-gatehouse-debug: 1
    bool fallback_off{false};                         // x-gatehouse-fallback: off
    policy::Tags tags{};                              // x-gatehouse-tags
    policy::CacheWish cache{};                        // Cache-Control, x-gatehouse-cache and its neighbours
};

/// Problem invalid_value, with the header's name as `param`.
Result<GatewayHeaders> read_gateway_headers(const wire::Fields& fields);

}  // namespace gatehouse::server
