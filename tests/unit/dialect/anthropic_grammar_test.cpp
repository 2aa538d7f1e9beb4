// JSON schemas on their way to Anthropic, to hold an answer to.
#include "dialect/anthropic_grammar.hpp"

#include "dialect/schema_fault.hpp"

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
