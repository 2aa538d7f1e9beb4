// A mean that forgets: how long a target has been taking lately.
//
// Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <optional>

namespace gatehouse::policy {

class DecayedMean {
public:
    /// What was seen this long ago weighs half.
    static constexpr Milliseconds half_life{30'000};
    /// Nothing is known of a target that nobody has called for so long.
    static constexpr Milliseconds forgotten_after{600'000};

    void add(Milliseconds value, Instant now) noexcept;
    std::optional<Milliseconds> value(Instant now) const noexcept;

private:
    double mean_{0};    // milliseconds
    double weight_{0};  // of all that was seen, as of `last_`
    Instant last_{};
};

}  // namespace gatehouse::policy
