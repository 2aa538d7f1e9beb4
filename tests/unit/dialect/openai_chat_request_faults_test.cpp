// Chat requests of clients that cannot be read, and the words in which they hear it.
#include "openai_chat_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::openai_chat_asked;

TEST(OpenaiChatRequest, refuses_fields_of_the_wrong_type) {
    for (const auto& [members, param] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {R"("temperature":"1")", "temperature"},
             {R"("top_p":[])", "top_p"},
             {R"("max_tokens":"5")", "max_tokens"},
             {R"("max_completion_tokens":true)", "max_completion_tokens"},
             {R"("seed":{})", "seed"},
             {R"("n":"1")", "n"},
             {R"("logprobs":1)", "logprobs"},
             {R"("parallel_tool_calls":"yes")", "parallel_tool_calls"},
             {R"("stop":1)", "stop"},
             {R"("stop":["a",1])", "stop[1]"},
             {R"("user":1)", "user"},
             {R"("service_tier":1)", "service_tier"},
             {R"("reasoning_effort":1)", "reasoning_effort"},
             {R"("reasoning":"high")", "reasoning"},
             {R"("reasoning":{"max_tokens":"1"})", "reasoning.max_tokens"},
             {R"("include_reasoning":1)", "include_reasoning"},
             {R"("modalities":"text")", "modalities"},
             {R"("web_search_options":1)", "web_search_options"},
             {R"("response_format":"json")", "response_format"},
             {R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":1}})",
              "response_format.json_schema.schema"},
             {R"("tools":{})", "tools"},
             {R"("tools":[1])", "tools[0]"},
             {R"("tools":[{"type":"function","function":1}])", "tools[0].function"},
             {R"("tools":[{"type":"function","function":{"name":1}}])", "tools[0].function.name"},
             {R"("tools":[{"type":"function","function":{"name":"f","parameters":"{}"}}])",
              "tools[0].function.parameters"},
             {R"("tools":[{"type":"function","function":{"name":"f","strict":1}}])",
              "tools[0].function.strict"},
             {R"("tool_choice":1)", "tool_choice"},
             {R"("tool_choice":{"type":"function","function":{"name":1}})", "tool_choice.function.name"},
             {R"("functions":[1])", "functions[0]"},
             {R"("function_call":1)", "function_call"},
         }) {
        expect_fault(read_with(members), ProblemKind::invalid_type, param);
    }
}

TEST(OpenaiChatRequest, refuses_values_that_the_dialect_does_not_have) {
    for (const auto& [members, param] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {R"("temperature":2.1)", "temperature"},
             {R"("temperature":-0.1)", "temperature"},
             {R"("top_p":1.5)", "top_p"},
             {R"("presence_penalty":-3)", "presence_penalty"},
             {R"("frequency_penalty":3)", "frequency_penalty"},
             {R"("max_tokens":0)", "max_tokens"},
             {R"("max_tokens":1.5)", "max_tokens"},
             {R"("seed":99999999999999999999)", "seed"},
             {R"("n":0)", "n"},
             {R"("n":129)", "n"},
             {R"("top_logprobs":21)", "top_logprobs"},
             {R"("reasoning_effort":"extreme")", "reasoning_effort"},
             {R"("verbosity":"loud")", "verbosity"},
             {R"("modalities":["smell"])", "modalities[0]"},
             {R"("response_format":{"type":"xml"})", "response_format.type"},
             {R"("tools":[{"type":"web_search"}])", "tools[0].type"},
             {R"("tools":[{"type":"function","function":{"name":"a b"}}])", "tools[0].function.name"},
             {R"("tools":[{"type":"function","function":{"name":""}}])", "tools[0].function.name"},
             {R"("tools":[{"type":"function","function":{"name":"f"},"cache_control":{"ttl":"2h"}}])",
              "tools[0].cache_control.ttl"},
             {R"("tool_choice":"any")", "tool_choice"},
             {R"("tool_choice":"required")", "tool_choice"},
             {R"("tool_choice":{"type":"mcp"})", "tool_choice.type"},
             {R"("tool_choice":{"type":"function","function":{"name":"f"}})", "tool_choice"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})",
              "tool_choice"},
             {R"("function_call":{"name":"f"})", "tool_choice"},
         }) {
        expect_fault(read_with(members), ProblemKind::invalid_value, param);
    }
    const std::string long_name(65, 'a');
    expect_fault(read_with(R"("tools":[{"type":"function","function":{"name":")" + long_name + R"("}}])"),
                 ProblemKind::invalid_value, "tools[0].function.name");
}

