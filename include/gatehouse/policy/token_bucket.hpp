// Token bucket: so many in a minute, how many are left, and how long until there are enough?
//
// Holds one minute's worth and is refilled all the time. What is missing is counted in units of one piece for
// a nanosecond of its minute, in 128 bits, so that no amount of small steps loses anything to rounding. Pure
// arithmetic over instants given by the caller: no clock, no lock, no I/O. Room: policy. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <cstdint>
#include <optional>

namespace gatehouse::policy {

class TokenBucket {
public:
    /// Full. `per_minute`: not negative; of 0 nothing can be taken, ever.
    explicit TokenBucket(std::int64_t per_minute = 0, Instant now = {}) noexcept
        : per_minute_(per_minute), last_(now) {}

    std::int64_t per_minute() const noexcept { return per_minute_; }
    /// Another limit: what has been taken stays taken, but for what the new one could not hold.
    void resize(std::int64_t per_minute, Instant now) noexcept;

    /// After how long `amount` can be taken, rounded up; zero: now. Nothing: never, as the bucket cannot hold
    /// as much.
    std::optional<Milliseconds> wait_for(std::int64_t amount, Instant now) const noexcept;
    /// Takes it, also where it is not there: then the bucket owes it, and nothing can be taken until it is
    /// paid back. It owes at most an hour's worth.
    void take(std::int64_t amount, Instant now) noexcept;
    /// What was not needed; the bucket never holds more than a minute's worth.
    void give_back(std::int64_t amount, Instant now) noexcept;
    /// What was taken as `reserved` turned out to be `used`.
    void settle(std::int64_t reserved, std::int64_t used, Instant now) noexcept;

    /// How many whole ones could be taken; 0 while it owes.
    std::int64_t remaining(Instant now) const noexcept;
    /// After how long it is full, rounded up. Nothing: it never is, as it holds nothing.
    std::optional<Milliseconds> full_after(Instant now) const noexcept;

private:
    __extension__ using Wide = __int128;

    Wide missing_at(Instant now) const noexcept;
    void refill(Instant now) noexcept;

    std::int64_t per_minute_;
    Wide missing_{0};  // of a full bucket; one piece is `nanoseconds_of_a_minute`
    Instant last_;     // when `missing_` was so
};

}  // namespace gatehouse::policy
