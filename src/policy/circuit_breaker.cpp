#include "gatehouse/policy/circuit_breaker.hpp"

#include <algorithm>
#include <bit>

namespace gatehouse::policy {

namespace {

/// A target is back at its full share within this time of a good probe, sooner if it was open for less.
constexpr Milliseconds longest_recovery{30'000};
/// The share with which a recovery begins.
constexpr double first_share = 0.1;
/// So many calls of the window stand for one more failure in a row. At a failure rate that leaves the target
/// worth calling, long runs of failures come about by chance where there are many calls: 0.3^5 is one in 400.
constexpr std::uint64_t calls_per_further_failure = 32;

Milliseconds recovery(const BreakerOptions& options) noexcept {
    return std::min(options.open_for, longest_recovery);
}

}  // namespace

std::string_view name_of(BreakerState state) noexcept {
    switch (state) {
        case BreakerState::closed:
            return "closed";
        case BreakerState::open:
            return "open";
        case BreakerState::half_open:
            return "half_open";
        case BreakerState::recovering:
            break;
    }
    return "recovering";
}

std::string_view name_of(BreakerOrder order) noexcept {
    switch (order) {
        case BreakerOrder::open:
            return "open";
        case BreakerOrder::closed:
            return "closed";
        case BreakerOrder::none:
            break;
    }
    return "auto";
}

std::optional<BreakerOrder> breaker_order_named(std::string_view name) noexcept {
    for (const auto order : {BreakerOrder::none, BreakerOrder::open, BreakerOrder::closed}) {
        if (name == name_of(order)) {
            return order;
        }
    }
    return std::nullopt;
}

std::int64_t CircuitBreaker::slice_number(const BreakerOptions& options, Instant now) noexcept {
    const auto length = std::max(options.window / static_cast<std::int64_t>(slices), Milliseconds(1));
    return now.time_since_epoch() / length;
}

void CircuitBreaker::count(const BreakerOptions& options, Instant now, std::int64_t failures) noexcept {
    const auto number = slice_number(options, now);
    auto& slice = ring_[static_cast<std::size_t>(number) % slices];
    if (slice.number != number) {
        slice = {number, {}};
    }
    ++slice.counts.calls;
    slice.counts.failures += failures;
}

CircuitBreaker::Counts CircuitBreaker::counts(const BreakerOptions& options, Instant now) const noexcept {
    const auto newest = slice_number(options, now);
    Counts sum;
    for (const auto& slice : ring_) {
        // A window that was changed at a reload makes other numbers of old slices: they drop out.
        if (slice.number <= newest && slice.number > newest - static_cast<std::int64_t>(slices)) {
            sum.calls += slice.counts.calls;
            sum.failures += slice.counts.failures;
        }
    }
    return sum;
}

double CircuitBreaker::share(const BreakerOptions& options, Instant now) const noexcept {
    if (!recovering_since_) {
        return 1.0;
    }
    const auto whole = std::chrono::duration<double>(recovery(options)).count();
    const auto gone = std::chrono::duration<double>(now - *recovering_since_).count();
    return gone >= whole ? 1.0 : std::max(first_share, gone / whole);
}

BreakerState CircuitBreaker::state(const BreakerOptions& options, Instant now) const noexcept {
    if (order_ != BreakerOrder::none) {
        return order_ == BreakerOrder::open ? BreakerState::open : BreakerState::closed;
    }
    if (open_) {
        return probes_ > 0 ? BreakerState::half_open : BreakerState::open;
    }
    return share(options, now) < 1.0 ? BreakerState::recovering : BreakerState::closed;
}

std::optional<Instant> CircuitBreaker::open_until() const noexcept {
    return open_ ? std::optional(open_until_) : std::nullopt;
}

CircuitBreaker::Verdict CircuitBreaker::verdict(const BreakerOptions& options, Instant now,
                                                double draw) const noexcept {
    if (order_ != BreakerOrder::none) {
        return order_ == BreakerOrder::open ? Verdict::leave : Verdict::call;
    }
    if (open_) {
        return probes_ == 0 && now >= open_until_ ? Verdict::probe : Verdict::leave;
    }
    return draw < share(options, now) ? Verdict::call : Verdict::hold_back;
}

CircuitBreaker::Ticket CircuitBreaker::begin(const BreakerOptions& options, Instant now) noexcept {
    if (recovering_since_ && share(options, now) >= 1.0) {
        recovering_since_.reset();
    }
    if (open_) {
        ++probes_;
    }
    return {epoch_, open_};
}

void CircuitBreaker::succeed(Ticket ticket, const BreakerOptions& options, Instant now) noexcept {
    abandon(ticket);
    if (ticket.epoch != epoch_) {
        return;
    }
    if (open_) {
        open_ = false;
        recovering_since_ = now;
        ring_ = {};
        ++epoch_;
        probes_ = 0;
    }
    in_a_row_ = 0;
    count(options, now, 0);
}

void CircuitBreaker::fail(Ticket ticket, const BreakerOptions& options, Instant now) noexcept {
    abandon(ticket);
    if (ticket.epoch != epoch_) {
        return;
    }
    ++in_a_row_;
    count(options, now, 1);
    if (open_) {
        open_until_ = now + options.open_for;
    } else if (has_failed_enough(options, now)) {
        open(options, now);
    }
}

void CircuitBreaker::abandon(Ticket ticket) noexcept {
    if (ticket.probe && ticket.epoch == epoch_ && probes_ > 0) {
        --probes_;
    }
}

bool CircuitBreaker::has_failed_enough(const BreakerOptions& options, Instant now) const noexcept {
    const auto seen = counts(options, now);
    const auto too_many = options.failure_rate * static_cast<double>(seen.calls);
    if (seen.calls >= options.min_calls && static_cast<double>(seen.failures) >= too_many) {
        return true;
    }
    const auto before = static_cast<std::uint64_t>(std::max<std::int64_t>(seen.calls - in_a_row_, 0));
    const auto further = static_cast<int>(std::bit_width(before / calls_per_further_failure));
    return in_a_row_ >= options.failures + further;
}

void CircuitBreaker::open(const BreakerOptions& options, Instant now) noexcept {
    open_ = true;
    open_until_ = now + options.open_for;
    recovering_since_.reset();
    probes_ = 0;
    ++epoch_;
}

}  // namespace gatehouse::policy
