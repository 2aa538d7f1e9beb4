#include "attempt_notes.hpp"

namespace gatehouse::upstream {

Record::Record(telemetry::Trail& trail, const Target& target, std::string_view reason, Clock& clock)
    : trail_(trail), clock_(clock), index_(trail.attempts.size()), began_(clock.now()) {
    trail.attempts.push_back(
        {target.provider->name(), target.model, reason, 0, ProblemKind::cancelled, Milliseconds(0), began_});
    trail.provider = target.provider->name();
    trail.upstream_model = target.model;
    if (trail.upstream_began == Instant{}) {
        trail.upstream_began = began_;
    }
}

Record::~Record() {
    auto& attempt = trail_.attempts[index_];
    attempt.took = std::chrono::duration_cast<Milliseconds>(clock_.now() - began_);
    attempt.began = {};
}

void note_dropped(telemetry::Trail& trail, std::span<const std::string> fields) {
    trail.dropped_params.clear();
    for (const auto& field : fields) {
        trail.dropped_params += trail.dropped_params.empty() ? "" : ", ";
        trail.dropped_params += field;
    }
}

void note_usage(telemetry::Trail& trail, const chat::Usage& usage) {
    trail.input_tokens = usage.input;
    trail.cached_input_tokens = usage.cached_input;
    trail.cache_write_tokens = usage.cache_write;
    trail.output_tokens = usage.output;
    trail.reasoning_tokens = usage.reasoning;
    trail.usage_known = usage.known;
}

UsageNote::~UsageNote() {
    note_usage(trail_, chat::sum_of(before_, decoder_.usage()));
    trail_.finish_reason = decoder_.finish_reason();
}

}  // namespace gatehouse::upstream
