#include "gatehouse/policy/hedge.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::policy {

namespace {

constexpr double buckets_per_doubling = 4;

}  // namespace

std::size_t LatencyHistogram::bucket_of(Milliseconds took) noexcept {
    const auto ms = static_cast<double>(std::max<std::int64_t>(took.count(), 1));
    return std::min(static_cast<std::size_t>(std::log2(ms) * buckets_per_doubling), buckets - 1);
}

double LatencyHistogram::faded(Instant now) const noexcept {
    const auto gone = std::max(std::chrono::duration<double>(now - last_), std::chrono::duration<double>(0));
    return std::exp2(-(gone / std::chrono::duration<double>(half_life)));
}

void LatencyHistogram::add(Milliseconds took, Instant now) noexcept {
    // Fading each time would cost as many products as there are buckets.
    constexpr auto often_enough = std::chrono::seconds(1);
    if (now - last_ > often_enough) {
        const auto factor = static_cast<float>(faded(now));
        for (auto& weight : weights_) {
            weight *= factor;
        }
        last_ = now;
    }
    weights_[bucket_of(took)] += 1.0F;
}

std::optional<Milliseconds> LatencyHistogram::quantile(double share, Instant now) const noexcept {
    double all = 0;
    for (const auto weight : weights_) {
        all += static_cast<double>(weight);
    }
    if (all * faded(now) < least_calls) {
        return std::nullopt;
    }
    double seen = 0;
    std::size_t bucket = 0;
    while (bucket + 1 < buckets) {
        seen += static_cast<double>(weights_[bucket]);
        if (seen >= share * all) {
            break;
        }
        ++bucket;
    }
    // The bucket's upper end: rather late than too often.
    const auto end = std::exp2(static_cast<double>(bucket + 1) / buckets_per_doubling);
    return Milliseconds(static_cast<std::int64_t>(std::ceil(end)));
}

HedgeBudget::Slice& HedgeBudget::at(Instant now) noexcept {
    const auto number = now.time_since_epoch() / slice_length;
    auto& slice = ring_[static_cast<std::size_t>(number) % slices];
    if (slice.number != number) {
        slice = {number, 0, 0};
    }
    return slice;
}

void HedgeBudget::first_call(Instant now) noexcept {
    ++at(now).calls;
}

bool HedgeBudget::take(const HedgeOptions& options, Instant now) noexcept {
    auto& current = at(now);
    const auto oldest = current.number - static_cast<std::int64_t>(slices) + 1;
    std::int64_t calls = 0;
    std::int64_t hedges = 0;
    for (const auto& slice : ring_) {
        if (slice.number >= oldest) {
            calls += slice.calls;
            hedges += slice.hedges;
        }
    }
    if (static_cast<double>(hedges + 1) > options.max_share * static_cast<double>(calls)) {
        return false;
    }
    ++current.hedges;
    return true;
}

}  // namespace gatehouse::policy
