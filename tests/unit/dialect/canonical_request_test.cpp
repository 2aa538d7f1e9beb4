// What counts in a request and what does not, member by member, in each dialect: the partition battery.
#include "gatehouse/dialect/canonical_request.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using nlohmann::json;

chat::Request admitted(Endpoint endpoint, std::string body) {
    auto request = dialect_of(chat::vendor_of(endpoint)).decode_request(endpoint, body, {});
    EXPECT_TRUE(request) << request.problem().message() << '\n' << body;
    return request ? std::move(*request) : chat::Request{};
}

CanonicalRequest canonical(const chat::Request& request) {
    const auto found = canonical_request(request);
    EXPECT_TRUE(found) << request.original.bytes;
    return found.value_or(CanonicalRequest{});
}

CanonicalRequest canonical(Endpoint endpoint, std::string body) {
    return canonical(admitted(endpoint, std::move(body)));
}

struct Change {
    const char* at;     // a JSON pointer
    const char* value;  // JSON; empty: the member is taken away
};

std::ostream& operator<<(std::ostream& out, const Change& change) {
    return out << change.at << " = " << change.value;
}

json changed(json body, const Change& change) {
    const json::json_pointer at(change.at);
    if (*change.value == '\0') {
        auto& above = body.at(at.parent_pointer());
        if (above.is_array()) {
            above.erase(std::stoul(at.back()));
        } else {
            above.erase(at.back());
        }
    } else {
        body[at] = json::parse(change.value);
    }
    return body;
}

void expect_to_count(Endpoint endpoint, const json& base, const std::vector<Change>& changes) {
    const auto before = canonical(endpoint, base.dump());
    for (const auto& change : changes) {
        const auto after = canonical(endpoint, changed(base, change).dump());
        EXPECT_NE(before.exact, after.exact) << change;
        EXPECT_NE(before.partition, after.partition) << change;
    }
}

void expect_not_to_count(Endpoint endpoint, const json& base, const std::vector<Change>& changes) {
    const auto before = canonical(endpoint, base.dump());
    for (const auto& change : changes) {
        const auto after = canonical(endpoint, changed(base, change).dump());
        EXPECT_EQ(before.exact, after.exact) << change;
        EXPECT_EQ(before.partition, after.partition) << change;
        EXPECT_EQ(before.last_user_text, after.last_user_text) << change;
        EXPECT_EQ(before.self_contained, after.self_contained) << change;
    }
}

void expect_only_text_to_change(Endpoint endpoint, const json& base, const Change& change,
                                std::string_view text) {
    const auto before = canonical(endpoint, base.dump());
    const auto after = canonical(endpoint, changed(base, change).dump());
    EXPECT_NE(before.exact, after.exact) << change;
    EXPECT_EQ(before.partition, after.partition) << change;
    EXPECT_EQ(after.last_user_text, text);
    EXPECT_TRUE(before.comparable);
    EXPECT_TRUE(after.comparable);
}

const json& chat() {
    static const json body = json::parse(R"({"model":"m","messages":[
        {"role":"system","content":"Be brief."},
        {"role":"user","content":"How far is it?"},
        {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",
            "function":{"name":"measure","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"1","content":"42 km"},
        {"role":"assistant","content":"42 km."},
        {"role":"user","content":"And by train?"}],
        "temperature":0.2,"top_p":0.9,"max_tokens":100,"n":1,"seed":7,"stop":["x"],
        "tools":[{"type":"function","function":{"name":"measure","parameters":{"type":"object"}}}],
        "tool_choice":"auto","response_format":{"type":"text"}})");
    return body;
}

