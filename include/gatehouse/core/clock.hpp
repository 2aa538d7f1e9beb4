// Time, and waiting, as interfaces: policy takes instants, flow waits on a Clock, tests turn a clock by hand.
// Room: core.
#pragma once

#include "gatehouse/core/task.hpp"

#include <chrono>

namespace gatehouse::inline core {

/// Monotonic; for durations and deadlines.
using Instant = std::chrono::steady_clock::time_point;
/// Calendar time; for logs, `created` fields and expiry dates.
using WallTime = std::chrono::system_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

/// "No deadline".
inline constexpr Instant never = Instant::max();

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const noexcept = 0;
    virtual WallTime wall() const noexcept = 0;
    /// Returns at `when`, or at once if it has passed. Ends early when the coroutine is cancelled.
    virtual Task<void> sleep_until(Instant when) = 0;
};

}  // namespace gatehouse::inline core
