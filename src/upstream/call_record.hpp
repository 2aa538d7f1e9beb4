// What stands on the trail of a call, whatever becomes of it: the record of the attempt, and what a stream
// has said.
//
// Destructors settle it, also when the client leaves half-way. Room: upstream, private.
#pragma once

#include "call_meter.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace gatehouse::upstream {

/// Closes the attempt's record whatever happens to it; a record that nobody closed was cancelled.
class CallRecord {
public:
    CallRecord(telemetry::Trail& trail, const Target& target, std::string_view reason, Clock& clock,
               std::unique_ptr<CallMeter>& meter)
        : trail_(trail), clock_(clock), meter_(meter), index_(trail.attempts.size()), began_(clock.now()) {
        trail.attempts.push_back({target.provider->name(), target.model, reason, 0, ProblemKind::cancelled,
                                  Milliseconds(0), began_});
        trail.provider = target.provider->name();
        trail.upstream_model = target.model;
        if (trail.upstream_began == Instant{}) {
            trail.upstream_began = began_;
        }
    }
    CallRecord(const CallRecord&) = delete;
    CallRecord& operator=(const CallRecord&) = delete;
    ~CallRecord() {
        auto& attempt = trail_.attempts[index_];
        attempt.took = std::chrono::duration_cast<Milliseconds>(clock_.now() - began_);
        attempt.began = {};
        if (meter_) {
            meter_->settle();
        }
    }

    void close(std::optional<ProblemKind> problem) noexcept { trail_.attempts[index_].problem = problem; }

private:
    telemetry::Trail& trail_;
    Clock& clock_;
    std::unique_ptr<CallMeter>& meter_;
    std::size_t index_;
    Instant began_;
};

/// What a stream's decoder knows goes to the meter and onto the trail, also when the client leaves half-way.
class Listening {
public:
    Listening(CallMeter& meter, telemetry::Trail& trail, const dialect::StreamDecoder& decoder)
        : meter_(meter), trail_(trail), decoder_(decoder) {
        meter_.listens(decoder);
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
    ~Listening() {
        meter_.lets_go();
        trail_.finish_reason = decoder_.finish_reason();
    }

private:
    CallMeter& meter_;
    telemetry::Trail& trail_;
    const dialect::StreamDecoder& decoder_;
};

}  // namespace gatehouse::upstream
