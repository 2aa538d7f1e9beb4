// JSON schemas on their way to Anthropic: of tools, and of grammars.
#include "dialect/anthropic_schema.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

std::string grammar(std::string_view schema) {
    EXPECT_EQ(fault_of_schema(schema), "");
    const auto found = anthropic_grammar(schema);
    return found ? found->schema : "none";
}

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
    EXPECT_EQ(anthropic_tool_schema(""), R"({"type":"object","properties":{}})");
    EXPECT_EQ(anthropic_tool_schema("{}"), R"({"type":"object","properties":{}})");
    EXPECT_EQ(anthropic_tool_schema(R"({"properties":{"a":{}}})"),
              R"({"type":"object","properties":{"a":{}}})");
    EXPECT_EQ(anthropic_tool_schema(R"({"type":["object","null"]})"), R"({"type":"object","properties":{}})");
    EXPECT_EQ(anthropic_tool_schema(R"({"$schema":"x","$id":"y","type":"object","properties":{}})"),
              R"({"type":"object","properties":{}})");
}

TEST(ToolSchema, that_needs_nothing_keeps_its_bytes) {
    constexpr std::string_view schema =
        R"({ "type" : "object", "required":["b"], "properties":{"b":{"type":"number","minimum":1.50}} })";
    EXPECT_EQ(anthropic_tool_schema(schema), schema);
}

TEST(ToolSchema, has_its_choices_at_the_top_put_together) {
    const auto merged = Json::parse(anthropic_tool_schema(
        R"({"oneOf":[{"properties":{"a":{"type":"string"},"c":{}},"required":["a","c"]},)"
        R"({"$ref":"#/$defs/b"}],"$defs":{"b":{"properties":{"b":{},"c":{}},"required":["c","b"]}}})"));
    EXPECT_EQ(merged["type"], "object");
    EXPECT_FALSE(merged.contains("oneOf"));
    EXPECT_EQ(merged["properties"].size(), 3U);
    EXPECT_EQ(merged["required"], Json::array({"c"}));
    EXPECT_NE(merged["description"].get<std::string>().find("exactly one"), std::string::npos);
}

TEST(ToolSchema, has_all_of_its_parts) {
    const auto merged = Json::parse(anthropic_tool_schema(
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],)"
        R"("allOf":[{"properties":{"b":{}},"required":["b"]},{"properties":{"a":{"type":"number"}}},true]})"));
    EXPECT_EQ(merged["required"], Json::array({"a", "b"}));
    EXPECT_EQ(merged["properties"]["a"], Json::parse(R"({"anyOf":[{"type":"string"},{"type":"number"}]})"));
    EXPECT_FALSE(merged.contains("description"));
}

TEST(Grammar, closes_every_object) {
    EXPECT_EQ(grammar(R"({"type":"object","properties":{"a":{"properties":{}}},"required":["a"]})"),
              R"({"type":"object","properties":{"a":{"properties":{},"type":"object",)"
              R"("additionalProperties":false}},"required":["a"],"additionalProperties":false})");
    for (const char* open :
         {R"({"type":"object"})", R"({"type":"object","properties":{},"additionalProperties":true})",
          R"({"type":"object","properties":{},"additionalProperties":{"type":"string"}})",
          R"({"type":["object","null"]})", R"({"type":"object","properties":{"a":{}}})"}) {
        EXPECT_EQ(grammar(open), "none") << open;
    }
}

TEST(Grammar, tells_in_words_what_it_does_not_know) {
    EXPECT_EQ(
        grammar(R"j({"type":"array","minItems":2,"maxItems":3,"items":{"type":"string","format":"color",)j"
                R"j("pattern":"^a"}})j"),
        R"j({"type":"array","items":{"type":"string","description":"(format: \"color\", pattern: \"^a\")"},)j"
        R"j("description":"(minItems: 2, maxItems: 3)"})j");
    EXPECT_EQ(grammar(R"({"type":"number","description":"Age.","minimum":0})"),
              R"j({"type":"number","description":"Age. (minimum: 0)"})j");
    EXPECT_EQ(grammar(R"({"type":"array","minItems":1,"items":{"type":"string","format":"date"}})"),
              R"({"type":"array","minItems":1,"items":{"type":"string","format":"date"}})");
}

TEST(Grammar, keeps_what_it_knows_and_drops_what_is_no_rule) {
    EXPECT_EQ(
        grammar(R"({"$schema":"x","$comment":"y","examples":[1],"type":["string","null"],"enum":["a",null],)"
                R"("default":"a","title":"T"})"),
        R"({"type":["string","null"],"enum":["a",null],"default":"a","title":"T"})");
    EXPECT_EQ(grammar(R"({"oneOf":[{"const":1},{"const":"b"}]})"),
              R"({"anyOf":[{"const":1},{"const":"b"}]})");
    EXPECT_EQ(grammar(R"({"anyOf":[{"const":1}],"oneOf":[{"const":1}]})"), "none");
}

TEST(Grammar, has_no_words_for_some_schemas) {
    for (const char* schema :
         {R"({"not":{"type":"string"}})", R"({"type":"array","prefixItems":[{"const":1}]})",
          R"({"type":"object","properties":{},"patternProperties":{"^a":{}}})", R"(true)",
          R"({"description":"anything"})", R"({"anyOf":[]})", R"({"$ref":"#/properties/a"})",
          R"({"if":{"const":1},"then":{"const":1}})"}) {
        EXPECT_EQ(grammar(schema), "none") << schema;
    }
}

TEST(Grammar, may_refer_but_not_to_itself) {
    constexpr std::string_view fine =
        R"({"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"}]},"b":{"const":1}}})";
    EXPECT_EQ(grammar(fine), fine);
    for (const char* recursive :
         {R"({"$ref":"#"})", R"({"type":"object","properties":{"next":{"$ref":"#"}}})",
          R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/a"}}}})",
          R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})"}) {
        EXPECT_EQ(grammar(recursive), "none") << recursive;
    }
}

TEST(Grammar, counts_what_is_limited) {
    const auto found =
        anthropic_grammar(R"({"type":"object","required":["a"],"properties":{"a":{"type":["string","null"]},)"
                          R"("b":{"anyOf":[{"const":1},{"const":2}]},"c":{"type":"string"}}})");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->optional, 2U);
    EXPECT_EQ(found->unions, 2U);
}

}  // namespace
}  // namespace gatehouse::dialect
