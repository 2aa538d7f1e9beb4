// Budgets: how much money may be spent in a day, a week, a month or at all, and what has been spent and
// reserved of it.
//
// The worst case of a call is reserved before it is made and settled with what it cost, so that at every
// admission what is settled and reserved stays within the limit. Money belongs to the period in which it was
// reserved, however long the call takes. Pure arithmetic over times given by the caller: no clock, no lock,
// no I/O. Room: policy. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::policy {

enum class Period : std::uint8_t { day, week, month, total };
inline constexpr std::size_t period_count = 4;

/// Its name in the configuration.
std::string_view name_of(Period period) noexcept;
/// When the period that holds `now` began: in UTC, weeks on Monday. Of `total` the beginning of all time.
WallTime begin_of(Period period, WallTime now) noexcept;
/// When the next one begins; nothing: `total` has no end.
std::optional<WallTime> end_of(Period period, WallTime now) noexcept;

/// Requests to models whose price is not known.
enum class UnknownPrice : std::uint8_t { refuse, allow };

struct BudgetOptions {
    PicoUsd limit;                                     // yaml: budget.usd
    Period period{Period::month};                      // yaml: budget.period
    std::optional<std::int64_t> warn_at{};             // yaml: budget.warn_at; hundredths of a percent
    UnknownPrice unknown_price{UnknownPrice::refuse};  // yaml: budget.unknown_price
};

/// The money of one account. Kept for periods of every length, so that a budget may get another one.
class Spending {
public:
    PicoUsdSum settled(Period period, WallTime now) const noexcept;
    PicoUsdSum reserved(Period period, WallTime now) const noexcept;
    /// May `amount` be reserved besides?
    bool allows(const BudgetOptions& options, PicoUsd amount, WallTime now) const noexcept;
    /// What is settled and reserved of a budget, in hundredths of a percent; of a budget of nothing all of
    /// it.
    std::int64_t used(const BudgetOptions& options, WallTime now) const noexcept;

    /// Sets `amount` aside. Returns the time under which it is filed, for settle().
    WallTime reserve(PicoUsd amount, WallTime now) noexcept;
    /// How much must be set aside so that what was filed under `filed` covers `more` besides: all of it where
    /// the budget's period has ended since.
    PicoUsd growth(const BudgetOptions& options, PicoUsd reserved, PicoUsd more, WallTime filed,
                   WallTime now) const noexcept;
    /// Sets `more` aside besides `reserved`. Returns the time under which all of it is filed now.
    WallTime grow(PicoUsd reserved, PicoUsd more, WallTime filed, WallTime now) noexcept;
    /// A call has cost `cost`, for which `reserved` was set aside at `filed`. A period that has ended since
    /// is left as it is.
    void settle(PicoUsd reserved, PicoUsd cost, WallTime filed, WallTime now) noexcept;
    /// The period that holds `now` has seen so much besides.
    void restore(Period period, PicoUsdSum spent, WallTime now) noexcept;
    /// Is there nothing that a budget would have to know?
    bool is_empty(WallTime now) const noexcept;

private:
    struct Tally {
        WallTime begin{WallTime::min()};
        PicoUsdSum settled;
        PicoUsdSum reserved;
    };
    /// As it is at `now`, which may lie in a later period. A clock that is set back changes nothing.
    Tally at(Period period, WallTime now) const noexcept;
    void roll(WallTime now) noexcept;

    std::array<Tally, period_count> tallies_;
};

}  // namespace gatehouse::policy
