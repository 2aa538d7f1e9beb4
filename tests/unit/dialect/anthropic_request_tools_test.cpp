// Requests for Anthropic: tools, their choice, and the form of the answer (wire-formats 8.1, 8.3).
#include "anthropic_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::anthropic_asked;

TEST(AnthropicTools, are_written_with_their_schemas) {
    auto said = asked();
    auto weather = tool("weather", R"({"properties":{"b":{},"a":{}}})");
    weather.description = "Gets it.";
    weather.cache = chat::CacheLifetime::one_hour;
    said.tools = {weather, tool("none", "")};
    EXPECT_EQ(send(said).body["tools"],
              parsed(R"([{"name":"weather","description":"Gets it.","input_schema":{"type":"object",)"
                     R"("properties":{"b":{},"a":{}}},"cache_control":{"type":"ephemeral","ttl":"1h"}},)"
                     R"({"name":"none","input_schema":{"type":"object","properties":{}}}])"));
    said.tools = {tool("f", R"({"$ref":"https://example.org"})")};
    EXPECT_EQ(send(said).refused, "tools");
}

TEST(AnthropicTools, strictness_stays_where_a_grammar_can_hold_it) {
    auto said = asked();
    auto strict = tool("f", R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})");
    strict.strict = true;
    said.tools = {strict};
    auto written = send(said).body["tools"][0];
    EXPECT_EQ(written["strict"], true);
    EXPECT_EQ(written["input_schema"]["additionalProperties"], false);
    chat::ModelFacts facts;
    facts.output_schema = false;
    EXPECT_EQ(send(said, facts).dropped, Names{"tools.strict"});
    said.tools[0].schema = R"({"type":"object","properties":{"a":{}}})";
    EXPECT_EQ(send(said).dropped, Names{"tools.strict"});
    EXPECT_FALSE(send(said).body["tools"][0].contains("strict"));
    said.tools.clear();
    for (int i = 0; i < 21; ++i) {
        strict.name = "f" + std::to_string(i);
        said.tools.push_back(strict);
    }
    EXPECT_TRUE(send(said).body["tools"][19].contains("strict"));
    EXPECT_FALSE(send(said).body["tools"][20].contains("strict"));
}

TEST(AnthropicTools, free_text_is_wrapped) {
    auto said = asked();
    auto shell = tool("shell", R"({"type":"text"})");
    shell.custom = true;
    said.tools = {shell};
    auto before = call("A", "ls \"x\"", "shell");
    std::get<chat::ToolCall>(before.what).custom = true;
    say(said, Role::assistant, {before});
    const auto sent = send(said);
    EXPECT_EQ(sent.body["tools"][0]["input_schema"]["required"], parsed(R"(["input"])"));
    EXPECT_EQ(sent.body["tools"][0]["description"], R"(Format of the input: {"type":"text"})");
    EXPECT_EQ(sent.map.custom_tools, Names{"shell"});
    EXPECT_EQ(sent.body["messages"][1]["content"][0]["input"], parsed(R"({"input":"ls \"x\""})"));
}

JsonValue choice(ToolChoiceKind kind, std::vector<std::string> names = {}, bool must_call = false,
                 const chat::ModelFacts& facts = {}) {
    auto said = asked();
    said.tools = {tool("f"), tool("g")};
    said.tool_choice = {kind, std::move(names), must_call};
    const auto sent = send(said, facts);
    std::string out = R"({"choice":)" + sent.body["tool_choice"].dump() + R"(,"tools":[)";
    for (std::size_t i = 0; i < sent.body["tools"].size(); ++i) {
        out += (i == 0 ? "" : ",") + sent.body["tools"][i]["name"].dump();
    }
    out += R"(],"dropped":[)";
    for (const auto& name : sent.dropped) {
        out += (name == sent.dropped.front() ? "\"" : ",\"") + name + "\"";
    }
    return parsed(out + "]}");
}

TEST(AnthropicToolChoice, is_mapped) {
    EXPECT_EQ(choice(ToolChoiceKind::unsaid), parsed(R"({"choice":null,"tools":["f","g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::automatic)["choice"], parsed(R"({"type":"auto"})"));
    EXPECT_EQ(choice(ToolChoiceKind::none),
              parsed(R"({"choice":{"type":"none"},"tools":["f","g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::required)["choice"], parsed(R"({"type":"any"})"));
    EXPECT_EQ(choice(ToolChoiceKind::named, {"g"}),
              parsed(R"({"choice":{"type":"tool","name":"g"},"tools":["f","g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::allowed, {"g"}),
              parsed(R"({"choice":{"type":"auto"},"tools":["g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::allowed, {"g"}, true)["choice"], parsed(R"({"type":"any"})"));
}

TEST(AnthropicToolChoice, that_forces_is_softened_where_the_model_cannot_be_forced) {
    EXPECT_EQ(choice(ToolChoiceKind::required, {}, false, bound_model()),
              parsed(R"({"choice":{"type":"auto"},"tools":["f","g"],"dropped":["tool_choice"]})"));
    EXPECT_EQ(choice(ToolChoiceKind::named, {"g"}, false, bound_model()),
              parsed(R"({"choice":{"type":"auto"},"tools":["g"],"dropped":["tool_choice"]})"));
    EXPECT_EQ(choice(ToolChoiceKind::automatic, {}, false, bound_model())["dropped"], parsed("[]"));
    auto said = asked();
    said.tools = {tool("f")};
    said.tool_choice.kind = ToolChoiceKind::required;
    said.reasoning.effort = Effort::low;
    EXPECT_EQ(send(said, budget_model()).body["tool_choice"], parsed(R"({"type":"auto"})"))
        << "thinking with a budget cannot be forced either";
    EXPECT_EQ(send(said, bound_model(), true).refused, "tool_choice");
}

TEST(AnthropicToolChoice, says_that_calls_come_one_at_a_time) {
    auto said = asked();
    said.parallel_tool_calls = false;
    EXPECT_FALSE(send(said).body.contains("tool_choice")) << "there are no tools";
    said.tools = {tool("f")};
    EXPECT_EQ(send(said).body["tool_choice"], parsed(R"({"type":"auto","disable_parallel_tool_use":true})"));
    said.tool_choice.kind = ToolChoiceKind::required;
    EXPECT_EQ(send(said).body["tool_choice"], parsed(R"({"type":"any","disable_parallel_tool_use":true})"));
    said.tool_choice.kind = ToolChoiceKind::none;
    EXPECT_EQ(send(said).body["tool_choice"], parsed(R"({"type":"none"})"));
}

TEST(AnthropicTools, of_a_history_are_told_when_none_are_offered) {
    auto said = asked();
    say(said, Role::assistant, {call("A", "{}", "f"), call("B", "{}", "g"), call("C", "{}", "f")});
    const auto body = send(said).body;
    EXPECT_EQ(body["tools"], parsed(R"([{"name":"f","input_schema":{"type":"object","properties":{}}},)"
                                    R"({"name":"g","input_schema":{"type":"object","properties":{}}}])"));
    EXPECT_EQ(body["tool_choice"], parsed(R"({"type":"none"})"));
}

chat::Conversation asked_for(std::string schema) {
    auto said = asked();
    said.output.kind = chat::OutputKind::json_schema;
    said.output.name = "person";
    said.output.schema = std::move(schema);
    return said;
}

constexpr const char* person =
    R"({"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false})";
