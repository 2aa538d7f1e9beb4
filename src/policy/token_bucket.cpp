#include "gatehouse/policy/token_bucket.hpp"

#include <algorithm>

namespace gatehouse::policy {
namespace {

__extension__ using Units = __int128;

/// A bucket of `n` a minute is refilled by `n` units in each nanosecond.
constexpr Units piece = std::chrono::nanoseconds(std::chrono::minutes(1)).count();
/// More cannot be owed: a usage that no provider means would close the bucket for good.
constexpr Units most_minutes_owed = 60;

/// Milliseconds, rounded up, in which `rate` a nanosecond makes `units`.
Milliseconds time_for(Units units, std::int64_t rate) noexcept {
    constexpr Units nanoseconds_of_a_millisecond = 1'000'000;
    const Units a_millisecond = rate * nanoseconds_of_a_millisecond;
    return Milliseconds(static_cast<std::int64_t>((units + a_millisecond - 1) / a_millisecond));
}

}  // namespace

TokenBucket::Wide TokenBucket::missing_at(Instant now) const noexcept {
    if (now <= last_) {
        return missing_;
    }
    const Wide elapsed = std::chrono::nanoseconds(now - last_).count();
    return std::max<Wide>(missing_ - elapsed * per_minute_, 0);
}

void TokenBucket::refill(Instant now) noexcept {
    missing_ = missing_at(now);
    last_ = std::max(last_, now);
}

void TokenBucket::resize(std::int64_t per_minute, Instant now) noexcept {
    refill(now);
    if (per_minute < per_minute_) {
        missing_ = std::min(missing_, Wide{per_minute} * piece);
    }
    per_minute_ = per_minute;
}

std::optional<Milliseconds> TokenBucket::wait_for(std::int64_t amount, Instant now) const noexcept {
    if (amount > per_minute_ || per_minute_ == 0) {
        return std::nullopt;
    }
    const Wide too_much = missing_at(now) + amount * piece - per_minute_ * piece;
    return too_much <= 0 ? Milliseconds(0) : time_for(too_much, per_minute_);
}

void TokenBucket::take(std::int64_t amount, Instant now) noexcept {
    refill(now);
    const Wide most = (1 + most_minutes_owed) * per_minute_ * piece;
    missing_ = std::min(missing_ + amount * piece, std::max(most, missing_));
}

void TokenBucket::give_back(std::int64_t amount, Instant now) noexcept {
    refill(now);
    missing_ = std::max<Wide>(missing_ - amount * piece, 0);
}

void TokenBucket::settle(std::int64_t reserved, std::int64_t used, Instant now) noexcept {
    if (used > reserved) {
        take(used - reserved, now);
    } else {
        give_back(reserved - used, now);
    }
}

std::int64_t TokenBucket::remaining(Instant now) const noexcept {
    const Wide left = per_minute_ * piece - missing_at(now);
    return left <= 0 ? 0 : static_cast<std::int64_t>(left / piece);
}

std::optional<Milliseconds> TokenBucket::full_after(Instant now) const noexcept {
    if (per_minute_ == 0) {
        return std::nullopt;
    }
    return time_for(missing_at(now), per_minute_);
}

}  // namespace gatehouse::policy
