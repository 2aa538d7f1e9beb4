#include "gatehouse/policy/budget.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace gatehouse::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;
using std::chrono::year;

constexpr std::int64_t dollar = 1'000'000'000'000;

WallTime at(int y, unsigned m, unsigned d, int hour = 0) {
    return sys_days(year(y) / std::chrono::month(m) / std::chrono::day(d)) + hours(hour);
}

PicoUsd usd(std::int64_t dollars) {
    return PicoUsd(dollars * dollar);
}

BudgetOptions of(std::int64_t dollars, Period period = Period::month) {
    BudgetOptions options;
    options.limit = usd(dollars);
    options.period = period;
    return options;
}

TEST(PeriodTest, BeginsInUtcAndWeeksOnMonday) {
    const auto sunday = at(2026, 11, 29, 23);
    EXPECT_EQ(begin_of(Period::day, sunday), at(2026, 11, 29));
    EXPECT_EQ(begin_of(Period::week, sunday), at(2026, 11, 23));
    EXPECT_EQ(begin_of(Period::month, sunday), at(2026, 11, 1));
    EXPECT_EQ(begin_of(Period::week, at(2026, 11, 23)), at(2026, 11, 23)) << "a Monday";
    EXPECT_EQ(begin_of(Period::week, at(2027, 1, 1)), at(2026, 12, 28)) << "over the new year";
}

TEST(PeriodTest, EndsWhereTheNextOneBegins) {
    EXPECT_EQ(end_of(Period::day, at(2028, 2, 28, 5)), at(2028, 2, 29));
    EXPECT_EQ(end_of(Period::week, at(2026, 11, 29, 23)), at(2026, 11, 30));
    EXPECT_EQ(end_of(Period::month, at(2026, 12, 31, 23)), at(2027, 1, 1));
    EXPECT_EQ(end_of(Period::month, at(2028, 2, 1)), at(2028, 3, 1));
    EXPECT_EQ(end_of(Period::total, at(2028, 2, 1)), std::nullopt);
}

TEST(SpendingTest, SettledAndReservedStayWithinTheLimit) {
    Spending spending;
    const auto options = of(10);
    const auto now = at(2026, 11, 29);
    const auto filed = spending.reserve(usd(6), now);
    EXPECT_TRUE(spending.allows(options, usd(4), now));
    EXPECT_FALSE(spending.allows(options, PicoUsd(4 * dollar + 1), now));
    spending.settle(usd(6), usd(1), filed, now);
    EXPECT_EQ(spending.settled(Period::month, now), usd(1));
    EXPECT_EQ(spending.reserved(Period::month, now), PicoUsdSum());
    EXPECT_TRUE(spending.allows(options, usd(9), now));
}

