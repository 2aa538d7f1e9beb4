#include "gatehouse/policy/hedge.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

using std::chrono::seconds;

const Instant start{std::chrono::hours(100)};

TEST(LatencyHistogramTest, TellsAQuantileWithinAFifth) {
    LatencyHistogram histogram;
    for (int ms = 1; ms <= 1'000; ++ms) {
        histogram.add(Milliseconds(ms), start);
    }
    const auto near = [&](double share, double wanted) {
        const auto found = static_cast<double>(histogram.quantile(share, start)->count());
        EXPECT_GE(found, wanted) << share;
        EXPECT_LE(found, wanted * 1.2) << share;
    };
    near(0.5, 500);
    near(0.95, 950);
    near(0.99, 990);
}

TEST(LatencyHistogramTest, SaysNothingOfFewCallsOrOldOnes) {
    LatencyHistogram histogram;
    for (int i = 0; i < 19; ++i) {
        histogram.add(Milliseconds(100), start);
    }
    EXPECT_EQ(histogram.quantile(0.95, start), std::nullopt);
    histogram.add(Milliseconds(100), start);
    EXPECT_TRUE(histogram.quantile(0.95, start));
    EXPECT_EQ(histogram.quantile(0.95, start + LatencyHistogram::half_life), std::nullopt);
}

TEST(LatencyHistogramTest, NewCallsOutweighOldOnes) {
    LatencyHistogram histogram;
    for (int i = 0; i < 100; ++i) {
        histogram.add(Milliseconds(100), start);
    }
    const auto later = start + 4 * LatencyHistogram::half_life;
    for (int i = 0; i < 100; ++i) {
        histogram.add(Milliseconds(1'000), later);
    }
    EXPECT_GT(*histogram.quantile(0.5, later), Milliseconds(900));
}

TEST(LatencyHistogramTest, TakesAnyTime) {
    LatencyHistogram histogram;
    for (int i = 0; i < 20; ++i) {
        histogram.add(Milliseconds(0), start);
        histogram.add(std::chrono::hours(1'000), start);
    }
    EXPECT_GE(*histogram.quantile(0.0, start), Milliseconds(1));
    EXPECT_GT(*histogram.quantile(1.0, start), std::chrono::hours(4));
}

TEST(HedgeBudgetTest, IsAShareOfTheFirstCallsOfAMinute) {
    const HedgeOptions options;
    HedgeBudget budget;
    EXPECT_FALSE(budget.take(options, start));
    for (int i = 0; i < 100; ++i) {
        budget.first_call(start);
    }
    int taken = 0;
    while (budget.take(options, start)) {
        ++taken;
    }
    EXPECT_EQ(taken, 5);
    EXPECT_FALSE(budget.take(options, start + seconds(50)));
    budget.first_call(start + seconds(60));
    EXPECT_FALSE(budget.take(options, start + seconds(60))) << "the hundred calls are forgotten too";
}

}  // namespace
}  // namespace gatehouse::policy
