#include "server/body_fallbacks.hpp"

#include <gtest/gtest.h>

namespace gatehouse::server {
namespace {

using Models = std::vector<std::string>;

std::string rest_of(std::string_view body) {
    const auto taken = take_fallbacks(body, {});
    return taken ? taken->body : "refused: " + taken.problem().message();
}

TEST(BodyFallbacksTest, GoOutOfTheBodyWithTheirComma) {
    EXPECT_EQ(rest_of(R"({"model":"m","fallbacks":["a"],"n":1})"), R"({"model":"m","n":1})");
    EXPECT_EQ(rest_of(R"({"fallbacks":["a"] , "n":1})"), R"({ "n":1})");
    EXPECT_EQ(rest_of(R"({"model":"m" , "fallbacks" : [ "a" ] })"), R"({"model":"m" })");
    EXPECT_EQ(rest_of(R"({"fallbacks":["a"]})"), R"({})");
}

TEST(BodyFallbacksTest, AreReadInOrder) {
    EXPECT_EQ(take_fallbacks(R"({"fallbacks":["a","b\u0062","c"],"x":{"fallbacks":1}})", {})->models,
              (Models{"a", "bb", "c"}));
    EXPECT_EQ(take_fallbacks(R"({"fallbacks":[]})", {})->models, Models{});
}

TEST(BodyFallbacksTest, AreRefusedWhereTheyAreNone) {
    const auto param_of = [](std::string_view body) {
        const auto taken = take_fallbacks(body, {});
        return taken ? std::string("taken") : taken.problem().param();
    };
    EXPECT_EQ(param_of(R"({"fallbacks":"a"})"), "fallbacks");
    EXPECT_EQ(param_of(R"({"fallbacks":["a",{"model":"b"}]})"), "fallbacks[1]");
    EXPECT_EQ(param_of(R"({"fallbacks":["","","","","","","","","","",""]})"), "fallbacks");
}

}  // namespace
}  // namespace gatehouse::server
