// How the answers that are kept stand, as the metrics have it.
// Room: app.
#pragma once

#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/telemetry/metrics.hpp"

namespace gatehouse::app {

telemetry::CacheGauge cache_gauge(const pipeline::CacheParts& cache);

}  // namespace gatehouse::app
