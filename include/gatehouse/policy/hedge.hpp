// Hedging: when is a second call made for a request whose first one is slow? (J. Dean, L. A. Barroso, "The
// Tail at Scale", CACM 2013.)
//
// Pure: instants come from the caller, no lock. Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace gatehouse::policy {

struct HedgeOptions {
    double quantile{0.95};              // yaml: hedge.after, as p50, p90, p95 or p99 ...
    std::optional<Milliseconds> after;  // ... or as a time
    double max_share{0.05};             // yaml: hedge.max_share; of all calls
};

/// How long calls have been taking, older ones counting less. Buckets a quarter of a doubling wide, so a
/// quantile is at most a fifth too long.
class LatencyHistogram {
public:
    /// What was seen this long ago counts half.
    static constexpr Milliseconds half_life{300'000};
    /// Of fewer calls nothing is concluded.
    static constexpr double least_calls = 20;

    void add(Milliseconds took, Instant now) noexcept;
    /// Nothing while too little is known.
    std::optional<Milliseconds> quantile(double share, Instant now) const noexcept;

private:
    static constexpr std::size_t buckets = 96;  // up to 2^24 ms, more than four hours
    static std::size_t bucket_of(Milliseconds took) noexcept;
    double faded(Instant now) const noexcept;

    std::array<float, buckets> weights_{};
    Instant last_{};
};

/// Second calls as a share of the first ones of the last minute.
class HedgeBudget {
public:
    void first_call(Instant now) noexcept;
    /// Takes one; false: the share is used up.
    bool take(const HedgeOptions& options, Instant now) noexcept;

private:
    static constexpr std::size_t slices = 12;
    static constexpr std::chrono::seconds slice_length{5};
    struct Slice {
        std::int64_t number{-1};
        std::int64_t calls{0};
        std::int64_t hedges{0};
    };
    Slice& at(Instant now) noexcept;

    std::array<Slice, slices> ring_{};
};

}  // namespace gatehouse::policy
