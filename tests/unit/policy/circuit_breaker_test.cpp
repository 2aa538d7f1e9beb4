#include "gatehouse/policy/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

using std::chrono::seconds;
using Verdict = CircuitBreaker::Verdict;

struct CircuitBreakerTest : testing::Test {
    void succeed(int times = 1) {
        for (int i = 0; i < times; ++i) {
            breaker.succeed(breaker.begin(options, now), options, now);
        }
    }
    void fail(int times = 1) {
        for (int i = 0; i < times; ++i) {
            breaker.fail(breaker.begin(options, now), options, now);
        }
    }
    Verdict verdict(double draw = 0.5) const { return breaker.verdict(options, now, draw); }
    BreakerState state() const { return breaker.state(options, now); }

    BreakerOptions options;
    CircuitBreaker breaker;
    Instant now{std::chrono::hours(100)};
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
    fail(4);
    EXPECT_EQ(state(), BreakerState::closed);
    fail();
    EXPECT_EQ(state(), BreakerState::open);
    EXPECT_EQ(verdict(), Verdict::leave);
    EXPECT_EQ(breaker.open_until(), now + seconds(15));
}

TEST_F(CircuitBreakerTest, ASuccessBetweenBreaksTheRow) {
    fail(4);
    succeed();
    fail(4);
    EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(CircuitBreakerTest, OpensAtTheFailureRateOnceThereAreEnoughCalls) {
    options.failures = 1'000;
    for (int i = 0; i < 6; ++i) {
        fail();
        fail();
        succeed();
    }
    fail();
    EXPECT_EQ(state(), BreakerState::closed) << "13 of 19 failed, too few calls to tell";
    fail();
    EXPECT_EQ(state(), BreakerState::open);
}

TEST_F(CircuitBreakerTest, StaysClosedBelowTheRate) {
    options.failures = 1'000;
    for (int i = 0; i < 200; ++i) {
        fail();
        succeed();
    }
    EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(CircuitBreakerTest, ForgetsWhatIsOlderThanTheWindow) {
    options.failures = 1'000;
    fail(19);
    now += seconds(31);
    fail();
    EXPECT_EQ(state(), BreakerState::closed);
    EXPECT_EQ(breaker.counts(options, now).calls, 1);
}

TEST_F(CircuitBreakerTest, ManyCallsNeedALongerRow) {
    succeed(1'000);
    fail(5);
    EXPECT_EQ(state(), BreakerState::closed) << "by chance, at a modest failure rate";
    fail(5);
    EXPECT_EQ(state(), BreakerState::open);
}

TEST_F(CircuitBreakerTest, LetsOneProbeThroughWhenItsTimeHasCome) {
    fail(5);
    now += seconds(14);
    EXPECT_EQ(verdict(), Verdict::leave);
    now += seconds(1);
    EXPECT_EQ(verdict(), Verdict::probe);
    const auto probe = breaker.begin(options, now);
    EXPECT_EQ(state(), BreakerState::half_open);
    EXPECT_EQ(verdict(), Verdict::leave);
    breaker.fail(probe, options, now);
    EXPECT_EQ(state(), BreakerState::open);
    EXPECT_EQ(breaker.open_until(), now + seconds(15));
}

TEST_F(CircuitBreakerTest, AProbeThatNobodyAwaitedFreesItsPlace) {
    fail(5);
    now += seconds(15);
    breaker.abandon(breaker.begin(options, now));
    EXPECT_EQ(verdict(), Verdict::probe);
}

TEST_F(CircuitBreakerTest, ComesBackByAGrowingShare) {
    fail(5);
    now += seconds(15);
    succeed();
    EXPECT_EQ(state(), BreakerState::recovering);
    EXPECT_EQ(verdict(0.05), Verdict::call);
    EXPECT_EQ(verdict(0.5), Verdict::hold_back);
    now += seconds(9);
    EXPECT_EQ(verdict(0.5), Verdict::call);
    EXPECT_EQ(verdict(0.9), Verdict::hold_back);
    now += seconds(6);
    EXPECT_EQ(verdict(0.999), Verdict::call);
    EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(CircuitBreakerTest, IsBackInThirtySecondsHoweverLongItWasOpen) {
    options.open_for = std::chrono::hours(1);
    fail(5);
    now += std::chrono::hours(1);
    succeed();
    now += seconds(30);
    EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(CircuitBreakerTest, ACallOfLastResortThatSucceedsEndsThePause) {
    fail(5);
    now += seconds(1);
    succeed();
    EXPECT_EQ(state(), BreakerState::recovering);
}

TEST_F(CircuitBreakerTest, ACallBegunBeforeItOpenedSaysNothing) {
    const auto early = breaker.begin(options, now);
    const auto late_failure = breaker.begin(options, now);
    fail(5);
    breaker.succeed(early, options, now);
    EXPECT_EQ(state(), BreakerState::open);
    const auto until = breaker.open_until();
    now += seconds(3);
    breaker.fail(late_failure, options, now);
    EXPECT_EQ(breaker.open_until(), until);
}

TEST_F(CircuitBreakerTest, TheOperatorsWordCountsUntilItIsTakenBack) {
    breaker.order(BreakerOrder::open);
    EXPECT_EQ(verdict(), Verdict::leave);
    EXPECT_EQ(state(), BreakerState::open);
    breaker.order(BreakerOrder::closed);
    fail(50);
    EXPECT_EQ(verdict(), Verdict::call);
    breaker.order(BreakerOrder::none);
    EXPECT_EQ(verdict(), Verdict::leave) << "it has counted on";
}

TEST_F(CircuitBreakerTest, OptionsMayChangeUnderway) {
    fail(4);
    options.window = seconds(60);
    options.failures = 3;
    fail();
    EXPECT_EQ(state(), BreakerState::open);
}

TEST(BreakerWordsTest, NamesAreReadBack) {
    for (const auto order : {BreakerOrder::none, BreakerOrder::open, BreakerOrder::closed}) {
        EXPECT_EQ(breaker_order_named(name_of(order)), order);
    }
    EXPECT_EQ(breaker_order_named("ajar"), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::policy
