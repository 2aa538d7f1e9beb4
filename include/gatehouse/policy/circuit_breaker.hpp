// Circuit breaker of one target: is it left alone for a while, because its calls fail?
//
// closed -> open (too many failures) -> half open (one probe at a time) -> recovering (a growing share of the
// calls) -> closed. It knows nothing of alternatives: whoever asks may call an open target all the same when
// there is no other, and that call is then a probe. Pure: instants and draws come from the caller; no lock.
// Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::policy {

enum class AllOpen : std::uint8_t { try_one, fail };

struct BreakerOptions {
    double failure_rate{0.6};            // yaml: circuit_breaker.failure_rate
    int min_calls{20};                   // yaml: circuit_breaker.min_calls
    int failures{5};                     // yaml: circuit_breaker.failures; in a row
    Milliseconds window{30'000};         // yaml: circuit_breaker.window
    Milliseconds open_for{15'000};       // yaml: circuit_breaker.open_for
    AllOpen all_open{AllOpen::try_one};  // yaml: circuit_breaker.all_open
};

enum class BreakerState : std::uint8_t { closed, open, half_open, recovering };
std::string_view name_of(BreakerState state) noexcept;

/// What an operator has ordered; `none` leaves it to the breaker.
enum class BreakerOrder : std::uint8_t { none, open, closed };
/// `auto`, `open`, `closed`.
std::string_view name_of(BreakerOrder order) noexcept;
std::optional<BreakerOrder> breaker_order_named(std::string_view name) noexcept;

class CircuitBreaker {
public:
    enum class Verdict : std::uint8_t {
        call,
        probe,      // the one call that finds out
        hold_back,  // recovering, and this draw is beyond the share: better another target
        leave,      // open, or somebody probes already
    };
    /// One call between its beginning and its end. Give it to exactly one of the three ends.
    struct Ticket {
        std::uint32_t epoch{0};
        bool probe{false};
    };

    /// `draw` of [0, 1) decides in the recovering state.
    Verdict verdict(const BreakerOptions& options, Instant now, double draw) const noexcept;
    /// Begins a call, whatever the verdict: one to a breaker that is not closed is a probe.
    Ticket begin(const BreakerOptions& options, Instant now) noexcept;
    void succeed(Ticket ticket, const BreakerOptions& options, Instant now) noexcept;
    void fail(Ticket ticket, const BreakerOptions& options, Instant now) noexcept;
    /// Neither: the client left, or the request itself was at fault.
    void abandon(Ticket ticket) noexcept;

    void order(BreakerOrder order) noexcept { order_ = order; }
    BreakerOrder ordered() const noexcept { return order_; }

    BreakerState state(const BreakerOptions& options, Instant now) const noexcept;
    /// When it may be probed, while it is open.
    std::optional<Instant> open_until() const noexcept;
    struct Counts {
        std::int64_t calls{0};
        std::int64_t failures{0};
    };
    /// Of the window.
    Counts counts(const BreakerOptions& options, Instant now) const noexcept;
    int failures_in_a_row() const noexcept { return in_a_row_; }

private:
    static constexpr std::size_t slices = 10;
    struct Slice {
        std::int64_t number{-1};
        Counts counts;
    };
    static std::int64_t slice_number(const BreakerOptions& options, Instant now) noexcept;
    void count(const BreakerOptions& options, Instant now, std::int64_t failures) noexcept;
    void open(const BreakerOptions& options, Instant now) noexcept;
    bool has_failed_enough(const BreakerOptions& options, Instant now) const noexcept;
    double share(const BreakerOptions& options, Instant now) const noexcept;

    std::array<Slice, slices> ring_{};
    std::uint32_t epoch_{0};  // calls of an earlier one say nothing about the present state
    bool open_{false};
    int probes_{0};  // in flight; more than one only where callers had no alternative
    Instant open_until_{};
    std::optional<Instant> recovering_since_;
    int in_a_row_{0};
    BreakerOrder order_{BreakerOrder::none};
};

}  // namespace gatehouse::policy
