// Times in buckets less than one percent wide, for percentiles over millions of values.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace gatehouse::bench {

class Histogram {
public:
    void add(std::uint64_t ns) noexcept {
        ++buckets_[bucket_of(ns)];
        ++count_;
    }

    /// Microseconds below which the `share` of all values lies; negative when there is no value.
    double microseconds(double share) const noexcept {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (buckets_[i] > 0 && seen > wanted) {
                return static_cast<double>(middle_of(i)) / 1e3;
            }
        }
        return count_ == 0 ? -1 : static_cast<double>(middle_of(last_used())) / 1e3;
    }

private:
    static constexpr unsigned precision = 7;  // bits behind the leading one
    static constexpr std::size_t steps = 1U << precision;

    static std::size_t bucket_of(std::uint64_t value) noexcept {
        if (value < steps) {
            return static_cast<std::size_t>(value);
        }
        const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1;
        const std::uint64_t behind = (value >> (exponent - precision)) & (steps - 1);
        return (exponent - precision + 1) * steps + static_cast<std::size_t>(behind);
    }
    static std::uint64_t middle_of(std::size_t bucket) noexcept {
        if (bucket < steps) {
            return bucket;
        }
        const auto shift = static_cast<unsigned>(bucket / steps) - 1;
        return ((steps + bucket % steps) << shift) + ((1ULL << shift) >> 1U);
    }
    std::size_t last_used() const noexcept {
        std::size_t last = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            last = buckets_[i] > 0 ? i : last;
        }
        return last;
    }

    std::array<std::uint64_t, steps * (64 - precision + 1)> buckets_{};
    std::uint64_t count_{0};
};

}  // namespace gatehouse::bench
