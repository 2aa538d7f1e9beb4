#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

Result<chat::Request> decode(Endpoint endpoint, std::string body) {
    return openai().decode_request(endpoint, std::move(body), wire::JsonLimits{});
}

Result<chat::Request> decode_chat(std::string members) {
    return decode(Endpoint::chat_completions, "{" + std::move(members) + "}");
}

constexpr const char* hello = R"("messages":[{"role":"user","content":"hi"}])";

void expect_fault(const Result<chat::Request>& request, ProblemKind kind, std::string_view param) {
    ASSERT_FALSE(request);
    EXPECT_EQ(request.problem().kind(), kind) << request.problem().message();
    EXPECT_EQ(request.problem().param(), param);
    EXPECT_EQ(request.problem().retry(), Retry::no);
}

std::string encode(const chat::Request& request, EncodeOptions options) {
    const auto body = openai().encode_request(request, options);
    EXPECT_LE(body.pieces.size(), 5U);
    std::string out;
    for (const auto piece : body.pieces) {
        out += piece;
    }
    EXPECT_EQ(out.size(), body.size());
    return out;
}

std::string sent(Endpoint endpoint, const std::string& body, EncodeOptions options) {
    const auto request = decode(endpoint, body);
    EXPECT_TRUE(request) << (request ? "" : request.problem().message());
    return request ? encode(*request, options) : std::string();
}

TEST(ChatRequest, tells_model_stream_and_usage) {
    const auto request = decode_chat(std::string(R"("model":"m","stream":true,)") + hello +
                                     R"(,"stream_options":{"include_usage":true})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->model, "m");
    EXPECT_TRUE(request->stream);
    EXPECT_TRUE(request->wants_usage);
    EXPECT_EQ(request->endpoint, Endpoint::chat_completions);
}

TEST(ChatRequest, TellsToolsAndEffort) {
    const auto told = [](const std::string& more) {
        auto request = decode_chat(std::string(R"("model":"m",)") + hello + more);
        EXPECT_TRUE(request) << (request ? "" : request.problem().message());
        return request ? *std::move(request) : chat::Request{};
    };
    EXPECT_FALSE(told("").offers_tools);
    EXPECT_FALSE(told(R"(,"tools":[])").offers_tools || told(R"(,"tools":null)").offers_tools);
    EXPECT_TRUE(told(R"(,"tools":[{"type":"function"}],"functions":[])").offers_tools);
    EXPECT_TRUE(told(R"(,"functions":[{"name":"f"}])").offers_tools);
    EXPECT_EQ(told("").effort, chat::Effort::unsaid);
    EXPECT_EQ(told(R"(,"reasoning_effort":"max")").effort, chat::Effort::max);
    EXPECT_EQ(told(R"(,"reasoning_effort":"none")").effort, chat::Effort::none);
    EXPECT_EQ(told(R"(,"reasoning_effort":"vast")").effort, chat::Effort::unsaid);
    EXPECT_EQ(told(R"(,"reasoning_effort":null)").effort, chat::Effort::unsaid);
}

TEST(ChatRequest, TellsToolsOfOtherVendorsClients) {
    const auto claude = [](const std::string& more) {
        auto request = anthropic().decode_request(
            Endpoint::messages,
            R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}])" + more + "}", {});
        return request && request->offers_tools;
    };
    EXPECT_TRUE(claude(R"(,"tools":[{"name":"f","input_schema":{}}])"));
    EXPECT_FALSE(claude("") || claude(R"(,"tools":[])") || claude(R"(,"tools":null)"));
    const auto google = [](const std::string& more) {
        auto request = gemini().decode_request(Endpoint::generate_content,
                                               R"({"contents":[{"parts":[{"text":"hi"}]}])" + more + "}", {});
        return request && request->offers_tools;
    };
    EXPECT_TRUE(google(R"(,"tools":[{"functionDeclarations":[{"name":"f"}]}])"));
    EXPECT_FALSE(google("") || google(R"(,"tools":[])"));
}

TEST(ChatRequest, reads_a_model_name_written_with_escapes) {
    const auto request = decode_chat(std::string(R"("model":"gpt\u002d4\/x",)") + hello);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->model, "gpt-4/x");
}

