#include "small_model.hpp"
#include "support/event_loop.hpp"

#include "gatehouse/net/signal.hpp"
#include "gatehouse/pipeline/stages.hpp"

#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {
namespace {

/// Refuses the callers named `poor`, fails those named `unlucky`, answers the others, when it is let go.
class GatedStage : public Stage {
public:
    Task<Result<Outcome>> run(Exchange& x, Next) override {
        ++calls;
        callers.push_back(x.caller->name);
        if (x.watch != nullptr) {
            x.trail.provider = "up";
            x.trail.attempts.push_back({"up", "real", "first", 0, ProblemKind::cancelled});
            x.watch->call_began();
            x.trail.attempts.clear();
        }
        co_await gate.wait();
        if (x.caller->name == "broken") {
            throw 42;  // NOLINT: that it is none of the usual ones is what is tested
        }
        if (x.caller->name == "poor") {
            gate.reset();  // who comes next waits for the test again
            co_return Problem(ProblemKind::budget_spent, "The budget is spent.");
        }
        x.trail.attempts.push_back({"up", "real", "first", 200, {}});
        x.trail.attempts.back().cost = PicoUsd(7);
        x.trail.input_tokens = TokenCount(3);
        x.trail.output_tokens = TokenCount(2);
        x.trail.model = "chosen";
        telemetry::add_up_cost(x.trail);
        if (x.caller->name == "unlucky") {
            co_return Problem(ProblemKind::upstream_failed, "The provider failed.");
        }
        const chat::Delta whole{chat::DeltaKind::whole, answer};
        auto pushed = co_await x.sink.push(std::span(&whole, 1));
        if (!pushed) {
            co_return std::move(pushed.problem());
        }
        co_return Outcome{};
    }

    net::Signal gate;
    std::string answer{"answer"};
    int calls{0};
    std::vector<std::string> callers;
};

class TextSink : public chat::ReplySink {
public:
    void head(chat::ReplyHead) override {}
    Task<Status> push(std::span<const chat::Delta> run) override {
        for (const auto& delta : run) {
            text += delta.bytes;
        }
        co_return done();
    }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return !text.empty(); }
    std::string text;
};

struct Client {
    TextSink sink;
    telemetry::Trail trail;
    std::optional<Result<Outcome>> outcome;
    bool was_served{false};
    bool streams{false};
};

Task<void> send(std::shared_ptr<const Settings> settings, std::string caller_name, Next stages,
                Client& client) {
    auto x = small_request(settings, caller_name, client.sink, client.trail);
    x.request.stream = client.streams;
    x.trail.model = "small";
    auto outcome = co_await stages(x);
    client.was_served = x.was_served;
    client.outcome.emplace(std::move(outcome));
}

struct CoalesceStageTest : testing::Test {
    CoalesceStageTest() {
        stages.push_back(std::make_unique<CoalesceStage>(lane, table, tally));
        auto last_stage = std::make_unique<GatedStage>();
        last = last_stage.get();
        stages.push_back(std::move(last_stage));
    }
    ~CoalesceStageTest() override {
        lane.stop();
        lane.context().restart();
        lane.run();
    }
    Client& come(const std::string& caller) {
        auto& client = clients.emplace_back();
        client.streams = streams;
        lane.spawn(send(small_model(options), caller, Next(stages), client));
        go_on();
        return client;
    }
    void go_on() {
        lane.context().restart();
        lane.context().poll();
    }

    net::Lane lane;
    CoalescingTable table;
    CacheTally tally;
    std::vector<std::unique_ptr<Stage>> stages;
    GatedStage* last{nullptr};
    policy::CacheOptions options;
    bool streams{false};
    std::list<Client> clients;
};

TEST_F(CoalesceStageTest, TheFirstPaysForAll) {
    auto& first = come("one");
    auto& second = come("one");
    EXPECT_EQ(last->calls, 1);
    EXPECT_EQ(table.readers(), 2U);
    EXPECT_EQ(first.trail.cache, "");
    EXPECT_EQ(second.trail.cache, "coalesced") << "its head may leave before there is a reply";
    last->gate.raise();
    go_on();
    for (const auto* client : {&first, &second}) {
        ASSERT_TRUE(client->outcome && *client->outcome);
        EXPECT_EQ(client->sink.text, "answer");
    }
    EXPECT_EQ(first.trail.cost, PicoUsd(7));
    EXPECT_EQ(first.trail.attempts.size(), 1U);
    EXPECT_EQ(first.trail.cache, "");
    EXPECT_EQ(second.trail.cost, PicoUsd(0));
    EXPECT_EQ(second.trail.saved, PicoUsd(7));
    EXPECT_TRUE(second.trail.attempts.empty());
    EXPECT_EQ(second.trail.cache, "coalesced");
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.readers(), 0U);
}