TEST(CanonicalRequest, OfAChatCountsWhatChangesTheAnswer) {
    expect_to_count(
        Endpoint::chat_completions, chat(),
        {{"/messages/0/content", R"("Be long.")"},
         {"/messages/0/role", R"("developer")"},
         {"/messages/1/content", R"("How far was it?")"},
         {"/messages/1/name", R"("Ann")"},
         {"/messages/2/tool_calls/0/function/name", R"("guess")"},
         {"/messages/2/tool_calls/0/function/arguments", R"("{\"a\":1}")"},
         {"/messages/3/content", R"("43 km")"},
         {"/messages/3/tool_call_id", R"("2")"},
         {"/messages/4/content", R"("43 km.")"},
         {"/messages/4/content", R"([{"type":"text","text":"42 km."}])"},
         {"/messages/5/name", R"("Ann")"},
         {"/messages/6", R"({"role":"assistant","content":"By"})"},
         {"/messages/0", ""},
         {"/messages/5", ""},
         {"/temperature", "0.3"},
         {"/temperature", ""},
         {"/top_p", "0.8"},
         {"/max_tokens", "101"},
         {"/max_tokens", ""},
         {"/max_completion_tokens", "100"},
         {"/n", "2"},
         {"/seed", "8"},
         {"/seed", ""},
         {"/stop/0", R"("y")"},
         {"/stop", R"(["x","y"])"},
         {"/tools/0/function/name", R"("guess")"},
         {"/tools/0/function/description", R"("of it")"},
         {"/tools/0/function/strict", "true"},
         {"/tools/0/function/parameters", R"({"type":"object","properties":{"a":{"type":"string"}}})"},
         {"/tools/1", R"({"type":"function","function":{"name":"b"}})"},
         {"/tools", ""},
         {"/tool_choice", R"("none")"},
         {"/parallel_tool_calls", "false"},
         {"/response_format", R"({"type":"json_object"})"},
         {"/response_format",
          R"({"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}})"},
         {"/logprobs", "true"},
         {"/top_logprobs", "2"},
         {"/logit_bias", R"({"50256":-100})"},
         {"/presence_penalty", "0.5"},
         {"/frequency_penalty", "0.5"},
         {"/reasoning_effort", R"("low")"},
         {"/verbosity", R"("low")"},
         {"/modalities", R"(["text","audio"])"},
         {"/prediction", R"({"type":"content","content":"a"})"},
         {"/service_tier", R"("flex")"},
         {"/top_k", "40"},
         {"/guided_json", R"({"type":"object"})"},
         {"/nobody_knows_this", "false"}});
}

TEST(CanonicalRequest, OfAChatDoesNotCountWhatDoesNot) {
    expect_not_to_count(Endpoint::chat_completions, chat(),
                        {{"/model", R"("another")"},
                         {"/stream", "true"},
                         {"/stream", "false"},
                         {"/stream_options", R"({"include_usage":true})"},
                         {"/user", R"("ann")"},
                         {"/safety_identifier", R"("ann")"},
                         {"/metadata", R"({"a":"b"})"},
                         {"/prompt_cache_key", R"("k")"},
                         {"/prompt_cache_retention", R"("24h")"},
                         {"/fallbacks", R"(["m2"])"},
                         {"/presence_penalty", "null"},
                         {"/logit_bias", "null"},
                         {"/store", "null"}});
}

TEST(CanonicalRequest, TextOfTheLastMessageIsNotInThePartition) {
    expect_only_text_to_change(Endpoint::chat_completions, chat(),
                               {"/messages/5/content", R"("And \"by\" bus?")"}, "And \"by\" bus?");
    const auto parts = changed(chat(), {"/messages/5/content", R"([{"type":"text","text":"a"},
                                           {"type":"text","text":"b"}])"});
    expect_only_text_to_change(Endpoint::chat_completions, parts, {"/messages/5/content/1/text", R"("c")"},
                               "a\nc");
    expect_to_count(Endpoint::chat_completions, parts,
                    {{"/messages/5/content/1/cache_control", R"({"type":"ephemeral"})"},
                     {"/messages/5/content/2", R"({"type":"text","text":"d"})"},
                     {"/messages/5/content/1", ""},
                     {"/messages/5/content", R"("a\nb")"}});
}

TEST(CanonicalRequest, WhichMessageIsTheLastIsInThePartition) {
    const auto two = [](std::string_view first, std::string_view second) {
        const json body{
            {"model", "m"},
            {"messages", {{{"role", "user"}, {"content", first}}, {{"role", "user"}, {"content", second}}}}};
        return canonical(Endpoint::chat_completions, body.dump());
    };
    EXPECT_EQ(two("a", "b").partition, two("a", "c").partition);
    EXPECT_NE(two("a", "b").partition, two("b", "b").partition);
    EXPECT_NE(two("ab", "").partition, two("a", "b").partition);
    EXPECT_NE(two("a", "b").exact, two("b", "a").exact);
}

