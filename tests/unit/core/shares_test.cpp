#include "gatehouse/core/shares.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

namespace gatehouse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Shares, are_in_proportion) {
    EXPECT_THAT(shares_of(12, std::vector<std::int64_t>{1, 2, 3}), ElementsAre(2, 4, 6));
    EXPECT_THAT(shares_of(5, std::vector<std::int64_t>{7}), ElementsAre(5));
    EXPECT_THAT(shares_of(0, std::vector<std::int64_t>{1, 2}), ElementsAre(0, 0));
    EXPECT_THAT(shares_of(9, std::vector<std::int64_t>{0, 1, 0}), ElementsAre(0, 9, 0));
}

TEST(Shares, are_the_same_where_nothing_has_weight) {
    EXPECT_THAT(shares_of(6, std::vector<std::int64_t>{0, 0, 0}), ElementsAre(2, 2, 2));
    EXPECT_THAT(shares_of(6, {}), IsEmpty());
}

TEST(Shares, lose_nothing) {
    for (std::int64_t total = 0; total < 200; ++total) {
        const auto shares = shares_of(total, std::vector<std::int64_t>{3, 1, 4, 1, 5, 9, 2, 6});
        EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), std::int64_t{0}), total);
        EXPECT_GE(*std::min_element(shares.begin(), shares.end()), 0);
    }
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const auto halves = shares_of(most, std::vector<std::int64_t>{most / 2, most / 2});
    EXPECT_EQ(halves[0] + halves[1], most);
}

}  // namespace
}  // namespace gatehouse
