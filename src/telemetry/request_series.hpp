// The series that one finished request touches, found once and then remembered per thread.
//
// Looking up ten label sets in ten locked maps would cost more than all the counting. The requests of one
// thread repeat a few combinations, so a small direct-mapped cache in front answers nearly all of them with
// one hash and three comparisons; a collision only costs the slow look-up again. Room: telemetry, private.
#pragma once

#include "series.hpp"

#include "gatehouse/telemetry/trail.hpp"

namespace gatehouse::telemetry {

struct RequestFamilies {
    RequestFamilies();

    /// Records everything that `trail` tells.
    void record(const Trail& trail);

    Family<Counter> requests;
    Family<Counter> errors;
    Family<Histogram> duration;
    Family<Histogram> first_token;
    Family<Histogram> between_tokens;
    Family<Histogram> overhead;
    Family<Counter> tokens;
    Family<Counter> cost;  // in PicoUsd
    Family<Counter> attempts;
    Family<Counter> limit_refusals;
    Family<Counter> budget_warnings;
    Family<Counter> cache_requests;
    Family<Counter> cache_saved;  // in PicoUsd
    Family<Counter> cache_saved_tokens;
    Family<Histogram> cache_hit_duration;

private:
    struct Found;
    struct FoundAttempt;

    Found& find(const Trail& trail);
    Counter& find_attempt(const AttemptRecord& attempt);
    void count_tokens(Found& found, const Trail& trail);
    void count_cost(Found& found, const Trail& trail);
    void count_cache(Found& found, const Trail& trail);

    const std::uint64_t owner_;  // tells our entries of the threads' caches from those of another instance
};

}  // namespace gatehouse::telemetry
