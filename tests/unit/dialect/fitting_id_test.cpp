// Ids as providers take them, each of a request for one thing alone.
#include "dialect/fitting_id.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gatehouse::dialect {
namespace {

TEST(DistinctIds, KeepsWhatFitsAndNumbersWhatCameBefore) {
    DistinctIds ids(64);
    EXPECT_EQ(ids.next("call-1"), "call-1");
    const auto second = ids.next("call-1");
    EXPECT_EQ(second, fitting_id("call-1.2", 64));
    EXPECT_EQ(ids.next("call-1"), fitting_id("call-1.3", 64));
    EXPECT_NE(ids.next(second), second);
}

TEST(DistinctIds, TriesAboutTwoNamesForEachCallOfAHistoryWithOneId) {
    constexpr std::size_t calls = 20'000;
    for (const std::string id : {"c", ""}) {
        DistinctIds ids(40);
        std::set<std::string> given;
        for (std::size_t i = 0; i < calls; ++i) {
            given.insert(ids.next(id));
        }
        EXPECT_EQ(given.size(), calls);
        EXPECT_LE(ids.tried(), 2 * calls);
    }
}

/// Whoever knows how names are made may take them all beforehand; that buys nothing.
TEST(DistinctIds, NamesThatWereTakenBeforehandCostNoMoreThanTheyAre) {
    constexpr std::size_t calls = 5'000;
    DistinctIds ids(64);
    for (std::size_t i = 2; i < calls; ++i) {
        ids.next(fitting_id("c." + std::to_string(i), 64));
    }
    for (std::size_t i = 0; i < calls; ++i) {
        ids.next("c");
    }
    EXPECT_LE(ids.tried(), 4 * calls);
}

}  // namespace
}  // namespace gatehouse::dialect
