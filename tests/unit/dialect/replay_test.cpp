// An answer given out again: what depends on who asks, and which answers are not worth keeping.
#include "gatehouse/dialect/replay.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Endpoint;

chat::Request asking(Endpoint endpoint, std::string body = "{}") {
    chat::Request request;
    request.endpoint = endpoint;
    request.vendor = chat::vendor_of(endpoint);
    request.wants_usage = request.vendor != chat::Vendor::openai;
    request.original.bytes = std::move(body);
    return request;
}

chat::Request wanting_usage(Endpoint endpoint) {
    auto request = asking(endpoint);
    request.wants_usage = true;
    return request;
}

std::string whole(const KeptAnswer& answer, const chat::Request& request) {
    const auto replayed = replay_whole(answer, request);
    EXPECT_TRUE(replayed) << replayed.problem().message();
    return replayed ? *replayed : std::string();
}

std::string stream(const KeptAnswer& answer, const chat::Request& request) {
    const auto replayed = replay_stream(answer, request);
    EXPECT_TRUE(replayed) << replayed.problem().message();
    if (!replayed) {
        return {};
    }
    const auto run = replayed->run();
    EXPECT_EQ(run.back().kind, DeltaKind::end);
    std::string bytes;
    for (const auto& delta : run) {
        bytes += delta.bytes;
    }
    EXPECT_EQ(bytes, replayed->bytes);
    return bytes;
}

KeptAnswer chat_stream(std::string_view usage) {
    return {
        true,
        R"(data: {"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","system_fingerprint":"f",)"
        R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})"
        "\n\n"
        R"(data: {"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","system_fingerprint":"f",)"
        R"("choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]})"
        "\n\n"
        R"(data: {"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","system_fingerprint":"f",)"
        R"("choices":[{"index":0,"delta":{"content":"lo","x_mood":"good"},"finish_reason":"stop"}]})"
        "\n\n" +
            std::string(usage) + "data: [DONE]\n\n"};
}

constexpr std::string_view usage_event =
    R"(data: {"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","choices":[],)"
    R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"cost":0.25}})"
    "\n\n";

TEST(Replay, OfAStreamKeepsItsBytes) {
    const auto kept = chat_stream("");
    EXPECT_EQ(stream(kept, asking(Endpoint::chat_completions)), kept.bytes);
}

TEST(Replay, ShowsUsageToThoseWhoAskAndNoCost) {
    const auto kept = chat_stream(usage_event);
    EXPECT_EQ(stream(kept, asking(Endpoint::chat_completions)), chat_stream("").bytes);
    const auto shown = stream(kept, wanting_usage(Endpoint::chat_completions));
    EXPECT_NE(shown.find(R"("total_tokens":5,"cost":0})"), std::string::npos) << shown;
}

TEST(Replay, ReplacesWhatAProviderSaysOfTheCost) {
    // As OpenRouter does it: the last totals stand beside an empty choice.
    auto kept = chat_stream(
        R"(data: {"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,)"
        R"("delta":{"role":"assistant","content":""},"finish_reason":null}],)"
        R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"cost":0.25,"is_byok":false}})"
        "\n\n");
    const auto request = wanting_usage(Endpoint::chat_completions);
    EXPECT_NE(stream(kept, request).find(R"("cost":0,"is_byok":false)"), std::string::npos)
        << stream(kept, request);
    EXPECT_EQ(stream(kept, asking(Endpoint::chat_completions)).find("0.25"), std::string::npos);
    EXPECT_EQ(whole(kept, request).find("0.25"), std::string::npos);
    kept = {false, whole(kept, request)};
    kept.bytes.insert(kept.bytes.find(R"("is_byok")"), R"("cost":0.25,)");
    EXPECT_NE(whole(kept, request).find(R"("cost":0,"is_byok":false)"), std::string::npos)
        << whole(kept, request);
    EXPECT_NE(stream(kept, request).find(R"("cost":0,"is_byok":false)"), std::string::npos)
        << stream(kept, request);
}

