// Requests for Anthropic, field by field (wire-formats 8.1 to 8.4, 15.2), lossy and strict.
#include "dialect/anthropic_request.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>

namespace gatehouse::dialect {
namespace {

using chat::Effort;
using chat::Part;
using chat::Role;
using chat::ToolChoiceKind;
using Json = nlohmann::ordered_json;

Part text(std::string words) {
    return Part{chat::Text{std::move(words)}, {}};
}

Part call(std::string id, std::string arguments = "{}", std::string name = "f") {
    chat::ToolCall made;
    made.id = std::move(id);
    made.name = std::move(name);
    made.arguments = std::move(arguments);
    return Part{std::move(made), {}};
}

Part result(std::string id, std::string words) {
    chat::ToolResult made;
    made.call_id = std::move(id);
    made.parts.emplace_back(chat::Text{std::move(words)});
    return Part{std::move(made), {}};
}

Part thought(std::string words, std::string signature, std::string redacted = {}) {
    return Part{chat::Reasoning{std::move(words), std::move(signature), std::move(redacted)}, {}};
}

chat::Tool tool(std::string name, std::string schema = R"({"type":"object","properties":{}})") {
    chat::Tool made;
    made.name = std::move(name);
    made.schema = std::move(schema);
    return made;
}

void say(chat::Conversation& to, Role role, std::vector<Part> parts) {
    chat::Message message;
    message.role = role;
    message.parts = std::move(parts);
    message.index = to.messages.size();
    to.messages.push_back(std::move(message));
}

chat::Conversation asked() {
    chat::Conversation said;
    say(said, Role::user, {text("hi")});
    return said;
}

chat::ModelFacts budget_model() {
    chat::ModelFacts facts;
    facts.max_output = 64'000;
    facts.thinking.enabled = facts.thinking.disabled = true;
    facts.sampling = facts.prefill = true;
    facts.both_sampling = false;
    return facts;
}

/// Off unless asked for, as the generation of 4.6.
chat::ModelFacts effort_model() {
    chat::ModelFacts facts;
    facts.max_output = 128'000;
    facts.efforts = {Effort::low, Effort::medium, Effort::high, Effort::max};
    facts.thinking.adaptive = facts.thinking.disabled = true;
    return facts;
}

/// Cannot be forced, and thinks always.
chat::ModelFacts bound_model() {
    auto facts = effort_model();
    facts.thinking.disabled = false;
    facts.thinks_by_default = true;
    facts.forced_tool = false;
    return facts;
}

struct Sent {
    Json body;
    std::string fields;
    std::vector<std::string> dropped;
    ReplyMap map;
    std::string refused;  // param
};

Sent send(const chat::Conversation& said, const chat::ModelFacts& facts = {}, bool strict = false,
          bool stream = false) {
    TranslateOptions options;
    options.model = "claude-x";
    options.facts = &facts;
    options.strict = strict;
    auto written = write_anthropic(said, stream, options);
    Sent sent;
    if (!written) {
        sent.refused = written.problem().param();
        return sent;
    }
    sent.body = Json::parse(written->body, nullptr, false);
    EXPECT_TRUE(sent.body.is_object()) << written->body;
    EXPECT_EQ(written->path, "/v1/messages");
    sent.fields = written->fields;
    sent.dropped = written->dropped;
    sent.map = written->map;
    return sent;
}

using Names = std::vector<std::string>;

Json messages(const chat::Conversation& said, const chat::ModelFacts& facts = {}) {
    return send(said, facts).body["messages"];
}

constexpr std::string_view new_version = "anthropic-version: 2026-10-21\r\n";
constexpr std::string_view old_version = "anthropic-version: 2023-06-01\r\n";

TEST(AnthropicRequest, says_what_must_be_said_and_nothing_else) {
    const auto sent = send(asked());
    EXPECT_EQ(sent.body, Json::parse(R"({"model":"claude-x","max_tokens":8192,"messages":[)"
                                     R"({"role":"user","content":[{"type":"text","text":"hi"}]}]})"));
    EXPECT_EQ(sent.fields, new_version);
    EXPECT_EQ(sent.dropped, Names{});
    EXPECT_EQ(send(asked(), {}, true).refused, "");
    EXPECT_EQ(send(asked(), {}, false, true).body["stream"], true);
}

TEST(AnthropicRequest, nothing_to_answer_is_refused) {
    EXPECT_EQ(send({}).refused, "messages");
}

// A field that is dropped, and refused in strict mode.
struct Dropped {
    const char* name;
    std::function<void(chat::Conversation&)> set;
};

TEST(AnthropicRequest, names_every_field_that_it_drops) {
    const std::vector<Dropped> fields{
        {"seed", [](auto& said) { said.seed = 7; }},
        {"presence_penalty", [](auto& said) { said.presence_penalty = 0.5; }},
        {"frequency_penalty", [](auto& said) { said.frequency_penalty = -1; }},
        {"temperature", [](auto& said) { said.temperature = 0.5; }},
        {"top_p", [](auto& said) { said.top_p = 0.5; }},
        {"top_k", [](auto& said) { said.top_k = 5; }},
        {"reasoning_effort", [](auto& said) { said.reasoning.effort = Effort::high; }},
        {"service_tier", [](auto& said) { said.service_tier = "flex"; }},
        {"stop", [](auto& said) { said.stop = {"\n"}; }},
        {"messages.name", [](auto& said) { said.messages[0].name = "bob"; }},
        {"response_format", [](auto& said) { said.output.kind = chat::OutputKind::json_object; }},
        {"logit_bias", [](auto& said) { said.others = {{"logit_bias", R"({"5":1})"}}; }},
        {"verbosity", [](auto& said) { said.others = {{"verbosity", "\"low\""}}; }},
    };
    for (const auto& field : fields) {
        auto said = asked();
        field.set(said);
        EXPECT_EQ(send(said).dropped, Names{field.name});
        EXPECT_EQ(send(said, {}, true).refused, field.name);
    }
}

TEST(AnthropicRequest, refuses_what_the_caller_relies_on) {
    const std::vector<Dropped> fields{
        {"n", [](auto& said) { said.choices = 2; }},
        {"logprobs", [](auto& said) { said.logprobs = true; }},
        {"top_logprobs", [](auto& said) { said.top_logprobs = 3; }},
        {"audio", [](auto& said) { said.others = {{"audio", "{}"}}; }},
        {"modalities", [](auto& said) { said.others = {{"modalities", R"(["text","audio"])"}}; }},
        {"web_search_options", [](auto& said) { said.others = {{"web_search_options", "{}"}}; }},
    };
    for (const auto& field : fields) {
        auto said = asked();
        field.set(said);
        EXPECT_EQ(send(said).refused, field.name);
    }
}

TEST(AnthropicRequest, harmless_defaults_are_no_loss) {
    auto said = asked();
    said.temperature = 1;
    said.top_p = 1;
    said.presence_penalty = said.frequency_penalty = 0;
    said.parallel_tool_calls = true;
    said.service_tier = "auto";
    said.top_logprobs = 0;
    const auto sent = send(said, {}, true);
    EXPECT_EQ(sent.refused, "");
    EXPECT_EQ(sent.body.size(), 3U);
}

TEST(AnthropicLimit, is_the_clients_the_default_or_the_models) {
    auto said = asked();
    chat::ModelFacts facts;
    facts.max_output = 4096;
    EXPECT_EQ(send(said, facts).body["max_tokens"], 4096);
    EXPECT_EQ(send(said, facts).dropped, Names{});
    EXPECT_EQ(send(said, bound_model()).body["max_tokens"], 32'000) << "room for thoughts";
    said.max_tokens = 100;
    EXPECT_EQ(send(said, facts).body["max_tokens"], 100);
    said.max_tokens = 5000;
    EXPECT_EQ(send(said, facts).body["max_tokens"], 4096);
    EXPECT_EQ(send(said, facts).dropped, Names{"max_completion_tokens"});
}

TEST(AnthropicSampling, chooses_the_old_version_only_when_it_is_sent) {
    auto said = asked();
    said.temperature = 0.25;
    const auto sent = send(said, budget_model());
    EXPECT_EQ(sent.body["temperature"], 0.25);
    EXPECT_EQ(sent.fields, old_version);
    EXPECT_EQ(send(said).fields, new_version);
    said.temperature = 1.5;
    EXPECT_EQ(send(said, budget_model()).fields, new_version);
    EXPECT_EQ(send(said, budget_model()).dropped, Names{"temperature"});
    said.temperature.reset();
    said.top_k = 5;
    EXPECT_EQ(send(said, budget_model()).body["top_k"], 5);
    EXPECT_EQ(send(said, budget_model()).fields, old_version);
}

TEST(AnthropicSampling, temperature_wins_over_top_p_where_only_one_may_be) {
    auto said = asked();
    said.temperature = 0;
    said.top_p = 0.5;
    auto facts = budget_model();
    EXPECT_FALSE(send(said, facts).body.contains("top_p"));
    EXPECT_EQ(send(said, facts).dropped, Names{"top_p"});
    facts.both_sampling = true;
    EXPECT_EQ(send(said, facts).body["top_p"], 0.5);
    said.temperature = 1;
    facts.both_sampling = false;
    EXPECT_EQ(send(said, facts).body["top_p"], 0.5);
}

TEST(AnthropicSampling, is_left_out_beside_thinking) {
    auto said = asked();
    said.temperature = 0.25;
    said.reasoning.effort = Effort::low;
    const auto sent = send(said, budget_model());
    EXPECT_FALSE(sent.body.contains("temperature"));
    EXPECT_EQ(sent.dropped, Names{"temperature"});
    EXPECT_EQ(sent.fields, new_version);
}

TEST(AnthropicFields, that_have_other_names_there) {
    auto said = asked();
    said.stop = {"END", " ", "STOP"};
    said.end_user = "user-7";
    said.service_tier = "default";
    const auto body = send(said).body;
    EXPECT_EQ(body["stop_sequences"], Json::array({"END", "STOP"}));
    EXPECT_EQ(body["metadata"], Json::parse(R"({"user_id":"user-7"})"));
    EXPECT_EQ(body["service_tier"], "standard_only");
    said.service_tier = "priority";
    EXPECT_EQ(send(said).body["service_tier"], "auto");
}

TEST(AnthropicFields, personal_data_is_hashed) {
    auto said = asked();
    for (const auto& user :
         {std::string("a@example.org"), std::string("+49 (30) 123 456"), std::string(257, 'x')}) {
        said.end_user = user;
        const auto id = send(said).body["metadata"]["user_id"].get<std::string>();
        EXPECT_EQ(id.size(), 64U) << user;
        EXPECT_EQ(id.find('@'), std::string::npos);
    }
}

TEST(AnthropicThinking, follows_the_effort_where_the_model_has_efforts) {
    auto said = asked();
    EXPECT_FALSE(send(said, effort_model()).body.contains("thinking"));
    said.reasoning.effort = Effort::high;
    auto sent = send(said, effort_model());
    EXPECT_EQ(sent.body["output_config"], Json::parse(R"({"effort":"high"})"));
    EXPECT_EQ(sent.body["thinking"], Json::parse(R"({"type":"adaptive"})"));
    EXPECT_EQ(sent.dropped, Names{});
    said.reasoning.effort = Effort::xhigh;
    sent = send(said, effort_model());
    EXPECT_EQ(sent.body["output_config"]["effort"], "high") << "down to what the model has";
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
    said.reasoning.effort = Effort::minimal;
    EXPECT_EQ(send(said, effort_model()).body["output_config"]["effort"], "low");
    said.reasoning.effort = Effort::max;
    EXPECT_EQ(send(said, effort_model()).body["output_config"]["effort"], "max");
    said.reasoning.effort = Effort::medium;
    EXPECT_FALSE(send(said, bound_model()).body.contains("thinking")) << "it thinks anyway";
}

TEST(AnthropicThinking, is_switched_off_as_far_as_that_goes) {
    auto said = asked();
    said.reasoning.effort = Effort::none;
    auto sent = send(said, effort_model());
    EXPECT_EQ(sent.body["thinking"], Json::parse(R"({"type":"disabled"})"));
    EXPECT_EQ(sent.dropped, Names{});
    sent = send(said, bound_model());
    EXPECT_FALSE(sent.body.contains("thinking"));
    EXPECT_EQ(sent.body["output_config"]["effort"], "low");
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
    auto facts = bound_model();
    facts.thinking.between_tools = true;
    sent = send(said, facts);
    EXPECT_EQ(sent.body["thinking"], Json::parse(R"({"type":"between_tools"})"));
    EXPECT_EQ(sent.body["output_config"]["effort"], "low");
    EXPECT_FALSE(send(said, budget_model()).body.contains("thinking"));
    EXPECT_EQ(send(said, budget_model()).dropped, Names{});
    EXPECT_EQ(send(said).dropped, Names{}) << "nobody knows that it thinks";
}

TEST(AnthropicThinking, gets_a_budget_that_leaves_room_in_the_limit) {
    auto said = asked();
    said.reasoning.effort = Effort::medium;
    auto body = send(said, budget_model()).body;
    EXPECT_EQ(body["thinking"], Json::parse(R"({"type":"enabled","budget_tokens":19200})"));
    EXPECT_EQ(body["max_tokens"], 19'200 + 8192);
    said.max_tokens = 30'000;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 19'200);
    said.max_tokens = 4000;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 2000);
    said.max_tokens = 1500;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 1024);
    said.max_tokens = 1024;
    EXPECT_FALSE(send(said, budget_model()).body.contains("thinking"));
    EXPECT_EQ(send(said, budget_model()).dropped, Names{"reasoning_effort"});
    said.max_tokens.reset();
    said.reasoning.effort = Effort::max;
    body = send(said, budget_model()).body;
    EXPECT_EQ(body["thinking"]["budget_tokens"], 57'600);
    EXPECT_EQ(body["max_tokens"], 64'000);
    said.reasoning = {Effort::unsaid, 5000, false};
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 5000);
}

TEST(AnthropicThinking, a_budget_becomes_an_effort_where_there_are_no_budgets) {
    auto said = asked();
    said.max_tokens = 10'000;
    for (const auto& [budget, effort] : std::vector<std::pair<std::int64_t, const char*>>{
             {1500, "low"}, {4000, "medium"}, {7000, "high"}, {9000, "high"}}) {
        said.reasoning.budget = budget;
        EXPECT_EQ(send(said, effort_model()).body["output_config"]["effort"], effort) << budget;
    }
}

TEST(AnthropicThinking, is_shown_when_the_client_wants_to_see_it) {
    auto said = asked();
    said.reasoning.show_text = true;
    EXPECT_EQ(send(said, bound_model()).body["thinking"],
              Json::parse(R"({"type":"adaptive","display":"summarized"})"));
    EXPECT_FALSE(send(said, effort_model()).body.contains("thinking"))
        << "it does not think, nor was asked to";
    said.reasoning.effort = Effort::low;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["display"], "summarized");
}

TEST(AnthropicTools, are_written_with_their_schemas) {
    auto said = asked();
    auto weather = tool("weather", R"({"properties":{"b":{},"a":{}}})");
    weather.description = "Gets it.";
    weather.cache = chat::CacheLifetime::one_hour;
    said.tools = {weather, tool("none", "")};
    EXPECT_EQ(send(said).body["tools"],
              Json::parse(R"([{"name":"weather","description":"Gets it.","input_schema":{"type":"object",)"
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
    EXPECT_EQ(sent.body["tools"][0]["input_schema"]["required"], Json::array({"input"}));
    EXPECT_EQ(sent.body["tools"][0]["description"], R"(Format of the input: {"type":"text"})");
    EXPECT_EQ(sent.map.custom_tools, Names{"shell"});
    EXPECT_EQ(sent.body["messages"][1]["content"][0]["input"], Json::parse(R"({"input":"ls \"x\""})"));
}

Json choice(ToolChoiceKind kind, std::vector<std::string> names = {}, bool must_call = false,
            const chat::ModelFacts& facts = {}) {
    auto said = asked();
    said.tools = {tool("f"), tool("g")};
    said.tool_choice = {kind, std::move(names), must_call};
    const auto sent = send(said, facts);
    Json out;
    out["choice"] = sent.body.value("tool_choice", Json());
    for (const auto& written : sent.body["tools"]) {
        out["tools"].push_back(written["name"]);
    }
    out["dropped"] = sent.dropped;
    return out;
}

TEST(AnthropicToolChoice, is_mapped) {
    EXPECT_EQ(choice(ToolChoiceKind::unsaid),
              Json::parse(R"({"choice":null,"tools":["f","g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::automatic)["choice"], Json::parse(R"({"type":"auto"})"));
    EXPECT_EQ(choice(ToolChoiceKind::none),
              Json::parse(R"({"choice":{"type":"none"},"tools":["f","g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::required)["choice"], Json::parse(R"({"type":"any"})"));
    EXPECT_EQ(choice(ToolChoiceKind::named, {"g"}),
              Json::parse(R"({"choice":{"type":"tool","name":"g"},"tools":["f","g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::allowed, {"g"}),
              Json::parse(R"({"choice":{"type":"auto"},"tools":["g"],"dropped":[]})"));
    EXPECT_EQ(choice(ToolChoiceKind::allowed, {"g"}, true)["choice"], Json::parse(R"({"type":"any"})"));
}

TEST(AnthropicToolChoice, that_forces_is_softened_where_the_model_cannot_be_forced) {
    EXPECT_EQ(choice(ToolChoiceKind::required, {}, false, bound_model()),
              Json::parse(R"({"choice":{"type":"auto"},"tools":["f","g"],"dropped":["tool_choice"]})"));
    EXPECT_EQ(choice(ToolChoiceKind::named, {"g"}, false, bound_model()),
              Json::parse(R"({"choice":{"type":"auto"},"tools":["g"],"dropped":["tool_choice"]})"));
    EXPECT_EQ(choice(ToolChoiceKind::automatic, {}, false, bound_model())["dropped"], Json::array());
    auto said = asked();
    said.tools = {tool("f")};
    said.tool_choice.kind = ToolChoiceKind::required;
    said.reasoning.effort = Effort::low;
    EXPECT_EQ(send(said, budget_model()).body["tool_choice"], Json::parse(R"({"type":"auto"})"))
        << "thinking with a budget cannot be forced either";
    EXPECT_EQ(send(said, bound_model(), true).refused, "tool_choice");
}

TEST(AnthropicToolChoice, says_that_calls_come_one_at_a_time) {
    auto said = asked();
    said.parallel_tool_calls = false;
    EXPECT_FALSE(send(said).body.contains("tool_choice")) << "there are no tools";
    said.tools = {tool("f")};
    EXPECT_EQ(send(said).body["tool_choice"],
              Json::parse(R"({"type":"auto","disable_parallel_tool_use":true})"));
    said.tool_choice.kind = ToolChoiceKind::required;
    EXPECT_EQ(send(said).body["tool_choice"],
              Json::parse(R"({"type":"any","disable_parallel_tool_use":true})"));
    said.tool_choice.kind = ToolChoiceKind::none;
    EXPECT_EQ(send(said).body["tool_choice"], Json::parse(R"({"type":"none"})"));
}

TEST(AnthropicTools, of_a_history_are_told_when_none_are_offered) {
    auto said = asked();
    say(said, Role::assistant, {call("A", "{}", "f"), call("B", "{}", "g"), call("C", "{}", "f")});
    const auto body = send(said).body;
    EXPECT_EQ(body["tools"],
              Json::parse(R"([{"name":"f","input_schema":{"type":"object","properties":{}}},)"
                          R"({"name":"g","input_schema":{"type":"object","properties":{}}}])"));
    EXPECT_EQ(body["tool_choice"], Json::parse(R"({"type":"none"})"));
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
              Json::parse(R"({"format":{"type":"json_schema","schema":)" + std::string(person) + "}}"));
    EXPECT_EQ(sent.map.json_tool, "");
    EXPECT_EQ(sent.dropped, Names{});
}

TEST(AnthropicOutput, is_held_to_a_schema_by_a_tool_where_it_must_be) {
    chat::ModelFacts facts;
    facts.output_schema = false;
    auto sent = send(asked_for(person), facts);
    EXPECT_EQ(sent.body["tools"][0]["name"], "json");
    EXPECT_EQ(sent.body["tools"][0]["input_schema"], Json::parse(person));
    EXPECT_EQ(sent.body["tool_choice"], Json::parse(R"({"type":"tool","name":"json"})"));
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
    EXPECT_EQ(sent.body["tool_choice"], Json::parse(R"({"type":"any"})"));
    said.tool_choice.kind = ToolChoiceKind::none;
    sent = send(said, facts);
    EXPECT_EQ(sent.body["tool_choice"], Json::parse(R"({"type":"tool","name":"json_2"})"));
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

TEST(AnthropicMessages, system_stands_apart_and_marks_stay_on_their_blocks) {
    chat::Conversation said;
    auto rules = text("rules");
    rules.cache = chat::CacheLifetime::five_minutes;
    say(said, Role::system, {rules});
    say(said, Role::developer, {text("more")});
    say(said, Role::user, {text("hi")});
    EXPECT_EQ(send(said).body["system"],
              Json::parse(R"([{"type":"text","text":"rules","cache_control":{"type":"ephemeral"}},)"
                          R"({"type":"text","text":"more"}])"));
}

TEST(AnthropicMessages, later_system_messages_follow_the_model) {
    auto said = asked();
    say(said, Role::system, {text("s")});
    EXPECT_EQ(messages(said), Json::parse(R"([{"role":"user","content":[{"type":"text","text":"hi"},)"
                                          R"({"type":"text","text":"<system>s</system>"}]}])"));
    chat::ModelFacts facts;
    facts.later_system = true;
    EXPECT_EQ(messages(said, facts),
              Json::parse(R"([{"role":"user","content":[{"type":"text","text":"hi"}]},)"
                          R"({"role":"system","content":[{"type":"text","text":"s"}]}])"));
}

TEST(AnthropicMessages, calls_and_results_are_blocks) {
    auto said = asked();
    say(said, Role::assistant,
        {text("let me"), call("A", R"({"b":1,"a":[ 2 ]})"), call("B", " "), call("C", "[1"),
         call("D", "[1]")});
    auto last = result("B", "");
    last.cache = chat::CacheLifetime::five_minutes;
    say(said, Role::tool, {last});
    say(said, Role::tool, {result("A", "42")});
    say(said, Role::user, {text("and?")});
    const auto turns = messages(said);
    EXPECT_EQ(turns[1]["content"],
              Json::parse(R"([{"type":"text","text":"let me"},)"
                          R"({"type":"tool_use","id":"A","name":"f","input":{"b":1,"a":[2]}},)"
                          R"({"type":"tool_use","id":"B","name":"f","input":{}},)"
                          R"({"type":"tool_use","id":"C","name":"f","input":{"_raw":"[1"}},)"
                          R"({"type":"tool_use","id":"D","name":"f","input":{"_raw":"[1]"}}])"));
    EXPECT_EQ(
        turns[2]["content"],
        Json::parse(
            R"([{"type":"tool_result","tool_use_id":"A","content":"42"},)"
            R"({"type":"tool_result","tool_use_id":"B","content":"","cache_control":{"type":"ephemeral"}},)"
            R"({"type":"tool_result","tool_use_id":"C","content":"No result provided","is_error":true},)"
            R"({"type":"tool_result","tool_use_id":"D","content":"No result provided","is_error":true},)"
            R"({"type":"text","text":"and?"}])"));
}

TEST(AnthropicMessages, results_may_hold_pictures) {
    auto said = asked();
    say(said, Role::assistant, {call("A")});
    auto seen = result("A", "see:");
    auto& made = std::get<chat::ToolResult>(seen.what);
    chat::Media image;
    image.url = "https://example.org/a.png";
    made.parts.emplace_back(chat::Text{" "});
    made.parts.emplace_back(image);
    made.is_error = true;
    say(said, Role::tool, {seen});
    EXPECT_EQ(
        messages(said)[2]["content"][0],
        Json::parse(R"({"type":"tool_result","tool_use_id":"A","content":[{"type":"text","text":"see:"},)"
                    R"({"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]})"));
}

TEST(AnthropicMessages, a_prefill_is_for_the_models_that_take_it) {
    auto said = asked();
    say(said, Role::assistant, {text("{ \n")});
    EXPECT_EQ(send(said).refused, "messages[1]");
    EXPECT_EQ(messages(said, budget_model())[1]["content"][0]["text"], "{");
    said.reasoning.effort = Effort::high;
    EXPECT_EQ(send(said, budget_model()).dropped, Names{"reasoning_effort"});
}

TEST(AnthropicMessages, of_more_than_four_cache_marks_the_last_stay) {
    chat::Conversation said;
    for (int i = 0; i < 6; ++i) {
        auto part = text(std::to_string(i));
        part.cache = chat::CacheLifetime::five_minutes;
        say(said, i < 2 ? Role::system : Role::user, {part});
    }
    const auto sent = send(said);
    EXPECT_FALSE(sent.body["system"][1].contains("cache_control"));
    EXPECT_TRUE(sent.body["messages"][0]["content"][0].contains("cache_control"));
    EXPECT_EQ(sent.dropped, Names{"cache_control"});
}

TEST(AnthropicIds, are_pure_short_and_plain) {
    EXPECT_EQ(anthropic_id("toolu_01-A"), "toolu_01-A");
    EXPECT_EQ(anthropic_id(std::string(64, 'a')), std::string(64, 'a'));
    for (const auto& id :
         {std::string(450, 'a'), std::string("call.1"), std::string(), std::string("\u00e9")}) {
        const auto made = anthropic_id(id);
        EXPECT_EQ(made, anthropic_id(id));
        EXPECT_LE(made.size(), 64U);
        EXPECT_EQ(made, anthropic_id(made)) << "fits by now";
    }
    EXPECT_NE(anthropic_id("call.1"), anthropic_id("call_1"));
    EXPECT_NE(anthropic_id(std::string(450, 'a')), anthropic_id(std::string(451, 'a')));
}

TEST(AnthropicIds, are_the_same_for_call_and_result_and_unique_in_a_request) {
    auto said = asked();
    const std::string id(450, 'x');
    for (int i = 0; i < 2; ++i) {
        say(said, Role::assistant, {call(id)});
        say(said, Role::tool, {result(id, std::to_string(i))});
    }
    const auto turns = messages(said);
    for (const std::size_t at : {1U, 3U}) {
        EXPECT_EQ(turns[at]["content"][0]["id"], turns[at + 1]["content"][0]["tool_use_id"]);
    }
    EXPECT_NE(turns[1]["content"][0]["id"], turns[3]["content"][0]["id"]);
}

chat::Conversation in_a_loop(std::vector<Part> thoughts) {
    auto said = asked();
    thoughts.push_back(call("A"));
    say(said, Role::assistant, std::move(thoughts));
    say(said, Role::tool, {result("A", "1")});
    said.tools = {tool("f")};
    return said;
}

TEST(AnthropicThoughts, go_back_verbatim_while_the_model_thinks) {
    auto said = in_a_loop({thought("hm \u00fc", "c2ln"), thought("", "", "eHh4")});
    EXPECT_EQ(messages(said, bound_model())[1]["content"][0],
              Json::parse(R"({"type":"thinking","thinking":"hm ü","signature":"c2ln"})"));
    EXPECT_EQ(messages(said, bound_model())[1]["content"][1],
              Json::parse(R"({"type":"redacted_thinking","data":"eHh4"})"));
    EXPECT_EQ(messages(said, effort_model())[1]["content"].size(), 1U) << "it does not think here";
}

TEST(AnthropicThoughts, go_back_all_or_not_at_all) {
    EXPECT_EQ(
        messages(in_a_loop({thought("hm", "c2ln"), thought("no signature", "")}), bound_model())[1]["content"]
            .size(),
        1U);
    EXPECT_EQ(messages(in_a_loop({thought("hm", "gh1.gemini.c2ln")}), bound_model())[1]["content"].size(),
              1U);
}

TEST(AnthropicThoughts, that_a_loop_lacks_end_thinking_with_a_budget) {
    auto with = in_a_loop({thought("hm", "c2ln")});
    with.reasoning.effort = Effort::high;
    EXPECT_TRUE(send(with, budget_model()).body.contains("thinking"));
    auto without = in_a_loop({});
    without.reasoning.effort = Effort::high;
    const auto sent = send(without, budget_model());
    EXPECT_FALSE(sent.body.contains("thinking"));
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
    say(without, Role::assistant, {text("done")});
    say(without, Role::user, {text("next")});
    EXPECT_TRUE(send(without, budget_model()).body.contains("thinking")) << "the loop is over";
}

Json media(const chat::Media& what, const chat::ModelFacts& facts = {}) {
    auto said = asked();
    said.messages[0].parts.push_back(Part{what, {}});
    const auto sent = send(said, facts);
    return sent.refused.empty() ? sent.body["messages"][0]["content"][1] : Json(sent.refused);
}

chat::Media data(chat::MediaKind kind, std::string type, std::string base64) {
    chat::Media made;
    made.kind = kind;
    made.media_type = std::move(type);
    made.data = std::move(base64);
    return made;
}

TEST(AnthropicMedia, images_are_what_their_bytes_say) {
    const auto type = [](std::string said, std::string base64) {
        const auto block = media(data(chat::MediaKind::image, std::move(said), std::move(base64)));
        return block.is_string() ? "refused" : block["source"]["media_type"].get<std::string>();
    };
    EXPECT_EQ(type("image/png", "iVBORw0KGgo="), "image/png");
    EXPECT_EQ(type("image/png", "/9j/4AAQSkZJRg=="), "image/jpeg");
    EXPECT_EQ(type("image/jpeg", "R0lGODlhAQABAA=="), "image/gif");
    EXPECT_EQ(type("image/bmp", "UklGRiQAAABXRUJQVlA4IA=="), "image/webp");
    EXPECT_EQ(type("image/webp", "AAAA"), "image/webp");
    EXPECT_EQ(type("image/bmp", "Qk0AAA=="), "refused");
}

TEST(AnthropicMedia, links_files_and_documents) {
    chat::Media image;
    image.url = "https://example.org/a.png";
    image.detail = "auto";
    EXPECT_EQ(media(image),
              Json::parse(R"({"type":"image","source":{"type":"url","url":"https://example.org/a.png"}})"));
    image.url = "http://example.org/a.png";
    EXPECT_EQ(media(image), "messages[0]");
    auto pdf = data(chat::MediaKind::document, "application/pdf", "JVBERg==");
    pdf.name = "a.pdf";
    EXPECT_EQ(media(pdf),
              Json::parse(R"({"type":"document","source":{"type":"base64","media_type":"application/pdf",)"
                          R"("data":"JVBERg=="},"title":"a.pdf"})"));
    EXPECT_EQ(media(data(chat::MediaKind::document, "text/markdown", "# A")),
              Json::parse(
                  R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"# A"}})"));
    EXPECT_EQ(media(data(chat::MediaKind::document, "application/zip", "AAAA")), "messages[0]");
    EXPECT_EQ(media(data(chat::MediaKind::audio, "audio/wav", "AAAA")), "messages[0]");
}

TEST(AnthropicMedia, files_of_the_provider_need_a_beta) {
    auto said = asked();
    chat::Media file;
    file.kind = chat::MediaKind::document;
    file.file_id = "file_01";
    said.messages[0].parts.push_back(Part{file, {}});
    const auto sent = send(said);
    EXPECT_EQ(sent.body["messages"][0]["content"][1]["source"],
              Json::parse(R"({"type":"file","file_id":"file_01"})"));
    EXPECT_EQ(sent.fields, std::string(new_version) + "anthropic-beta: files-api-2025-04-14\r\n");
    file.file_id = "file-openai";
    EXPECT_EQ(media(file), "messages[0]");
}

TEST(AnthropicMedia, follows_what_the_model_takes) {
    chat::ModelFacts facts;
    facts.media = {"image"};
    EXPECT_TRUE(media(data(chat::MediaKind::image, "image/png", "iVBORw0KGgo="), facts).is_object());
    EXPECT_EQ(media(data(chat::MediaKind::document, "application/pdf", "JVBERg=="), facts), "messages[0]");
    EXPECT_TRUE(media(data(chat::MediaKind::document, "text/plain", "a"), facts).is_object());
    auto said = asked();
    auto image = data(chat::MediaKind::image, "image/png", "iVBORw0KGgo=");
    image.detail = "low";
    said.messages[0].parts.push_back(Part{image, {}});
    EXPECT_EQ(send(said).dropped, Names{"image_url.detail"});
}

TEST(AnthropicPrefix, of_a_longer_conversation_is_the_same_to_the_byte) {
    chat::Conversation said;
    say(said, Role::system, {text("rules")});
    say(said, Role::user, {text("hi")});
    said.tools = {tool("f")};
    TranslateOptions options;
    options.model = "claude-x";
    const auto shorter = write_anthropic(said, false, options);
    say(said, Role::assistant, {text("ok"), call("A.1", R"({"a":1})")});
    say(said, Role::tool, {result("A.1", "1")});
    const auto longer = write_anthropic(said, false, options);
    ASSERT_TRUE(shorter && longer);
    const auto prefix = shorter->body.substr(0, shorter->body.size() - 2);  // without `]}`
    EXPECT_TRUE(longer->body.starts_with(prefix)) << prefix << "\n" << longer->body;
}

}  // namespace
}  // namespace gatehouse::dialect
