// What becomes of calls that are too slow, run out of time or bring one part of an answer: who is asked next,
// and what their targets are told.
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"
#include "unit/upstream/scripted_caller.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/pipeline/stages.hpp"

#include <gtest/gtest.h>

namespace gatehouse::pipeline {
namespace {

using std::chrono::seconds;

std::string piece_of(const std::string& delta, const std::string& finish = "null") {
    return R"(data: {"id":"c","created":5,"model":"up","choices":[{"index":0,"delta":)" + delta +
           R"(,"finish_reason":)" + finish + "}]}\n\n";
}

const std::string word = piece_of(R"({"content":"slow"})");
const std::string last_words = piece_of("{}", R"("stop")") + "data: [DONE]\n\n";

/// Money for so many calls, whoever asks.
struct Wallet : SpendGuard {
    explicit Wallet(int calls) : left(calls) {}
    bool may_call(std::size_t) override { return left-- > 0; }
    bool could_call(std::size_t) const override { return left > 0; }
    bool covers(const upstream::Target&) const override { return true; }
    int left;
};

struct JourneyTest : testing::Test {
    JourneyTest() {
        add_provider("one", upstream::ProviderKind::openai);
        add_provider("two", upstream::ProviderKind::openai);
        ModelOptions model;
        model.name = "m";
        model.targets.push_back({"one", "first"});
        model.targets.push_back({"two", "second"});
        model.slow_stream = policy::SlowStreamOptions{5, seconds(3)};
        parts.models.push_back(std::move(model));
        parts.resilience.retry.backoff_base = Milliseconds(0);
        caller.answer = answer(200, {word + word + word + word + word + last_words});
    }
    void add_provider(std::string name, upstream::ProviderKind kind) {
        upstream::ProviderOptions provider;
        provider.name = std::move(name);
        provider.kind = kind;
        provider.base_url = "http://127.0.0.1:1/v1";
        parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
    }
    test::ScriptedAnswer answer(int status, std::vector<std::string> pieces,
                                std::vector<Milliseconds> waits = {}) {
        test::ScriptedAnswer made;
        made.status = status;
        made.fields = {{"content-type", status == 200 ? "text/event-stream" : "application/json"}};
        made.pieces = std::move(pieces);
        made.clock = &clock;
        made.waits = std::move(waits);
        return made;
    }
    /// Two words in six seconds: too slow.
    test::ScriptedAnswer crawling() {
        return answer(200, {word, word, last_words}, {seconds(0), seconds(6), seconds(0)});
    }
    Result<Outcome> send(const std::string& more = {}) {
        return send_to(
            chat::Endpoint::chat_completions,
            R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}])" + more + "}");
    }
    Result<Outcome> send_to(chat::Endpoint endpoint, const std::string& body) {
        auto request = dialect::openai().decode_request(endpoint, body, wire::JsonLimits{});
        settings = std::make_shared<const Settings>(parts, 1, WallTime{});
        Exchange x{std::make_shared<policy::Caller>(), settings, std::move(*request), sink, trail};
        x.spend = spend;
        x.first_token_timeout = first_token_timeout;
        x.total_timeout = total_timeout;
        std::vector<std::unique_ptr<Stage>> stages;
        upstream::Callers callers(clock, caller, nullptr, &counter);
        stages.push_back(std::make_unique<AdmitStage>());
        stages.push_back(std::make_unique<RouteStage>(FactSources{clock, counter}, random));
        stages.push_back(std::make_unique<DispatchStage>(callers, random));
        return test::run(Next(stages)(x));
    }
    std::int64_t failures_of(const std::string& provider, const std::string& model) {
        return settings->health()->of(provider, model)->report(parts.resilience, clock.now()).failures;
    }

    test::HandClock clock;
    SystemRandom random;
    tokens::TokenCounter counter;
    test::ScriptedCaller caller;
    test::RecordingSink sink;
    telemetry::Trail trail;
    Settings::Parts parts;
    std::shared_ptr<const Settings> settings;
    SpendGuard* spend{nullptr};
    std::optional<Milliseconds> first_token_timeout;
    std::optional<Milliseconds> total_timeout;
};

TEST_F(JourneyTest, AStreamThatCrawlsIsReplacedByATargetThatCanBeAsked) {
    caller.before.push_back(crawling());
    ASSERT_TRUE(send());
    EXPECT_EQ(caller.seen.size(), 2U);
    EXPECT_EQ(trail.provider, "two");
    EXPECT_EQ(failures_of("one", "first"), 1);
}

