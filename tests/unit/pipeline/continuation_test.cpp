// Who decides on a second call for a stream that broke off.
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"
#include "unit/upstream/scripted_caller.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/pipeline/stages.hpp"

#include <gtest/gtest.h>

namespace gatehouse::pipeline {
namespace {

std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return R"(data: {"id":"c","created":5,"model":"up","choices":[{"index":0,"delta":)" + delta +
           R"(,"finish_reason":)" + finish + "}]}\n\n";
}

std::string told_usage(const std::string& details) {
    return R"(data: {"id":"c","created":5,"model":"up","choices":[],"usage":{"prompt_tokens":10,)"
           R"("completion_tokens":1,"total_tokens":11)" +
           details + "}}\n\n";
}

/// Money for the first call and so many after it.
struct Purse : SpendGuard {
    explicit Purse(int more) : left(1 + more) {}
    bool may_call(std::size_t) override {
        ++asked;
        return left-- > 0;
    }
    bool could_call(std::size_t) const override { return left > 0; }
    bool covers(const upstream::Target&) const override { return true; }

    int left;
    int asked{0};
};

struct ContinuationTest : testing::Test {
    ContinuationTest() {
        upstream::ProviderOptions provider;
        provider.name = "acme";
        provider.base_url = "http://127.0.0.1:1/v1";
        parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
        ModelOptions model;
        model.name = "m";
        model.targets.push_back({"acme", "first"});
        model.targets.push_back({"acme", "second"});
        model.targets.back().continues = true;
        model.midstream = policy::MidstreamFailure::go_on;
        parts.models.push_back(std::move(model));

        test::ScriptedAnswer broken;
        broken.fields = {{"content-type", "text/event-stream"}};
        broken.pieces = {chunk(R"({"role":"assistant","content":""})") + chunk(R"({"content":"One "})")};
        broken.end = Problem(ProblemKind::upstream_lost, "cut", Retry::same_place);
        caller.before.push_back(broken);
        caller.answer.fields = broken.fields;
        caller.answer.pieces = {chunk(R"({"content":" two."})") + chunk("{}", R"("stop")") +
                                "data: [DONE]\n\n"};
    }
    Result<Outcome> send() {
        auto request = dialect::openai().decode_request(
            chat::Endpoint::chat_completions,
            R"({"model":"m","stream":true,)" + more + R"("messages":[{"role":"user","content":"hi"}]})",
            wire::JsonLimits{});
        const auto settings = std::make_shared<const Settings>(parts, 1, WallTime{});
        Exchange x{std::make_shared<policy::Caller>(), settings, std::move(*request), sink, trail};
        x.spend = spend;
        std::vector<std::unique_ptr<Stage>> stages;
        upstream::Callers callers(clock, caller);
        stages.push_back(std::make_unique<AdmitStage>());
        stages.push_back(std::make_unique<RouteStage>(FactSources{clock, counter}, random));
        stages.push_back(std::make_unique<DispatchStage>(callers, random));
        return test::run(Next(stages)(x));
    }

    test::HandClock clock;
    SystemRandom random;
    tokens::TokenCounter counter;
    test::ScriptedCaller caller;
    test::RecordingSink sink;
    telemetry::Trail trail;
    Settings::Parts parts;
    SpendGuard* spend{nullptr};
    std::string more;  // fields of the request
};

TEST_F(ContinuationTest, AnotherTargetGoesOnUnderTheFirstOnesName) {
    ASSERT_TRUE(send());
    ASSERT_EQ(caller.seen.size(), 2U);
    EXPECT_NE(caller.seen[1].body.find(R"({"role":"assistant","content":"One"})"), std::string::npos);
    ASSERT_EQ(sink.pushes.size(), 2U);
    EXPECT_NE(sink.pushes[1].find(R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"m")"),
              std::string::npos)
        << sink.pushes[1];
    EXPECT_NE(sink.pushes[1].find(R"("content":"two.")"), std::string::npos) << "the blank was there";
    EXPECT_EQ(sink.pushes[1].find(R"("role")"), std::string::npos);
    ASSERT_EQ(trail.attempts.size(), 2U);
    EXPECT_EQ(trail.attempts[0].problem, ProblemKind::upstream_lost);
    EXPECT_EQ(trail.attempts[1].reason, "continuation");
    EXPECT_FALSE(trail.attempts[1].problem);
    EXPECT_EQ(trail.finish_reason, "stop");
}

TEST_F(ContinuationTest, IsNoLongerThanTheClientWantsTheWhole) {
    more = R"("max_tokens":100,)";
    ASSERT_TRUE(send());
    ASSERT_EQ(caller.seen.size(), 2U);
    EXPECT_NE(caller.seen[1].body.find(R"("max_tokens":99)"), std::string::npos) << caller.seen[1].body;
}

TEST_F(ContinuationTest, IsNotMadeWhereTheAnswerIsAsLongAsItMayBe) {
    more = R"("max_tokens":1,)";
    const auto outcome = send();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().kind(), ProblemKind::upstream_lost);
    EXPECT_EQ(caller.seen.size(), 1U);
}

