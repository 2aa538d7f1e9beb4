#include "json/json_value.hpp"

#include <gtest/gtest.h>

namespace gatehouse::dialect::test {
namespace {

TEST(JsonValue, IsEqualToTheSameInTheSameOrderAndNeverToNoJson) {
    EXPECT_EQ(parsed(R"({"a":[1,"x",null,true]})"), parsed(R"({ "a" : [1, "x", null, true] })"));
    EXPECT_FALSE(parsed(R"({"a":1,"b":2})") == parsed(R"({"b":2,"a":1})"));
    EXPECT_EQ(parsed(R"({"a":1,"b":2})").sorted(), parsed(R"({"b":2,"a":1})").sorted());
    EXPECT_FALSE(parsed("{") == parsed("{"));
    EXPECT_EQ(parsed(R"(["x"])")[0], "x");
    EXPECT_FALSE(parsed(R"(["x"])")[0] == "y");
    EXPECT_EQ(parsed("[7]")[0], 7);
    EXPECT_FALSE(parsed("[1]")[0] == true);
    EXPECT_TRUE(parsed("[7]")[1].is_null());
}

TEST(JsonValue, IsChangedInACopyAndInPlace) {
    const auto before = parsed(R"({"a":1,"b":2})");
    EXPECT_EQ(before.with("a", "x").with("c", nullptr), parsed(R"({"a":"x","b":2,"c":null})"));
    EXPECT_EQ(before.without("a"), parsed(R"({"b":2})"));
    EXPECT_EQ(before, parsed(R"({"a":1,"b":2})"));
}

}  // namespace
}  // namespace gatehouse::dialect::test