TEST_F(CoalesceStageTest, CountsWhatTheOthersSaved) {
    come("one");
    come("one");
    come("one");
    EXPECT_TRUE(tally.report().models.empty()) << "nobody has anything yet";
    last->gate.raise();
    go_on();
    const auto report = tally.report();
    ASSERT_EQ(report.models.size(), 1U);
    const auto& sums = report.models.at("small");  // as it was asked for
    EXPECT_EQ(sums.coalesced, 2U);
    EXPECT_EQ(sums.coalesced_saved.clamped(), PicoUsd(14));
    EXPECT_EQ(sums.coalesced_tokens, 10U);
    EXPECT_EQ(sums.all_hits(), 0U);
    EXPECT_EQ(sums.saved.clamped(), PicoUsd(0)) << "that is of answers that were kept";
}

TEST_F(CoalesceStageTest, WhoWaitsForAStreamCanSayWhoIsCalled) {
    streams = true;
    auto& first = come("one");
    auto& second = come("one");
    for (auto* client : {&first, &second}) {
        ASSERT_NE(client->trail.source, nullptr);
        EXPECT_TRUE(client->trail.provider.empty());
        client->trail.source->bring_up_to_date(client->trail);
        EXPECT_EQ(client->trail.provider, "up");
    }
    EXPECT_EQ(first.trail.attempts.size(), 1U);
    EXPECT_EQ(first.trail.cache, "");
    EXPECT_TRUE(second.trail.attempts.empty());
    EXPECT_EQ(second.trail.cache, "coalesced");
    last->gate.raise();
    go_on();
    EXPECT_EQ(first.trail.source, nullptr);
    EXPECT_EQ(first.trail.cost, PicoUsd(7));
    EXPECT_EQ(second.trail.cost, PicoUsd(0));
}

TEST_F(CoalesceStageTest, WhoDoesNotPayIsToldNoCost) {
    last->answer = R"({"text":"Hello","usage":{"cost":0.00014,"prompt_tokens":3}})";
    auto& first = come("one");
    auto& second = come("one");
    last->gate.raise();
    go_on();
    EXPECT_EQ(first.sink.text, last->answer);
    EXPECT_EQ(second.sink.text, R"({"text":"Hello","usage":{"cost":0,"prompt_tokens":3}})");
}

TEST_F(CoalesceStageTest, ARefusalOfTheFirstAloneIsNotTheOthers) {
    options.scope = policy::SharingScope::gateway;
    auto& poor = come("poor");
    auto& rich = come("rich");
    auto& other = come("rich");
    EXPECT_EQ(last->calls, 1);
    last->gate.raise();
    go_on();
    ASSERT_TRUE(poor.outcome);
    ASSERT_FALSE(*poor.outcome);
    EXPECT_EQ(poor.outcome->problem().kind(), ProblemKind::budget_spent);
    EXPECT_FALSE(poor.was_served);
    EXPECT_EQ(last->calls, 2);
    last->gate.raise();
    go_on();
    for (const auto* client : {&rich, &other}) {
        ASSERT_TRUE(client->outcome && *client->outcome);
        EXPECT_EQ(client->sink.text, "answer");
    }
    EXPECT_EQ(last->callers, (std::vector<std::string>{"poor", "rich"}));
    EXPECT_EQ(rich.trail.cost, PicoUsd(7));
    EXPECT_EQ(rich.trail.cache, "") << "it opened the second call";
    EXPECT_EQ(other.trail.cache, "coalesced");
}

TEST_F(CoalesceStageTest, ACallThatFailedWasMadeForAllOfThem) {
    auto& first = come("unlucky");
    auto& second = come("unlucky");
    last->gate.raise();
    go_on();
    for (const auto* client : {&first, &second}) {
        ASSERT_TRUE(client->outcome);
        ASSERT_FALSE(*client->outcome);
        EXPECT_EQ(client->outcome->problem().kind(), ProblemKind::upstream_failed);
        EXPECT_TRUE(client->was_served) << "its limits count it";
    }
    EXPECT_EQ(last->calls, 1);
    EXPECT_TRUE(second.trail.attempts.empty());
}

TEST_F(CoalesceStageTest, WhateverIsThrownEndsTheCallForAll) {
    auto& first = come("broken");
    auto& second = come("broken");
    last->gate.raise();
    go_on();
    for (const auto* client : {&first, &second}) {
        ASSERT_TRUE(client->outcome);
        ASSERT_FALSE(*client->outcome);
        EXPECT_EQ(client->outcome->problem().kind(), ProblemKind::internal);
    }
    EXPECT_EQ(table.size(), 0U);
}

TEST_F(CoalesceStageTest, WhereItIsOffEverybodyGoesAlone) {
    options.coalesce = false;
    come("one");
    come("one");
    EXPECT_EQ(last->calls, 2);
    EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace gatehouse::pipeline
