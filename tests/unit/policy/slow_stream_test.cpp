#include "gatehouse/policy/slow_stream.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

using Verdict = SlowStreamGuard::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Five tokens, twenty bytes, a second, over three seconds: sixty bytes.
struct SlowStreamTest : testing::Test {
    SlowStreamGuard guard{{5, seconds(3)}, never};
    Instant start{Instant{} + seconds(100)};
};

TEST_F(SlowStreamTest, AStreamWithoutContentWaits) {
    EXPECT_EQ(guard.verdict(start + seconds(60)), Verdict::wait);
    EXPECT_FALSE(guard.decides_at());
}

TEST_F(SlowStreamTest, WhatIsSaidInTimeLetsItGoAtOnce) {
    guard.content(20, 200, start);
    EXPECT_EQ(guard.verdict(start), Verdict::wait);
    EXPECT_EQ(guard.decides_at(), start + seconds(3));
    guard.content(60, 600, start + milliseconds(10));
    EXPECT_EQ(guard.verdict(start + milliseconds(10)), Verdict::let_go);
    EXPECT_FALSE(guard.decides_at());
    EXPECT_EQ(guard.verdict(start + seconds(9)), Verdict::let_go);
}

TEST_F(SlowStreamTest, TooLittleAtTheEndOfItsTimeIsTooSlow) {
    guard.content(30, 300, start);
    guard.content(59, 600, start + seconds(2));
    EXPECT_EQ(guard.verdict(start + milliseconds(2999)), Verdict::wait);
    EXPECT_EQ(guard.verdict(start + seconds(3)), Verdict::too_slow);
}

TEST_F(SlowStreamTest, MoreThanMayBeHeldGoesOut) {
    guard.content(30, SlowStreamGuard::most_held + 1, start);
    EXPECT_EQ(guard.verdict(start), Verdict::let_go);
}

TEST_F(SlowStreamTest, AStreamThatCouldNotBeReplacedInTimeIsServedAsItComes) {
    SlowStreamGuard late({5, seconds(3)}, start + seconds(3));
    late.content(1, 100, start);
    EXPECT_EQ(late.verdict(start + seconds(5)), Verdict::let_go);
    SlowStreamGuard early({5, seconds(3)}, start + milliseconds(3001));
    early.content(1, 100, start);
    EXPECT_EQ(early.verdict(start + seconds(3)), Verdict::too_slow);
}

}  // namespace
}  // namespace gatehouse::policy
