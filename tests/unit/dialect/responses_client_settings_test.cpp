// What a client of the Responses API wants of the answer, and the settings that it cannot have.
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Conversation;
using chat::ToolChoiceKind;

/// A request with these members beside its input.
Result<Conversation> read_with(std::string_view members) {
    return read_responses(R"({"model":"m","input":"hi",)" + std::string(members) + "}");
}

Conversation with(std::string_view members) {
    auto read = read_with(members);
    if (!read) {
        ADD_FAILURE() << members << ": " << read.problem().message();
        return {};
    }
    return std::move(*read);
}

std::string others(std::string_view members) {
    std::string out;
    for (const auto& other : with(members).others) {
        out += other.name + "=" + other.value + " ";
    }
    return out;
}

TEST(ResponsesClientSettings, LimitsAndSampling) {
    const auto said = with(R"("max_output_tokens":9,"temperature":0.5,"top_p":0.25,"top_logprobs":3,
        "parallel_tool_calls":false,"service_tier":"flex","user":"u","safety_identifier":"s")");
    EXPECT_EQ(said.max_tokens, 9);
    EXPECT_EQ(said.temperature, 0.5);
    EXPECT_EQ(said.top_p, 0.25);
    EXPECT_EQ(said.top_logprobs, 3);
    EXPECT_TRUE(said.logprobs);
    EXPECT_EQ(said.parallel_tool_calls, false);
    EXPECT_EQ(said.service_tier, "flex");
    EXPECT_EQ(said.end_user, "s");
    EXPECT_EQ(with(R"("safety_identifier":"s","user":"u")").end_user, "s");
    EXPECT_EQ(with(R"("user":"u")").end_user, "u");
    EXPECT_FALSE(with(R"("top_logprobs":0)").logprobs);
}

TEST(ResponsesClientSettings, NullIsUnsaid) {
    EXPECT_EQ(others(R"("max_output_tokens":null,"temperature":null,"top_p":null,"top_logprobs":null,
        "tools":null,"tool_choice":null,"parallel_tool_calls":null,"reasoning":null,"text":null,"include":null,
        "service_tier":null,"user":null,"safety_identifier":null,"instructions":null,"background":null,
        "conversation":null,"prompt":null,"previous_response_id":null,"truncation":null,"store":null,
        "metadata":null,"prompt_cache_key":null,"max_tool_calls":null,"moderation":null)"),
              "");
}

TEST(ResponsesClientSettings, WhatTheResponseRepeatsAndWhatIsTheDefaultIsNoLoss) {
    EXPECT_EQ(others(R"("stream":true,"stream_options":{"include_obfuscation":false},"store":true,
        "metadata":{"a":"b"},"background":false,"truncation":"disabled","context_management":[ ],
        "text":{"format":{"type":"text"},"verbosity":"medium"},"previous_response_id":"",
        "include":["reasoning.encrypted_content"])"),
              "");
}

TEST(ResponsesClientSettings, WhatHasNoPlaceElsewhereIsNamed) {
    EXPECT_EQ(others(R"("truncation":"auto","max_tool_calls":3,"prompt_cache_key":"k","new\r\nfield: x":1,
        "text":{"verbosity":"low","b\n":2},"reasoning":{"effort":"low","mode":"pro","context":null,"c\n":3})"),
              R"(truncation="auto" max_tool_calls=3 prompt_cache_key="k" new__field__x=1 verbosity="low" )"
              R"(text.b_=2 reasoning.mode="pro" reasoning.c_=3 )");
}

TEST(ResponsesClientSettings, ToolsAreFlat) {
    const auto said = with(R"("tools":[
        {"type":"function","name":"f","description":"d","parameters":{"type":"object","b":1},"strict":true},
        {"name":"g","type":"function","parameters":null,"strict":null,"description":null},
        {"type":"custom","name":"sh","description":"runs it","format":{"type":"text"}}])");
    ASSERT_EQ(said.tools.size(), 3U);
    EXPECT_EQ(said.tools[0].name, "f");
    EXPECT_EQ(said.tools[0].description, "d");
    EXPECT_EQ(said.tools[0].schema, R"({"type":"object","b":1})");
    EXPECT_EQ(said.tools[0].strict, true);
    EXPECT_FALSE(said.tools[0].custom);
    EXPECT_EQ(said.tools[1].schema, "");
    EXPECT_EQ(said.tools[1].strict, std::nullopt);
    EXPECT_TRUE(said.tools[2].custom);
    EXPECT_EQ(said.tools[2].schema, R"({"type":"text"})");
}

