#include "gatehouse/policy/strategy.hpp"

#include "gatehouse/policy/latency.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace gatehouse::policy {
namespace {

using Order = std::vector<std::size_t>;

/// The same numbers in every run.
class SeededRandom : public Random {
public:
    double unit() override { return std::uniform_real_distribution<double>(0.0, 1.0)(engine_); }

private:
    std::mt19937_64 engine_{20261129};
};

struct StrategyTest : testing::Test {
    explicit StrategyTest() : contenders(3) {
        for (std::size_t i = 0; i < contenders.size(); ++i) {
            contenders[i].identity = stable_hash("target " + std::to_string(i));
        }
    }
    Order order(Strategy strategy, std::uint64_t key = 0) {
        return order_of(strategy, contenders, key, random);
    }
    /// How often each was first.
    std::map<std::size_t, int> firsts(Strategy strategy, int rounds) {
        std::map<std::size_t, int> counts;
        for (int i = 0; i < rounds; ++i) {
            ++counts[order(strategy, stable_hash(std::to_string(i))).front()];
        }
        return counts;
    }
    std::vector<Contender> contenders;
    SeededRandom random;
};

TEST_F(StrategyTest, OrderedKeepsTheFilesOrder) {
    EXPECT_EQ(order(Strategy::ordered), (Order{0, 1, 2}));
}

TEST_F(StrategyTest, WeightedSharesByWeightAndKeepsZeroForLast) {
    contenders[0].weight = 3;
    contenders[1].weight = 1;
    contenders[2].weight = 0;
    auto counts = firsts(Strategy::weighted, 10'000);
    EXPECT_NEAR(counts[0], 7'500, 200);
    EXPECT_NEAR(counts[1], 2'500, 200);
    EXPECT_EQ(counts[2], 0);
    EXPECT_EQ(order(Strategy::weighted).back(), 2U);
}

TEST_F(StrategyTest, LeastLatencyAsksTheUnknownFirstAndGoesOnExploring) {
    contenders[0].latency = Milliseconds(300);
    contenders[1].latency = Milliseconds(100);
    contenders[2].latency = Milliseconds(200);
    auto counts = firsts(Strategy::least_latency, 10'000);
    EXPECT_NEAR(counts[1], 9'667, 100);
    EXPECT_NEAR(counts[0], 167, 60);
    EXPECT_NEAR(counts[2], 167, 60);
    contenders[0].latency.reset();
    EXPECT_NEAR(firsts(Strategy::least_latency, 1'000)[0], 967, 25);
}

TEST_F(StrategyTest, LeastBusyCountsCallsForEachUnitOfWeight) {
    contenders[0].in_flight = 4;
    contenders[0].weight = 4;
    contenders[1].in_flight = 2;
    contenders[2].in_flight = 3;
    EXPECT_EQ(order(Strategy::least_busy), (Order{0, 1, 2}));
}

TEST_F(StrategyTest, CheapestPutsUnknownCostsLast) {
    contenders[1].cost = PicoUsd(20);
    contenders[2].cost = PicoUsd(10);
    EXPECT_EQ(order(Strategy::cheapest), (Order{2, 1, 0}));
}

TEST_F(StrategyTest, StickyGivesOneKeyOneOrderAndSpreadsKeysByWeight) {
    contenders[0].weight = 2;
    EXPECT_EQ(order(Strategy::sticky, 77), order(Strategy::sticky, 77));
    auto counts = firsts(Strategy::sticky, 10'000);
    EXPECT_NEAR(counts[0], 5'000, 200);
    EXPECT_NEAR(counts[1], 2'500, 200);
    EXPECT_NEAR(counts[2], 2'500, 200);
}

TEST_F(StrategyTest, StickyMovesOnlyTheShareOfATargetThatGoes) {
    const auto three = contenders;
    const std::vector<Contender> two(contenders.begin(), contenders.begin() + 2);
    for (int i = 0; i < 1'000; ++i) {
        const auto key = stable_hash(std::to_string(i));
        const auto before = order_of(Strategy::sticky, three, key, random).front();
        const auto after = order_of(Strategy::sticky, two, key, random).front();
        if (before != 2) {
            EXPECT_EQ(before, after);
        }
    }
}

TEST(StableHashTest, IsTheSameInEveryBuild) {
    EXPECT_EQ(stable_hash(""), stable_hash(""));
    EXPECT_NE(stable_hash("a"), stable_hash("b"));
    EXPECT_NE(stable_hash("a"), stable_hash("a", 1));
    EXPECT_EQ(stable_hash("gatehouse"), 0xf432ad5baf92def4ULL);
}

TEST(DecayedMeanTest, MovesToWhatIsNewAndForgets) {
    Instant now{std::chrono::hours(100)};
    DecayedMean mean;
    EXPECT_EQ(mean.value(now), std::nullopt);
    for (int i = 0; i < 50; ++i) {
        mean.add(Milliseconds(100), now);
    }
    EXPECT_EQ(mean.value(now), Milliseconds(100));
    now += std::chrono::minutes(5);
    mean.add(Milliseconds(900), now);
    EXPECT_GT(*mean.value(now), Milliseconds(800));
    EXPECT_EQ(mean.value(now + DecayedMean::forgotten_after + Milliseconds(1)), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::policy