TEST_F(JourneyTest, ItIsServedWhereTheOtherTargetCannotBeAskedThis) {
    add_provider("claude", upstream::ProviderKind::anthropic);
    parts.models.front().targets.back() = {"claude", "second"};
    caller.before.push_back(crawling());
    ASSERT_TRUE(send(R"(,"n":2)"));
    EXPECT_EQ(caller.seen.size(), 1U) << "nobody could take its place";
    EXPECT_EQ(failures_of("one", "first"), 0);
    // One that can be asked comes behind it.
    parts.models.front().targets.push_back({"two", "third"});
    caller.before.push_back(crawling());
    ASSERT_TRUE(send(R"(,"n":2)"));
    EXPECT_EQ(trail.provider, "two");
}

TEST_F(JourneyTest, ItIsServedWhereThereIsNoMoneyForAnother) {
    Wallet wallet(1);
    spend = &wallet;
    caller.before.push_back(crawling());
    ASSERT_TRUE(send());
    EXPECT_EQ(caller.seen.size(), 1U);
    EXPECT_EQ(trail.provider, "one");
}

TEST_F(JourneyTest, ItIsAskedAgainWhereTheOthersFail) {
    caller.before.push_back(crawling());
    caller.before.push_back(answer(400, {R"({"error":{"message":"no such key","code":"invalid_api_key"}})"}));
    caller.before.back().status = 401;
    caller.before.push_back(crawling());
    const auto outcome = send();
    ASSERT_TRUE(outcome) << outcome.problem().message();
    ASSERT_EQ(trail.attempts.size(), 3U);
    EXPECT_EQ(trail.attempts.back().provider, "one");
    EXPECT_EQ(trail.attempts.back().reason, "retry");
}

TEST_F(JourneyTest, AClientsImpatienceIsNoFailureOfTheTarget) {
    parts.models.front().targets.resize(1);
    parts.resilience.retry.attempts = 1;
    const Problem late(ProblemKind::upstream_timeout, "late", Retry::same_place);
    first_token_timeout = seconds(10);
    caller.answer =
        answer(200, {piece_of(R"({"role":"assistant","content":""})"), word}, {seconds(0), seconds(60)});
    EXPECT_FALSE(send());
    EXPECT_EQ(failures_of("one", "first"), 0) << "its first token was still to come";
    caller.answer = answer(200, {word, ": still here\n\n"}, {seconds(0), seconds(70)});
    caller.answer.end = late;
    EXPECT_FALSE(send());
    EXPECT_EQ(failures_of("one", "first"), 1) << "it stalled behind its first token";
    first_token_timeout.reset();
    total_timeout = seconds(30);
    EXPECT_FALSE(send());
    EXPECT_EQ(failures_of("one", "first"), 0) << "the time for the whole is the client's";
}

TEST_F(JourneyTest, ASlowStreamIsNoImpatienceOfItsClient) {
    first_token_timeout = seconds(2);
    caller.before.push_back(crawling());
    ASSERT_TRUE(send());
    EXPECT_EQ(trail.provider, "two");
    EXPECT_EQ(failures_of("one", "first"), 1);
}

/// Five calls bring the parts of one answer.
TEST_F(JourneyTest, FurtherPartsOfAnAnswerAreNoFurtherAttempts) {
    add_provider("gemini", upstream::ProviderKind::gemini);
    add_provider("gemini-too", upstream::ProviderKind::gemini);
    parts.models.front().targets = {{"gemini", "e"}, {"gemini-too", "e"}};
    std::string inputs;
    std::string vectors;
    for (int i = 0; i < 500; ++i) {
        inputs += (i == 0 ? "\"a\"" : ",\"a\"");
        vectors += i >= 100 ? "" : i == 0 ? R"({"values":[0.5]})" : R"(,{"values":[0.5]})";
    }
    const auto part = [&] {
        auto made = answer(200, {R"({"embeddings":[)" + vectors + "]}"});
        made.fields = {{"content-type", "application/json"}};
        return made;
    };
    for (int i = 0; i < 4; ++i) {
        caller.before.push_back(part());
    }
    caller.before.push_back(
        answer(503, {R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})"}));
    caller.answer = part();
    const auto outcome = send_to(chat::Endpoint::embeddings, R"({"model":"m","input":[)" + inputs + "]}");
    ASSERT_TRUE(outcome) << outcome.problem().message();
    EXPECT_EQ(trail.provider, "gemini-too");
    EXPECT_EQ(caller.seen.size(), 10U);
}

}  // namespace
}  // namespace gatehouse::pipeline