/// The choice among two tools: `kind must_call names`.
std::string choice(std::string_view json) {
    const auto said = with(R"("tool_choice":)" + std::string(json) +
                           R"(,"tools":[{"type":"function","name":"f"},{"type":"custom","name":"g"}])")
                          .tool_choice;
    std::string out = std::to_string(static_cast<int>(said.kind)) + (said.must_call ? " must" : "");
    for (const auto& name : said.names) {
        out += " " + name;
    }
    return out;
}

TEST(ResponsesClientSettings, TheChoiceOfToolsInEveryForm) {
    const auto kind = [](ToolChoiceKind is) { return std::to_string(static_cast<int>(is)); };
    EXPECT_EQ(choice(R"("auto")"), kind(ToolChoiceKind::automatic));
    EXPECT_EQ(choice(R"("none")"), kind(ToolChoiceKind::none));
    EXPECT_EQ(choice(R"("required")"), kind(ToolChoiceKind::required));
    EXPECT_EQ(choice(R"({"type":"function","name":"f"})"), kind(ToolChoiceKind::named) + " f");
    EXPECT_EQ(choice(R"({"name":"g","type":"custom"})"), kind(ToolChoiceKind::named) + " g");
    const std::string both = R"("tools":[{"type":"function","name":"f"},{"type":"custom","name":"g"}])";
    EXPECT_EQ(choice(R"({"type":"allowed_tools","mode":"required",)" + both + "}"),
              kind(ToolChoiceKind::allowed) + " must f g");
    EXPECT_EQ(choice("{" + both + R"(,"mode":"auto","type":"allowed_tools"})"),
              kind(ToolChoiceKind::allowed) + " f g");
}

TEST(ResponsesClientSettings, TheFormOfTheAnswerIsFlat) {
    const auto output = with(R"("text":{"format":{"schema":{"type":"object"},"name":"n","strict":true,
                                        "description":"d","type":"json_schema"}})")
                            .output;
    EXPECT_EQ(output.kind, chat::OutputKind::json_schema);
    EXPECT_EQ(output.name, "n");
    EXPECT_EQ(output.description, "d");
    EXPECT_EQ(output.schema, R"({"type":"object"})");
    EXPECT_EQ(output.strict, true);
    const auto json = with(R"("text":{"format":{"type":"json_object","schema":{"a":1},"name":null}})").output;
    EXPECT_EQ(json.kind, chat::OutputKind::json_object);
    EXPECT_EQ(json.schema, "") << "a schema is of no use there";
}

TEST(ResponsesClientSettings, HowToThink) {
    const auto wish = [](std::string_view reasoning) {
        const auto said = with(R"("reasoning":)" + std::string(reasoning)).reasoning;
        return std::string(chat::name_of(said.effort)) + (said.show_text ? " shown" : "");
    };
    EXPECT_EQ(wish("{}"), "");
    EXPECT_EQ(wish(R"({"effort":"xhigh","summary":null})"), "xhigh");
    EXPECT_EQ(wish(R"({"effort":null,"summary":"auto"})"), " shown");
    EXPECT_EQ(wish(R"({"generate_summary":"concise","effort":"none","summary":null})"), "none shown");
}

TEST(ResponsesClientSettings, WhatIsToBeIncluded) {
    EXPECT_TRUE(with(R"("include":["a","message.output_text.logprobs"])").logprobs);
    EXPECT_FALSE(with(R"("include":["reasoning.encrypted_content"])").logprobs);
}

