// How the answers that are kept stand, as the metrics have it.
// Room: app.
#pragma once

#include "gatehouse/pipeline/cache_tally.hpp"
#include "gatehouse/store/answer_cache.hpp"
#include "gatehouse/telemetry/metrics.hpp"

namespace gatehouse::app {

telemetry::CacheGauge cache_gauge(const store::AnswerCache& answers, const pipeline::CacheTally& tally);

}  // namespace gatehouse::app
