// JSON schemas of tools, and what no provider takes as one.
#include "dialect/tool_schema.hpp"

#include "dialect/schema_fault.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

std::string nested(int levels) {
    std::string out;
    for (int i = 0; i < levels; ++i) {
        out += R"({"items":)";
    }
    return out + "{}" + std::string(static_cast<std::size_t>(levels), '}');
}

TEST(SchemaFault, is_a_foreign_reference_too_many_levels_or_members) {
    EXPECT_EQ(fault_of_schema(R"({"$ref":"#/$defs/a"})"), "");
    EXPECT_NE(fault_of_schema(R"({"items":[{"$ref":"https://example.org/a.json"}]})"), "");
    EXPECT_NE(fault_of_schema(R"({"$ref":"other.json#/a"})"), "");
    EXPECT_EQ(fault_of_schema(nested(60)), "");
    EXPECT_NE(fault_of_schema(nested(200)), "");
    EXPECT_NE(fault_of_schema(R"({"a")"), "");
    std::string wide = "{";
    for (int i = 0; i < 5001; ++i) {
        wide += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + "\":1";
    }
    EXPECT_NE(fault_of_schema(wide + "}"), "");
}

TEST(ToolSchema, gets_the_members_that_must_be_there) {
    EXPECT_EQ(tool_schema(""), R"({"type":"object","properties":{}})");
    EXPECT_EQ(tool_schema("{}"), R"({"type":"object","properties":{}})");
    EXPECT_EQ(tool_schema(R"({"properties":{"a":{}}})"), R"({"type":"object","properties":{"a":{}}})");
    EXPECT_EQ(tool_schema(R"({"type":["object","null"]})"), R"({"type":"object","properties":{}})");
    EXPECT_EQ(tool_schema(R"({"$schema":"x","$id":"y","type":"object","properties":{}})"),
              R"({"type":"object","properties":{}})");
}

TEST(ToolSchema, that_needs_nothing_keeps_its_bytes) {
    constexpr std::string_view schema =
        R"({ "type" : "object", "required":["b"], "properties":{"b":{"type":"number","minimum":1.50}} })";
    EXPECT_EQ(tool_schema(schema), schema);
}

TEST(ToolSchema, has_its_choices_at_the_top_put_together) {
    const auto merged = Json::parse(tool_schema(
        R"({"oneOf":[{"properties":{"a":{"type":"string"},"c":{}},"required":["a","c"]},)"
        R"({"$ref":"#/$defs/b"}],"$defs":{"b":{"properties":{"b":{},"c":{}},"required":["c","b"]}}})"));
    EXPECT_EQ(merged["type"], "object");
    EXPECT_FALSE(merged.contains("oneOf"));
    EXPECT_EQ(merged["properties"].size(), 3U);
    EXPECT_EQ(merged["required"], Json::array({"c"}));
    EXPECT_NE(merged["description"].get<std::string>().find("exactly one"), std::string::npos);
}

TEST(ToolSchema, has_all_of_its_parts) {
    const auto merged = Json::parse(tool_schema(
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],)"
        R"("allOf":[{"properties":{"b":{}},"required":["b"]},{"properties":{"a":{"type":"number"}}},true]})"));
    EXPECT_EQ(merged["required"], Json::array({"a", "b"}));
    EXPECT_EQ(merged["properties"]["a"], Json::parse(R"({"anyOf":[{"type":"string"},{"type":"number"}]})"));
    EXPECT_FALSE(merged.contains("description"));
}

TEST(ToolSchema, ListsThePropertysFormsSideBySideHoweverManyThereAre) {
    constexpr int forms = 5'000;  // one inside the other they would be as many levels
    std::string choice;
    for (int i = 0; i < forms; ++i) {
        choice +=
            (i == 0 ? "" : ",") + std::string(R"({"properties":{"a":{"const":)") + std::to_string(i) + "}}}";
    }
    const auto merged = Json::parse(tool_schema(R"({"type":"object","allOf":[)" + choice + "]}"));
    EXPECT_EQ(merged["properties"]["a"]["anyOf"].size(), static_cast<std::size_t>(forms));
}

/// Looked at again for each reference, this would be 10^9 comparisons.
TEST(ToolSchema, LooksOnceAtAFormThatIsReferredToOften) {
    std::string references;
    std::string properties;
    std::string names;
    for (int i = 0; i < 1'000; ++i) {
        const auto* const comma = i == 0 ? "" : ",";
        references += comma + std::string(R"({"$ref":"#/$defs/a"})");
        properties += comma + std::string("\"p") + std::to_string(i) + "\":{}";
        names += comma + std::string("\"p") + std::to_string(i) + "\"";
    }
    const auto schema = R"({"type":"object","anyOf":[)" + references + R"(],"$defs":{"a":{"properties":{)" +
                        properties + R"(},"required":[)" + names + "]}}}";
    ASSERT_EQ(fault_of_schema(schema), "");
    const auto merged = Json::parse(tool_schema(schema));
    EXPECT_EQ(merged["properties"].size(), 1'000U);
    EXPECT_EQ(merged["required"].size(), 1'000U);
}

TEST(SchemaFault, IsAListOfRequiredNamesLongerThanAnyObject) {
    std::string names = R"(["a")";
    for (int i = 0; i < 5'000; ++i) {
        names += R"(,"a")";
    }
    names += "]";
    EXPECT_NE(fault_of_schema(R"({"required":)" + names + "}"), "");
    EXPECT_EQ(fault_of_schema(R"({"enum":)" + names + "}"), "");
}

}  // namespace
}  // namespace gatehouse::dialect