constexpr const char* open_person = R"({"type":"object","additionalProperties":{"type":"string"}})";

TEST(AnthropicOutput, is_held_to_a_schema_natively) {
    const auto sent = send(asked_for(person));
    EXPECT_EQ(sent.body["output_config"],
              parsed(R"({"format":{"type":"json_schema","schema":)" + std::string(person) + "}}"));
    EXPECT_EQ(sent.map.json_tool, "");
    EXPECT_EQ(sent.dropped, Names{});
}

TEST(AnthropicOutput, is_held_to_a_schema_by_a_tool_where_it_must_be) {
    chat::ModelFacts facts;
    facts.output_schema = false;
    auto sent = send(asked_for(person), facts);
    EXPECT_EQ(sent.body["tools"][0]["name"], "json");
    EXPECT_EQ(sent.body["tools"][0]["input_schema"], parsed(person));
    EXPECT_EQ(sent.body["tool_choice"], parsed(R"({"type":"tool","name":"json"})"));
    EXPECT_EQ(sent.map.json_tool, "json");
    EXPECT_FALSE(sent.map.json_waits);
    EXPECT_FALSE(sent.body.contains("output_config"));
    EXPECT_EQ(send(asked_for(open_person)).map.json_tool, "json") << "no grammar for an open object";
    EXPECT_EQ(send(asked_for(open_person), bound_model()).refused, "response_format");
}

TEST(AnthropicOutput, with_many_optional_members_prefers_the_tool) {
    std::string properties;
    for (int i = 0; i < 12; ++i) {
        properties += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + R"(":{"type":"string"})";
    }
    const auto schema = R"({"type":"object","properties":{)" + properties + "}}";
    EXPECT_EQ(send(asked_for(schema)).map.json_tool, "json");
    EXPECT_TRUE(send(asked_for(schema), bound_model()).body.contains("output_config"));
}

TEST(AnthropicOutput, by_a_tool_stands_beside_the_clients_own) {
    chat::ModelFacts facts;
    facts.output_schema = false;
    auto said = asked_for(person);
    said.tools = {tool("json"), tool("f")};
    auto sent = send(said, facts);
    EXPECT_EQ(sent.map.json_tool, "json_2");
    EXPECT_TRUE(sent.map.json_waits);
    EXPECT_EQ(sent.body["tool_choice"], parsed(R"({"type":"any"})"));
    said.tool_choice.kind = ToolChoiceKind::none;
    sent = send(said, facts);
    EXPECT_EQ(sent.body["tool_choice"], parsed(R"({"type":"tool","name":"json_2"})"));
    EXPECT_FALSE(sent.map.json_waits);
    said.tool_choice.kind = ToolChoiceKind::required;
    sent = send(said, facts);
    EXPECT_EQ(sent.map.json_tool, "") << "a call comes anyway";
    EXPECT_EQ(sent.body["tools"].size(), 2U);
}

TEST(AnthropicOutput, by_a_tool_wins_over_thinking_with_a_budget) {
    auto facts = budget_model();
    facts.output_schema = false;
    auto said = asked_for(person);
    said.reasoning.effort = Effort::high;
    const auto sent = send(said, facts);
    EXPECT_FALSE(sent.body.contains("thinking"));
    EXPECT_EQ(sent.body["tool_choice"]["type"], "tool");
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
}

TEST(AnthropicOutput, as_any_json_is_asked_for_in_words) {
    auto said = asked();
    said.output.kind = chat::OutputKind::json_object;
    const auto sent = send(said);
    EXPECT_EQ(sent.body["system"][0]["text"], "Answer with one JSON object and nothing else.");
    EXPECT_EQ(sent.dropped, Names{"response_format"});
    EXPECT_EQ(send(asked_for(R"({"$ref":"https://example.org"})")).refused, "response_format");
}

}  // namespace
}  // namespace gatehouse::dialect
