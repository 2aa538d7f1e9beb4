#include "gatehouse/policy/budget.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace gatehouse::policy {
namespace {

constexpr std::size_t place_of(Period period) noexcept {
    return static_cast<std::size_t>(period);
}

std::chrono::sys_days first_of_month(std::chrono::sys_days day) noexcept {
    const std::chrono::year_month_day date(day);
    return std::chrono::sys_days(date.year() / date.month() / 1);
}

}  // namespace

std::string_view name_of(Period period) noexcept {
    switch (period) {
        case Period::day:
            return "day";
        case Period::week:
            return "week";
        case Period::month:
            return "month";
        case Period::total:
            break;
    }
    return "total";
}

WallTime begin_of(Period period, WallTime now) noexcept {
    const auto today = std::chrono::floor<std::chrono::days>(now);
    switch (period) {
        case Period::day:
            return today;
        case Period::week:
            return today - (std::chrono::weekday(today) - std::chrono::Monday);
        case Period::month:
            return first_of_month(today);
        case Period::total:
            break;
    }
    return WallTime::min();
}

std::optional<WallTime> end_of(Period period, WallTime now) noexcept {
    constexpr std::chrono::days week{7};
    switch (period) {
        case Period::day:
            return begin_of(period, now) + std::chrono::days(1);
        case Period::week:
            return begin_of(period, now) + week;
        case Period::month: {
            const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(now));
            const auto next = date.year() / date.month() / 1 + std::chrono::months(1);
            return std::chrono::sys_days(next);
        }
        case Period::total:
            break;
    }
    return std::nullopt;
}

Spending::Tally Spending::at(Period period, WallTime now) const noexcept {
    const auto& tally = tallies_[place_of(period)];
    const auto begin = begin_of(period, now);
    if (begin <= tally.begin) {
        return tally;
    }
    Tally fresh;
    fresh.begin = begin;
    return fresh;
}

void Spending::roll(WallTime now) noexcept {
    for (std::size_t i = 0; i < period_count; ++i) {
        tallies_[i] = at(static_cast<Period>(i), now);
    }
}

PicoUsdSum Spending::settled(Period period, WallTime now) const noexcept {
    return at(period, now).settled;
}

PicoUsdSum Spending::reserved(Period period, WallTime now) const noexcept {
    return at(period, now).reserved;
}

bool Spending::allows(const BudgetOptions& options, PicoUsd amount, WallTime now) const noexcept {
    const auto tally = at(options.period, now);
    return tally.settled + tally.reserved + amount <= options.limit;
}

std::int64_t Spending::used(const BudgetOptions& options, WallTime now) const noexcept {
    __extension__ using Wide = __int128;
    constexpr std::int64_t all = 10'000;
    if (options.limit.value() <= 0) {
        return all;
    }
    const auto tally = at(options.period, now);
    const Wide spent = (tally.settled + tally.reserved).clamped().value();
    return static_cast<std::int64_t>(
        std::min<Wide>(spent * all / options.limit.value(), std::numeric_limits<std::int64_t>::max()));
}

WallTime Spending::reserve(PicoUsd amount, WallTime now) noexcept {
    roll(now);
    for (auto& tally : tallies_) {
        tally.reserved += amount;
        now = std::max(now, tally.begin);  // the clock was set back: it is today's money all the same
    }
    return now;
}

PicoUsd Spending::growth(const BudgetOptions& options, PicoUsd reserved, PicoUsd more, WallTime filed,
                         WallTime now) const noexcept {
    const bool ended = filed < at(options.period, now).begin;
    return ended ? (PicoUsdSum(reserved) + more).clamped() : more;
}

WallTime Spending::grow(PicoUsd reserved, PicoUsd more, WallTime filed, WallTime now) noexcept {
    roll(now);
    for (auto& tally : tallies_) {
        tally.reserved += more;
        if (filed < tally.begin) {
            tally.reserved += reserved;
        }
        now = std::max(now, tally.begin);
    }
    return now;
}

void Spending::settle(PicoUsd reserved, PicoUsd cost, WallTime filed, WallTime now) noexcept {
    roll(now);
    for (auto& tally : tallies_) {
        if (filed >= tally.begin) {
            tally.reserved -= reserved;
            tally.settled += cost;
        }
    }
}

void Spending::restore(Period period, PicoUsdSum spent, WallTime now) noexcept {
    roll(now);
    tallies_[place_of(period)].settled += spent;
}

bool Spending::is_empty(WallTime now) const noexcept {
    const PicoUsdSum nothing;
    for (std::size_t i = 0; i < period_count; ++i) {
        const auto tally = at(static_cast<Period>(i), now);
        if (tally.settled != nothing || tally.reserved != nothing) {
            return false;
        }
    }
    return true;
}

}  // namespace gatehouse::policy
