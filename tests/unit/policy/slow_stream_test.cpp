#include "gatehouse/policy/slow_stream.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

using Verdict = SlowStreamGuard::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Five tokens, twenty bytes, a second, over three seconds: sixty bytes.
struct SlowStreamTest : testing::Test {
    void content(std::size_t said, std::size_t held, Instant now) {
        guard.content({said, held}, now);
        if (guard.asks()) {
            ++asked;
            guard.replaceable_until(last_start);
        }
    }

    SlowStreamGuard guard{{5, seconds(3)}};
    std::optional<Instant> last_start{never};
    int asked{0};
    Instant start{Instant{} + seconds(100)};
};

TEST_F(SlowStreamTest, AStreamWithoutContentWaits) {
    EXPECT_EQ(guard.verdict(start + seconds(60)), Verdict::wait);
    EXPECT_FALSE(guard.decides_at());
}

TEST_F(SlowStreamTest, WhatIsSaidInTimeLetsItGoAtOnce) {
    content(20, 200, start);
    EXPECT_EQ(guard.verdict(start), Verdict::wait);
    EXPECT_EQ(guard.decides_at(), start + seconds(3));
    content(60, 600, start + milliseconds(10));
    EXPECT_EQ(guard.verdict(start + milliseconds(10)), Verdict::let_go);
    EXPECT_FALSE(guard.decides_at());
    EXPECT_EQ(guard.verdict(start + seconds(9)), Verdict::let_go);
}

TEST_F(SlowStreamTest, TooLittleAtTheEndOfItsTimeIsTooSlow) {
    content(30, 300, start);
    content(59, 600, start + seconds(2));
    EXPECT_EQ(guard.verdict(start + milliseconds(2999)), Verdict::wait);
    EXPECT_EQ(guard.verdict(start + seconds(3)), Verdict::too_slow);
}

TEST_F(SlowStreamTest, MoreThanMayBeHeldGoesOut) {
    content(30, SlowStreamGuard::most_held + 1, start);
    EXPECT_EQ(guard.verdict(start), Verdict::let_go);
}

TEST_F(SlowStreamTest, AStreamThatCouldNotBeReplacedInTimeIsServedAsItComes) {
    last_start = start + seconds(3);
    content(1, 100, start);
    EXPECT_EQ(guard.verdict(start + seconds(5)), Verdict::let_go);
    guard = SlowStreamGuard({5, seconds(3)});
    last_start = start + milliseconds(3001);
    content(1, 100, start);
    EXPECT_EQ(guard.verdict(start + seconds(3)), Verdict::too_slow);
}

TEST_F(SlowStreamTest, WhoCouldTakeItsPlaceIsAskedOnceAndOnlyForWhatIsNotQuickAlready) {
    content(60, 100, start);
    EXPECT_EQ(asked, 0);
    EXPECT_EQ(guard.verdict(start), Verdict::let_go);
    guard = SlowStreamGuard({5, seconds(3)});
    content(1, 100, start);
    content(2, 200, start + seconds(1));
    EXPECT_EQ(asked, 1);
    guard = SlowStreamGuard({5, seconds(3)});
    last_start.reset();
    content(1, 100, start);
    EXPECT_EQ(guard.verdict(start), Verdict::let_go) << "nobody could";
}

TEST_F(SlowStreamTest, TheTimeRunsFromTheFirstThatIsToBeRead) {
    content(0, 100, start);
    EXPECT_FALSE(guard.decides_at());
    EXPECT_EQ(guard.verdict(start + seconds(60)), Verdict::wait);
    content(1, 200, start + seconds(60));
    EXPECT_EQ(guard.decides_at(), start + seconds(63));
}

TEST_F(SlowStreamTest, WhatIsMoreThanTextGoesOutAtOnce) {
    content(1, 100, start);
    guard.content({1, 200, false}, start + seconds(1));
    EXPECT_EQ(guard.verdict(start + seconds(9)), Verdict::let_go);
    EXPECT_FALSE(guard.decides_at());
}

}  // namespace
}  // namespace gatehouse::policy
