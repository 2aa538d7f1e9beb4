#include "cache_gauge.hpp"

namespace gatehouse::app {

telemetry::CacheGauge cache_gauge(const store::AnswerCache& answers, const pipeline::CacheTally& tally) {
    const auto counts = answers.counts();
    telemetry::CacheGauge gauge{counts.entries, counts.bytes,     counts.evicted,
                                counts.expired, counts.too_large, counts.lost};
    const auto report = tally.report();
    gauge.refusals.assign(report.refusals.begin(), report.refusals.end());
    return gauge;
}

}  // namespace gatehouse::app