TEST(SpendingTest, ABudgetOfNothingAllowsWhatCostsNothing) {
    const Spending spending;
    const auto options = of(0);
    const auto now = at(2026, 11, 29);
    EXPECT_TRUE(spending.allows(options, PicoUsd(), now));
    EXPECT_FALSE(spending.allows(options, PicoUsd(1), now));
    EXPECT_EQ(spending.used(options, now), 10'000);
}

TEST(SpendingTest, BeginsAnewWithThePeriod) {
    Spending spending;
    const auto filed = spending.reserve(usd(10), at(2026, 11, 29));
    spending.settle(usd(10), usd(10), filed, at(2026, 11, 29));
    EXPECT_FALSE(spending.allows(of(10, Period::day), usd(1), at(2026, 11, 29, 23)));
    EXPECT_TRUE(spending.allows(of(10, Period::day), usd(10), at(2026, 11, 30)));
    EXPECT_FALSE(spending.allows(of(10, Period::month), usd(1), at(2026, 11, 30)));
    EXPECT_TRUE(spending.allows(of(10, Period::month), usd(10), at(2026, 12, 1)));
    EXPECT_FALSE(spending.allows(of(10, Period::total), usd(1), at(2030, 1, 1)));
}

TEST(SpendingTest, MoneyBelongsToThePeriodInWhichItWasReserved) {
    Spending spending;
    const auto before = at(2026, 11, 30, 23);
    const auto after = at(2026, 12, 1, 1);
    const auto filed = spending.reserve(usd(5), before);
    EXPECT_EQ(spending.reserved(Period::day, after), PicoUsdSum()) << "the new day has nothing reserved";
    spending.settle(usd(5), usd(3), filed, after);
    EXPECT_EQ(spending.settled(Period::day, after), PicoUsdSum());
    EXPECT_EQ(spending.settled(Period::month, after), PicoUsdSum());
    EXPECT_EQ(spending.settled(Period::week, after), usd(3)) << "the same week";
    EXPECT_EQ(spending.settled(Period::total, after), usd(3));
    EXPECT_EQ(spending.reserved(Period::week, after), PicoUsdSum());
}

TEST(SpendingTest, WhatGrowsInANewPeriodBelongsToThatOne) {
    Spending spending;
    const auto before = at(2026, 11, 30, 23);
    const auto after = at(2026, 12, 1, 1);
    const auto filed = spending.reserve(usd(5), before);
    EXPECT_EQ(spending.growth(of(10, Period::day), usd(5), usd(4), filed, before), usd(4));
    EXPECT_EQ(spending.growth(of(10, Period::day), usd(5), usd(4), filed, after), usd(9));
    const auto again = spending.grow(usd(5), usd(4), filed, after);
    EXPECT_EQ(spending.reserved(Period::day, after), usd(9));
    EXPECT_EQ(spending.reserved(Period::week, after), usd(9));
    spending.settle(usd(9), usd(7), again, after);
    for (const auto period : {Period::day, Period::week, Period::month, Period::total}) {
        EXPECT_EQ(spending.settled(period, after), usd(7)) << name_of(period);
        EXPECT_EQ(spending.reserved(period, after), PicoUsdSum()) << name_of(period);
    }
}

TEST(SpendingTest, AClockThatIsSetBackFreesNothing) {
    Spending spending;
    const auto later = at(2026, 12, 1);
    const auto earlier = at(2026, 11, 30);
    spending.settle(usd(2), usd(2), spending.reserve(usd(2), later), later);
    const auto filed = spending.reserve(usd(3), earlier);
    EXPECT_EQ(spending.reserved(Period::day, earlier), usd(3));
    EXPECT_FALSE(spending.allows(of(5, Period::day), usd(1), earlier));
    spending.settle(usd(3), usd(1), filed, earlier);
    EXPECT_EQ(spending.reserved(Period::day, later), PicoUsdSum());
    EXPECT_EQ(spending.settled(Period::day, later), usd(3));
}

TEST(SpendingTest, TellsTheShareInHundredthsOfAPercent) {
    Spending spending;
    const auto now = at(2026, 11, 29);
    const auto filed = spending.reserve(usd(2), now);
    EXPECT_EQ(spending.used(of(3), now), 6'666);
    spending.settle(usd(2), usd(6), filed, now);
    EXPECT_EQ(spending.used(of(3), now), 20'000) << "more than was reserved";
}

TEST(SpendingTest, WhatWasSpentBeforeCountsBesideWhatIsKnownHere) {
    Spending spending;
    const auto now = at(2026, 11, 29);
    EXPECT_TRUE(spending.is_empty(now));
    spending.restore(Period::month, usd(4), now);
    EXPECT_EQ(spending.settled(Period::month, now), usd(4));
    EXPECT_EQ(spending.settled(Period::day, now), PicoUsdSum());
    EXPECT_FALSE(spending.is_empty(now));
    EXPECT_TRUE(spending.is_empty(at(2026, 12, 1)));
    spending.settle(usd(2), usd(1), spending.reserve(usd(2), now), now);
    EXPECT_EQ(spending.settled(Period::month, now), usd(5));
    EXPECT_EQ(spending.settled(Period::day, now), usd(1));
    EXPECT_EQ(spending.settled(Period::total, now), usd(1));
}

TEST(SpendingTest, SumsDoNotOverflow) {
    Spending spending;
    const auto now = at(2026, 11, 29);
    const PicoUsd most(9'000'000 * dollar);
    for (int i = 0; i < 100; ++i) {
        spending.settle(most, most, spending.reserve(most, now), now);
    }
    EXPECT_FALSE(spending.allows(of(8'999'999), PicoUsd(0), now));
    EXPECT_GT(spending.used(of(1), now), 10'000);
}

}  // namespace
}  // namespace gatehouse::policy
