// Gemini's replies on their way to Gemini's clients: the recorded ones of tests/golden/gemini unchanged, and
// what the gateway learns from each form on the way.
#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

struct Relayed {
    std::string bytes;
    std::string kinds;  // a letter for each event, and one for the close
    std::string problem;
    std::string finish;
    bool complete{false};
    std::int64_t prompt{0};
    std::int64_t output{0};
    std::int64_t reasoning{0};
    friend bool operator==(const Relayed&, const Relayed&) = default;
};

Relayed relay(std::string_view stream, std::size_t piece, const RelayOptions& options = {}) {
    Relayed relayed;
    wire::SseSplitter splitter;
    const auto decoder = gemini().stream_decoder(Endpoint::generate_content, options);
    const auto take = [&](const Result<chat::Delta>& delta) {
        if (!delta) {
            relayed.problem = name_of(delta.problem().kind());
            return false;
        }
        relayed.kinds += "ocfueWO"[static_cast<std::size_t>(delta->kind)];
        relayed.bytes += delta->bytes;
        return true;
    };
    while (!stream.empty()) {
        decoder->next_run();
        EXPECT_TRUE(splitter.feed(stream.substr(0, piece)));
        stream.remove_prefix(std::min(piece, stream.size()));
        while (const auto event = splitter.next()) {
            if (!take(decoder->feed(*event))) {
                return relayed;
            }
        }
    }
    take(decoder->close());
    relayed.complete = decoder->complete();
    relayed.finish = decoder->finish_reason();
    relayed.prompt = decoder->usage().prompt().value();
    relayed.output = decoder->usage().output.value();
    relayed.reasoning = decoder->usage().reasoning.value();
    return relayed;
}

Relayed relay(std::string_view stream, const RelayOptions& options = {}) {
    return relay(stream, stream.size(), options);
}

std::string event(std::string_view data) {
    return "data: " + std::string(data) + "\r\n\r\n";
}

std::string saying(std::string_view part, std::string_view more = "") {
    return event(R"({"candidates":[{"content":{"role":"model","parts":[)" + std::string(part) + "]}" +
                 std::string(more) + "}]}");
}

constexpr std::string_view stop = R"(,"finishReason":"STOP")";

std::vector<std::string> recorded_streams() {
    std::vector<std::string> streams;
    const auto folder = std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/gemini/fixtures";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path());
        const auto json = nlohmann::json::parse(file, nullptr, false);
        if (!json.contains("exchanges") || entry.path().string().find("error") != std::string::npos) {
            continue;
        }
        for (const auto& exchange : json["exchanges"]) {
            if (exchange["response"].contains("stream")) {
                streams.push_back(exchange["response"]["stream"].get<std::string>());
            }
        }
    }
    return streams;
}

TEST(GeminiRelay, PassesRecordedStreamsOnByteByByte) {
    const auto streams = recorded_streams();
    ASSERT_GE(streams.size(), 5U);
    for (const auto& stream : streams) {
        const auto whole = relay(stream);
        EXPECT_EQ(whole.bytes, stream);
        EXPECT_TRUE(whole.complete) << stream;
        EXPECT_FALSE(whole.finish.empty());
        EXPECT_GT(whole.prompt, 0);
        EXPECT_NE(whole.kinds.find('c'), std::string::npos);
        for (const std::size_t piece : {1U, 2U, 7U, 100U}) {
            EXPECT_EQ(relay(stream, piece), whole) << piece;
        }
    }
}

TEST(GeminiRelay, MakesRecordedStreamsTheArrayThatClientsWithoutEventsRead) {
    for (const auto& stream : recorded_streams()) {
        RelayOptions options;
        options.json_array = true;
        const auto array = relay(stream, options);
        const auto json = nlohmann::json::parse(array.bytes, nullptr, false);
        ASSERT_TRUE(json.is_array());
        EXPECT_EQ(json.size() + 1, array.kinds.size());
        EXPECT_EQ(relay(stream, 1, options), array);
    }
}

TEST(GeminiRelay, ShowsTheNameThatWasAskedFor) {
    RelayOptions options;
    options.rename = "alias";
    const auto stream =
        event(R"({"candidates":[{"finishReason":"STOP"}],"modelVersion":"gemini-x","responseId":"r"})");
    EXPECT_EQ(relay(stream, options).bytes,
              event(R"({"candidates":[{"finishReason":"STOP"}],"modelVersion":"alias","responseId":"r"})"));
    options.json_array = true;
    EXPECT_EQ(relay(stream + stream, options).bytes,
              R"([{"candidates":[{"finishReason":"STOP"}],"modelVersion":"alias","responseId":"r"})"
              ",\r\n"
              R"({"candidates":[{"finishReason":"STOP"}],"modelVersion":"alias","responseId":"r"}])");
}

