// The system's time zones, as rules use them.
#include "config/time_zones.hpp"

#include "gatehouse/policy/week_time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

WallTime utc(int year, unsigned month, unsigned day, int hour, int minute = 0) {
    return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)} +
           hours(hour) + minutes(minute);
}

TEST(TimeZones, FollowSummerTime) {
    const auto berlin = find_time_zone("Europe/Berlin");
    ASSERT_TRUE(berlin);
    EXPECT_EQ(berlin->name(), "Europe/Berlin");
    EXPECT_EQ(berlin->offset_at(utc(2026, 1, 15, 12)), hours(1));
    EXPECT_EQ(berlin->offset_at(utc(2026, 7, 15, 12)), hours(2));
    // 2026-03-29 and 2026-10-25, 01:00 UTC.
    EXPECT_EQ(berlin->offset_at(utc(2026, 3, 29, 1) - seconds(1)), hours(1));
    EXPECT_EQ(berlin->offset_at(utc(2026, 3, 29, 1)), hours(2));
    EXPECT_EQ(berlin->offset_at(utc(2026, 10, 25, 1) - seconds(1)), hours(2));
    EXPECT_EQ(berlin->offset_at(utc(2026, 10, 25, 1)), hours(1));
    EXPECT_EQ(berlin->offset_at(utc(2036, 7, 1, 0)), hours(2));
    const auto new_york = find_time_zone("America/New_York");
    ASSERT_TRUE(new_york);
    EXPECT_EQ(new_york->offset_at(utc(2026, 1, 15, 12)), hours(-5));
    EXPECT_EQ(new_york->offset_at(utc(2026, 3, 8, 7)), hours(-4));
    const auto south = find_time_zone("Australia/Lord_Howe");
    ASSERT_TRUE(south);
    EXPECT_EQ(south->offset_at(utc(2026, 1, 15, 0)), hours(11));
    EXPECT_EQ(south->offset_at(utc(2026, 7, 15, 0)), minutes(10 * 60 + 30));
}

TEST(TimeZones, WithoutSummerTimeStayAsTheyAre) {
    const std::vector<std::pair<std::string, minutes>> zones = {
        {"UTC", minutes(0)}, {"Asia/Kolkata", minutes(330)}, {"America/Phoenix", minutes(-420)}};
    for (const auto& [name, offset] : zones) {
        const auto zone = find_time_zone(name);
        ASSERT_TRUE(zone) << name;
        EXPECT_EQ(zone->offset_at(utc(2026, 1, 15, 0)), offset);
        EXPECT_EQ(zone->offset_at(utc(2026, 7, 15, 0)), offset);
    }
}

/// The hour that the clock skips, and the one that it shows twice.
TEST(TimeZones, OfficeHoursHoldOnDaysOfChange) {
    policy::WeekTime early{6, 6, 2 * 60, 3 * 60, find_time_zone("Europe/Berlin")};
    ASSERT_TRUE(early.zone);
    EXPECT_FALSE(early.holds(utc(2026, 3, 29, 0, 59)));  // 01:59
    EXPECT_FALSE(early.holds(utc(2026, 3, 29, 1, 0)));   // 03:00: there is no 02:30 on that day
    EXPECT_FALSE(early.holds(utc(2026, 10, 24, 23, 59)));
    EXPECT_TRUE(early.holds(utc(2026, 10, 25, 0, 30)));  // 02:30 in summer time
    EXPECT_TRUE(early.holds(utc(2026, 10, 25, 1, 30)));  // and once more
    EXPECT_FALSE(early.holds(utc(2026, 10, 25, 2, 0)));
    policy::WeekTime night{5, 5, 23 * 60, 4 * 60, early.zone};
    EXPECT_TRUE(night.holds(utc(2026, 3, 28, 22, 0)));  // Saturday 23:00
    EXPECT_TRUE(night.holds(utc(2026, 3, 29, 1, 59)));  // Sunday 03:59
    EXPECT_FALSE(night.holds(utc(2026, 3, 29, 2, 0)));
}

TEST(TimeZones, ThatDoNotExistAreNotFound) {
    for (const char* name :
         {"Europe/Berln", "", "../../etc/passwd", "/etc/passwd", "Europe", "Mars/Olympus"}) {
        EXPECT_FALSE(find_time_zone(name)) << name;
    }
    EXPECT_THAT(time_zone_names(), testing::Contains("Europe/Berlin"));
}

}  // namespace
}  // namespace gatehouse::config