TEST(Replay, TellsUsageThatTheKeptStreamDidNotTell) {
    auto kept = chat_stream("");
    EXPECT_EQ(stream(kept, wanting_usage(Endpoint::chat_completions)), kept.bytes) << "it is not known";
    kept.usage.input = TokenCount(3);
    kept.usage.output = TokenCount(2);
    kept.usage.known = true;
    const auto shown = stream(kept, wanting_usage(Endpoint::chat_completions));
    EXPECT_NE(
        shown.find(R"({"id":"c1","object":"chat.completion.chunk","created":5,"model":"m","choices":[],)"
                   R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5)"),
        std::string::npos)
        << shown;
    EXPECT_NE(shown.find(R"("cost":0})"), std::string::npos) << shown;
    EXPECT_TRUE(shown.ends_with("data: [DONE]\n\n"));
}

TEST(Replay, OfAStreamAsAWholeSaysAllThatItsChunksSaid) {
    EXPECT_EQ(whole(chat_stream(usage_event), asking(Endpoint::chat_completions)),
              R"({"id":"c1","object":"chat.completion","created":5,"model":"m","system_fingerprint":"f",)"
              R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5},)"
              R"("choices":[{"index":0,"message":{"role":"assistant","content":"Hello","x_mood":"good"},)"
              R"("finish_reason":"stop"}]})");
}

TEST(Replay, OfAStreamAsAWholeTellsUsageThatTheStreamDidNotTell) {
    auto kept = chat_stream("");
    kept.usage.input = TokenCount(3);
    kept.usage.output = TokenCount(2);
    kept.usage.known = true;
    const auto said = whole(kept, asking(Endpoint::chat_completions));
    EXPECT_NE(said.find(R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5)"),
              std::string::npos)
        << said;
    EXPECT_EQ(said.find(R"("cost")"), std::string::npos) << said;
    EXPECT_EQ(said.find(R"("usage":null)"), std::string::npos) << said;
}

TEST(Replay, JoinsCallsAndProbabilities) {
    const KeptAnswer kept{
        true,
        R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":1,"delta":{"tool_calls":[)"
        R"({"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]})"
        "\n\n"
        R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"A"},)"
        R"("logprobs":{"content":[{"token":"A"}],"refusal":null}}]})"
        "\n\n"
        R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":1,"delta":{"tool_calls":[)"
        R"({"index":0,"id":"a","function":{"arguments":"{\"x\""}},{"index":1,"id":"b","type":"function",)"
        R"("function":{"name":"g","arguments":"{}"}}]}}]})"
        "\n\n"
        R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":1,"delta":{"tool_calls":[)"
        R"({"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"},{"index":0,)"
        R"("delta":{"content":"B"},"logprobs":{"content":[{"token":"B"}]},"finish_reason":"stop"}]})"
        "\n\ndata: [DONE]\n\n"};
    EXPECT_EQ(
        whole(kept, asking(Endpoint::chat_completions)),
        R"({"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)"
        R"("content":"AB"},"logprobs":{"content":[{"token":"A"},{"token":"B"}],"refusal":null},)"
        R"("finish_reason":"stop"},{"index":1,"message":{"role":"assistant","tool_calls":[{"id":"a",)"
        R"("type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function",)"
        R"("function":{"name":"g","arguments":"{}"}}],"content":null},"finish_reason":"tool_calls"}]})");
}

TEST(Replay, OfAWholeAsAStreamIsInOneLineForEachEvent) {
    const KeptAnswer kept{
        false,
        "{\n  \"id\": \"c1\",\n  \"object\": \"chat.completion\",\n  \"created\": 5,\n"
        "  \"model\": \"m\",\n  \"choices\": [{\"index\": 0, \"message\": {\n"
        "  \"role\": \"assistant\", \"content\": \"Hi\"}, \"finish_reason\": \"stop\"}],\n"
        "  \"usage\": {\"prompt_tokens\": 1, \"completion_tokens\": 1, \"total_tokens\": 2}}\n"};
    const auto shown = stream(kept, asking(Endpoint::chat_completions));
    EXPECT_TRUE(shown.ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(shown.find("usage"), std::string::npos);
    EXPECT_NE(shown.find(R"("delta":{"role":"assistant","content":"Hi"})"), std::string::npos) << shown;
    EXPECT_NE(shown.find(R"("delta":{},"finish_reason":"stop")"), std::string::npos) << shown;
    EXPECT_NE(stream(kept, wanting_usage(Endpoint::chat_completions))
                  .find(R"("usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":0}})"),
              std::string::npos);
}

TEST(Replay, OfLegacyCompletions) {
    const KeptAnswer kept{
        true,
        R"(data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"text":"He","index":0,)"
        R"("logprobs":null,"finish_reason":null}]})"
        "\n\n"
        R"(data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"text":"y","index":0,)"
        R"("logprobs":null,"finish_reason":"stop"}]})"
        "\n\ndata: [DONE]\n\n"};
    const auto joined = whole(kept, asking(Endpoint::completions));
    EXPECT_EQ(joined, R"({"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,)"
                      R"("text":"Hey","logprobs":null,"finish_reason":"stop"}]})");
    EXPECT_TRUE(is_worth_keeping(Endpoint::completions, kept));
    EXPECT_TRUE(is_worth_keeping(Endpoint::completions, {false, joined}));
    const auto told = stream({false, joined}, asking(Endpoint::completions));
    EXPECT_EQ(told, "data: " + joined + "\n\ndata: [DONE]\n\n");
}

