// What an attempt puts on the trail of what it cost, however it ended.
#include "scripted_caller.hpp"
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/upstream/attempt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string event(const std::string& data) {
    return "data: " + data + "\n\n";
}

const std::string hello = event(
    R"({"id":"c","model":"up-2","choices":[{"index":0,"delta":{"content":"Hello, you"},"finish_reason":null}]})");
const std::string finish =
    event(R"({"id":"c","model":"up-2","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
const std::string usage = event(
    R"({"id":"c","model":"up-2","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}})");
const std::string end = event("[DONE]");
const std::string prompt = R"("messages":[{"role":"user","content":"hi"}])";

policy::ModelCatalog catalog() {
    policy::CatalogParts parts;
    std::int64_t each = 0;
    for (const char* name : {"up", "up-2"}) {
        policy::PriceSheet sheet;
        sheet.standard.input = PicoUsd(1'000 + each);
        sheet.standard.output = PicoUsd(5'000 + each);
        each += 1'000'000;
        policy::ModelEntry entry;
        entry.name = name;
        entry.prices = policy::ModelPrices({sheet});
        parts.entries.push_back(std::move(entry));
        entry.vendor = policy::Vendor::anthropic;
        entry.name = name;
        entry.prices = policy::ModelPrices({sheet});
        parts.entries.push_back(std::move(entry));
    }
    return policy::ModelCatalog(std::move(parts));
}

/// Of the model `up-2`: dearer by far, so that nobody takes the wrong one unnoticed.
constexpr std::int64_t in = 1'001'000;
constexpr std::int64_t out = 1'005'000;

struct CostTest : testing::Test {
    CostTest() { provide(ProviderKind::openai, "http://127.0.0.1:1/v1"); }

    void provide(ProviderKind kind, std::string url) {
        ProviderOptions options;
        options.name = "acme";
        options.kind = kind;
        options.base_url = std::move(url);
        target.provider = *Provider::make(std::move(options));
        target.model = "up";
        const bool claude = kind == ProviderKind::anthropic;
        target.rates = policy::TargetRates(known, claude ? policy::Vendor::anthropic : policy::Vendor::openai,
                                           "up", nullptr);
    }
    chat::Request ask(const std::string& more, chat::Endpoint endpoint = chat::Endpoint::chat_completions) {
        const auto& words = endpoint == chat::Endpoint::messages ? dialect::anthropic() : dialect::openai();
        auto decoded = words.decode_request(endpoint, R"({"model":"up",)" + more + "}", wire::JsonLimits{});
        EXPECT_TRUE(decoded);
        return std::move(*decoded);
    }
    chat::Request whole() { return ask(prompt); }
    chat::Request streamed(const std::string& more = "") { return ask(R"("stream":true,)" + more + prompt); }
    Result<Answer> attempt(const chat::Request& request) {
        Callers callers(clock, caller);
        Attempt one(callers, target, trail, {});
        return test::run(one.run(request, sink));
    }
    void answer_with_stream(std::vector<std::string> pieces, std::optional<Problem> problem = std::nullopt) {
        caller.answer.fields = {{"content-type", "text/event-stream"}};
        caller.answer.pieces = std::move(pieces);
        caller.answer.end = std::move(problem);
    }
    std::optional<std::int64_t> cost() const {
        return trail.cost ? std::optional(trail.cost->value()) : std::nullopt;
    }
    /// Bytes of the request, four a token: nobody counts here.
    static std::int64_t prompt_tokens(const chat::Request& request) {
        return (static_cast<std::int64_t>(request.original.bytes.size()) + 3) / 4;
    }

    policy::ModelCatalog known{catalog()};
    test::HandClock clock;
    test::ScriptedCaller caller;
    test::RecordingSink sink;
    telemetry::Trail trail;
    Target target;
};

TEST_F(CostTest, IsThatOfTheModelThatAnsweredWholeAndStreamed) {
    caller.answer.pieces = {
        R"({"object":"chat.completion","model":"up-2-2026-01-01","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2}})"};
    ASSERT_TRUE(attempt(whole()));
    EXPECT_EQ(cost(), 7 * in + 2 * out);
    EXPECT_FALSE(trail.usage_estimated);
    trail = {};
    answer_with_stream({hello, finish, usage, end});
    ASSERT_TRUE(attempt(streamed()));
    EXPECT_EQ(cost(), 7 * in + 2 * out);
    EXPECT_EQ(trail.attempts[0].cost, PicoUsd(7 * in + 2 * out));
    EXPECT_EQ(trail.attempts[0].tokens, TokenCount(9));
    EXPECT_THAT(sink.text, Not(HasSubstr("cost")));
}