TEST(ChatRequest, takes_null_for_stream_and_stream_options) {
    const auto request =
        decode_chat(std::string(R"("model":"m","stream":null,"stream_options":null,)") + hello);
    ASSERT_TRUE(request);
    EXPECT_FALSE(request->stream);
    EXPECT_FALSE(request->wants_usage);
}

TEST(ChatRequest, refuses_a_body_that_is_no_object) {
    for (const char* body : {"", " ", "[]", "null", "\"x\"", "1", "{", "{}x", "{\"model\":}", "nul"}) {
        const auto request = decode(Endpoint::chat_completions, body);
        expect_fault(request, ProblemKind::invalid_json, "");
    }
}

TEST(ChatRequest, refuses_a_repeated_model) {
    const auto request = decode_chat(std::string(R"("model":"allowed","model":"forbidden",)") + hello);
    expect_fault(request, ProblemKind::invalid_json, "");
    EXPECT_NE(request.problem().message().find("repeated key"), std::string::npos);
}

TEST(ChatRequest, refuses_a_repeated_key_that_is_written_differently) {
    expect_fault(decode_chat(std::string(R"("model":"a","m\u006fdel":"b",)") + hello),
                 ProblemKind::invalid_json, "");
    expect_fault(decode_chat(std::string(R"("m\u006fdel":"a","\u006dodel":"b",)") + hello),
                 ProblemKind::invalid_json, "");
}

TEST(ChatRequest, refuses_a_repeated_key_that_it_does_not_know) {
    expect_fault(decode_chat(std::string(R"("model":"m","x":1,"x":2,)") + hello), ProblemKind::invalid_json,
                 "");
    expect_fault(decode_chat(std::string(R"("model":"m","":1,"":2,)") + hello), ProblemKind::invalid_json,
                 "");
}

TEST(ChatRequest, finds_a_repeated_key_among_thousands) {
    std::string body = R"({"model":"m",)";
    for (int i = 0; i < 20'000; ++i) {
        body += "\"k" + std::to_string(i) + "\":0,";
    }
    EXPECT_TRUE(decode(Endpoint::chat_completions, body + hello + "}"));
    expect_fault(decode(Endpoint::chat_completions, body + "\"k19999\":1," + hello + "}"),
                 ProblemKind::invalid_json, "");
}

TEST(ChatRequest, refuses_include_usage_said_twice) {
    expect_fault(decode_chat(std::string(R"("model":"m",)") + hello +
                             R"(,"stream_options":{"include_usage":true,"include_usage":false})"),
                 ProblemKind::invalid_json, "");
}

TEST(ChatRequest, allows_a_key_repeated_below_the_top) {
    EXPECT_TRUE(decode_chat(std::string(R"("model":"m","metadata":{"a":1,"a":2},)") + hello));
}

TEST(ChatRequest, names_what_is_missing) {
    expect_fault(decode_chat(hello), ProblemKind::missing_parameter, "model");
    expect_fault(decode_chat(R"("model":"m")"), ProblemKind::missing_parameter, "messages");
    expect_fault(decode_chat(R"("model":"m","messages":[{"content":"x"}])"), ProblemKind::missing_parameter,
                 "messages[0].role");
    expect_fault(decode_chat(R"("model":"m","messages":[{"role":"user","content":[{"text":"x"}]}])"),
                 ProblemKind::missing_parameter, "messages[0].content[0].type");
    for (const char* role : {"user", "system", "developer", "tool", "function"}) {
        expect_fault(decode_chat(std::string(R"("model":"m","messages":[{"role":"assistant"},{"role":")") +
                                 role + R"("}])"),
                     ProblemKind::missing_parameter, "messages[1].content");
    }
}

TEST(ChatRequest, lets_a_message_of_calls_go_without_content) {
    EXPECT_TRUE(decode_chat(R"("model":"m","messages":[{"tool_calls":[],"role":"assistant"}])"));
    EXPECT_TRUE(decode_chat(R"("model":"m","messages":[{"role":"function","content":null}])"));
}