TEST(GeminiRelay, TellsContentFromWhatIsNone) {
    const auto kind = [](std::string_view part) { return relay(saying(part)).kinds.substr(0, 1); };
    for (const auto* part : {R"({"text":"a"})", R"({"text":"hm","thought":true})",
                             R"({"functionCall":{"name":"f"}})", R"({"inlineData":{"mimeType":"image/png"}})",
                             R"({"executableCode":{}})", R"({"text":""},{"text":"b"})"}) {
        EXPECT_EQ(kind(part), "c") << part;
    }
    for (const auto* part : {"", "{}", R"({"text":""})", R"({"text":"","thoughtSignature":"UA=="})"}) {
        EXPECT_EQ(kind(part), "o") << part;
    }
    EXPECT_EQ(relay(saying(R"({"text":""})", stop)).kinds, "fe");
    EXPECT_EQ(relay(event(R"({"usageMetadata":{"promptTokenCount":3}})")).kinds, "uo");
}

TEST(GeminiRelay, WaitsForTheCloseBehindAFinish) {
    const auto stream = saying(R"({"text":"a"})", stop) + saying(R"({"text":"","thoughtSignature":"UA=="})") +
                        event(R"({"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}})");
    const auto relayed = relay(stream);
    EXPECT_EQ(relayed.kinds, "coue");
    EXPECT_EQ(relayed.bytes, stream);
    EXPECT_EQ(relayed.finish, "STOP");
    EXPECT_EQ(relayed.prompt, 3);
    EXPECT_EQ(relayed.output, 1);
}

TEST(GeminiRelay, IsLostWithoutTheFinishOfEveryCandidate) {
    EXPECT_FALSE(relay(saying(R"({"text":"a"})")).complete);
    EXPECT_FALSE(relay(event(R"({"usageMetadata":{}})")).complete);
    EXPECT_FALSE(relay(saying("", stop) + event(R"({"candidates":[{"index":1}]})")).complete);
    EXPECT_FALSE(relay(saying("", R"(,"finishReason":"FINISH_REASON_UNSPECIFIED")")).complete);
    EXPECT_FALSE(relay(event(R"({"candidates":[]})")).complete);
}

TEST(GeminiRelay, IsCompleteWhenThePromptWasBlocked) {
    const auto relayed = relay(event(R"({"promptFeedback":{"blockReason":"SAFETY"}})"));
    EXPECT_EQ(relayed.kinds, "fe");
    EXPECT_TRUE(relayed.complete);
    EXPECT_EQ(relayed.finish, "SAFETY");
    EXPECT_FALSE(relay(event(R"({"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}})")).complete);
}

TEST(GeminiRelay, IsCompleteAfterThoughtsAloneWhenTheUsageAgrees) {
    const auto thought = saying(R"({"text":"hm","thought":true})");
    EXPECT_TRUE(relay(thought + event(R"({"usageMetadata":{"promptTokenCount":3,"thoughtsTokenCount":5,)"
                                      R"("totalTokenCount":8}})"))
                    .complete);
    EXPECT_FALSE(relay(thought).complete);
}

TEST(GeminiRelay, KeepsTheLastValueOfEachCount) {
    const auto relayed = relay(event(R"({"usageMetadata":{"promptTokenCount":55,"thoughtsTokenCount":9}})") +
                               event(R"({"usageMetadata":{"promptTokenCount":257,"thoughtsTokenCount":null,)"
                                     R"("candidatesTokenCount":4}})") +
                               saying("", stop));
    EXPECT_EQ(relayed.prompt, 257);
    EXPECT_EQ(relayed.reasoning, 9);
    EXPECT_EQ(relayed.output, 4);
}