TEST_F(CostTest, StandsInTheUsageThatTheClientAskedFor) {
    answer_with_stream({hello + finish, usage + end});
    ASSERT_TRUE(attempt(streamed(R"("stream_options":{"include_usage":true},)")));
    EXPECT_THAT(sink.text, HasSubstr(R"("total_tokens":9,"cost":0.000009017}})"));
    EXPECT_EQ(cost(), 9'017'000);
    // All else passes as it came.
    EXPECT_THAT(sink.text, HasSubstr(hello + finish));
}

TEST_F(CostTest, TakesThePlaceOfTheProvidersOwn) {
    const auto priced = event(
        R"({"model":"up-2","choices":[],"usage":{"cost":0.5,"prompt_tokens":7,"completion_tokens":2}})");
    answer_with_stream({hello + finish + priced + end});
    ASSERT_TRUE(attempt(streamed(R"("stream_options":{"include_usage":true},)")));
    EXPECT_THAT(sink.text, HasSubstr(R"("usage":{"cost":0.000009017,"prompt_tokens":7)"));
    trail = {};
    sink.text.clear();
    target.rates = {};
    ASSERT_TRUE(attempt(streamed(R"("stream_options":{"include_usage":true},)")));
    EXPECT_THAT(sink.text, HasSubstr(R"("cost":0.5)")) << "nothing better is known";
    EXPECT_EQ(cost(), std::nullopt);
}

TEST_F(CostTest, OfABrokenStreamIsThatOfWhatCame) {
    answer_with_stream({hello, hello}, Problem(ProblemKind::upstream_lost, "cut", Retry::same_place));
    const auto request = streamed();
    ASSERT_FALSE(attempt(request));
    // Twice `"Hello, you"`: 24 bytes are six tokens.
    EXPECT_EQ(cost(), prompt_tokens(request) * in + 6 * out);
    EXPECT_TRUE(trail.usage_estimated);
    EXPECT_FALSE(trail.usage_known);
    EXPECT_EQ(trail.output_tokens.value(), 6);
}

TEST_F(CostTest, OfAClientThatLeftIsThatOfWhatCame) {
    answer_with_stream({hello});
    sink.refuse = true;
    const auto request = streamed();
    ASSERT_FALSE(attempt(request));
    EXPECT_EQ(cost(), prompt_tokens(request) * in + 3 * out);
}

TEST_F(CostTest, IsEstimatedWhereNoUsageIsSaid) {
    answer_with_stream({hello, finish, end});
    const auto request = streamed();
    ASSERT_TRUE(attempt(request));
    EXPECT_EQ(cost(), prompt_tokens(request) * in + 3 * out);
    EXPECT_TRUE(trail.usage_estimated);
}

TEST_F(CostTest, OfErrorsIsNothing) {
    caller.answer.status = 500;
    caller.answer.pieces = {R"({"error":{"message":"No.","type":"server_error"}})"};
    ASSERT_FALSE(attempt(whole()));
    EXPECT_EQ(cost(), 0);
    caller.answer.status = 200;
    trail = {};
    answer_with_stream({event(R"({"error":{"message":"boom","type":"server_error","code":null}})")});
    ASSERT_FALSE(attempt(streamed()));
    EXPECT_EQ(cost(), 0);
    trail = {};
    caller.answer.pieces = {R"({"error":{"message":"boom","type":"server_error","code":null}})"};
    caller.answer.fields = {{"content-type", "application/json"}};
    ASSERT_FALSE(attempt(whole()));
    EXPECT_EQ(cost(), 0) << "with status 200";
    trail = {};
    caller.failure = Problem(ProblemKind::upstream_connect, "refused", Retry::same_place);
    ASSERT_FALSE(attempt(whole()));
    EXPECT_EQ(cost(), 0);
}