TEST(ChatRequest, names_the_path_of_a_wrong_type) {
    struct Case {
        const char* members;
        const char* param;
    };
    const std::string user = R"({"role":"user","content":"x"})";
    for (const auto& [members, param] :
         {Case{R"("model":5,)", "model"}, Case{R"("model":null,)", "model"},
          Case{R"("model":"m","stream":"yes",)", "stream"},
          Case{R"("model":"m","stream_options":[],)", "stream_options"},
          Case{R"("model":"m","stream_options":{"include_usage":1},)", "stream_options.include_usage"}}) {
        expect_fault(decode_chat(std::string(members) + hello), ProblemKind::invalid_type, param);
    }
    for (const auto& [messages, param] :
         {Case{R"("x")", "messages"}, Case{R"(null)", "messages"}, Case{R"(["x"])", "messages[0]"},
          Case{R"([{"role":1}])", "messages[0].role"},
          Case{R"([{"role":"user","content":"x"},{"role":"user","content":"x"},{"role":"user","content":3}])",
               "messages[2].content"},
          Case{R"([{"role":"user","content":{}}])", "messages[0].content"},
          Case{R"([{"role":"user","content":["x"]}])", "messages[0].content[0]"},
          Case{R"([{"role":"user","content":[{"type":"text"},{"type":7}]}])",
               "messages[0].content[1].type"}}) {
        expect_fault(decode_chat(std::string(R"("model":"m","messages":)") + messages),
                     ProblemKind::invalid_type, param);
    }
}

TEST(ChatRequest, names_a_wrong_value) {
    expect_fault(decode_chat(R"("model":"m","messages":[])"), ProblemKind::invalid_value, "messages");
    expect_fault(decode_chat(std::string(R"("model":"",)") + hello), ProblemKind::invalid_value, "model");
    expect_fault(decode_chat(R"("model":"m","messages":[{"role":"robot","content":"x"}])"),
                 ProblemKind::invalid_value, "messages[0].role");
}

TEST(ChatRequest, says_first_that_the_body_is_no_json) {
    expect_fault(decode_chat(std::string(R"("model":5,)") + hello + ",\"x\":tru"), ProblemKind::invalid_json,
                 "");
}

TEST(ChatRequest, names_the_first_of_several_faults) {
    expect_fault(decode_chat(R"("stream":1,"messages":[],"model":2)"), ProblemKind::invalid_type, "stream");
}

TEST(ChatRequest, takes_every_known_role_and_content) {
    EXPECT_TRUE(decode_chat(
        R"("model":"m","messages":[{"role":"developer","content":"a"},{"role":"system","content":[{"type":"text","text":"a"}]},{"role":"user","content":"b"},{"role":"assistant","content":null,"tool_calls":[]},{"role":"assistant"},{"role":"tool","content":"c","tool_call_id":"1"},{"role":"f\u0075nction","content":null,"name":"f"}])"));
}

TEST(ChatRequest, lets_unknown_fields_of_any_shape_pass) {
    EXPECT_TRUE(decode_chat(
        std::string(
            R"("model":"m","x":[{"y":[1,2.5e3,null]}],"big":123456789012345678901234567890,"s":"\ud800",)") +
        hello));
}

