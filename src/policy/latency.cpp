#include "gatehouse/policy/latency.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::policy {

void DecayedMean::add(Milliseconds value, Instant now) noexcept {
    const auto gone = std::max(std::chrono::duration<double>(now - last_), std::chrono::duration<double>(0));
    const auto half_lives = gone / std::chrono::duration<double>(half_life);
    weight_ = weight_ * std::exp2(-half_lives) + 1.0;
    mean_ += (static_cast<double>(value.count()) - mean_) / weight_;
    last_ = now;
}

std::optional<Milliseconds> DecayedMean::value(Instant now) const noexcept {
    if (weight_ == 0.0 || now - last_ > forgotten_after) {
        return std::nullopt;
    }
    return Milliseconds(static_cast<std::int64_t>(std::lround(mean_)));
}

}  // namespace gatehouse::policy