constexpr std::string_view first_content =
    R"({"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}],)"
    R"("usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1},"modelVersion":"g","responseId":"r"})";
constexpr std::string_view second_content =
    R"({"candidates":[{"content":{"parts":[{"text":"lo"}],"role":"model"},"finishReason":"STOP","index":0}],)"
    R"("usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2},"modelVersion":"g","responseId":"r"})";

TEST(Replay, OfGeminiIsAnArrayForThoseWhoAskForOne) {
    const auto first = std::string(first_content);
    const auto second = std::string(second_content);
    const KeptAnswer events{true, "data: " + first + "\r\n\r\ndata: " + second + "\r\n\r\n"};
    const KeptAnswer array{true, "[" + first + ",\r\n" + second + "]"};
    auto request = asking(Endpoint::generate_content);
    EXPECT_EQ(stream(events, request), events.bytes);
    EXPECT_EQ(stream(array, request), "data: " + first + "\n\ndata: " + second + "\n\n");
    request.json_array = true;
    EXPECT_EQ(stream(events, request), array.bytes);
    EXPECT_EQ(stream(array, request), array.bytes);
    const std::string joined =
        R"({"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2},"modelVersion":"g","responseId":"r",)"
        R"("candidates":[{"content":{"parts":[{"text":"Hello"}],"role":"model"},"index":0,"finishReason":"STOP"}]})";
    EXPECT_EQ(whole(events, request), joined);
    EXPECT_EQ(whole(array, request), joined);
    EXPECT_EQ(stream({false, joined}, request), "[" + joined + "]");
    EXPECT_TRUE(is_worth_keeping(Endpoint::generate_content, events));
    EXPECT_TRUE(is_worth_keeping(Endpoint::generate_content, array));
}

TEST(Replay, OfAResponseRepeatsTheRequestThatAsks) {
    const std::string kept =
        R"({"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[{)"
        R"("id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{)"
        R"("type":"output_text","text":"Hi","annotations":[]}]}],"metadata":{"of":"another"},"user":"ann",)"
        R"("usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}})";
    const auto ask = asking(Endpoint::responses, R"({"model":"m","input":"a","user":"bob"})");
    const auto again = whole({false, kept}, ask);
    EXPECT_NE(again.find(R"("metadata":{},"user":"bob")"), std::string::npos) << again;
    const auto told = stream({false, kept}, ask);
    EXPECT_EQ(told.find("another"), std::string::npos) << told;
    EXPECT_EQ(told.find("ann\""), std::string::npos) << told;
    EXPECT_NE(told.find(R"("total_tokens":2,"cost":0)"), std::string::npos) << told;
    EXPECT_TRUE(told.starts_with("event: response.created\ndata: {\"type\":\"response.created\",")) << told;
    EXPECT_EQ(whole({true, told}, ask), again);
}

