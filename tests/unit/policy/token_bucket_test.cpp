#include "gatehouse/policy/token_bucket.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace gatehouse::policy {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Instant start{std::chrono::hours(100)};

TEST(TokenBucketTest, HoldsOneMinutesWorth) {
    TokenBucket bucket(60, start);
    EXPECT_EQ(bucket.remaining(start), 60);
    bucket.take(60, start);
    EXPECT_EQ(bucket.remaining(start), 0);
    EXPECT_EQ(bucket.wait_for(1, start), seconds(1));
    EXPECT_EQ(bucket.remaining(start + milliseconds(999)), 0);
    EXPECT_EQ(bucket.remaining(start + seconds(1)), 1);
    EXPECT_EQ(bucket.remaining(start + minutes(10)), 60);
}

TEST(TokenBucketTest, TheWaitIsTheShortestThatIsEnough) {
    TokenBucket bucket(7, start);
    bucket.take(7, start);
    const auto wait = *bucket.wait_for(3, start);  // 25.714285… s
    EXPECT_EQ(wait, milliseconds(25'715));
    EXPECT_EQ(bucket.wait_for(3, start + wait), milliseconds(0));
    EXPECT_EQ(bucket.wait_for(3, start + wait - milliseconds(1)), milliseconds(1));
}

TEST(TokenBucketTest, MoreThanItHoldsIsNeverThere) {
    const TokenBucket bucket(100, start);
    EXPECT_EQ(bucket.wait_for(100, start), milliseconds(0));
    EXPECT_EQ(bucket.wait_for(101, start), std::nullopt);
}

TEST(TokenBucketTest, ZeroBlocksEvenNothing) {
    const TokenBucket bucket(0, start);
    EXPECT_EQ(bucket.wait_for(0, start), std::nullopt);
    EXPECT_EQ(bucket.wait_for(1, start + minutes(9)), std::nullopt);
    EXPECT_EQ(bucket.remaining(start), 0);
    EXPECT_EQ(bucket.full_after(start), std::nullopt);
}

TEST(TokenBucketTest, SmallStepsLoseNothing) {
    // 7 a minute in steps of a millisecond and a nanosecond: no step is a whole token.
    TokenBucket bucket(7, start);
    bucket.take(7, start);
    Instant now = start;
    const auto step = nanoseconds(1'000'001);
    for (int i = 0; i < 59'999; ++i) {
        now += step;
        bucket.take(0, now);
    }
    EXPECT_EQ(bucket.remaining(now), 6);
    EXPECT_EQ(bucket.full_after(now), std::chrono::ceil<milliseconds>(start + minutes(1) - now));
    EXPECT_EQ(bucket.remaining(start + minutes(1)), 7);
}

TEST(TokenBucketTest, OwesWhatWasUsedBeyondTheReservation) {
    TokenBucket bucket(60, start);
    bucket.take(10, start);
    bucket.settle(10, 90, start);
    EXPECT_EQ(bucket.remaining(start), 0);
    EXPECT_EQ(bucket.wait_for(1, start), seconds(31));
    EXPECT_EQ(bucket.full_after(start), seconds(90));
}

TEST(TokenBucketTest, GivesBackWhatWasReservedAndNotUsed) {
    TokenBucket bucket(60, start);
    bucket.take(50, start);
    bucket.settle(50, 20, start);
    EXPECT_EQ(bucket.remaining(start), 40);
    bucket.give_back(1'000, start);
    EXPECT_EQ(bucket.remaining(start), 60) << "it holds no more";
}

TEST(TokenBucketTest, OwesAnHourAtMost) {
    TokenBucket bucket(60, start);
    bucket.settle(0, std::numeric_limits<std::int64_t>::max(), start);
    EXPECT_EQ(bucket.wait_for(1, start), minutes(60) + seconds(1));
}

TEST(TokenBucketTest, AnotherLimitKeepsWhatWasTaken) {
    TokenBucket bucket(60, start);
    bucket.take(50, start);
    bucket.resize(100, start);
    EXPECT_EQ(bucket.remaining(start), 50);
    bucket.resize(20, start);
    EXPECT_EQ(bucket.remaining(start), 0);
    EXPECT_EQ(bucket.full_after(start), minutes(1)) << "no debt from a limit that is gone";
}

TEST(TokenBucketTest, AnEarlierInstantChangesNothing) {
    TokenBucket bucket(60, start);
    bucket.take(60, start);
    EXPECT_EQ(bucket.remaining(start - minutes(5)), 0);
    bucket.take(0, start - minutes(5));
    EXPECT_EQ(bucket.remaining(start + seconds(2)), 2);
}

TEST(TokenBucketTest, LargeLimitsDoNotOverflow) {
    constexpr std::int64_t trillion = 1'000'000'000'000;
    TokenBucket bucket(trillion, start);
    bucket.take(trillion, start);
    EXPECT_EQ(bucket.remaining(start + seconds(30)), trillion / 2);
    EXPECT_EQ(bucket.remaining(start + std::chrono::hours(24 * 365 * 50)), trillion);
}

}  // namespace
}  // namespace gatehouse::policy