TEST(OpenaiChatRequest, names_what_is_missing) {
    expect_fault(read_openai_chat(R"({"model":"m"})"), ProblemKind::missing_parameter, "messages");
    for (const auto& [members, param] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {R"("response_format":{})", "response_format.type"},
             {R"("response_format":{"type":"json_schema"})", "response_format.json_schema"},
             {R"("response_format":{"type":"json_schema","json_schema":{}})",
              "response_format.json_schema.name"},
             {R"("tools":[{"function":{"name":"f"}}])", "tools[0].type"},
             {R"("tools":[{"type":"function"}])", "tools[0].function"},
             {R"("tools":[{"type":"custom","custom":{}}])", "tools[0].custom.name"},
             {R"("tool_choice":{})", "tool_choice.type"},
             {R"("tool_choice":{"type":"function"})", "tool_choice.function"},
             {R"("tool_choice":{"type":"function","function":{}})", "tool_choice.function.name"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{}})",
              "tool_choice.allowed_tools.tools"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[{}]}})",
              "tool_choice.allowed_tools.tools[0].function"},
             {R"("functions":[{}])", "functions[0].name"},
         }) {
        expect_fault(read_with(members), ProblemKind::missing_parameter, param);
    }
}

TEST(OpenaiChatRequest, refuses_messages_with_their_path) {
    using enum ProblemKind;
    struct Case {
        std::string_view messages;
        ProblemKind kind;
        std::string_view param;
    };
    for (
        const auto& [messages, kind, param] : {
            Case{R"(1)", invalid_type, "messages[0]"},
            Case{R"({"content":"x"})", missing_parameter, "messages[0].role"},
            Case{R"({"role":"robot","content":"x"})", invalid_value, "messages[0].role"},
            Case{R"({"role":"user"})", missing_parameter, "messages[0].content"},
            Case{R"({"role":"system","content":null})", missing_parameter, "messages[0].content"},
            Case{R"({"role":"user","content":1})", invalid_type, "messages[0].content"},
            Case{R"({"role":"user","content":"x","name":1})", invalid_type, "messages[0].name"},
            Case{R"({"role":"user","content":"x"},{"role":"tool","content":"x"})", missing_parameter,
                 "messages[1].tool_call_id"},
            Case{R"({"role":"function","content":"x"})", missing_parameter, "messages[0].name"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","type":"mcp"}]})", invalid_value,
                 "messages[0].tool_calls[0].type"},
            Case{
                R"({"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":""}}]})",
                missing_parameter, "messages[0].tool_calls[0].id"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","type":"function"}]})", missing_parameter,
                 "messages[0].tool_calls[0].function"},
            Case{
                R"({"role":"assistant","tool_calls":[{"id":"c","type":"custom","function":{"name":"f","arguments":""}}]})",
                missing_parameter, "messages[0].tool_calls[0].custom"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":{}}}]})",
                 invalid_type, "messages[0].tool_calls[0].function.arguments"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","function":{"arguments":"{}"}}]})",
                 missing_parameter, "messages[0].tool_calls[0].function.name"},
            Case{R"({"role":"assistant","function_call":{"name":"f"}})", missing_parameter,
                 "messages[0].function_call.arguments"},
        }) {
        expect_fault(read_messages(messages), kind, param);
    }
    expect_fault(read_messages(""), invalid_value, "messages");
}