TEST(ResponsesClientSettings, TheFieldAtFaultIsNamed) {
    const struct {
        const char* members;
        const char* expected;
    } cases[] = {
        {R"("instructions":["x"])", "invalid_type instructions"},
        {R"("max_output_tokens":0)", "invalid_value max_output_tokens"},
        {R"("max_output_tokens":"9")", "invalid_type max_output_tokens"},
        {R"("temperature":2.5)", "invalid_value temperature"},
        {R"("top_p":"x")", "invalid_type top_p"},
        {R"("top_logprobs":21)", "invalid_value top_logprobs"},
        {R"("parallel_tool_calls":1)", "invalid_type parallel_tool_calls"},
        {R"("service_tier":1)", "invalid_type service_tier"},
        {R"("user":1)", "invalid_type user"},
        {R"("safety_identifier":1)", "invalid_type safety_identifier"},
        {R"("include":"x")", "invalid_type include"},
        {R"("include":[1])", "invalid_type include[0]"},
        {R"("reasoning":"low")", "invalid_type reasoning"},
        {R"("reasoning":{"effort":"huge"})", "invalid_value reasoning.effort"},
        {R"("reasoning":{"effort":1})", "invalid_type reasoning.effort"},
        {R"("reasoning":{"summary":true})", "invalid_type reasoning.summary"},
        {R"("text":"x")", "invalid_type text"},
        {R"("text":{"verbosity":"loud"})", "invalid_value text.verbosity"},
        {R"("text":{"format":"text"})", "invalid_type text.format"},
        {R"("text":{"format":{}})", "missing_parameter text.format.type"},
        {R"("text":{"format":{"type":"xml"}})", "invalid_value text.format.type"},
        {R"("text":{"format":{"type":"json_schema","schema":{}}})", "missing_parameter text.format.name"},
        {R"("text":{"format":{"type":"json_schema","name":"n"}})", "missing_parameter text.format.schema"},
        {R"("text":{"format":{"type":"json_schema","name":"n","schema":"x"}})",
         "invalid_type text.format.schema"},
        {R"("tools":{})", "invalid_type tools"},
        {R"("tools":["f"])", "invalid_type tools[0]"},
        {R"("tools":[{"name":"f"}])", "missing_parameter tools[0].type"},
        {R"("tools":[{"type":1}])", "invalid_type tools[0].type"},
        {R"("tools":[{"type":"function"}])", "missing_parameter tools[0].name"},
        {R"("tools":[{"type":"function","name":"a b"}])", "invalid_value tools[0].name"},
        {R"("tools":[{"type":"function","name":"f","parameters":"{}"}])", "invalid_type tools[0].parameters"},
        {R"("tools":[{"type":"function","name":"f"},{"type":"web_search"}])",
         "unsupported_parameter tools[1].type"},
        {R"("tools":[{"type":"file_search","vector_store_ids":["v"]}])",
         "unsupported_parameter tools[0].type"},
        {R"("tools":[{"type":"mcp","server_label":"s","require_approval":"never"}])",
         "unsupported_parameter tools[0].type"},
        {R"("tool_choice":7)", "invalid_type tool_choice"},
        {R"("tool_choice":"some")", "invalid_value tool_choice"},
        {R"("tool_choice":"required")", "invalid_value tool_choice"},
        {R"("tool_choice":{"name":"f"})", "missing_parameter tool_choice.type"},
        {R"("tool_choice":{"type":"function"})", "missing_parameter tool_choice.name"},
        {R"("tool_choice":{"type":"function","name":"f"})", "invalid_value tool_choice"},
        {R"("tool_choice":{"type":"web_search_preview"})", "unsupported_parameter tool_choice.type"},
        {R"("tool_choice":{"type":"allowed_tools"})", "missing_parameter tool_choice.tools"},
        {R"("tool_choice":{"type":"allowed_tools","tools":[]})", "invalid_value tool_choice"},
        {R"("tool_choice":{"type":"allowed_tools","mode":"may","tools":[]})",
         "invalid_value tool_choice.mode"},
        {R"("tool_choice":{"type":"allowed_tools","tools":[{"type":"function"}]})",
         "missing_parameter tool_choice.tools[0].name"},
        {R"("tool_choice":{"type":"allowed_tools","tools":[{"type":"image_generation"}]})",
         "unsupported_parameter tool_choice.tools[0].type"},
        {R"("background":true)", "unsupported_parameter background"},
        {R"("conversation":"conv_1")", "unsupported_parameter conversation"},
        {R"("conversation":{"id":"conv_1"})", "unsupported_parameter conversation"},
        {R"("prompt":{"id":"pmpt_1"})", "unsupported_parameter prompt"},
        {R"("previous_response_id":"resp_1")", "unsupported_parameter previous_response_id"},
    };
    for (const auto& one : cases) {
        const auto read = read_with(one.members);
        ASSERT_FALSE(read) << one.members;
        EXPECT_EQ(std::string(name_of(read.problem().kind())) + " " + read.problem().param(), one.expected)
            << read.problem().message();
    }
}

}  // namespace
}  // namespace gatehouse::dialect