TEST(CanonicalRequest, OnlyTextOfTheUserIsComparable) {
    struct Case {
        const char* content;
        bool comparable;
    };
    for (const auto& [last, comparable] : std::vector<Case>{
             {R"({"role":"user","content":"a"})", true},
             {R"({"role":"user","content":[{"type":"text","text":"a"}]})", true},
             {R"({"role":"user","content":"a"},{"role":"assistant","content":"{"})", true},
             {R"({"role":"user","content":"a"},{"role":"system","content":"Be quick."})", true},
             {R"({"role":"user","content":""})", false},
             {R"({"role":"user","content":[]})", false},
             {R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url",
                 "image_url":{"url":"data:image/png;base64,AAAA"}}]})",
              false},
             {R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"file",
                 "file":{"file_id":"f"}}]})",
              false},
             {R"({"role":"user","content":"a","audio":{"id":"x"}})", false},
             {R"({"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"1","type":"function",
                 "function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1",
                 "content":"b"})",
              false},
             {R"({"role":"system","content":"a"})", false}}) {
        const auto found =
            canonical(Endpoint::chat_completions, R"({"model":"m","messages":[)" + std::string(last) + "]}");
        EXPECT_EQ(found.comparable, comparable) << last;
    }
}

TEST(CanonicalRequest, SaysWhetherAnybodyHasTalkedBefore) {
    const auto before = [](const std::string& turns) {
        return canonical(Endpoint::chat_completions, R"({"model":"m","messages":[)" + turns + "]}")
            .has_earlier_turns;
    };
    const std::string last = R"({"role":"user","content":"a"})";
    EXPECT_FALSE(before(last));
    EXPECT_FALSE(before(R"({"role":"system","content":"b"},)" + last));
    EXPECT_FALSE(before(R"({"content":"b","role":"developer"},)" + last));
    EXPECT_FALSE(before(last + R"(,{"role":"assistant","content":"{"})"));
    EXPECT_TRUE(before(R"({"role":"user","content":"b"},)" + last));
    EXPECT_TRUE(before(R"({"role":"assistant","content":"b"},)" + last));
    EXPECT_TRUE(before(R"({"role":"tool","tool_call_id":"1","content":"b"},)" + last));
    EXPECT_TRUE(
        canonical(Endpoint::generate_content,
                  R"({"contents":[{"role":"model","parts":[{"text":"b"}]},{"parts":[{"text":"a"}]}]})")
            .has_earlier_turns);
}

TEST(CanonicalRequest, ALongTextIsComparedWithNone) {
    const auto of_size = [](std::size_t size) {
        const json body{{"model", "m"},
                        {"messages", {{{"role", "user"}, {"content", std::string(size, 'a')}}}}};
        return canonical(Endpoint::chat_completions, body.dump());
    };
    EXPECT_TRUE(of_size(16'000).comparable);
    EXPECT_FALSE(of_size(17'000).comparable);
    EXPECT_EQ(of_size(17'000).last_user_text, "");
    EXPECT_EQ(of_size(16'000).partition, of_size(17'000).partition);
    EXPECT_NE(of_size(17'000).exact, of_size(17'001).exact);
}

const json& response() {
    static const json body = json::parse(R"({"model":"m","instructions":"Be brief.","input":[
        {"role":"user","content":"How far is it?"},
        {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"abc"},
        {"type":"message","role":"assistant","id":"msg_1","status":"completed",
            "content":[{"type":"output_text","text":"42 km.","annotations":[]}]},
        {"type":"function_call","call_id":"1","name":"measure","arguments":"{}"},
        {"type":"function_call_output","call_id":"1","output":"42"},
        {"role":"user","content":[{"type":"input_text","text":"And by train?"}]}],
        "temperature":0.2,"max_output_tokens":100,"reasoning":{"effort":"low"},
        "text":{"format":{"type":"text"}},"tools":[{"type":"function","name":"measure",
        "parameters":{"type":"object"}}]})");
    return body;
}

TEST(CanonicalRequest, OfAResponseCountsWhatChangesTheAnswer) {
    expect_to_count(Endpoint::responses, response(),
                    {{"/instructions", R"("Be long.")"},
                     {"/input/0/content", R"("How far was it?")"},
                     {"/input/1/encrypted_content", R"("abd")"},
                     {"/input/2/content/0/text", R"("43 km.")"},
                     {"/input/3/arguments", R"("{ }")"},
                     {"/input/4/output", R"("43")"},
                     {"/input/5/role", R"("developer")"},
                     {"/input/6", R"({"role":"assistant","content":"It"})"},
                     {"/temperature", "0.3"},
                     {"/top_p", "0.3"},
                     {"/max_output_tokens", "101"},
                     {"/max_tool_calls", "1"},
                     {"/reasoning/effort", R"("high")"},
                     {"/reasoning/summary", R"("auto")"},
                     {"/text/format/type", R"("json_object")"},
                     {"/text/verbosity", R"("low")"},
                     {"/tools/0/name", R"("guess")"},
                     {"/tool_choice", R"("required")"},
                     {"/parallel_tool_calls", "false"},
                     {"/top_logprobs", "1"},
                     {"/truncation", R"("auto")"},
                     {"/include", R"(["reasoning.encrypted_content"])"},
                     {"/store", "false"},
                     {"/service_tier", R"("flex")"}});
    expect_not_to_count(Endpoint::responses, response(),
                        {{"/model", R"("another")"},
                         {"/stream", "true"},
                         {"/stream_options", R"({"include_obfuscation":false})"},
                         {"/user", R"("ann")"},
                         {"/safety_identifier", R"("ann")"},
                         {"/metadata", R"({"a":"b"})"},
                         {"/prompt_cache_key", R"("k")"},
                         {"/top_p", "null"}});
    expect_only_text_to_change(Endpoint::responses, response(), {"/input/5/content/0/text", R"("By bus?")"},
                               "By bus?");
    const json short_one{{"model", "m"}, {"input", "Hi"}};
    expect_only_text_to_change(Endpoint::responses, short_one, {"/input", R"("Ho")"}, "Ho");
}

const json& message() {
    static const json body = json::parse(R"({"model":"m","max_tokens":100,"system":"Be brief.","messages":[
        {"role":"user","content":"How far is it?"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"s"},
            {"type":"tool_use","id":"toolu_1","name":"measure","input":{"a":1}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"42"}]},
        {"role":"assistant","content":"42 km."},
        {"role":"user","content":[{"type":"text","text":"And by train?"}]}],
        "tools":[{"name":"measure","input_schema":{"type":"object"}}]})");
    return body;
}

TEST(CanonicalRequest, OfAMessageCountsWhatChangesTheAnswer) {
    expect_to_count(Endpoint::messages, message(),
                    {{"/system", R"("Be long.")"},
                     {"/system", R"([{"type":"text","text":"Be brief."}])"},
                     {"/max_tokens", "101"},
                     {"/messages/0/content", R"("How far was it?")"},
                     {"/messages/1/content/0/thinking", R"("Hmm")"},
                     {"/messages/1/content/0/signature", R"("t")"},
                     {"/messages/1/content/1/input/a", "2"},
                     {"/messages/2/content/0/content", R"("43")"},
                     {"/messages/2/content/0/is_error", "true"},
                     {"/messages/3/content", R"("43 km.")"},
                     {"/messages/4/content/0/cache_control", R"({"type":"ephemeral"})"},
                     {"/messages/5", R"({"role":"assistant","content":"By"})"},
                     {"/temperature", "0.5"},
                     {"/temperature", "null"},
                     {"/top_p", "0.5"},
                     {"/top_k", "5"},
                     {"/stop_sequences", R"(["x"])"},
                     {"/thinking", R"({"type":"enabled","budget_tokens":50})"},
                     {"/output_config", R"({"effort":"low"})"},
                     {"/tools/0/description", R"("of it")"},
                     {"/tools/0/name", R"("guess")"},
                     {"/tool_choice", R"({"type":"any"})"},
                     {"/service_tier", R"("standard_only")"},
                     {"/context_management", R"({"edits":[]})"}});
    expect_not_to_count(Endpoint::messages, message(),
                        {{"/model", R"("another")"},
                         {"/stream", "true"},
                         {"/metadata", R"({"user_id":"ann"})"},
                         {"/fallbacks", R"(["m2"])"}});
    expect_only_text_to_change(Endpoint::messages, message(), {"/messages/4/content/0/text", R"("By bus?")"},
                               "By bus?");
}

TEST(CanonicalRequest, OfAMessageWithAResultInItsLastTurnIsNotComparable) {
    auto body = message();
    body["messages"].erase(4);
    body["messages"].erase(3);
    EXPECT_FALSE(canonical(Endpoint::messages, body.dump()).comparable);
    body["messages"][2]["content"].push_back({{"type", "text"}, {"text", "Well?"}});
    EXPECT_FALSE(canonical(Endpoint::messages, body.dump()).comparable);
}

const json& content() {
    static const json body = json::parse(R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},
        "contents":[{"role":"user","parts":[{"text":"How far is it?"}]},
        {"role":"model","parts":[{"functionCall":{"name":"measure","args":{"a":1}},
            "thoughtSignature":"c2ln"}]},
        {"role":"user","parts":[{"functionResponse":{"name":"measure","response":{"km":42}}}]},
        {"role":"model","parts":[{"text":"42 km."}]},
        {"role":"user","parts":[{"text":"And by train?"}]}],
        "generationConfig":{"temperature":0.2,"maxOutputTokens":100},
        "tools":[{"functionDeclarations":[{"name":"measure"}]}],
        "safetySettings":[{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"BLOCK_NONE"}]})");
    return body;
}

