#include "pool_gauges.hpp"

#include <algorithm>

namespace gatehouse::app {

std::vector<telemetry::PoolGauge> pool_gauges(const std::vector<ProviderOrigin>& providers,
                                              const std::vector<net::OriginCounts>& counts) {
    std::vector<telemetry::PoolGauge> gauges;
    for (auto each = providers.begin(); each != providers.end(); ++each) {
        const auto is_shared = [&](const ProviderOrigin& earlier) { return earlier.origin == each->origin; };
        if (std::any_of(providers.begin(), each, is_shared)) {
            continue;
        }
        telemetry::PoolGauge gauge;
        gauge.provider = each->provider;
        for (const auto& [origin, of_lane] : counts) {
            if (origin == each->origin) {
                gauge.open += of_lane.open;
                gauge.idle += of_lane.idle;
                gauge.dialled += of_lane.dialled;
                gauge.reused += of_lane.reused;
                gauge.redialled += of_lane.redialled;
            }
        }
        gauges.push_back(std::move(gauge));
    }
    return gauges;
}

}  // namespace gatehouse::app
