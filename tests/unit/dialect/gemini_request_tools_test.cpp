// How a conversation is written for Gemini: tools and the form of the answer, for models of each generation.
#include "gemini_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::gemini_asked;

TEST(GeminiTools, are_declared_with_their_schemas) {
    auto said = hello();
    said.tools = {tool("f", R"({"type":"object","properties":{"a":{"type":["integer","null"]}}})"),
                  tool("none", R"({"type":"object","properties":{}})"), tool("unsaid")};
    said.tools[2].description.clear();
    const auto json = body(said);
    EXPECT_EQ(json["tools"].dump(),
              R"([{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":)"
              R"({"type":"object","properties":{"a":{"type":["integer","null"]}}}},)"
              R"({"name":"none","description":"d"},{"name":"unsaid","description":""}]}])");
    EXPECT_FALSE(json.contains("toolConfig"));
    EXPECT_EQ(body(said, gemini_20())["tools"][0]["functionDeclarations"][0]["parameters"].dump(),
              R"({"type":"OBJECT","properties":{"a":{"type":"INTEGER","nullable":true}}})");
}

TEST(GeminiTools, of_free_text_take_it_as_an_argument) {
    auto said = hello();
    said.tools = {tool("sh")};
    said.tools[0].custom = true;
    const auto written = write(said, gemini_4());
    ASSERT_TRUE(written);
    EXPECT_THAT(written->map.custom_tools, ElementsAre("sh"));
    EXPECT_EQ(body(said)["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["required"].dump(),
              R"(["input"])");
    EXPECT_THAT(dropped(said), IsEmpty());
    said.tools[0].schema = R"({"type":"grammar","grammar":{"syntax":"lark"}})";
    EXPECT_THAT(dropped(said), ElementsAre("tools"));
    said.tools[0].schema = R"({"type":"text"})";
    EXPECT_THAT(dropped(said), IsEmpty());
}

TEST(GeminiTools, have_names_that_gemini_takes_and_get_theirs_back) {
    auto said = hello();
    said.tools = {tool("7z"), tool("_7z"), tool("-x"), tool("fine")};
    const auto written = write(said, gemini_4());
    ASSERT_TRUE(written);
    EXPECT_THAT(written->map.names, ElementsAre(std::pair<std::string, std::string>("__7z", "7z"),
                                                std::pair<std::string, std::string>("_-x", "-x")));
    EXPECT_NE(written->body.find(R"("name":"__7z")"), std::string::npos);
}

TEST(GeminiTools, with_the_same_name_are_a_fault_of_the_request) {
    auto said = hello();
    said.tools = {tool("f"), tool("g"), tool("f")};
    const auto written = write(said, gemini_4());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.problem().kind(), ProblemKind::invalid_value);
    EXPECT_EQ(written.problem().param(), "tools[2]");
}