TEST(CanonicalRequest, OfAContentCountsWhatChangesTheAnswer) {
    expect_to_count(Endpoint::generate_content, content(),
                    {{"/systemInstruction/parts/0/text", R"("Be long.")"},
                     {"/contents/0/parts/0/text", R"("How far was it?")"},
                     {"/contents/1/parts/0/functionCall/args/a", "2"},
                     {"/contents/1/parts/0/thoughtSignature", R"("c2lo")"},
                     {"/contents/2/parts/0/functionResponse/response/km", "43"},
                     {"/contents/3/parts/0/text", R"("43 km.")"},
                     {"/contents/5", R"({"role":"model","parts":[{"text":"By"}]})"},
                     {"/generationConfig/temperature", "0.3"},
                     {"/generationConfig/maxOutputTokens", "101"},
                     {"/generationConfig/topK", "4"},
                     {"/generationConfig/candidateCount", "2"},
                     {"/generationConfig/seed", "4"},
                     {"/generationConfig/stopSequences", R"(["x"])"},
                     {"/generationConfig/responseMimeType", R"("application/json")"},
                     {"/generationConfig/responseSchema", R"({"type":"STRING"})"},
                     {"/generationConfig/thinkingConfig", R"({"thinkingBudget":0})"},
                     {"/generationConfig/responseModalities", R"(["TEXT"])"},
                     {"/tools/0/functionDeclarations/0/name", R"("guess")"},
                     {"/toolConfig", R"({"functionCallingConfig":{"mode":"NONE"}})"},
                     {"/safetySettings/0/threshold", R"("BLOCK_LOW_AND_ABOVE")"},
                     {"/cachedContent", R"("cachedContents/a")"}});
    expect_not_to_count(Endpoint::generate_content, content(),
                        {{"/model", R"("models/m")"},
                         {"/labels", R"({"a":"b"})"},
                         {"/generationConfig/topP", "null"},
                         {"/cachedContent", "null"}});
    expect_only_text_to_change(Endpoint::generate_content, content(),
                               {"/contents/4/parts/0/text", R"("By bus?")"}, "By bus?");
    expect_only_text_to_change(Endpoint::generate_content, json{{"contents", "Hi"}}, {"/contents", R"("Ho")"},
                               "Ho");
    expect_only_text_to_change(Endpoint::generate_content,
                               json::parse(R"({"contents":{"parts":{"text":"a"}}})"),
                               {"/contents/parts/text", R"("b")"}, "b");
}