TEST(GeminiRelay, FailsWithWhatAnErrorInTheStreamSays) {
    const std::string error = R"({"error":{"code":503,"message":"Busy","status":"UNAVAILABLE"}})";
    EXPECT_EQ(relay(event(error)).problem, "upstream_overloaded");
    EXPECT_EQ(relay(event("[" + error + "]")).problem, "upstream_overloaded");
    EXPECT_EQ(relay(saying(R"({"text":"a"})") + event(error)).problem, "upstream_overloaded");
    for (const auto* data : {"nonsense", "[1]", "7", R"({"candidates":[{"index":-1}]})",
                             R"({"candidates":[{"index":4000000000}]})"}) {
        EXPECT_EQ(relay(event(data)).problem, "upstream_protocol") << data;
    }
}

TEST(GeminiRelay, TakesNoJsonWithAHoleForAnAnswer) {
    for (const std::string member : {R"("text":)", R"("thought":)", R"("text":"a","thought":)"}) {
        const auto stream = R"(data: {"candidates":[{"content":{"parts":[{)" + member +
                            R"(,"x":1}]},"finishReason":"STOP"}]})" + "\n\n";
        EXPECT_EQ(relay(stream, stream.size()).problem, name_of(ProblemKind::upstream_protocol)) << member;
    }
    const std::string odd =
        R"(data: {"candidates":[{"content":{"parts":[{"text":7,"thought":"no"}]},"finishReason":"STOP"}]})"
        "\n\n";
    EXPECT_EQ(relay(odd, odd.size()).problem, "");
}

TEST(GeminiRelay, PassesOverAForeignTerminator) {
    EXPECT_EQ(relay(saying("", stop) + "data: [DONE]\n\n").bytes, saying("", stop));
}

struct Whole {
    std::string problem;
    std::string finish;
    std::string bytes;
    std::int64_t prompt{-1};
};

Whole whole(Endpoint endpoint, std::string_view body, std::string_view rename = "") {
    RelayOptions options;
    options.rename = rename;
    std::string edited;
    const auto reply = gemini().decode_reply(endpoint, body, options, edited);
    if (!reply) {
        return {std::string(name_of(reply.problem().kind())), {}, {}};
    }
    return {"", reply->finish_reason, std::string(reply->bytes),
            reply->usage.known ? reply->usage.prompt().value() : -1};
}

TEST(GeminiWholeRelay, TellsFinishAndUsage) {
    const std::string body = R"({"candidates":[{"content":{},"finishReason":"MAX_TOKENS"}],)"
                             R"("usageMetadata":{"promptTokenCount":4},"modelVersion":"x"})";
    const auto reply = whole(Endpoint::generate_content, body);
    EXPECT_EQ(reply.finish, "MAX_TOKENS");
    EXPECT_EQ(reply.prompt, 4);
    EXPECT_EQ(reply.bytes, body);
    EXPECT_EQ(whole(Endpoint::generate_content, R"({"promptFeedback":{"blockReason":"OTHER"}})").finish,
              "OTHER");
    EXPECT_EQ(whole(Endpoint::generate_content, R"({"candidates":[{}],"modelVersion":"x"})", "a\"b").bytes,
              R"({"candidates":[{}],"modelVersion":"a\"b"})");
}

TEST(GeminiWholeRelay, KnowsTheAnswerOfEachEndpoint) {
    EXPECT_EQ(whole(Endpoint::count_content_tokens, R"({"totalTokens":8})").problem, "");
    EXPECT_EQ(whole(Endpoint::embed_content, R"({"embedding":{"values":[1]}})").problem, "");
    const auto batch = whole(Endpoint::batch_embed_contents,
                             R"({"embeddings":[{"values":[1]}],"usageMetadata":{"promptTokenCount":9}})");
    EXPECT_EQ(batch.problem, "");
    EXPECT_EQ(batch.prompt, 9);
    for (const auto* body :
         {"{}", R"({"candidates":[]})", R"({"totalTokens":null})", "[]", "[{}]", "x", ""}) {
        for (const auto endpoint : {Endpoint::generate_content, Endpoint::count_content_tokens,
                                    Endpoint::embed_content, Endpoint::batch_embed_contents}) {
            EXPECT_EQ(whole(endpoint, body).problem, "upstream_protocol") << body;
        }
    }
    const std::string error = R"({"error":{"code":429,"message":"Slow","status":"RESOURCE_EXHAUSTED"}})";
    EXPECT_EQ(whole(Endpoint::generate_content, error).problem, "upstream_rate_limited");
    EXPECT_EQ(whole(Endpoint::generate_content, "[" + error + "]").problem, "upstream_rate_limited");
}

}  // namespace
}  // namespace gatehouse::dialect
