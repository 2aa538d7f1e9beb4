#include "series.hpp"

#include <algorithm>

namespace gatehouse::telemetry {

void Histogram::observe(std::chrono::nanoseconds value) noexcept {
    value = std::max(value, std::chrono::nanoseconds::zero());
    std::size_t bucket = 0;
    while (bucket < bounds_.size() && value > bounds_[bucket]) {
        ++bucket;
    }
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value.count(), std::memory_order_relaxed);
}

}  // namespace gatehouse::telemetry