TEST(CanonicalRequest, OfAContentTakesBothWaysToWriteAName) {
    EXPECT_EQ(
        canonical(Endpoint::generate_content, R"({"contents":"Hi","generationConfig":{"maxOutputTokens":5}})")
            .exact,
        canonical(Endpoint::generate_content,
                  R"({"contents":"Hi","generation_config":{"max_output_tokens":5}})")
            .exact);
    EXPECT_FALSE(canonical_request(
        admitted(Endpoint::generate_content,
                 R"({"contents":"Hi","generationConfig":{"topK":5,"top_k":6,"topP":1,"top_p":0.5}})")));
}

TEST(CanonicalRequest, OfOtherEndpointsIsExactOnly) {
    const auto embedding = json::parse(R"({"model":"m","input":["a","b"],"dimensions":5})");
    expect_to_count(Endpoint::embeddings, embedding,
                    {{"/input/0", R"("c")"},
                     {"/input", R"("a")"},
                     {"/dimensions", "6"},
                     {"/encoding_format", R"("base64")"}});
    expect_not_to_count(Endpoint::embeddings, embedding, {{"/user", R"("ann")"}});
    const auto completion = json::parse(R"({"model":"m","prompt":"a","suffix":"b"})");
    expect_to_count(Endpoint::completions, completion,
                    {{"/prompt", R"("c")"}, {"/suffix", R"("c")"}, {"/echo", "true"}, {"/best_of", "2"}});
    EXPECT_FALSE(canonical(Endpoint::completions, completion.dump()).comparable);
    expect_to_count(Endpoint::moderations, json{{"input", "a"}}, {{"/input", R"("b")"}});
    expect_to_count(Endpoint::embed_content, json::parse(R"({"content":{"parts":[{"text":"a"}]}})"),
                    {{"/content/parts/0/text", R"("b")"}, {"/taskType", R"("RETRIEVAL_QUERY")"}});
    const auto batch =
        json::parse(R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}}]})");
    expect_to_count(Endpoint::batch_embed_contents, batch, {{"/requests/0/content/parts/0/text", R"("b")"}});
    expect_not_to_count(Endpoint::batch_embed_contents, batch,
                        {{"/requests/0/model", R"("models/n")"}, {"/requests/0/model", ""}});
}

