// What an attempt notes on the trail of its request, also when it is cut off: destructors do it.
//
// Room: upstream, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// Closes the attempt's record whatever happens to it; a record that nobody closed was cancelled.
class Record {
public:
    Record(telemetry::Trail& trail, const Target& target, std::string_view reason, Clock& clock);
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;
    ~Record();

    void close(std::optional<ProblemKind> problem) noexcept { trail_.attempts[index_].problem = problem; }

private:
    telemetry::Trail& trail_;
    Clock& clock_;
    std::size_t index_;
    Instant began_;
};

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
void note_usage(telemetry::Trail& trail, const chat::Usage& usage);

/// Puts what a stream's decoder knows of usage on the trail, also when the client leaves half-way; with what
/// the calls before have used, if it goes on with theirs.
class UsageNote {
public:
    UsageNote(telemetry::Trail& trail, const dialect::StreamDecoder& decoder, const chat::Usage& before)
        : trail_(trail), decoder_(decoder), before_(before) {}
    UsageNote(const UsageNote&) = delete;
    UsageNote& operator=(const UsageNote&) = delete;
    ~UsageNote();

private:
    telemetry::Trail& trail_;
    const dialect::StreamDecoder& decoder_;
    chat::Usage before_;
};

}  // namespace gatehouse::upstream
