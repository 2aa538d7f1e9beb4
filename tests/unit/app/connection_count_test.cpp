#include "app/connection_count.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace gatehouse::app {
namespace {

TEST(ConnectionCount, StopsAtTheLimitInAll) {
    ConnectionCount count;
    EXPECT_TRUE(count.enter("a", 2, 10));
    EXPECT_TRUE(count.enter("b", 2, 10));
    EXPECT_FALSE(count.enter("c", 2, 10));
    EXPECT_EQ(count.all(), 2U);
    count.leave("a");
    EXPECT_TRUE(count.enter("c", 2, 10));
}

TEST(ConnectionCount, StopsAtTheLimitOfAnAddress) {
    ConnectionCount count;
    EXPECT_TRUE(count.enter("a", 10, 1));
    EXPECT_FALSE(count.enter("a", 10, 1));
    EXPECT_TRUE(count.enter("b", 10, 1)) << "others are not concerned";
    EXPECT_EQ(count.all(), 2U);
    count.leave("a");
    EXPECT_TRUE(count.enter("a", 10, 1));
}

TEST(ConnectionCount, TakesNoPlaceForWhoIsRefused) {
    ConnectionCount count;
    EXPECT_FALSE(count.enter("a", 10, 0));
    EXPECT_FALSE(count.enter("a", 0, 10));
    EXPECT_EQ(count.all(), 0U);
    EXPECT_TRUE(count.enter("a", 1, 1));
}

TEST(ConnectionPlace, IsGivenBackAtItsEnd) {
    ConnectionCount count;
    ASSERT_TRUE(count.enter("a", 1, 1));
    auto place = std::make_unique<ConnectionPlace>(count, "a");
    EXPECT_FALSE(count.enter("a", 1, 1));
    place.reset();
    EXPECT_EQ(count.all(), 0U);
    EXPECT_TRUE(count.enter("a", 1, 1));
}

TEST(ConnectionCount, HoldsItsLimitAmongThreads) {
    ConnectionCount count;
    std::vector<std::thread> lanes;
    std::atomic<bool> exceeded{false};
    for (int i = 0; i < 4; ++i) {
        lanes.emplace_back([&] {
            for (int turn = 0; turn < 2'000; ++turn) {
                if (count.enter("a", 2, 2)) {
                    const ConnectionPlace place(count, "a");
                    exceeded = exceeded || count.all() > 2;
                }
            }
        });
    }
    for (auto& lane : lanes) {
        lane.join();
    }
    EXPECT_FALSE(exceeded);
    EXPECT_EQ(count.all(), 0U);
}

}  // namespace
}  // namespace gatehouse::app
