#include "upstream/simulated_schema.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::upstream {
namespace {

using Json = nlohmann::ordered_json;

Json made(const char* schema) {
    return instance_of(Json::parse(schema));
}

TEST(SimulatedSchema, GivesEveryRequiredMemberAndNoOther) {
    EXPECT_EQ(made(R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},
                       "c":{"type":"boolean"}},"required":["b","c"]})"),
              Json::parse(R"({"b":"simulated","c":true})"));
}

TEST(SimulatedSchema, TakesTheFirstOfAnEnumAndAConst) {
    EXPECT_EQ(made(R"({"type":"string","enum":["celsius","fahrenheit"]})"), "celsius");
    EXPECT_EQ(made(R"({"const":{"x":[1]}})"), Json::parse(R"({"x":[1]})"));
}

TEST(SimulatedSchema, NestsAndFillsArraysToTheirLeastLength) {
    EXPECT_EQ(made(R"({"type":"object","required":["list"],"properties":{"list":{"type":"array","minItems":2,
                       "items":{"type":"object","required":["n"],"properties":{"n":{"type":"number"}}}}}})"),
              Json::parse(R"({"list":[{"n":0.0},{"n":0.0}]})"));
    EXPECT_EQ(made(R"({"type":"array","items":{"type":"string"}})"), Json::array());
    EXPECT_EQ(made(R"({"prefixItems":[{"type":"integer"},{"type":"null"}]})"), Json::parse("[0,null]"));
}

TEST(SimulatedSchema, FollowsLocalReferences) {
    EXPECT_EQ(made(R"({"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"integer","minimum":3}}})"), 3);
}

TEST(SimulatedSchema, CopiesALongValueOnlySoOften) {
    Json schema = Json::parse(R"({"type":"array","minItems":64,"items":{"type":"array","minItems":64}})");
    schema["items"]["items"]["const"] = std::string(100'000, 'x');
    EXPECT_LT(instance_of(schema).dump().size(), 300'000U);
}

TEST(SimulatedSchema, EndsAnObjectThatRequiresTooMuch) {
    Json schema = Json::parse(R"({"type":"object","required":[]})");
    for (int i = 0; i < 10'000; ++i) {
        schema["required"].push_back(std::to_string(i));
    }
    EXPECT_LT(instance_of(schema).size(), 5'000U);
}

TEST(SimulatedSchema, EndsWhereASchemaDemandsItselfForever) {
    const Json endless = made(R"({"type":"object","required":["next"],"properties":{"next":{"$ref":"#"}}})");
    EXPECT_TRUE(endless.contains("next"));
    const Json broad = made(R"({"type":"array","minItems":1000000000,"items":{"$ref":"#"}})");
    EXPECT_LE(broad.size(), 64U);
}

TEST(SimulatedSchema, ChoosesAlternativesAndJoinsAllOf) {
    EXPECT_EQ(made(R"({"anyOf":[{"type":"null"},{"type":"string"}]})"), nullptr);
    EXPECT_EQ(made(R"({"oneOf":[{"type":"boolean"}]})"), true);
    EXPECT_EQ(made(R"({"allOf":[{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}},
                       {"required":["b"],"properties":{"b":{"type":"boolean"}}}]})"),
              Json::parse(R"({"a":0,"b":true})"));
}

TEST(SimulatedSchema, StaysWithinBounds) {
    EXPECT_EQ(made(R"({"type":"integer","minimum":5,"multipleOf":4})"), 8);
    EXPECT_EQ(made(R"({"type":"integer","exclusiveMinimum":5})"), 6);
    EXPECT_EQ(made(R"({"type":"integer","maximum":-3})"), -3);
    EXPECT_EQ(made(R"({"type":"integer","exclusiveMaximum":0})"), -1);
    const double between =
        made(R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1})").get<double>();
    EXPECT_GT(between, 0);
    EXPECT_LT(between, 1);
    EXPECT_EQ(made(R"({"type":"string","maxLength":3})"), "sim");
    EXPECT_EQ(made(R"({"type":"string","minLength":12})"), "simulatedxxx");
    EXPECT_EQ(made(R"({"type":"string","format":"date"})"), "2026-01-01");
}

TEST(SimulatedSchema, TakesTheFirstOfSeveralTypes) {
    EXPECT_EQ(made(R"({"type":["integer","null"]})"), 0);
    EXPECT_EQ(made("{}"), "simulated");
}

}  // namespace
}  // namespace gatehouse::upstream
