#include "gatehouse/policy/week_time.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// Monday, 2026-01-05 00:00 UTC.
const WallTime monday{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

std::shared_ptr<const TimeZone> zone(std::chrono::seconds offset,
                                     std::vector<TimeZone::Change> changes = {}) {
    return std::make_shared<const TimeZone>("test", offset, std::move(changes));
}

WeekTime hours_of(unsigned first_day, unsigned last_day, unsigned from, unsigned until) {
    return {first_day, last_day, from, until, zone(hours(0))};
}

TEST(WeekTime, HoldsFromItsFirstMinuteToBeforeItsLast) {
    const auto office = hours_of(0, 4, 8 * 60, 18 * 60);
    EXPECT_FALSE(office.holds(monday + hours(8) - std::chrono::seconds(1)));
    EXPECT_TRUE(office.holds(monday + hours(8)));
    EXPECT_TRUE(office.holds(monday + hours(18) - std::chrono::seconds(1)));
    EXPECT_FALSE(office.holds(monday + hours(18)));
    EXPECT_TRUE(office.holds(monday + days(4) + hours(12)));
    EXPECT_FALSE(office.holds(monday + days(5) + hours(12)));
    EXPECT_FALSE(office.holds(monday - days(1) + hours(12)));
}

TEST(WeekTime, HoursOverMidnightBelongToTheDayTheyBeginOn) {
    const auto friday_night = hours_of(4, 4, 22 * 60, 6 * 60);
    EXPECT_FALSE(friday_night.holds(monday + days(4) + hours(3))) << "Thursday's night";
    EXPECT_TRUE(friday_night.holds(monday + days(4) + hours(22)));
    EXPECT_TRUE(friday_night.holds(monday + days(5) + hours(5)));
    EXPECT_FALSE(friday_night.holds(monday + days(5) + hours(6)));
    EXPECT_FALSE(friday_night.holds(monday + days(5) + hours(23)));
    const auto sunday_night = hours_of(6, 6, 22 * 60, 6 * 60);
    EXPECT_TRUE(sunday_night.holds(monday + hours(1))) << "the week begins in it";
}

TEST(WeekTime, DaysMayRunOverTheEndOfTheWeek) {
    const auto weekend = hours_of(5, 0, 0, 24 * 60);
    EXPECT_TRUE(weekend.holds(monday + hours(23)));
    EXPECT_FALSE(weekend.holds(monday + days(1)));
    EXPECT_TRUE(weekend.holds(monday + days(5)));
    EXPECT_TRUE(weekend.holds(monday + days(6)));
}

TEST(WeekTime, IsReadOnTheClockOfItsZone) {
    auto office = hours_of(0, 0, 0, 60);
    office.zone = zone(hours(-5));
    EXPECT_FALSE(office.holds(monday)) << "Sunday evening there";
    EXPECT_TRUE(office.holds(monday + hours(5)));
    office.zone = zone(minutes(5 * 60 + 45));
    EXPECT_TRUE(office.holds(monday - minutes(5 * 60 + 45)));
}

TEST(WeekTime, FollowsTheChangesOfItsZone) {
    auto office = hours_of(0, 6, 8 * 60, 9 * 60);
    office.zone = zone(hours(1), {{monday + days(1), hours(2)}, {monday + days(3), hours(1)}});
    EXPECT_TRUE(office.holds(monday + hours(7)));
    EXPECT_FALSE(office.holds(monday + hours(6)));
    EXPECT_TRUE(office.holds(monday + days(2) + hours(6)));
    EXPECT_FALSE(office.holds(monday + days(2) + hours(7)));
    EXPECT_TRUE(office.holds(monday + days(4) + hours(7)));
}

TEST(TimeZone, AnOffsetHoldsFromTheMomentOfItsChange) {
    const TimeZone berlin("Europe/Berlin", hours(1), {{monday, hours(2)}, {monday + days(9), hours(1)}});
    EXPECT_EQ(berlin.offset_at(monday - std::chrono::seconds(1)), hours(1));
    EXPECT_EQ(berlin.offset_at(monday), hours(2));
    EXPECT_EQ(berlin.offset_at(monday + days(9)), hours(1));
}

}  // namespace
}  // namespace gatehouse::policy