TEST(OpenaiChatRequest, refuses_parts_with_their_path) {
    using enum ProblemKind;
    struct Case {
        std::string_view part;
        ProblemKind kind;
        std::string_view path;  // below the part
    };
    for (const auto& [part, kind, path] : {
             Case{R"(1)", invalid_type, ""},
             Case{R"({"text":"x"})", missing_parameter, ".type"},
             Case{R"({"type":1})", invalid_type, ".type"},
             Case{R"({"type":"tool_use","id":"x"})", invalid_value, ".type"},
             Case{R"({"type":"text"})", missing_parameter, ".text"},
             Case{R"({"type":"text","text":1})", invalid_type, ".text"},
             Case{R"({"type":"image_url"})", missing_parameter, ".image_url"},
             Case{R"({"type":"image_url","image_url":"https://x"})", invalid_type, ".image_url"},
             Case{R"({"type":"image_url","image_url":{}})", missing_parameter, ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"file:///x"}})", invalid_value, ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"data:image/png,abc"}})", invalid_value,
                  ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"data:image/png;base64,"}})", invalid_value,
                  ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"data:,"}})", invalid_value, ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"https://x","detail":"max"}})", invalid_value,
                  ".image_url.detail"},
             Case{R"({"type":"input_audio","input_audio":{"format":"wav"}})", missing_parameter,
                  ".input_audio.data"},
             Case{R"({"type":"input_audio","input_audio":{"data":"QUJD"}})", missing_parameter,
                  ".input_audio.format"},
             Case{R"({"type":"input_audio","input_audio":{"data":"QUJD","format":"a/b"}})", invalid_value,
                  ".input_audio.format"},
             Case{R"({"type":"file","file":{}})", missing_parameter, ".file.file_data"},
             Case{R"({"type":"file","file":{"file_data":"QUJD"}})", invalid_value, ".file.file_data"},
             Case{R"({"type":"file","file":{"file_data":"data:text/plain;base64,%%"}})", invalid_value,
                  ".file.file_data"},
             Case{R"({"type":"refusal","refusal":"no"})", invalid_value, ".type"},
             Case{R"({"type":"text","text":"x","cache_control":"ephemeral"})", invalid_type,
                  ".cache_control"},
             Case{R"({"type":"text","text":"x","prompt_cache_breakpoint":{"ttl":"1y"}})", invalid_value,
                  ".prompt_cache_breakpoint.ttl"},
         }) {
        expect_fault(read_messages(R"({"role":"system","content":"s"},
                                      {"role":"user","content":[{"type":"text","text":"a"},)" +
                                   std::string(part) + "]}"),
                     kind, "messages[1].content[1]" + std::string(path));
    }
}

TEST(OpenaiChatRequest, refuses_parts_where_the_role_has_none) {
    const std::string image = R"([{"type":"image_url","image_url":{"url":"https://x/y"}}])";
    const std::string audio = R"([{"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}}])";
    for (const auto& role : {R"({"role":"system",)", R"({"role":"developer",)", R"({"role":"assistant",)"}) {
        expect_fault(read_messages(role + (R"("content":)" + image) + "}"), ProblemKind::invalid_value,
                     "messages[0].content[0].type");
    }
    expect_fault(read_messages(R"({"role":"tool","tool_call_id":"c","content":)" + audio + "}"),
                 ProblemKind::invalid_value, "messages[0].content[0].type");
}

TEST(OpenaiChatRequest, says_the_first_fault_and_broken_json_before_it) {
    expect_fault(read_openai_chat(R"({"temperature":"x","top_p":"y","messages":[]})"),
                 ProblemKind::invalid_type, "temperature");
    for (const std::string_view body :
         {"", "{", R"({"temperature":"x",)", R"({"messages":[{"role":"user")"}) {
        const auto read = read_openai_chat(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.problem().kind(), ProblemKind::invalid_json) << body;
    }
}

}  // namespace
}  // namespace gatehouse::dialect
