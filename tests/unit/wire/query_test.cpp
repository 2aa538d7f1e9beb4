#include "gatehouse/wire/query.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace gatehouse::wire {
namespace {

TEST(QueryParameter, IsTheFirstOfItsName) {
    EXPECT_EQ(query_parameter("alt=sse&key=a&key=b", "key"), "a");
    EXPECT_EQ(query_parameter("alt=sse", "key"), std::nullopt);
    EXPECT_EQ(query_parameter("monkey=1&key=2", "key"), "2");
    EXPECT_EQ(query_parameter("", "key"), std::nullopt);
    EXPECT_EQ(query_parameter("key&alt=", "key"), "");
    EXPECT_EQ(query_parameter("&&key=x", "key"), "x");
}

TEST(QueryParameters, AreAllOfThemInTheirOrder) {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(query_parameters("b=1&a=%2B&&b=2&c&=x"),
              (Pairs{{"b", "1"}, {"a", "+"}, {"b", "2"}, {"c", ""}}));
    EXPECT_EQ(query_parameters(""), Pairs{});
}

TEST(QueryParameter, IsDecodedOnce) {
    EXPECT_EQ(query_parameter("k=a%2Bb%20c+d%2525", "k"), "a+b c d%25");
    EXPECT_EQ(query_parameter("k=%", "k"), "%");
    EXPECT_EQ(query_parameter("k=%4", "k"), "%4");
    EXPECT_EQ(query_parameter("k=%zz", "k"), "%zz");
    EXPECT_EQ(query_parameter("k=%41", "k"), "A");
    EXPECT_EQ(query_parameter("%6b=1", "k"), "1");
}

}  // namespace
}  // namespace gatehouse::wire
