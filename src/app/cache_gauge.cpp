#include "cache_gauge.hpp"

namespace gatehouse::app {

telemetry::CacheGauge cache_gauge(const pipeline::CacheParts& cache) {
    const auto counts = cache.answers.counts();
    const auto questions =
        cache.questions != nullptr ? cache.questions->counts() : pipeline::QuestionCounts();
    telemetry::CacheGauge gauge{counts.entries, counts.bytes,     counts.evicted,
                                counts.expired, counts.too_large, counts.lost};
    gauge.questions = questions.entries;
    gauge.question_bytes = questions.bytes;
    if (cache.given != nullptr) {
        const auto judged = cache.given->counts();
        gauge.judged_right = judged.right;
        gauge.judged_wrong = judged.wrong;
    }
    const auto report = cache.tally.report();
    gauge.refusals.assign(report.refusals.begin(), report.refusals.end());
    return gauge;
}

}  // namespace gatehouse::app