TEST_F(CostTest, OfAReplyThatIsNoAnswerIsItsPrompt) {
    caller.answer.pieces = {"<html>Welcome</html>"};
    const auto request = whole();
    ASSERT_FALSE(attempt(request));
    EXPECT_EQ(cost(), prompt_tokens(request) * 1'000);
    trail = {};
    caller.answer.pieces = {R"({"object":"chat.completion","choices":[)"};
    caller.answer.end = Problem(ProblemKind::upstream_lost, "cut", Retry::same_place);
    ASSERT_FALSE(attempt(request));
    EXPECT_EQ(cost(), prompt_tokens(request) * 1'000 + 10 * 5'000) << "and what came of it: 39 bytes";
}

TEST_F(CostTest, OfARequestThatLeftAndWasNotAnsweredIsItsPrompt) {
    caller.failure = Problem(ProblemKind::upstream_timeout, "slow", Retry::same_place);
    const auto request = whole();
    ASSERT_FALSE(attempt(request));
    EXPECT_EQ(cost(), 0) << "it never left";
    trail = {};
    caller.asks = true;
    ASSERT_FALSE(attempt(request));
    // Nobody answered: the prices of the name that was asked for.
    EXPECT_EQ(cost(), prompt_tokens(request) * 1'000);
    EXPECT_TRUE(trail.usage_estimated);
}

TEST_F(CostTest, AddsUpOverCalls) {
    caller.failure = Problem(ProblemKind::upstream_timeout, "slow", Retry::same_place);
    caller.asks = true;
    const auto request = streamed(R"("stream_options":{"include_usage":true},)");
    ASSERT_FALSE(attempt(request));
    const auto before = cost();
    caller.failure.reset();
    answer_with_stream({hello, finish, usage, end});
    ASSERT_TRUE(attempt(request));
    EXPECT_EQ(trail.attempts.size(), 2U);
    EXPECT_EQ(cost(), *before + 9'017'000);
    EXPECT_THAT(sink.text, HasSubstr("\"cost\":" + usd_text(*trail.cost)));
    EXPECT_EQ(trail.input_tokens.value(), 7) << "tokens are the last call's";
}

TEST_F(CostTest, IsNotKnownIfThatOfOneCallIsNot) {
    caller.failure = Problem(ProblemKind::upstream_timeout, "slow", Retry::same_place);
    caller.asks = true;
    target.rates = {};
    ASSERT_FALSE(attempt(whole()));
    EXPECT_EQ(cost(), std::nullopt);
    provide(ProviderKind::openai, "http://127.0.0.1:1/v1");
    caller.failure.reset();
    answer_with_stream({hello, finish, usage, end});
    ASSERT_TRUE(attempt(streamed(R"("stream_options":{"include_usage":true},)")));
    EXPECT_EQ(cost(), std::nullopt);
    EXPECT_THAT(sink.text, Not(HasSubstr("cost")));
}

const std::string claude_start =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\","
    "\"role\":\"assistant\",\"model\":\"up-2\",\"content\":[],\"stop_reason\":null,"
    "\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n";
const std::string claude_text =
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello, you there\"}}\n\n";

TEST_F(CostTest, OfABrokenStreamKnowsWhatItsProviderSaidAtTheBeginning) {
    provide(ProviderKind::anthropic, "http://127.0.0.1:1");
    answer_with_stream({claude_start, claude_text},
                       Problem(ProblemKind::upstream_lost, "cut", Retry::same_place));
    const auto said = R"("stream":true,"max_tokens":9,)" + prompt;
    ASSERT_FALSE(attempt(ask(said, chat::Endpoint::messages)));
    // 18 bytes of text with its quotes, of which the provider has counted one token.
    EXPECT_EQ(cost(), 7 * in + 5 * out);
    EXPECT_TRUE(trail.usage_known);
    EXPECT_TRUE(trail.usage_estimated);
    trail = {};
    sink.text.clear();
    ASSERT_FALSE(attempt(ask(R"("stream":true,)" + prompt))) << "translated";
    EXPECT_EQ(cost(), 7 * in + 4 * out);
}

TEST_F(CostTest, OfARefusalBeforeAWordIsNothing) {
    provide(ProviderKind::anthropic, "http://127.0.0.1:1");
    caller.answer.pieces = {
        R"({"id":"m","type":"message","role":"assistant","model":"up-2","content":[],"stop_reason":"refusal","stop_sequence":null,"usage":{"input_tokens":18,"output_tokens":5}})"};
    ASSERT_TRUE(attempt(ask(R"("max_tokens":9,)" + prompt, chat::Endpoint::messages)));
    EXPECT_EQ(cost(), 0);
    EXPECT_EQ(trail.input_tokens.value(), 18);
    trail = {};
    ASSERT_TRUE(attempt(whole())) << "translated";
    EXPECT_EQ(cost(), 0);
}

TEST_F(CostTest, OfAnEndpointThatIsNotBilledByTokensIsNotKnown) {
    caller.answer.pieces = {R"({"created":1,"data":[{"b64_json":"AA=="}]})"};
    const auto image = ask(R"("prompt":"a cat")", chat::Endpoint::images_generations);
    ASSERT_TRUE(attempt(image));
    EXPECT_EQ(cost(), std::nullopt);
    trail = {};
    caller.answer.pieces = {
        R"({"created":1,"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":7,"output_tokens":2}})"};
    ASSERT_TRUE(attempt(image));
    EXPECT_EQ(cost(), 7 * 1'000 + 2 * 5'000) << "unless it says tokens";
}

TEST_F(CostTest, OfSoundIsNotKnown) {
    chat::Request speech;
    speech.endpoint = chat::Endpoint::audio_speech;
    speech.model = "up";
    speech.original.bytes = R"({"model":"up","input":"Hello"})";
    speech.original.model = {9, 13};
    caller.answer.fields = {{"content-type", "audio/mpeg"}};
    caller.answer.pieces = {"ID3", "sound"};
    ASSERT_TRUE(attempt(speech));
    EXPECT_EQ(cost(), std::nullopt) << "it is billed, and not by tokens that anybody says";
    EXPECT_EQ(trail.attempts[0].tokens, std::nullopt);
    trail = {};
    target.rates = {};
    ASSERT_TRUE(attempt(speech));
    EXPECT_EQ(cost(), std::nullopt) << "nor without a price";
    trail = {};
    caller.answer.status = 500;
    caller.answer.pieces = {R"({"error":{"message":"No.","type":"server_error"}})"};
    ASSERT_FALSE(attempt(speech));
    EXPECT_EQ(cost(), 0) << "errors are not billed";
}

TEST_F(CostTest, OfEmbeddingsIsThatOfTheirPrompt) {
    caller.answer.pieces = {
        R"({"object":"list","model":"up","data":[{"index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":7,"total_tokens":7}})"};
    const auto request = ask(R"("input":"x")", chat::Endpoint::embeddings);
    ASSERT_TRUE(attempt(request));
    EXPECT_EQ(cost(), 7'000);
    trail = {};
    caller.answer.pieces = {R"({"object":"list","model":"up","data":[{"index":0,"embedding":[0.5]}]})"};
    ASSERT_TRUE(attempt(request));
    EXPECT_EQ(cost(), prompt_tokens(request) * 1'000);
    EXPECT_EQ(trail.output_tokens.value(), 0);
}

}  // namespace
}  // namespace gatehouse::upstream
