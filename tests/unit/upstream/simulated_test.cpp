#include "gatehouse/upstream/simulated.hpp"

#include "simulated_replay.hpp"
#include "support/event_loop.hpp"
#include "upstream/simulated_vector.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace gatehouse::upstream::test {
namespace {

/// Time passes only in sleeps, and at once.
class LeapingClock : public Clock {
public:
    Instant now() const noexcept override { return now_; }
    WallTime wall() const noexcept override { return WallTime(std::chrono::seconds(1'700'000'000)); }
    Task<void> sleep_until(Instant when) override {
        now_ = std::max(now_, when);
        co_return;
    }
    Milliseconds passed() const { return std::chrono::duration_cast<Milliseconds>(now_ - Instant{}); }

private:
    Instant now_{};
};

struct Heard {
    int status{0};
    std::string bytes;
    std::optional<Problem> problem;
};

Task<Heard> listen(SimulatedProvider& provider, net::HttpCall& call, Instant read_by) {
    Heard heard;
    const net::Origin origin;
    auto reply = co_await provider.send(origin, call);
    if (!reply) {
        heard.problem = std::move(reply.problem());
        co_return heard;
    }
    heard.status = (*reply)->head().status;
    (*reply)->read_by(read_by);
    while (true) {
        const auto bytes = co_await (*reply)->next();
        if (!bytes) {
            heard.problem = bytes.problem();
            break;
        }
        if (bytes->empty()) {
            break;
        }
        heard.bytes += *bytes;
    }
    co_return heard;
}

struct SimulatedProviderTest : testing::Test {
    Heard hear(std::string_view body, std::string target = "/v1/chat/completions", Instant read_by = never) {
        net::HttpCall call;
        call.target = std::move(target);
        call.body = std::span(&body, 1);
        call.timeouts = timeouts;
        return gatehouse::test::run(listen(provider, call, read_by));
    }

    LeapingClock clock;
    net::Timeouts timeouts;
    SimulatedProvider provider{clock, SimulatedOptions{}};
};

constexpr std::string_view streamed =
    R"({"model":"chat","stream":true,"messages":[{"role":"user","content":"Hello"}]})";
constexpr std::string_view stalled =
    R"({"model":"chat","stream":true,"messages":[{"role":"user","content":"[[simulate:stall]]"}]})";
constexpr std::string_view cut =
    R"({"model":"chat","stream":true,"messages":[{"role":"user","content":"[[simulate:cut]]"}]})";
constexpr std::string_view slow =
    R"({"model":"chat","messages":[{"role":"user","content":"[[simulate:slow 1h]]"}]})";

TEST_F(SimulatedProviderTest, TakesTheTimeOfItsTokens) {
    const auto heard = hear(streamed);
    EXPECT_EQ(heard.status, 200);
    EXPECT_FALSE(heard.problem);
    EXPECT_TRUE(heard.bytes.ends_with("data: [DONE]\n\n"));
    EXPECT_GT(clock.passed(), Milliseconds(100));
    const auto for_stream = clock.passed();
    hear(R"({"model":"chat","messages":[{"role":"user","content":"Hello"}]})");
    EXPECT_EQ(clock.passed(), 2 * for_stream);  // a whole answer takes as long
}

TEST_F(SimulatedProviderTest, LosesAStreamOnOrder) {
    const auto heard = hear(cut);
    ASSERT_TRUE(heard.problem);
    EXPECT_EQ(heard.problem->kind(), ProblemKind::upstream_lost);
    EXPECT_NE(heard.bytes.find("\"content\":\"This\""), std::string::npos);
    EXPECT_EQ(heard.bytes.find("[DONE]"), std::string::npos);
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += i == 0 ? "" : ",";
        all += text;
    }
    return all;
}

TEST_F(SimulatedProviderTest, RefusesBodiesThatWouldKeepALaneBusy) {
    std::string wide = R"({"model":"chat","messages":[{"role":"user","content":"x"}],"metadata":{)";
    for (int i = 0; i < 1001; ++i) {
        wide += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
    }
    const std::string many_values = R"({"input":[)" + repeated("1", 300'000) + "]}";
    const std::string many_texts = "[" + repeated(R"("")", 2049) + "]";
    EXPECT_EQ(hear(wide + "}}").status, 400);
    EXPECT_EQ(hear(many_values, "/v1/embeddings").status, 400);
    EXPECT_EQ(hear(R"({"n":16,"prompt":)" + many_texts + "}", "/v1/completions").status, 400);
    EXPECT_EQ(hear(R"({"input":)" + many_texts + "}", "/v1/moderations").status, 400);
    EXPECT_EQ(hear(R"({"input":)" + many_texts + "}", "/v1/embeddings").status, 400);
}

TEST_F(SimulatedProviderTest, IsTimedOutWhenItFallsSilent) {
    timeouts.idle = Milliseconds(500);
    const auto heard = hear(stalled);
    ASSERT_TRUE(heard.problem);
    EXPECT_EQ(heard.problem->kind(), ProblemKind::upstream_timeout);
    EXPECT_EQ(clock.passed(), Milliseconds(20 + 10 + 500));
}

TEST_F(SimulatedProviderTest, ObeysTheDeadlineOfItsReader) {
    const auto heard = hear(stalled, "/v1/chat/completions", clock.now() + Milliseconds(40));
    ASSERT_TRUE(heard.problem);
    EXPECT_EQ(heard.problem->kind(), ProblemKind::upstream_timeout);
    EXPECT_EQ(clock.passed(), Milliseconds(40));
}

TEST_F(SimulatedProviderTest, IsTimedOutBeforeItsHead) {
    timeouts.first_byte = Milliseconds(700);
    const auto heard = hear(slow);
    ASSERT_TRUE(heard.problem);
    EXPECT_EQ(heard.problem->kind(), ProblemKind::upstream_timeout);
    EXPECT_EQ(clock.passed(), Milliseconds(700));
}

TEST_F(SimulatedProviderTest, SaysSoWhenItLacksAnEndpoint) {
    const auto heard = hear("{}", "/v1/audio/speech");
    EXPECT_EQ(heard.status, 404);
    EXPECT_EQ(Json::parse(heard.bytes)["error"]["type"], "invalid_request_error");
}

float likeness(std::string_view a, std::string_view b) {
    const auto left = simulated_vector(a, 256);
    const auto right = simulated_vector(b, 256);
    return std::inner_product(left.begin(), left.end(), right.begin(), 0.0F);
}

TEST(SimulatedVector, BringsTextsWithCommonWordsTogether) {
    EXPECT_NEAR(likeness("The cat sat", "the CAT sat."), 1.0F, 1e-5F);
    EXPECT_GT(likeness("the cat sat on the mat", "a cat sat on a mat"),
              likeness("the cat sat on the mat", "quarterly revenue grew") + 0.2F);
    EXPECT_NEAR(likeness("", ""), 1.0F, 1e-5F);
}

TEST(SimulatedEmbeddings, GiveTheSameNumbersInBothEncodings) {
    Json body;
    body["model"] = "embedding";
    body["input"] = {"one", "two words"};
    body["dimensions"] = 16;
    const auto floats = whole(ask("/v1/embeddings", body));
    ASSERT_EQ(floats["data"].size(), 2U);
    const auto numbers = floats["data"][1]["embedding"].get<std::vector<float>>();
    ASSERT_EQ(numbers.size(), 16U);
    EXPECT_EQ(floats["usage"]["prompt_tokens"], 3);
    body["encoding_format"] = "base64";
    const auto coded = whole(ask("/v1/embeddings", body));
    const auto bytes = wire::from_base64(coded["data"][1]["embedding"].get<std::string>());
    ASSERT_TRUE(bytes);
    ASSERT_EQ(bytes->size(), 64U);
    std::vector<float> decoded(16);
    std::memcpy(decoded.data(), bytes->data(), bytes->size());  // the tests run on little-endian machines
    EXPECT_EQ(decoded, numbers);
}

TEST(SimulatedEmbeddings, TakeTokenIdsAndRefuseNothing) {
    Json body;
    body["model"] = "embedding";
    body["input"] = {1, 2, 3};
    const auto reply = whole(ask("/v1/embeddings", body));
    EXPECT_EQ(reply["data"].size(), 1U);
    EXPECT_EQ(reply["usage"]["prompt_tokens"], 3);
    body["input"] = Json::array();
    EXPECT_EQ(ask("/v1/embeddings", body).status, 400);
    body["input"] = "x";
    body["dimensions"] = 5000;
    EXPECT_EQ(whole(ask("/v1/embeddings", body))["error"]["param"], "dimensions");
}

TEST(SimulatedModerations, FlagOnOrder) {
    Json body;
    body["model"] = "moderation";
    body["input"] = {"kind words", "[[simulate:flag]]"};
    const auto reply = whole(ask("/v1/moderations", body));
    ASSERT_EQ(reply["results"].size(), 2U);
    EXPECT_EQ(reply["results"][0]["flagged"], false);
    EXPECT_EQ(reply["results"][1]["flagged"], true);
    EXPECT_EQ(reply["results"][1]["categories"]["violence"], true);
}

TEST(SimulatedResponses, AnswerWholeAndStreamedAlike) {
    Json body;
    body["model"] = "chat";
    body["input"] = "Hello";
    const auto reply = whole(ask("/v1/responses", body));
    EXPECT_EQ(reply["status"], "completed");
    const auto text = reply["output"][0]["content"][0]["text"].get<std::string>();
    EXPECT_NE(text.find("Hello"), std::string::npos);

    body["stream"] = true;
    const auto sent = events(ask("/v1/responses", body));
    std::string streamed_text;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        EXPECT_EQ(sent[i]["sequence_number"].get<std::size_t>(), i);
        if (sent[i]["type"] == "response.output_text.delta") {
            streamed_text += sent[i]["delta"].get<std::string>();
        }
    }
    EXPECT_EQ(sent.front()["type"], "response.created");
    EXPECT_TRUE(sent.front()["response"]["output"].empty());
    EXPECT_EQ(sent.back()["type"], "response.completed");
    EXPECT_EQ(streamed_text, text);
    EXPECT_EQ(sent.back()["response"]["output"][0]["content"][0]["text"], text);
}

TEST(SimulatedResponses, CallToolsAndTakeTheirResults) {
    Json body;
    body["model"] = "chat";
    body["input"] = Json::parse(R"([{"role":"user","content":[{"type":"input_text","text":"Weather?"}]}])");
    body["tools"] = Json::parse(R"([{"type":"function","name":"get_weather","parameters":{"type":"object",
        "properties":{"city":{"type":"string"}},"required":["city"]}}])");
    const auto call = whole(ask("/v1/responses", body))["output"][0];
    EXPECT_EQ(call["type"], "function_call");
    EXPECT_EQ(call["arguments"], R"({"city":"simulated"})");
    body["input"].push_back(call);
    body["input"].push_back(
        {{"type", "function_call_output"}, {"call_id", call["call_id"]}, {"output", "rain"}});
    const auto reply = whole(ask("/v1/responses", body));
    EXPECT_NE(reply["output"][0]["content"][0]["text"].get<std::string>().find("rain"), std::string::npos);
}

TEST(SimulatedResponses, SayWhenTheyAreCutShort) {
    Json body;
    body["model"] = "chat";
    body["input"] = "Hello";
    body["max_output_tokens"] = 2;
    const auto reply = whole(ask("/v1/responses", body));
    EXPECT_EQ(reply["status"], "incomplete");
    EXPECT_EQ(reply["incomplete_details"]["reason"], "max_output_tokens");
    EXPECT_EQ(reply["usage"]["output_tokens"], 2);
}

}  // namespace
}  // namespace gatehouse::upstream::test
