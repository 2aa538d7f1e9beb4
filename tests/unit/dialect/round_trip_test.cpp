// What a client says in a vendor's words, read into a conversation and written for a provider of the same
// vendor, is what it said: nothing is lost on the way.
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

using RoundTripJson = nlohmann::json;
using ReadRequest = Result<chat::Conversation> (*)(std::string_view);
using WriteRequest = Result<Written> (*)(const chat::Conversation&, bool, const TranslateOptions&);

/// A model that can do everything.
chat::ModelFacts able() {
    chat::ModelFacts facts;
    facts.efforts = {chat::Effort::low, chat::Effort::medium, chat::Effort::high};
    facts.thinking = {true, true, true, true};
    facts.sampling = true;
    facts.penalties = true;
    facts.several_choices = true;
    facts.logprobs = true;
    facts.newer_fields = true;
    facts.prefill = true;
    facts.later_system = true;
    return facts;
}

/// Of several ways to say one thing the bodies below use the one that is written. In strict mode: what has no
/// place is a refusal.
void expect_same(ReadRequest read, WriteRequest write, std::string_view body, bool reasons = false) {
    const auto said = read(body);
    ASSERT_TRUE(said) << said.problem().param() << ": " << said.problem().message();
    auto facts = able();
    facts.sampling = !reasons;
    TranslateOptions options;
    options.model = "m";
    options.facts = &facts;
    options.strict = true;
    const auto again = write(*said, false, options);
    ASSERT_TRUE(again) << again.problem().param() << ": " << again.problem().message();
    const auto difference =
        RoundTripJson::diff(RoundTripJson::parse(body), RoundTripJson::parse(again->body));
    EXPECT_TRUE(difference.empty()) << difference.dump(1) << "\n" << again->body;
}

TEST(RoundTrip, LosesNothingOfAChatWithTools) {
    expect_same(
        read_openai_chat, write_openai_chat,
        R"({"model":"m","messages":[{"role":"system","content":"Be terse."},)"
        R"({"role":"user","content":[{"type":"text","text":"What is this?"},)"
        R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},)"
        R"({"type":"image_url","image_url":{"url":"https://example.com/a.png"}},)"
        R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="}},)"
        R"({"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]},)"
        R"({"role":"assistant","content":"I look.","tool_calls":[)"
        R"({"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"z\":1,\"a\":[true]}"}},)"
        R"({"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
        R"({"role":"tool","tool_call_id":"call_1","content":"one"},)"
        R"({"role":"tool","tool_call_id":"call_2","content":"two"},)"
        R"({"role":"user","content":"And now?"}],)"
        R"("tools":[{"type":"function","function":{"name":"f","description":"F","parameters":)"
        R"({"type":"object","properties":{"z":{"type":"integer"}},"required":["z"],"additionalProperties":false},)"
        R"("strict":true}},{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}],)"
        R"("tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false})");
}

TEST(RoundTrip, LosesNothingOfAChatsSettings) {
    expect_same(read_openai_chat, write_openai_chat,
                R"({"model":"m","messages":[{"role":"user","content":"q"}],"max_completion_tokens":100,)"
                R"("temperature":0.5,"top_p":0.9,"stop":["a","b"],"seed":7,"presence_penalty":1,)"
                R"("frequency_penalty":-1,"n":2,"logprobs":true,"top_logprobs":3,"service_tier":"flex",)"
                R"("safety_identifier":"s",)"
                R"("prompt_cache_key":"p",)"
                R"("response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":)"
                R"({"type":"object","properties":{},"required":[],"additionalProperties":false}}}})");
    expect_same(
        read_openai_chat, write_openai_chat,
        R"({"model":"m","messages":[{"role":"user","content":"q, as JSON"}],"reasoning_effort":"low","verbosity":"low",)"
        R"("response_format":{"type":"json_object"}})",
        true);
}

