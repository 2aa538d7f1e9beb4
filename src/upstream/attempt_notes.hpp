// What an attempt notes on the trail of its request beside its calls.
//
// Room: upstream, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <span>
#include <string>

namespace gatehouse::upstream {

/// Adds the time of its own life to what the provider took.
class UpstreamTime {
public:
    UpstreamTime(telemetry::Trail& trail, Clock& clock) : trail_(trail), clock_(clock), began_(clock.now()) {}
    UpstreamTime(const UpstreamTime&) = delete;
    UpstreamTime& operator=(const UpstreamTime&) = delete;
    ~UpstreamTime() { trail_.upstream_time += clock_.now() - began_; }

private:
    telemetry::Trail& trail_;
    Clock& clock_;
    Instant began_;
};

/// The fields of the client that are not honoured; those of an earlier target go.
void note_dropped(telemetry::Trail& trail, std::span<const std::string> fields);

}  // namespace gatehouse::upstream