TEST(ChatRequest, bounds_the_depth) {
    const auto nested = [](std::size_t depth) {
        return std::string(R"({"model":"m",)") + hello + ",\"x\":" + std::string(depth, '[') +
               std::string(depth, ']') + "}";
    };
    EXPECT_TRUE(openai().decode_request(Endpoint::chat_completions, nested(9), wire::JsonLimits{10}));
    expect_fault(openai().decode_request(Endpoint::chat_completions, nested(10), wire::JsonLimits{10}),
                 ProblemKind::invalid_json, "");
    expect_fault(decode(Endpoint::chat_completions, nested(100'000)), ProblemKind::invalid_json, "");
}

TEST(OtherRequests, need_their_own_fields) {
    expect_fault(decode(Endpoint::completions, R"({"model":"m"})"), ProblemKind::missing_parameter, "prompt");
    expect_fault(decode(Endpoint::completions, R"({"model":"m","prompt":1})"), ProblemKind::invalid_type,
                 "prompt");
    expect_fault(decode(Endpoint::embeddings, R"({"model":"m"})"), ProblemKind::missing_parameter, "input");
    expect_fault(decode(Endpoint::embeddings, R"({"model":"m","input":[]})"), ProblemKind::invalid_value,
                 "input");
    expect_fault(decode(Endpoint::embeddings, R"({"model":"m","input":["a",{}]})"), ProblemKind::invalid_type,
                 "input[1]");
    expect_fault(decode(Endpoint::responses, R"({"model":"m","input":5})"), ProblemKind::invalid_type,
                 "input");
    expect_fault(decode(Endpoint::responses, R"({"model":"m","input":["a"]})"), ProblemKind::invalid_type,
                 "input[0]");
    expect_fault(decode(Endpoint::moderations, R"({"model":"m"})"), ProblemKind::missing_parameter, "input");
    expect_fault(decode(Endpoint::images_generations, R"({"model":"m","prompt":[]})"),
                 ProblemKind::invalid_type, "prompt");
    expect_fault(decode(Endpoint::audio_speech, R"({"model":"m","input":"x"})"),
                 ProblemKind::missing_parameter, "voice");
    expect_fault(decode(Endpoint::audio_speech, R"({"model":"m","input":[],"voice":"v"})"),
                 ProblemKind::invalid_type, "input");
}

TEST(OtherRequests, pass_when_they_are_right) {
    EXPECT_TRUE(decode(Endpoint::completions, R"({"model":"m","prompt":["a",[1,2]]})"));
    EXPECT_TRUE(decode(Endpoint::embeddings, R"({"model":"m","input":[[1,2],[3]]})"));
    EXPECT_TRUE(decode(Endpoint::responses, R"({"model":"m","input":[{"role":"user","content":"x"}]})"));
    EXPECT_TRUE(decode(Endpoint::responses, R"({"model":"m","prompt":{"id":"p"}})"));
    EXPECT_TRUE(decode(Endpoint::images_generations, R"({"model":"m","prompt":"a cat"})"));
    EXPECT_TRUE(decode(Endpoint::audio_speech, R"({"model":"m","input":"x","voice":{"id":"v"}})"));
}

TEST(OtherRequests, messages_mean_something_in_chat_alone) {
    EXPECT_TRUE(decode(Endpoint::embeddings, R"({"model":"m","input":"x","messages":5})"));
}

TEST(OtherRequests, leave_a_stream_that_the_endpoint_does_not_have_to_the_provider) {
    for (const auto endpoint : {Endpoint::embeddings, Endpoint::moderations}) {
        const auto request = decode(endpoint, R"({"model":"m","input":"x","stream":true})");
        ASSERT_TRUE(request);
        EXPECT_FALSE(request->stream);
        EXPECT_TRUE(decode(endpoint, R"({"model":"m","input":"x","stream":"maybe"})"));
    }
    const auto images = decode(Endpoint::images_generations, R"({"model":"m","prompt":"x","stream":true})");
    ASSERT_TRUE(images);
    EXPECT_TRUE(images->stream);
}

TEST(Moderation, without_a_model_gets_openais_default) {
    const auto request = decode(Endpoint::moderations, R"({"input":"x"})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->model, "omni-moderation-latest");
    EXPECT_EQ(encode(*request, {"up", true}), R"({"model":"up","input":"x"})");
}

TEST(Splicing, leaves_a_body_alone_that_needs_nothing) {
    const std::string body = R"( { "model" : "m" , "x":1.50, )" + std::string(hello) + " } ";
    const auto request = decode(Endpoint::chat_completions, body);
    ASSERT_TRUE(request);
    const auto encoded = openai().encode_request(*request, {"m", true});
    ASSERT_EQ(encoded.pieces.size(), 1U);
    EXPECT_EQ(encoded.pieces[0], body);
    EXPECT_TRUE(encoded.owned.empty());
}

TEST(Splicing, replaces_the_model_and_nothing_else) {
    EXPECT_EQ(sent(Endpoint::chat_completions, R"({ "a":1, "model" : "m" ,)" + std::string(hello) + "}",
                   {"up\"stream", true}),
              R"({ "a":1, "model" : "up\"stream" ,)" + std::string(hello) + "}");
}

TEST(Splicing, asks_for_usage_in_every_form_of_stream_options) {
    struct Case {
        const char* options;
        const char* result;
    };
    for (const auto& [options, result] :
         {Case{R"("stream_options":null,)", R"("stream_options":{"include_usage":true},)"},
          Case{R"("stream_options":{},)", R"("stream_options":{"include_usage":true},)"},
          Case{R"("stream_options": { } ,)", R"("stream_options": {"include_usage":true } ,)"},
          Case{R"("stream_options":{"include_obfuscation":false},)",
               R"("stream_options":{"include_usage":true,"include_obfuscation":false},)"},
          Case{R"("stream_options":{"include_usage":false},)", R"("stream_options":{"include_usage":true},)"},
          Case{R"("stream_options":{"a":{},"include_usage": null },)",
               R"("stream_options":{"a":{},"include_usage": true },)"},
          Case{R"("stream_options":{"include_usage":true},)",
               R"("stream_options":{"include_usage":true},)"}}) {
        const auto body = [&](const char* with) {
            return std::string(R"({"stream":true,)") + with + R"("model":"m",)" + hello + "}";
        };
        EXPECT_EQ(sent(Endpoint::chat_completions, body(options), {"m", true}), body(result));
        EXPECT_EQ(sent(Endpoint::chat_completions, body(options), {"m", false}), body(options));
    }
}

TEST(Splicing, inserts_stream_options_where_there_are_none) {
    EXPECT_EQ(
        sent(Endpoint::chat_completions, R"({"stream":true,"model":"m",)" + std::string(hello) + "}",
             {"u", true}),
        R"({"stream_options":{"include_usage":true},"stream":true,"model":"u",)" + std::string(hello) + "}");
    EXPECT_EQ(sent(Endpoint::completions, R"({"stream":true,"model":"m","prompt":"x"})", {"m", true}),
              R"({"stream_options":{"include_usage":true},"stream":true,"model":"m","prompt":"x"})");
}

TEST(Splicing, never_asks_for_usage_where_it_is_not_known) {
    const std::string whole = R"({"model":"m",)" + std::string(hello) + "}";
    EXPECT_EQ(sent(Endpoint::chat_completions, whole, {"m", true}), whole);
    const std::string options_alone =
        R"({"model":"m","stream_options":{"include_usage":false},)" + std::string(hello) + "}";
    EXPECT_EQ(sent(Endpoint::chat_completions, options_alone, {"m", true}), options_alone);
    const std::string responses = R"({"model":"m","stream":true,"input":"x"})";
    EXPECT_EQ(sent(Endpoint::responses, responses, {"m", true}), responses);
}

TEST(Splicing, puts_the_model_into_a_form_as_it_is) {
    chat::Request request;
    request.endpoint = Endpoint::audio_transcriptions;
    request.model = "whisper";
    request.original.content_type = "multipart/form-data; boundary=x";
    request.original.bytes = "--x\r\n\r\nwhisper\r\n--x--";
    request.original.model = {7, 14};
    EXPECT_EQ(encode(request, {"up\"1", true}), "--x\r\n\r\nup\"1\r\n--x--");
    EXPECT_EQ(encode(request, {"whisper", true}), request.original.bytes);
}

TEST(ChatRequest, GoesToOpenaisOwnModelsWithoutTheMembersThatCarryThoughts) {
    const std::string call = R"({"id":"c","type":"function","function":{"name":"f","arguments":"{}"})";
    const std::string carrier = R"("extra_content":{"google":{"thought_signature":"Q2s="}})";
    const auto body = [](const std::string& message) {
        return R"({"model":"m","messages":[{"role":"user","content":"hi"},)" + message + "]}";
    };
    const auto kept = body(R"({"role":"assistant","tool_calls":[)" + call + "}," + call + "}]}");
    const auto said =
        body(R"({"thinking_blocks":[], "reasoning_details":[1],"role":"assistant","tool_calls":[)" + call +
             "," + carrier + "},{" + carrier + " , " + call.substr(1) + "}]}");
    EncodeOptions own{"m", true};
    own.takes_carriers = false;
    const auto request = decode(Endpoint::chat_completions, said);
    ASSERT_TRUE(request);
    std::string out;
    for (const auto piece : openai().encode_request(*request, own).pieces) {
        out += piece;
    }
    std::erase(out, ' ');
    EXPECT_EQ(out, kept);
    EXPECT_EQ(sent(Endpoint::chat_completions, said, {"m", true}), said)
        << "compatible servers may want them";
    EXPECT_EQ(sent(Endpoint::chat_completions, kept, own), kept);
}

}  // namespace
}  // namespace gatehouse::dialect