TEST(GeminiTools, with_a_schema_that_cannot_be_said_are_refused) {
    auto said = hello();
    said.tools = {tool("f"), tool("g", R"({"properties":{"a":{"$ref":"https://example.org/x"}}})")};
    EXPECT_EQ(refused(said), "tools[1]");
}

std::string choice(chat::ToolChoiceKind kind, std::vector<std::string> names = {}, bool must_call = false,
                   bool strict = false, const ModelFacts& facts = gemini_4()) {
    auto said = hello();
    said.tools = {tool("f"), tool("7z")};
    said.tools[0].strict = strict;
    said.tool_choice = {kind, std::move(names), must_call};
    const auto json = body(said, facts);
    return json.contains("toolConfig") ? json["toolConfig"]["functionCallingConfig"].dump() : "";
}

/// A definition that is referred to so many times, with a description of so many letters.
std::string unfolding_schema(int references, int letters) {
    std::string properties;
    for (int i = 0; i < references; ++i) {
        properties += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + R"(":{"$ref":"#/$defs/a"})";
    }
    return R"({"type":"object","properties":{)" + properties + R"(},"$defs":{"a":{"type":"string",)" +
           R"("description":")" + std::string(static_cast<std::size_t>(letters), 'x') + R"("}}})";
}

TEST(GeminiTools, MayUnfoldTheirSchemasAllTogetherToSoMuchAndNoMore) {
    auto said = hello();
    const auto offer = [&](std::size_t tools, const std::string& schema) {
        said.tools.clear();
        for (std::size_t i = 0; i < tools; ++i) {
            said.tools.push_back(tool("t" + std::to_string(i), schema));
        }
    };
    offer(3, unfolding_schema(20, 10'000));
    EXPECT_EQ(refused(said, gemini_20()), "");
    offer(40, unfolding_schema(20, 10'000));  // 8 MB of what was 400 kB
    EXPECT_EQ(refused(said, gemini_20()), "tools[4]");
    offer(250, unfolding_schema(100, 1));  // 25,000 nodes
    EXPECT_EQ(refused(said, gemini_20()), "tools[200]");
    EXPECT_EQ(refused(said, gemini_4()), "");  // which follows references by itself
}

TEST(GeminiTools, AreNotBoundedInWhatTheClientWroteOutItself) {
    auto said = hello();
    std::string properties;
    for (int i = 0; i < 100; ++i) {
        properties += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + R"(":{"type":"string"})";
    }
    for (int i = 0; i < 300; ++i) {
        said.tools.push_back(
            tool("t" + std::to_string(i), R"({"type":"object","properties":{)" + properties + "}}"));
    }
    EXPECT_EQ(refused(said, gemini_20()), "");
}

TEST(GeminiTools, are_chosen_as_the_client_says) {
    using enum chat::ToolChoiceKind;
    EXPECT_EQ(choice(unsaid), "");
    EXPECT_EQ(choice(unsaid, {}, false, true), R"({"mode":"VALIDATED"})");
    EXPECT_EQ(choice(automatic), R"({"mode":"AUTO"})");
    EXPECT_EQ(choice(automatic, {}, false, true), R"({"mode":"VALIDATED"})");
    EXPECT_EQ(choice(none), R"({"mode":"NONE"})");
    EXPECT_EQ(choice(required), R"({"mode":"ANY"})");
    EXPECT_EQ(choice(named, {"7z"}), R"({"mode":"ANY","allowedFunctionNames":["_7z"]})");
    EXPECT_EQ(choice(allowed, {"f"}, true), R"({"mode":"ANY","allowedFunctionNames":["f"]})");
    EXPECT_EQ(choice(allowed, {"f"}), R"({"mode":"VALIDATED","allowedFunctionNames":["f"]})");
    auto facts = gemini_4();
    facts.forced_tool = false;
    EXPECT_EQ(choice(required, {}, false, false, facts), R"({"mode":"AUTO"})");
    EXPECT_EQ(choice(named, {"f"}, false, false, facts),
              R"({"mode":"VALIDATED","allowedFunctionNames":["f"]})");
    auto said = hello();
    said.tools = {tool("f")};
    said.tool_choice.kind = required;
    EXPECT_THAT(dropped(said, facts), ElementsAre("tool_choice"));
    said.tools.clear();
    EXPECT_FALSE(body(said).contains("toolConfig"));
}

Conversation structured(bool with_tool) {
    auto said = hello();
    said.output.kind = chat::OutputKind::json_schema;
    said.output.schema = R"({"type":"object","properties":{"b":{"type":"string"},"a":{"const":1}}})";
    if (with_tool) {
        said.tools = {tool("json")};
    }
    return said;
}

TEST(GeminiAnswerForm, is_said_natively_where_the_model_can) {
    const std::string schema =
        R"("responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":)"
        R"({"b":{"type":"string"},"a":{"enum":[1]}},"propertyOrdering":["b","a"]}})";
    EXPECT_EQ(body(structured(false))["generationConfig"].dump(), "{" + schema);
    EXPECT_EQ(body(structured(true))["generationConfig"].dump(), "{" + schema);
    EXPECT_EQ(body(structured(false), gemini_20())["generationConfig"]["responseSchema"].dump(),
              R"({"type":"OBJECT","properties":{"b":{"type":"STRING"},"a":{"description":"One of: [1]"}}})");
    auto said = hello();
    said.output.kind = chat::OutputKind::json_object;
    EXPECT_EQ(body(said)["generationConfig"].dump(), R"({"responseMimeType":"application/json"})");
    EXPECT_THAT(dropped(said), IsEmpty());
}

TEST(GeminiAnswerForm, is_a_function_where_schemas_and_tools_exclude_each_other) {
    const auto said = structured(true);
    const auto written = write(said, gemini_25());
    ASSERT_TRUE(written);
    EXPECT_EQ(written->map.json_tool, "json_");
    EXPECT_TRUE(written->map.json_waits);
    const auto json = body(said, gemini_25());
    EXPECT_EQ(json["tools"][0]["functionDeclarations"][1]["name"], "json_");
    EXPECT_EQ(json["toolConfig"]["functionCallingConfig"].dump(), R"({"mode":"ANY"})");
    EXPECT_EQ(json["generationConfig"].dump(), "{}");

    auto none = said;
    none.tool_choice.kind = chat::ToolChoiceKind::none;
    EXPECT_EQ(body(none, gemini_25())["toolConfig"]["functionCallingConfig"].dump(),
              R"({"mode":"ANY","allowedFunctionNames":["json_"]})");
    auto forced = said;
    forced.tool_choice = {chat::ToolChoiceKind::named, {"json"}, false};
    EXPECT_EQ(body(forced, gemini_25())["toolConfig"]["functionCallingConfig"].dump(),
              R"({"mode":"ANY","allowedFunctionNames":["json"]})");
    EXPECT_EQ(refused(forced), "tool_choice");

    auto facts = gemini_25();
    facts.output_schema = false;
    const auto alone = write(structured(false), facts);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->map.json_tool, "json");
    EXPECT_FALSE(alone->map.json_waits);
    facts.forced_tool = false;
    EXPECT_EQ(refused(structured(false), facts), "response_format");
}

TEST(GeminiAnswerForm, is_asked_for_where_nothing_else_is_left) {
    auto said = hello();
    said.output.kind = chat::OutputKind::json_object;
    said.tools = {tool("f")};
    EXPECT_EQ(body(said, gemini_25())["systemInstruction"].dump(),
              R"({"parts":[{"text":"Answer with one JSON object and nothing else."}]})");
    EXPECT_THAT(dropped(said, gemini_25()), ElementsAre("response_format"));
    EXPECT_EQ(body(said)["generationConfig"]["responseMimeType"], "application/json");
}

TEST(GeminiAnswerForm, beside_tools_leaves_the_choice_to_the_model) {
    auto said = structured(true);
    said.tools[0].strict = true;
    said.tool_choice.kind = chat::ToolChoiceKind::automatic;
    EXPECT_EQ(body(said)["toolConfig"]["functionCallingConfig"].dump(), R"({"mode":"AUTO"})");
    said.tool_choice = {chat::ToolChoiceKind::allowed, {"json"}, false};
    EXPECT_EQ(body(said)["toolConfig"]["functionCallingConfig"].dump(), R"({"mode":"AUTO"})");
    EXPECT_THAT(dropped(said), ElementsAre("tool_choice"));
    said.tool_choice.must_call = true;
    EXPECT_EQ(refused(said), "tool_choice");
}

}  // namespace
}  // namespace gatehouse::dialect