TEST_F(ContinuationTest, IsNotMadeWhereTheMoneyIsNot) {
    Purse empty(0);
    spend = &empty;
    const auto outcome = send();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().kind(), ProblemKind::upstream_lost);
    EXPECT_EQ(empty.asked, 2) << "for the call that broke off, and for the one that would go on";
    EXPECT_EQ(caller.seen.size(), 1U);
}

TEST_F(ContinuationTest, NobodyIsAskedForMoneyThatNobodyWouldGet) {
    parts.models.front().targets.back().continues = false;
    Purse full(100);
    spend = &full;
    EXPECT_FALSE(send());
    EXPECT_EQ(full.asked, 1) << "there is no second call to pay for";
    EXPECT_EQ(caller.seen.size(), 1U);
}

TEST_F(ContinuationTest, WhatWasAnEstimateIsOneOfTheWhole) {
    caller.answer.pieces.front().insert(caller.answer.pieces.front().find("data: [DONE]"), told_usage(""));
    ASSERT_TRUE(send());
    EXPECT_TRUE(trail.usage_known);
    EXPECT_TRUE(trail.usage_estimated) << "nobody told of the first call";
    EXPECT_EQ(trail.output_tokens.value(), 2 + 1) << "the quotes of `One ` count, too";
}

TEST_F(ContinuationTest, OneThatFailsLeavesTheTokensOfTheOther) {
    caller.answer.status = 500;
    caller.answer.fields.clear();
    caller.answer.pieces = {"{}"};
    ASSERT_FALSE(send());
    ASSERT_EQ(caller.seen.size(), 2U);
    EXPECT_TRUE(trail.usage_estimated);
    EXPECT_FALSE(trail.usage_known);
    EXPECT_GT(trail.input_tokens.value(), 0);
    EXPECT_EQ(trail.output_tokens.value(), 2);
}

TEST_F(ContinuationTest, PartsOfTokensAreAddedUp) {
    const std::string sound = R"(,"prompt_tokens_details":{"audio_tokens":4})";
    caller.before.front().pieces.push_back(told_usage(sound));
    caller.answer.pieces.front().insert(caller.answer.pieces.front().find("data: [DONE]"), told_usage(sound));
    ASSERT_TRUE(send());
    EXPECT_EQ(trail.input_tokens.value(), 20);
    EXPECT_EQ(trail.token_parts.input_audio.value(), 8);
}

TEST_F(ContinuationTest, EachProviderIsChargedWithWhatItsOwnCallUsed) {
    const auto used = [](int prompt, int completion) {
        return R"(data: {"id":"c","created":5,"model":"up","choices":[],"usage":{"prompt_tokens":)" +
               std::to_string(prompt) + R"(,"completion_tokens":)" + std::to_string(completion) +
               R"(,"total_tokens":)" + std::to_string(prompt + completion) + "}}\n\n";
    };
    upstream::ProviderOptions other;
    other.name = "other";
    other.base_url = "http://127.0.0.1:1/v1";
    other.limits.tokens_per_minute = 1000;
    parts.providers.push_back(*upstream::Provider::make(std::move(other)));
    parts.models.front().targets.back().provider = "other";
    parts.health = std::make_shared<upstream::HealthBoard>();
    caller.before.front().pieces.push_back(used(700, 20));
    caller.answer.pieces = {chunk(R"({"content":" two."})") + chunk("{}", R"("stop")") + used(300, 10) +
                            "data: [DONE]\n\n"};
    const auto outcome = send();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->usage.prompt().value(), 1000);
    EXPECT_EQ(outcome->usage.completion().value(), 30);
    auto& room = parts.health->of("other", "second")->room();
    EXPECT_FALSE(room.full(parts.providers.back()->options().limits, 600, clock.now()))
        << "310 of its 1000 tokens are spent";
    EXPECT_TRUE(room.full(parts.providers.back()->options().limits, 800, clock.now()));
}

TEST_F(ContinuationTest, AnAnswerStaysThatOfWhoseTextWentOut) {
    caller.answer.status = 500;
    caller.answer.fields = {{"content-type", "application/json"}};
    caller.answer.pieces = {"{}"};
    EXPECT_FALSE(send());
    ASSERT_EQ(trail.attempts.size(), 2U);
    EXPECT_EQ(trail.provider, "acme");
    EXPECT_EQ(trail.upstream_model, "first");
}

TEST_F(ContinuationTest, AContinuationThatBreaksIsGoneOnWithByTheNext) {
    auto& targets = parts.models.front().targets;
    targets.push_back({"acme", "third"});
    targets.back().continues = true;
    auto again = caller.before.front();
    again.pieces = {chunk(R"({"content":" two"})")};
    caller.before.push_back(again);
    caller.answer.pieces = {chunk(R"({"content":" three."})") + chunk("{}", R"("stop")") +
                            "data: [DONE]\n\n"};
    ASSERT_TRUE(send());
    ASSERT_EQ(caller.seen.size(), 3U);
    EXPECT_NE(caller.seen[2].body.find(R"({"role":"assistant","content":"One two"})"), std::string::npos);
    EXPECT_NE(sink.text.find(R"("content":" three.")"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::pipeline
