// What is left of a JSON schema for Gemini, in both forms.
#include "dialect/gemini_schema.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

std::string rewritten(std::string_view schema, GeminiSchemaForm form = GeminiSchemaForm::json_schema,
                      GeminiSchemaUse use = GeminiSchemaUse::parameters) {
    GeminiSchemaBudget budget;
    return gemini_schema(schema, form, use, budget).value_or("cannot be said");
}

std::string open_api(std::string_view schema) {
    return rewritten(schema, GeminiSchemaForm::open_api);
}

/// The value of a property.
std::string property(std::string_view schema) {
    const auto out = rewritten(R"({"properties":{"a":)" + std::string(schema) + "}}");
    constexpr std::string_view before = R"({"properties":{"a":)";
    EXPECT_TRUE(out.starts_with(before)) << out;
    return out.substr(before.size(), out.size() - before.size() - 2);
}

std::string open_property(std::string_view schema) {
    const auto out = open_api(R"({"properties":{"a":)" + std::string(schema) + "}}");
    constexpr std::string_view before = R"({"properties":{"a":)";
    EXPECT_TRUE(out.starts_with(before)) << out;
    return out.substr(before.size(), out.size() - before.size() - 2);
}

TEST(GeminiSchema, keeps_what_gemini_knows_in_its_order) {
    const std::string schema =
        R"({"type":"object","properties":{"b":{"type":"string","format":"date","title":"T","description":"D"},)"
        R"("a":{"type":"array","items":{"type":"number","minimum":0,"maximum":5.5},"minItems":1,"maxItems":2}},)"
        R"("required":["b"],"additionalProperties":false})";
    EXPECT_EQ(rewritten(schema), schema);
}

TEST(GeminiSchema, leaves_out_what_gemini_does_not_know) {
    EXPECT_EQ(
        rewritten(R"({"$schema":"x","properties":{"default":{"type":"string","default":"x","examples":[1],)"
                  R"("pattern":"a","minLength":1,"not":{},"if":{},"uniqueItems":true,"multipleOf":2}},)"
                  R"("required":[]})"),
        R"({"properties":{"default":{"type":"string"}}})");
}

TEST(GeminiSchema, says_choices_and_constants_in_geminis_words) {
    EXPECT_EQ(property(R"({"oneOf":[{"type":"string"},{"type":"null"}]})"),
              R"({"anyOf":[{"type":"string"},{"type":"null"}]})");
    EXPECT_EQ(property(R"({"const":"x"})"), R"({"enum":["x"]})");
    EXPECT_EQ(property(R"({"type":"integer","enum":[1,2]})"), R"({"type":"integer","enum":[1,2]})");
    EXPECT_EQ(property(R"({"type":["string","null"],"enum":["a",null]})"),
              R"({"type":["string","null"],"enum":["a"]})");
    EXPECT_EQ(property(R"({"type":"boolean","enum":[true]})"), R"({"type":"boolean"})");
    EXPECT_EQ(property(R"({"type":"string","nullable":true})"), R"({"type":["string","null"]})");
    EXPECT_EQ(property(R"({"items":[{"type":"string"},true]})"), R"({"prefixItems":[{"type":"string"},{}]})");
    EXPECT_EQ(property(R"({"additionalProperties":{"type":"string","pattern":"a"}})"),
              R"({"additionalProperties":{"type":"string"}})");
}

TEST(GeminiSchema, leaves_references_alone_but_for_what_stands_beside) {
    EXPECT_EQ(rewritten(R"({"$defs":{"N":{"properties":{"next":{"$ref":"#/$defs/N","description":"d"}}}},)"
                        R"("$ref":"#/$defs/N","title":"N"})"),
              R"({"$ref":"#/$defs/N","$defs":{"N":{"properties":{"next":{"$ref":"#/$defs/N"}}}}})");
    EXPECT_EQ(rewritten(R"({"definitions":{"A":{"type":"string"}},"properties":{"a":)"
                        R"({"$ref":"#/definitions/A"}}})"),
              R"({"$defs":{"A":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/A"}}})");
    EXPECT_EQ(rewritten(R"({"$defs":{"A":{"type":"string"}},"properties":{"a":{"description":"d","allOf":)"
                        R"([{"$ref":"#/$defs/A"}]}}})"),
              R"({"$defs":{"A":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/A"}}})");
}

TEST(GeminiSchema, merges_the_branches_of_all_of) {
    EXPECT_EQ(
        rewritten(R"({"properties":{"a":{"type":"string"}},"required":["a"],"allOf":[{"$ref":"#/$defs/B"},)"
                  R"({"properties":{"a":{"type":"number"},"c":{"type":"string"}},"required":["a","c"],)"
                  R"("description":"d"}],"$defs":{"B":{"allOf":[{"properties":{"b":{"type":"null"}}}]}}})"),
        R"({"properties":{"a":{"type":"string"},"b":{"type":"null"},"c":{"type":"string"}},)"
        R"("required":["a","c"],"$defs":{"B":{"properties":{"b":{"type":"null"}}}},"description":"d"})");
}

TEST(GeminiSchema, says_in_which_order_an_answer_comes) {
    EXPECT_EQ(rewritten(R"({"properties":{"b":{"properties":{"z":{},"y":{}}},"a":{}}})",
                        GeminiSchemaForm::json_schema, GeminiSchemaUse::answer),
              R"({"properties":{"b":{"properties":{"z":{},"y":{}},"propertyOrdering":["z","y"]},"a":{}},)"
              R"("propertyOrdering":["b","a"]})");
}