TEST(CanonicalRequest, OfOneEndpointIsNoneOfAnother) {
    const std::string body = R"({"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]})";
    EXPECT_NE(canonical(Endpoint::chat_completions, body).exact, canonical(Endpoint::messages, body).exact);
    EXPECT_NE(canonical(Endpoint::chat_completions, body).partition,
              canonical(Endpoint::messages, body).partition);
}

TEST(CanonicalRequest, CountsWhatTheHeadSays) {
    const auto base = admitted(Endpoint::messages, message().dump());
    const auto before = canonical(base);
    const auto with = [&](auto change) {
        auto request = admitted(Endpoint::messages, message().dump());
        change(request);
        return canonical(request);
    };
    const auto expect_other = [&](const CanonicalRequest& after) {
        EXPECT_NE(before.exact, after.exact);
        EXPECT_NE(before.partition, after.partition);
    };
    expect_other(with([](auto& request) { request.betas = {"a"}; }));
    expect_other(with([](auto& request) { request.vendor_fields = "anthropic-version: 2023-01-01\r\n"; }));
    expect_other(with([](auto& request) { request.strict_params = true; }));
    expect_other(with([](auto& request) { request.previous_response = "resp_1"; }));
    EXPECT_EQ(with([](auto& request) { request.betas = {"a", "b"}; }).exact,
              with([](auto& request) { request.betas = {"b", "a", "b"}; }).exact);
    EXPECT_NE(with([](auto& request) { request.betas = {"a", "b"}; }).exact,
              with([](auto& request) { request.betas = {"ab"}; }).exact);
    EXPECT_EQ(before.exact, with([](auto& request) {
                                request.model = "n";
                                request.stream = true;
                                request.wants_usage = false;
                                request.passed_fields = "tracestate: a\r\n";
                            }).exact);
}

