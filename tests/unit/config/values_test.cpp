#include "config/values.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

TEST(Count, TakesDigitsWithKAndM) {
    EXPECT_EQ(parse_count("0"), 0);
    EXPECT_EQ(parse_count("600"), 600);
    EXPECT_EQ(parse_count("5k"), 5'000);
    EXPECT_EQ(parse_count("2M"), 2'000'000);
}

TEST(Count, RefusesSignsFractionsOtherLettersAndOverflow) {
    for (const char* text : {"", "k", "-1", "+1", "1.5k", "5K", "5m", "5 k", "1_000", "0x10",
                             "9223372036854775808", "9223372036854775807k"}) {
        EXPECT_FALSE(parse_count(text)) << text;
    }
    EXPECT_EQ(parse_count("9223372036854775807"), 9'223'372'036'854'775'807);
}

TEST(Percent, IsInHundredths) {
    EXPECT_EQ(parse_percent("80%"), 8'000);
    EXPECT_EQ(parse_percent("2.5%"), 250);
    for (const char* text : {"80", "%", ".5%", "5.%", "1.234%", "-1%", "80 %"}) {
        EXPECT_FALSE(parse_percent(text)) << text;
    }
}

TEST(Money, KeepsTwelveDecimalsExactly) {
    EXPECT_EQ(parse_money("0.25"), 250'000'000'000);
    EXPECT_EQ(parse_money("0.000000000001"), 1);
    EXPECT_EQ(parse_money("50.00"), 50'000'000'000'000);
    for (const char* text : {"", "$5", "-1", "1e3", "1,5", "0.0000000000001", "9223373"}) {
        EXPECT_FALSE(parse_money(text)) << text;
    }
}

TEST(Timestamp, IsRfc3339WithAZone) {
    const auto start = std::chrono::sys_days(std::chrono::year(2027) / 1 / 1);
    EXPECT_EQ(parse_timestamp("2027-01-01T00:00:00Z"), start);
    EXPECT_EQ(parse_timestamp("2027-01-01T02:30:00+02:30"), start);
    EXPECT_EQ(parse_timestamp("2026-12-31T19:00:01-05:00"), start + std::chrono::seconds(1));
    for (const char* text : {"", "2027-01-01", "2027-01-01T00:00:00", "2027-13-01T00:00:00Z",
                             "2027-02-29T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z",
                             "2027-01-01T00:00:60Z", "2027-01-01 00:00:00Z", "2027-01-01T00:00:00z",
                             "2027-01-01T00:00:00+0200", "9999-01-01T00:00:00Z", "2027-01-01T00:00:00ZZ"}) {
        EXPECT_FALSE(parse_timestamp(text)) << text;
    }
}

TEST(Address, KnowsLoopbackAndWildcard) {
    const auto four = parse_address("127.0.0.2:8080");
    ASSERT_TRUE(four);
    EXPECT_EQ(four->host, "127.0.0.2");
    EXPECT_EQ(four->port, 8080);
    EXPECT_TRUE(four->loopback);
    EXPECT_TRUE(parse_address("[::1]:80")->loopback);
    EXPECT_TRUE(parse_address("localhost:0")->loopback);
    EXPECT_FALSE(parse_address("10.0.0.1:80")->loopback);
    EXPECT_TRUE(parse_address("[::]:8080")->wildcard);
    EXPECT_FALSE(parse_address("[::]:8080")->loopback);
    EXPECT_TRUE(parse_address("0.0.0.0:8080")->wildcard);
}

TEST(Address, RefusesNamesBareIpv6AndBadPorts) {
    for (const char* text :
         {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:8080",
          "[::1]", "[::1:80", "256.0.0.1:80", "example.com:80", "127.0.0.1:80a"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
}

TEST(Address, CollidesThroughAWildcardButNotOnPortZero) {
    const auto collide = [](const char* a, const char* b) {
        return addresses_collide(*parse_address(a), *parse_address(b));
    };
    EXPECT_TRUE(collide("127.0.0.1:80", "127.0.0.1:80"));
    EXPECT_TRUE(collide("0.0.0.0:80", "10.0.0.1:80"));
    EXPECT_TRUE(collide("localhost:80", "127.0.0.1:80"));
    EXPECT_FALSE(collide("127.0.0.1:80", "10.0.0.1:80"));
    EXPECT_FALSE(collide("127.0.0.1:80", "127.0.0.1:81"));
    EXPECT_FALSE(collide("127.0.0.1:0", "127.0.0.1:0"));
}

TEST(Url, IsHttpWithAHostAndNothingHidden) {
    for (const char* good :
         {"https://api.openai.com/v1", "http://127.0.0.1:11434/v1", "http://[::1]:8000", "HTTPS://x"}) {
        EXPECT_EQ(url_fault(good), "") << good;
    }
    for (const char* bad : {"",
                            "api.openai.com",
                            "ftp://x",
                            "https://",
                            "https:///v1",
                            "https://u:p@x/v1",
                            "https://x?k=1",
                            "https://x#f",
                            "https://x y",
                            "https://x:0",
                            "https://x:70000",
                            "https://x:",
                            "https://\xc3\xa9",
                            "http://[::g]",
                            "http://[::1",
                            "http://[::1]x",
                            "http://::1",
                            "http://[]",
                            "http://a!b",
                            "http://x/%2e",
                            "http://x/a/../b",
                            "http://x/[a]"}) {
        EXPECT_NE(url_fault(bad), "") << bad;
    }
}

TEST(Comparison, IsAtLeastOrAtMostANumberOrAShare) {
    const auto tokens = parse_comparison(">= 60k");
    ASSERT_TRUE(tokens);
    EXPECT_TRUE(tokens->at_least);
    EXPECT_FALSE(tokens->share);
    EXPECT_EQ(tokens->bound, 60'000);
    EXPECT_FALSE(parse_comparison("<=500")->at_least);
    EXPECT_TRUE(parse_comparison(">= 80%")->share);
    for (const char* text : {"", "60k", "> 60k", "== 5", ">= ", ">= x", "=> 5"}) {
        EXPECT_FALSE(parse_comparison(text)) << text;
    }
}

TEST(WeekTime, IsDaysHoursAndZone) {
    const auto office = parse_week_hours("Tue-Fri 08:30-18:00 Europe/Berlin");
    ASSERT_TRUE(office);
    EXPECT_EQ(office->first_day, 1U);
    EXPECT_EQ(office->last_day, 4U);
    EXPECT_EQ(office->from, 8U * 60 + 30);
    EXPECT_EQ(office->until, 18U * 60);
    EXPECT_EQ(office->zone, "Europe/Berlin");
    const auto night = parse_week_hours("Sun 22:00-06:00 UTC");
    ASSERT_TRUE(night);
    EXPECT_EQ(night->first_day, 6U);
    EXPECT_EQ(night->last_day, 6U);
    EXPECT_EQ(parse_week_hours("Mon-Sun 00:00-24:00 UTC")->until, 24U * 60);
    for (const char* text :
         {"", "Mon-Fri", "Mon-Fri 08:00-18:00", "Mo-Fr 08:00-18:00 UTC", "Mon 8:00-18:00 UTC",
          "Mon 08:00-25:00 UTC", "Mon 08:00-08:00 UTC", "Mon 08:60-09:00 UTC", "Mon 08:00-18:00 A B"}) {
        EXPECT_FALSE(parse_week_hours(text)) << text;
    }
}

}  // namespace
}  // namespace gatehouse::config
