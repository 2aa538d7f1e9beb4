// What a Gemini client says reaches Gemini again as it was said, and what a client was given comes back as
// what its provider gave.
#include "gemini_models.hpp"
#include "gemini_said_in_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <string>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;

std::string written(std::string_view body, const chat::ModelFacts& facts = test::gemini_3()) {
    const auto said = read_gemini(body);
    if (!said) {
        return said.problem().message();
    }
    TranslateOptions options;
    options.model = "up";
    options.facts = &facts;
    options.strict = true;
    const auto out = write_gemini(*said, false, options);
    return out ? out->body : out.problem().message();
}

TEST(GeminiRoundTrip, loses_nothing_of_a_conversation_with_tools) {
    const std::string body =
        R"({"systemInstruction":{"parts":[{"text":"Be terse."},{"text":"Be kind."}]},)"
        R"("contents":[{"role":"user","parts":[{"text":"What is this?"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="},)"
        R"("mediaResolution":{"level":"MEDIA_RESOLUTION_LOW"}}]},)"
        R"({"role":"model","parts":[{"text":"I look."},{"functionCall":{"id":"a","name":"f","args":{"z":1,"a":[true,"\u00e9"]}},)"
        R"("thoughtSignature":"UA=="},{"functionCall":{"id":"b","name":"g","args":{}}}]},)"
        R"({"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"x"}}},)"
        R"({"functionResponse":{"id":"b","name":"g","response":{"error":"no"}}}]},)"
        R"({"role":"user","parts":[{"text":"And now?"}]}],)"
        R"("tools":[{"functionDeclarations":[{"name":"f","description":"F","parametersJsonSchema":{"type":"object",)"
        R"("properties":{"z":{"type":"integer"},"a":{"type":"array"}}}},{"name":"g","description":""}]}],)"
        R"("toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},)"
        R"("generationConfig":{"maxOutputTokens":100,"temperature":0.5,"topP":0.9,"topK":40,"candidateCount":2,"seed":7,)"
        R"("stopSequences":["a"],"presencePenalty":1,"frequencyPenalty":-1,"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"LOW"}},)"
        R"("serviceTier":"flex","safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}]})";
    EXPECT_EQ(written(body), body);
    EXPECT_EQ(written(written(body)), body);
}

TEST(GeminiRoundTrip, loses_nothing_of_the_answers_form) {
    const std::string schema =
        R"({"contents":[{"role":"user","parts":[{"text":"q"}]}],"generationConfig":)"
        R"({"responseMimeType":"application/json","responseJsonSchema":)"
        R"({"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}},)"
        R"("propertyOrdering":["b","a"]}}})";
    EXPECT_EQ(written(schema), schema);
    const auto budget = R"({"contents":[{"role":"user","parts":[{"text":"q"}]}],"generationConfig":)"
                        R"({"thinkingConfig":{"thinkingBudget":2048}}})";
    EXPECT_EQ(written(budget, test::gemini_25()), budget);
}

TEST(GeminiRoundTrip, says_the_same_of_either_kind_of_schema) {
    const auto with = [](std::string_view parameters) {
        return written(R"({"contents":"q","tools":[{"functionDeclarations":[{"name":"f",)" +
                       std::string(parameters) + "}]}]}");
    };
    EXPECT_EQ(
        with(R"("parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}})"),
        with(R"("parametersJsonSchema":{"type":"object","properties":{"a":{"type":["string","null"]}}})"));
}

std::ptrdiff_t times(std::string_view text, std::string_view word) {
    std::ptrdiff_t count = 0;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        ++count;
    }
    return count;
}

/// Every recorded request of Gemini's clients is read.
TEST(GeminiRoundTrip, reads_what_clients_were_recorded_to_say) {
    for (const auto* name : {"generate-basic", "image-inline", "json-schema", "max-tokens", "safety-block",
                             "thinking-signature-turns", "tools-any-no-args", "tools-choice-specific",
                             "tools-gemini3-signatures", "tools-parallel", "tools-stream-multiturn",
                             "stream-tool-thought-signature"}) {
        std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/gemini/fixtures/" + name +
                           ".json");
        const auto json = Json::parse(file, nullptr, false);
        for (const auto& exchange : json["exchanges"]) {
            auto body = exchange["request"]["body"].dump();
            for (auto at = body.find("<elided"); at != std::string::npos; at = body.find("<elided", at)) {
                body.replace(at, body.find('>', at) + 1 - at, "aGk=");
            }
            const auto admitted =
                gemini().decode_request(chat::Endpoint::generate_content, body, wire::JsonLimits{});
            ASSERT_TRUE(admitted) << name;
            const auto said = read_gemini(admitted->original.bytes);
            ASSERT_TRUE(said) << name << ": " << said.problem().message();
            const auto lines = test::in_words(*said);
            const auto calls = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
                return line.find("] call ") != std::string::npos;
            });
            EXPECT_EQ(calls, times(body, "functionCall\"") + times(body, "function_call\"")) << name;
        }
    }
}

/// Anthropic's thoughts, shown to a Gemini client as a stream, and brought back chunk by chunk.
TEST(GeminiRoundTrip, brings_thoughts_back_to_whom_they_belong) {
    ReplyMap map;
    const auto reader = anthropic_reader(map);
    ReplyIdentity identity;
    identity.id = "r";
    identity.model = "alias";
    identity.show_reasoning = true;
    identity.origin = chat::Vendor::anthropic;
    const auto writer = gemini_writer(identity);
    std::string out;
    for (
        const auto* data :
        {R"({"type":"message_start","message":{"id":"msg_1","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})",
         R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let "}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"me see"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB+/=="}})",
         R"({"type":"content_block_stop","index":0})",
         R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"EmwK"}})",
         R"({"type":"content_block_stop","index":1})",
         R"({"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}})",
         R"({"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Hel"}})",
         R"({"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"lo"}})",
         R"({"type":"content_block_stop","index":2})",
         R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}})",
         R"({"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
         R"({"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"1}"}})",
         R"({"type":"content_block_stop","index":3})",
         R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}})",
         R"({"type":"message_stop"})"}) {
        wire::SseEvent event;
        event.data = data;
        const auto events = reader->feed(event);
        ASSERT_TRUE(events) << data;
        writer->write(*events, out);
    }
    ASSERT_TRUE(reader->complete());
    writer->end(reader->usage(), out);

    auto contents = Json::array();
    contents.push_back({{"role", "user"}, {"parts", {{{"text", "q"}}}}});
    wire::SseSplitter splitter;
    ASSERT_TRUE(splitter.feed(out));
    while (const auto event = splitter.next()) {
        const auto content = Json::parse(event->data)["candidates"][0]["content"];
        EXPECT_EQ(content["role"], "model");
        EXPECT_FALSE(content["parts"].empty());
        contents.push_back(content);
    }
    Json body;
    body["contents"] = contents;
    EXPECT_THAT(
        test::read_in_words(body.dump()),
        ElementsAre("user[0] text q", "assistant[1] thought Let me see signature=EqQB+/== of anthropic",
                    "assistant[1] thought  redacted=EmwK of anthropic", "assistant[1] text Hello",
                    R"(assistant[1] call toolu_1 f {"a":1})"));
}

}  // namespace
}  // namespace gatehouse::dialect