TEST(GeminiSchema, of_no_parameters_is_nothing) {
    for (const char* schema :
         {"", "{}", R"({"type":"object"})", R"({"type":"object","properties":{},"required":[]})",
          R"({"type":"object","properties":{},"additionalProperties":false})", "true"}) {
        EXPECT_EQ(rewritten(schema), "") << schema;
    }
    EXPECT_NE(rewritten(R"({"type":"object","additionalProperties":true})"), "");
    EXPECT_EQ(rewritten(R"({"type":"object"})", GeminiSchemaForm::json_schema, GeminiSchemaUse::answer),
              R"({"type":"object"})");
}

TEST(GeminiSchema, does_not_follow_references_out_of_itself_or_to_nowhere) {
    for (const char* reference : {"https://example.org/x", "other.json#/a", "#/$defs/none", "#no", "x"}) {
        for (const auto form : {GeminiSchemaForm::json_schema, GeminiSchemaForm::open_api}) {
            const auto schema = R"({"properties":{"a":{"$ref":")" + std::string(reference) + R"("}}})";
            EXPECT_EQ(rewritten(schema, form), "cannot be said") << reference;
            EXPECT_EQ(rewritten(R"({"allOf":[{},)" + schema + "]}", form), "cannot be said") << reference;
        }
    }
}

TEST(GeminiSchema, has_no_bottomless_depth_and_no_boundless_growth) {
    std::string deep;
    for (int i = 0; i < 200; ++i) {
        deep += R"({"items":)";
    }
    deep += "{}" + std::string(200, '}');
    EXPECT_EQ(rewritten(R"({"properties":{"a":)" + deep + "}}"), "cannot be said");

    // Each name stands twice in the one before it: 2^40 when it is unfolded.
    std::string wide = R"({"$ref":"#/$defs/n0","$defs":{)";
    std::string merged = R"({"allOf":[{"$ref":"#/$defs/n0"},{}],"$defs":{)";
    for (int i = 0; i < 40; ++i) {
        const auto reference = R"({"$ref":"#/$defs/n)" + std::to_string(i + 1) + R"("})";
        const auto name = (i == 0 ? "" : ",") + std::string("\"n") + std::to_string(i) + R"(":)";
        wide += name + R"({"properties":{"a":)" + reference + R"(,"b":)" + reference + "}}";
        merged += name + R"({"allOf":[)" + reference + "," + reference + "]}";
    }
    const std::string end = R"(,"n40":{"type":"string"}}})";
    EXPECT_EQ(open_api(wide + end), "cannot be said");
    EXPECT_EQ(rewritten(merged + end), "cannot be said");
    EXPECT_NE(rewritten(wide + end), "cannot be said");
}

TEST(GeminiSchemaOfOpenApi, has_types_in_capitals_and_no_null) {
    EXPECT_EQ(open_property(R"({"type":"string"})"), R"({"type":"STRING"})");
    EXPECT_EQ(open_property(R"({"type":["integer","null"]})"), R"({"type":"INTEGER","nullable":true})");
    EXPECT_EQ(open_property(R"({"anyOf":[{"type":"null"},{"type":"number","description":"n"}]})"),
              R"({"nullable":true,"type":"NUMBER","description":"n"})");
    EXPECT_EQ(open_property(R"({"oneOf":[{"type":"string"},{"type":"boolean"}]})"),
              R"({"anyOf":[{"type":"STRING"},{"type":"BOOLEAN"}]})");
    EXPECT_EQ(open_property(R"({"type":"string","nullable":true})"), R"({"type":"STRING","nullable":true})");
}

TEST(GeminiSchemaOfOpenApi, lists_strings_and_describes_other_values) {
    EXPECT_EQ(open_property(R"({"enum":["a","b",null]})"), R"({"type":"STRING","enum":["a","b"]})");
    EXPECT_EQ(open_property(R"({"description":"d","type":"integer","enum":[1,2]})"),
              R"({"type":"INTEGER","description":"d One of: [1,2]"})");
    EXPECT_EQ(open_property(R"({"const":"x","type":"string"})"), R"({"type":"STRING","enum":["x"]})");
}

TEST(GeminiSchemaOfOpenApi, says_bounds_and_formats_as_it_knows_them) {
    EXPECT_EQ(open_property(R"({"type":"array","items":{"type":"string","format":"uuid"},"minItems":1,)"
                            R"("maxItems":3,"additionalProperties":false,"required":[]})"),
              R"({"type":"ARRAY","items":{"type":"STRING"},"minItems":"1","maxItems":"3"})");
    EXPECT_EQ(open_property(R"({"type":"string","format":"date-time"})"),
              R"({"type":"STRING","format":"date-time"})");
    EXPECT_EQ(open_property(R"({"type":"object","properties":{}})"), R"({"type":"OBJECT"})");
}

TEST(GeminiSchemaOfOpenApi, unfolds_references_and_cuts_cycles) {
    EXPECT_EQ(open_api(R"({"$defs":{"N":{"type":"object","properties":{"v":{"type":"string"},"next":)"
                       R"({"$ref":"#/$defs/N"}}}},"$ref":"#/$defs/N"})"),
              R"({"type":"OBJECT","properties":{"v":{"type":"STRING"},"next":{"type":"OBJECT"}}})");
    EXPECT_EQ(
        open_api(R"({"$defs":{"a/b~c":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/a~1b~0c"}}})"),
        R"({"properties":{"a":{"type":"STRING"}}})");
}

}  // namespace
}  // namespace gatehouse::dialect