TEST(RoundTrip, LosesNothingOfMessagesWithTools) {
    expect_same(
        read_anthropic, write_anthropic,
        R"({"model":"m","max_tokens":4096,"system":[{"type":"text","text":"Be terse.","cache_control":{"type":"ephemeral"}}],)"
        R"("messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},)"
        R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},)"
        R"({"type":"image","source":{"type":"url","url":"https://example.com/a.png"}},)"
        R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERg=="},"title":"A"}]},)"
        R"({"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"c2ln"},)"
        R"({"type":"redacted_thinking","data":"EmwK"},{"type":"text","text":"I look."},)"
        R"({"type":"tool_use","id":"toolu_1","name":"f","input":{"z":1}},)"
        R"({"type":"tool_use","id":"toolu_2","name":"g","input":{}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"one"},)"
        R"({"type":"tool_result","tool_use_id":"toolu_2","content":"no","is_error":true},)"
        R"({"type":"text","text":"And now?"}]}],)"
        R"("tools":[{"name":"f","description":"F","input_schema":{"type":"object","properties":{"z":{"type":"integer"}}},)"
        R"("cache_control":{"type":"ephemeral","ttl":"1h"}},{"name":"g","input_schema":{"type":"object","properties":{}}}],)"
        R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":2048,"display":"summarized"},)"
        R"("metadata":{"user_id":"u"},"service_tier":"standard_only","stop_sequences":["a"]})");
}

TEST(RoundTrip, LosesNothingOfAResponseWithTools) {
    expect_same(
        read_responses, write_responses,
        R"({"model":"m","store":false,"include":["reasoning.encrypted_content"],"input":[)"
        R"({"type":"message","role":"developer","content":"Be terse."},)"
        R"({"type":"message","role":"user","content":[{"type":"input_text","text":"What is this?"},)"
        R"({"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"},)"
        R"({"type":"input_image","image_url":"https://example.com/a.png"},)"
        R"({"type":"input_image","file_id":"file-1","detail":"original"},)"
        R"({"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="},)"
        R"({"type":"input_file","filename":"b.pdf","file_url":"https://example.com/b.pdf"},)"
        R"({"type":"input_file","file_id":"file-2","detail":"low"}]},)"
        R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gAAA"},)"
        R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"I look."}]},)"
        R"({"type":"function_call","call_id":"call_1","name":"f","arguments":"{\"z\":1,\"a\":[true]}"},)"
        R"({"type":"custom_tool_call","call_id":"call_2","name":"sh","input":"ls {"},)"
        R"({"type":"function_call_output","call_id":"call_1","output":[{"type":"input_text","text":"one"},)"
        R"({"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}]},)"
        R"({"type":"custom_tool_call_output","call_id":"call_2","output":"two"},)"
        R"({"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"No more."}]},)"
        R"({"type":"message","role":"developer","content":"Be kind."},)"
        R"({"type":"message","role":"user","content":"And now?"}],)"
        R"("tools":[{"type":"function","name":"f","description":"F","parameters":)"
        R"({"type":"object","properties":{"z":{"type":"integer"}},"required":["z"],"additionalProperties":false},)"
        R"("strict":true},{"type":"function","name":"g","parameters":{"type":"object","properties":{}},"strict":false},)"
        R"({"type":"custom","name":"sh","description":"Shell","format":)"
        R"({"type":"grammar","syntax":"lark","definition":"start: /.+/"}}],)"
        R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},)"
        R"({"type":"custom","name":"sh"}]},"parallel_tool_calls":false})",
        true);
}

TEST(RoundTrip, LosesNothingOfAResponsesSettings) {
    expect_same(read_responses, write_responses,
                R"({"model":"m","store":false,"input":[{"type":"message","role":"user","content":"q"}],)"
                R"("max_output_tokens":100,"temperature":0.5,"top_p":0.9,"service_tier":"flex",)"
                R"("safety_identifier":"s","prompt_cache_key":"p","text":{"format":{"type":"json_schema",)"
                R"("name":"n","description":"d","strict":true,"schema":)"
                R"({"type":"object","properties":{},"required":[],"additionalProperties":false}}}})");
    for (const char* choice :
         {R"("auto")", R"("none")", R"("required")", R"({"type":"function","name":"f"})"}) {
        expect_same(
            read_responses, write_responses,
            R"({"model":"m","store":false,"input":[{"type":"message","role":"user","content":"q"}],)"
            R"("tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},)"
            R"("strict":false}],"tool_choice":)" +
                std::string(choice) + "}");
    }
    expect_same(
        read_responses, write_responses,
        R"({"model":"m","store":false,"input":[{"type":"message","role":"user","content":"q, as JSON"}],)"
        R"("include":["reasoning.encrypted_content"],"reasoning":{"effort":"low","summary":"detailed"},)"
        R"("text":{"format":{"type":"json_object"},"verbosity":"low"}})",
        true);
}

}  // namespace
}  // namespace gatehouse::dialect