TEST(CanonicalRequest, WhatTheBodyDoesNotHoldIsNotSelfContained) {
    EXPECT_TRUE(canonical(Endpoint::chat_completions, chat().dump()).self_contained);
    EXPECT_TRUE(canonical(Endpoint::responses, response().dump()).self_contained);
    EXPECT_TRUE(canonical(Endpoint::messages, message().dump()).self_contained);
    EXPECT_TRUE(canonical(Endpoint::generate_content, content().dump()).self_contained);
    struct Case {
        Endpoint endpoint;
        const json& base;
        Change change;
        bool self_contained;
    };
    for (const auto& [endpoint, base, change, self_contained] : std::vector<Case>{
             {Endpoint::chat_completions, chat(), {"/store", "true"}, false},
             {Endpoint::chat_completions, chat(), {"/store", "false"}, true},
             {Endpoint::chat_completions, chat(), {"/web_search_options", "{}"}, false},
             {Endpoint::chat_completions, chat(), {"/tools/0/type", R"("web_search")"}, false},
             {Endpoint::chat_completions,
              chat(),
              {"/messages/1/content", R"([{"type":"image_url","image_url":{"url":"https:\/\/a.test/b"}}])"},
              false},
             {Endpoint::chat_completions,
              chat(),
              {"/messages/1/content",
               R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}])"},
              true},
             {Endpoint::chat_completions,
              chat(),
              {"/messages/1/content", R"([{"type":"text","text":"https://a.test/b"}])"},
              true},
             {Endpoint::chat_completions,
              chat(),
              {"/messages/2/tool_calls/0/function/arguments", R"("{\"url\":\"https://a.test\"}")"},
              true},
             {Endpoint::responses, response(), {"/store", "true"}, false},
             {Endpoint::responses, response(), {"/background", "true"}, false},
             {Endpoint::responses, response(), {"/background", "false"}, true},
             {Endpoint::responses, response(), {"/previous_response_id", R"("resp_1")"}, false},
             {Endpoint::responses, response(), {"/previous_response_id", "null"}, true},
             {Endpoint::responses, response(), {"/conversation", R"("conv_1")"}, false},
             {Endpoint::responses, response(), {"/prompt", R"({"id":"pmpt_1"})"}, false},
             {Endpoint::responses, response(), {"/tools/0", R"({"type":"code_interpreter"})"}, false},
             {Endpoint::responses, response(), {"/tools/0", R"({"type":"custom","name":"a"})"}, true},
             {Endpoint::responses,
              response(),
              {"/input/0", R"({"type":"item_reference","id":"msg_0"})"},
              false},
             {Endpoint::responses, response(), {"/input/0", R"({"id":"msg_0"})"}, false},
             {Endpoint::responses,
              response(),
              {"/input/0/content", R"([{"type":"input_image","image_url":"https://a.test/b.png"}])"},
              false},
             {Endpoint::responses,
              response(),
              {"/input/0/content", R"([{"type":"input_file","file_id":"file_1"}])"},
              true},
             {Endpoint::messages, message(), {"/mcp_servers", R"([{"url":"https://a.test"}])"}, false},
             {Endpoint::messages, message(), {"/mcp_servers", "[]"}, true},
             {Endpoint::messages, message(), {"/container", R"("c")"}, false},
             {Endpoint::messages, message(), {"/tools/0/type", R"("web_search_20250305")"}, false},
             {Endpoint::messages, message(), {"/tools/0/type", R"("bash_20250124")"}, true},
             {Endpoint::messages,
              message(),
              {"/messages/2/content/0/content",
               R"([{"type":"image","source":{"type":"url","url":"https://a.test/b"}}])"},
              false},
             {Endpoint::generate_content, content(), {"/tools/0", R"({"googleSearch":{}})"}, false},
             {Endpoint::generate_content, content(), {"/tools/0", R"({"code_execution":{}})"}, false},
             {Endpoint::generate_content, content(), {"/tools/0", R"({"function_declarations":[]})"}, true},
             {Endpoint::generate_content,
              content(),
              {"/contents/0/parts/1", R"({"fileData":{"fileUri":"gs://a/b"}})"},
              false},
             {Endpoint::generate_content,
              content(),
              {"/contents/0/parts/1",
               R"({"file_data":{"file_uri":"https://generativelanguage.googleapis.com/v1beta/files/a"}})"},
              true}}) {
        EXPECT_EQ(canonical(endpoint, changed(base, change).dump()).self_contained, self_contained) << change;
    }
}

TEST(CanonicalRequest, SeesLinksBesideAConversationToo) {
    const auto holds_all = [](Endpoint endpoint, const char* body) {
        return canonical(endpoint, body).self_contained;
    };
    EXPECT_FALSE(holds_all(
        Endpoint::moderations,
        R"({"model":"m","input":[{"type":"image_url","image_url":{"url":"https://a.test/b.png"}}]})"));
    EXPECT_TRUE(holds_all(Endpoint::moderations, R"({"model":"m","input":"see https://a.test/b.png"})"));
    EXPECT_TRUE(
        holds_all(Endpoint::moderations,
                  R"({"model":"m","input":[{"type":"image_url","image_url":{"url":"data:image/png,a"}}]})"));
    EXPECT_FALSE(holds_all(Endpoint::embed_content,
                           R"({"content":{"parts":[{"fileData":{"fileUri":"https://a.test/b"}}]}})"));
    EXPECT_FALSE(
        holds_all(Endpoint::batch_embed_contents,
                  R"({"requests":[{"content":{"parts":[{"fileData":{"fileUri":"https://a.test/b"}}]}}]})"));
    EXPECT_TRUE(holds_all(Endpoint::batch_embed_contents,
                          R"({"requests":[{"content":{"parts":[{"text":"https://a.test/b"}]}}]})"));
    EXPECT_FALSE(holds_all(Endpoint::generate_content,
                           R"({"systemInstruction":{"parts":[{"file_data":{"file_uri":"gs://a/b"}}]},)"
                           R"("contents":[{"parts":[{"text":"a"}]}]})"));
}

TEST(CanonicalRequest, IsNotMadeOfWhatIsNeverShared) {
    for (const auto endpoint :
         {Endpoint::images_generations, Endpoint::audio_speech, Endpoint::audio_transcriptions,
          Endpoint::audio_translations, Endpoint::count_response_tokens, Endpoint::count_message_tokens,
          Endpoint::count_content_tokens}) {
        chat::Request request;
        request.endpoint = endpoint;
        request.original.bytes = chat().dump();
        EXPECT_FALSE(canonical_request(request)) << name_of(endpoint);
    }
    chat::Request form;
    form.endpoint = Endpoint::chat_completions;
    form.original.bytes = chat().dump();
    EXPECT_TRUE(canonical_request(form));
    form.original.content_type = "multipart/form-data; boundary=a";
    EXPECT_FALSE(canonical_request(form));
}

TEST(CanonicalRequest, IsNotMadeOfAnObjectWithTheSameMemberTwice) {
    EXPECT_FALSE(canonical_request(
        admitted(Endpoint::chat_completions,
                 R"({"model":"m","messages":[{"role":"user","content":"a","content":"b"}]})")));
    EXPECT_FALSE(canonical_request(admitted(
        Endpoint::chat_completions,
        R"({"model":"m","messages":[{"role":"user","content":"a"}],"x":[{"a":1,"b":{"c":1,"\u0063":2}}]})")));
    EXPECT_FALSE(canonical_request(
        admitted(Endpoint::chat_completions,
                 R"({"model":"m","messages":[{"role":"user","content":"a"}],"x":{"\ud800":1}})")));
}

TEST(CanonicalRequest, WhatStandsBesideTheBodyMayBeAnyBytes) {
    auto request = admitted(Endpoint::messages,
                            R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}]})");
    std::vector<Digest> seen;
    for (const std::string_view scope : {"", "\xfe", "\xfe\xfe", "\xff", "a\xff", "a", "a\xfe b"}) {
        const auto found = canonical_request(request, {scope});
        ASSERT_TRUE(found);
        EXPECT_EQ(std::count(seen.begin(), seen.end(), found->exact), 0) << scope.size();
        seen.push_back(found->exact);
    }
    for (const std::string beta : {"\xfe", "\xff",
                                   "a\xff"
                                   "b"}) {
        request.betas = {beta};
        const auto found = canonical_request(request);
        ASSERT_TRUE(found);
        EXPECT_EQ(std::count(seen.begin(), seen.end(), found->exact), 0);
        seen.push_back(found->exact);
    }
    request.betas = {"a", "b"};
    EXPECT_EQ(std::count(seen.begin(), seen.end(), canonical(request).exact), 0);
}

}  // namespace
}  // namespace gatehouse::dialect