TEST(Replay, OnlyGoodAnswersAreWorthKeeping) {
    struct Case {
        Endpoint endpoint;
        const char* body;
        bool worth;
    };
    for (
        const auto& [endpoint, body, worth] : std::vector<Case>{
            {Endpoint::chat_completions,
             R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]})", true},
            {Endpoint::chat_completions,
             R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"length"}]})", false},
            {Endpoint::chat_completions,
             R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"},
                  {"index":1,"message":{"content":"a"},"finish_reason":"length"}]})",
             false},
            {Endpoint::chat_completions,
             R"({"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"content_filter"}]})",
             false},
            {Endpoint::chat_completions,
             R"({"choices":[{"index":0,"message":{"content":""},"finish_reason":"stop"}]})", false},
            {Endpoint::chat_completions,
             R"({"choices":[{"index":0,"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]})",
             false},
            {Endpoint::chat_completions,
             R"({"choices":[{"index":0,"message":{"content":"a","tool_calls":[{"id":"1","type":"function",
                  "function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]})",
             false},
            {Endpoint::chat_completions, R"({"choices":[]})", false},
            {Endpoint::chat_completions, R"({"error":{"message":"a"}})", false},
            {Endpoint::chat_completions, "cut sho", false},
            {Endpoint::responses,
             R"({"id":"r","object":"response","status":"incomplete","model":"m","output":[{"id":"m",
                  "type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]}],
                  "incomplete_details":{"reason":"max_output_tokens"}})",
             false},
            {Endpoint::responses,
             R"({"id":"r","object":"response","status":"completed","model":"m","output":[{"id":"f",
                  "type":"function_call","call_id":"1","name":"f","arguments":"{}"}]})",
             false},
            {Endpoint::messages,
             R"({"id":"m","type":"message","role":"assistant","model":"c","stop_reason":"end_turn",
                  "content":[{"type":"text","text":"a"}],"usage":{"input_tokens":1,"output_tokens":1}})",
             true},
            {Endpoint::messages,
             R"({"id":"m","type":"message","role":"assistant","model":"c","stop_reason":"stop_sequence",
                  "content":[{"type":"text","text":"a"}],"usage":{"input_tokens":1,"output_tokens":1}})",
             true},
            {Endpoint::messages,
             R"({"id":"m","type":"message","role":"assistant","model":"c","stop_reason":"max_tokens",
                  "content":[{"type":"text","text":"a"}],"usage":{"input_tokens":1,"output_tokens":1}})",
             false},
            {Endpoint::messages,
             R"({"id":"m","type":"message","role":"assistant","model":"c","stop_reason":"end_turn",
                  "content":[],"usage":{"input_tokens":1,"output_tokens":1}})",
             false},
            {Endpoint::generate_content,
             R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}],"role":"model"},
                  "finishReason":"STOP"}]})",
             false},
            {Endpoint::generate_content,
             R"({"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"finishReason":"SAFETY"}]})",
             false},
            {Endpoint::embeddings,
             R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"m",
                  "usage":{"prompt_tokens":1,"total_tokens":1}})",
             true},
            {Endpoint::embeddings, R"({"error":{"message":"a"}})", false}}) {
        EXPECT_EQ(is_worth_keeping(endpoint, {false, body}), worth) << body;
    }
}

TEST(Replay, AStreamThatWasCutIsNotWorthKeeping) {
    const auto kept = chat_stream(usage_event).bytes;
    EXPECT_TRUE(is_worth_keeping(Endpoint::chat_completions, {true, kept}));
    for (std::size_t size = 0; size + 2 < kept.size(); ++size) {
        EXPECT_FALSE(is_worth_keeping(Endpoint::chat_completions, {true, kept.substr(0, size)})) << size;
    }
}

TEST(Replay, OfAResponseWithMembersOfOtherTypesThanExpectedDoesNotFail) {
    const KeptAnswer kept{
        false, R"({"id":"resp_1","object":"response","status":"completed","model":"m","output":[)"
               R"({"type":"reasoning","id":"rs_1","summary":"thinking","content":7},)"
               R"({"type":"reasoning","id":"rs_2","summary":null,"content":null},)"
               R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":"Hello"},)"
               R"({"type":"message","id":"msg_2","role":"assistant","status":"completed","content":[)"
               R"(5,{"type":"output_text","text":"Hello","annotations":"none","logprobs":{}}]}]})"};
    const auto replayed = stream(kept, asking(Endpoint::responses));
    EXPECT_NE(replayed.find("response.completed"), std::string::npos);
    EXPECT_NE(replayed.find(R"("delta":"Hello")"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::dialect
