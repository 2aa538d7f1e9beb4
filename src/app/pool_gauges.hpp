// The connections of all lanes, told by provider.
// Room: app.
#pragma once

#include "gatehouse/net/http_client.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <string>
#include <vector>

namespace gatehouse::app {

/// Where a configured provider is called.
struct ProviderOrigin {
    std::string provider;
    net::Origin origin;
};

/// One gauge for each origin that is configured, in the file's order. Providers at the same origin share its
/// connections, which then count for the first of them; origins that are configured no more count nowhere.
std::vector<telemetry::PoolGauge> pool_gauges(const std::vector<ProviderOrigin>& providers,
                                              const std::vector<net::OriginCounts>& counts);

}  // namespace gatehouse::app
