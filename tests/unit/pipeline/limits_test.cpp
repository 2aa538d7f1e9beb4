// The stages limit and reserve: what is taken, what is given back, and what is settled, on every way out.
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"
#include "support/silent_sink.hpp"

#include "gatehouse/pipeline/needs.hpp"
#include "gatehouse/pipeline/routing.hpp"
#include "gatehouse/pipeline/stages.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using policy::Level;

constexpr std::int64_t dollar = 1'000'000'000'000;

/// Stands for all that comes behind, and does what the test says.
class Behind : public Stage {
public:
    using Does = std::function<Result<Outcome>(Exchange&)>;
    explicit Behind(const Does& does) : does_(does) {}
    Task<Result<Outcome>> run(Exchange& x, Next) override { co_return does_(x); }

private:
    const Does& does_;
};

/// A price of so many dollars for a million tokens.
policy::ModelEntry priced(std::string name, std::int64_t input, std::int64_t output,
                          std::optional<std::int64_t> max_output = std::nullopt) {
    constexpr std::int64_t dollar_a_million = 1'000'000;
    policy::ModelEntry entry;
    entry.name = std::move(name);
    policy::PriceSheet sheet;
    sheet.standard.input = PicoUsd(input * dollar_a_million);
    sheet.standard.output = PicoUsd(output * dollar_a_million);
    entry.prices = policy::ModelPrices({sheet});
    entry.facts.max_output = max_output;
    return entry;
}

struct LimitsTest : testing::Test {
    LimitsTest() {
        upstream::ProviderOptions provider;
        provider.name = "acme";
        provider.base_url = "http://127.0.0.1:1/v1";
        parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
        policy::CatalogParts known;
        known.entries = {priced("cheap", 1, 10), priced("dear", 2, 50), priced("short", 1, 10, 300)};
        parts.catalog = std::make_shared<const policy::ModelCatalog>(std::move(known));
        model("cheap", {"cheap"});
        model("both", {"cheap", "dear"});
        model("short", {"short"});
        model("unknown", {"mystery"});
        model("mixed", {"mystery", "cheap"});
        KeyOptions key;
        key.name = "search-key";
        key.team = "search";
        parts.keys = {key};
        parts.groups.teams = {{"search", "acme", {}, {}}};
        parts.groups.organisations = {{"acme", {}, {}}};
        parts.accounts = std::make_shared<SharedAccounts>();
        parts.now = clock.now();
        stages.push_back(std::make_unique<AdmitStage>());
        stages.push_back(std::make_unique<LimitStage>(clock));
        stages.push_back(std::make_unique<RouteStage>(FactSources{clock, counter}, random));
        stages.push_back(std::make_unique<ReserveStage>(FactSources{clock, counter}, random));
        stages.push_back(std::make_unique<Behind>(behind));
    }

    void model(std::string name, const std::vector<std::string>& targets) {
        ModelOptions options;
        options.name = std::move(name);
        for (const auto& target : targets) {
            options.targets.push_back({"acme", target});
        }
        parts.models.push_back(std::move(options));
    }
    KeyOptions& key() { return parts.keys.front(); }
    void budget(std::optional<policy::BudgetOptions>& of, std::int64_t pico) {
        of.emplace();
        of->limit = PicoUsd(pico);
    }

    Result<Outcome> send(const std::string& asked, const std::string& more = "") {
        const std::string body_sent =
            R"({"model":")" + asked + R"(","messages":[{"role":"user","content":"Hello"}])" + more + "}";
        return send_to(chat::Endpoint::chat_completions, asked, body_sent);
    }
    Result<Outcome> send_to(
        chat::Endpoint endpoint, const std::string& asked, std::string bytes,
        const std::function<void(chat::Original&)>& change = [](chat::Original&) {}) {
        settings = std::make_shared<const Settings>(parts, 1, clock.wall());
        trail = {};
        Exchange x{settings->keys().named("search-key"), settings, {}, sink, trail};
        x.request.endpoint = endpoint;
        x.request.vendor = chat::vendor_of(endpoint);
        x.request.model = asked;
        x.request.original.bytes = std::move(bytes);
        x.request.original.object_begin = 1;
        x.longest_body = 50'000'000;
        change(x.request.original);
        auto outcome = test::run(Next(stages)(x));
        EXPECT_EQ(x.facts, nullptr) << "they have ended with their stage";
        EXPECT_EQ(x.spend, nullptr);
        body = x.request.original.bytes;
        return outcome;
    }
    policy::AccountReport account(Level level) const {
        const auto all = parts.accounts->with(
            [&](const policy::AccountBook& book) { return book.report(clock.now(), clock.wall()); });
        for (const auto& each : all) {
            if (each.level == level) {
                return each;
            }
        }
        return {};
    }
    /// As if a provider had answered.
    static void call(Exchange& x, int status, std::optional<std::int64_t> cost = std::nullopt) {
        telemetry::AttemptRecord attempt;
        attempt.status = status;
        attempt.cost = cost ? std::optional(PicoUsd(*cost)) : std::nullopt;
        x.trail.attempts.push_back(attempt);
        telemetry::add_up_cost(x.trail);
    }

    test::HandClock clock;
    SystemRandom random;
    tokens::TokenCounter counter;
    Settings::Parts parts;
    std::shared_ptr<const Settings> settings;  // of the last request: they hold the accounts
    Behind::Does behind{[](Exchange& x) -> Result<Outcome> {
        call(x, 200, 0);
        return Outcome{};
    }};
    std::vector<std::unique_ptr<Stage>> stages;
    test::SilentSink sink;
    telemetry::Trail trail;
    std::string body;
};

TEST_F(LimitsTest, WithoutLimitsNothingIsAskedAndNothingSaid) {
    behind = [](Exchange& x) -> Result<Outcome> {
        EXPECT_TRUE(x.accounts.empty());
        EXPECT_EQ(x.spend, nullptr);
        EXPECT_FALSE(x.tokens);
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap"));
    EXPECT_FALSE(trail.request_rate);
    EXPECT_FALSE(trail.token_rate);
}

TEST_F(LimitsTest, EveryLevelLimits) {
    const auto expect_refusal_by = [&](std::string_view level) {
        EXPECT_TRUE(send("cheap")) << level;
        const auto outcome = send("cheap");
        ASSERT_FALSE(outcome) << level;
        EXPECT_EQ(outcome.problem().kind(), ProblemKind::rate_limited);
        EXPECT_EQ(outcome.problem().wait(), std::chrono::seconds(60));
        EXPECT_EQ(trail.refused_by, level);
        EXPECT_EQ(trail.refused_for, "requests");
        ASSERT_TRUE(trail.request_rate);
        EXPECT_EQ(trail.request_rate->remaining, 0);
    };
    key().limits.requests_per_minute = 1;
    expect_refusal_by("key");
    key().limits = {};
    parts.groups.teams[0].limits.requests_per_minute = 1;
    expect_refusal_by("team");
    parts.groups.teams[0].limits = {};
    parts.groups.organisations[0].limits.requests_per_minute = 1;
    expect_refusal_by("organisation");
    parts.groups.organisations[0].limits = {};
    parts.models[0].limits.requests_per_minute = 1;
    expect_refusal_by("model");
    EXPECT_TRUE(send("both")) << "another model";
    parts.models[0].limits = {};
    parts.groups.gateway.requests_per_minute = 1;
    expect_refusal_by("gateway");
}

TEST_F(LimitsTest, ARequestRefusedFurtherOnIsGivenBack) {
    key().limits.requests_per_minute = 1;
    behind = [](Exchange&) -> Result<Outcome> { return Problem(ProblemKind::model_not_found, ""); };
    EXPECT_FALSE(send("cheap"));
    EXPECT_EQ(trail.request_rate->remaining, 1);
    behind = [](Exchange& x) -> Result<Outcome> {
        call(x, 500);
        return Problem(ProblemKind::upstream_failed, "");
    };
    EXPECT_FALSE(send("cheap"));
    EXPECT_EQ(trail.request_rate->remaining, 0) << "a provider was asked";
}

TEST_F(LimitsTest, ARequestThatAnothersCallFailedForIsNotGivenBack) {
    key().limits.requests_per_minute = 1;
    behind = [](Exchange& x) -> Result<Outcome> {
        x.was_served = true;
        return Problem(ProblemKind::upstream_failed, "");
    };
    EXPECT_FALSE(send("cheap"));
    EXPECT_EQ(trail.request_rate->remaining, 0);
}

TEST_F(LimitsTest, PlacesAreFreeAgainHoweverItEnds) {
    key().limits.concurrency = 1;
    behind = [&](Exchange&) -> Result<Outcome> {
        EXPECT_EQ(account(Level::key).running, 1);
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap"));
    EXPECT_EQ(account(Level::key).running, 0);
    behind = [](Exchange&) -> Result<Outcome> { throw std::runtime_error("a bug"); };
    EXPECT_THROW(static_cast<void>(send("cheap")), std::runtime_error);
    EXPECT_EQ(account(Level::key).running, 0);
}

TEST_F(LimitsTest, TokensAreReservedByTheEstimateAndSettledByTheUsage) {
    key().limits.tokens_per_minute = 1'000;
    behind = [&](Exchange& x) -> Result<Outcome> {
        EXPECT_EQ(*x.tokens, account(Level::key).tokens->limit - account(Level::key).tokens->remaining);
        EXPECT_GT(*x.tokens, 500);
        EXPECT_LT(*x.tokens, 520);
        call(x, 200);
        x.trail.attempts.back().tokens = TokenCount(50);
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":500)"));
    EXPECT_EQ(account(Level::key).tokens->remaining, 950);
    const auto outcome = send("cheap", R"(,"max_tokens":5000)");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().wait(), std::nullopt) << "it would never fit";
    EXPECT_EQ(trail.refused_for, "tokens");
    EXPECT_EQ(trail.token_rate->remaining, 950);
}

TEST_F(LimitsTest, TokensOfAllCallsAreSettled) {
    key().limits.tokens_per_minute = 1'000;
    behind = [](Exchange& x) -> Result<Outcome> {
        call(x, 200, 0);
        x.trail.attempts.back().tokens = TokenCount(50);
        call(x, 200, 0);
        x.trail.attempts.back().tokens = TokenCount(20);
        call(x, 500, 0);
        return Problem(ProblemKind::upstream_failed, "");
    };
    EXPECT_FALSE(send("cheap", R"(,"max_tokens":500)"));
    EXPECT_EQ(account(Level::key).tokens->remaining, 930) << "the last one was not billed";
}

TEST_F(LimitsTest, TheOperatorsLimitCountsAmongTheTokensWhereItIsSent) {
    key().limits.tokens_per_minute = 1'000;
    for (auto& each : parts.models) {
        each.max_output_tokens = 500;
    }
    std::int64_t taken = 0;
    behind = [&](Exchange& x) -> Result<Outcome> {
        taken = *x.tokens;
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap"));
    EXPECT_LT(taken, 20) << "nothing is sent";
    budget(key().budget, dollar);
    EXPECT_TRUE(send("cheap"));
    EXPECT_GT(taken, 500);
}

TEST_F(LimitsTest, ProvidersOfSpecialFallbacksMayLimitTokensToo) {
    upstream::ProviderOptions other;
    other.name = "other";
    other.base_url = "http://127.0.0.1:1/v1";
    other.limits.tokens_per_minute = 1'000;
    parts.providers.push_back(*upstream::Provider::make(std::move(other)));
    ModelOptions larger;
    larger.name = "larger";
    larger.targets.push_back({"other", "larger"});
    parts.models.push_back(larger);
    std::optional<std::int64_t> taken;
    behind = [&](Exchange& x) -> Result<Outcome> {
        taken = x.tokens;
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap"));
    EXPECT_FALSE(taken);
    parts.models[0].context_length_fallbacks = {"larger"};
    EXPECT_TRUE(send("cheap"));
    EXPECT_TRUE(taken);
}

TEST_F(LimitsTest, TheWorstCaseAtTheDearestTargetIsReserved) {
    budget(key().budget, dollar);
    behind = [&](Exchange& x) -> Result<Outcome> {
        EXPECT_NE(x.spend, nullptr);
        // A prompt at 2 and 200 tokens at 50 dollars a million.
        const auto reserved = account(Level::key).budget->reserved;
        EXPECT_GT(reserved, PicoUsd(200LL * 50 * 1'000'000));
        EXPECT_LT(reserved, PicoUsd(200LL * 50 * 1'000'000 + 50LL * 2 * 1'000'000));
        call(x, 200, 123);
        return Outcome{};
    };
    EXPECT_TRUE(send("both", R"(,"max_tokens":100,"n":2)"));
    EXPECT_EQ(account(Level::key).budget->settled, PicoUsd(123));
    EXPECT_EQ(account(Level::key).budget->reserved, PicoUsdSum());
}

/// Tokens of output, at 10 dollars a million, that were set aside; the prompts are small.
constexpr std::int64_t output_in(PicoUsdSum reserved) {
    constexpr std::int64_t each = 10LL * 1'000'000;
    return reserved.clamped().value() / each;
}

TEST_F(LimitsTest, NoFieldOfAnotherEndpointMakesTheReservationSmaller) {
    budget(key().budget, dollar);
    PicoUsdSum reserved;
    behind = [&](Exchange& x) -> Result<Outcome> {
        reserved = account(Level::key).budget->reserved;
        call(x, 200, 0);
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":1,"max_completion_tokens":64000)"));
    EXPECT_GE(output_in(reserved), 64'000);
    for (auto& each : parts.models) {
        each.max_output_tokens = 500;
    }
    EXPECT_TRUE(send("cheap", R"(,"max_output_tokens":0)"));
    EXPECT_GE(output_in(reserved), 500);
    EXPECT_NE(body.find(R"("max_tokens":500,)"), std::string::npos) << body;
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":0)"));
    EXPECT_GE(output_in(reserved), 500);
    EXPECT_NE(body.find(R"("max_tokens":500})"), std::string::npos) << body;
    EXPECT_TRUE(send_to(chat::Endpoint::generate_content, "cheap",
                        R"({"contents":[{"parts":[{"text":"Hi"}]}],"max_tokens":0,)"
                        R"("generationConfig":{"maxOutputTokens":64000}})"));
    EXPECT_GE(output_in(reserved), 64'000);
}

TEST_F(LimitsTest, EachPromptOfACompletionHasAnAnswer) {
    budget(key().budget, dollar);
    PicoUsdSum reserved;
    behind = [&](Exchange& x) -> Result<Outcome> {
        reserved = account(Level::key).budget->reserved;
        call(x, 200, 0);
        return Outcome{};
    };
    const auto answers = [&](const std::string& prompt) {
        EXPECT_TRUE(send_to(chat::Endpoint::completions, "cheap",
                            R"({"model":"cheap","max_tokens":1000,"prompt":)" + prompt + "}"));
        return output_in(reserved) / 1'000;
    };
    EXPECT_EQ(answers("[1,2,3]"), 1);
    EXPECT_EQ(answers("[[1,2],[3]]"), 2);
    EXPECT_EQ(answers(R"(["a","b","c"])"), 3);
}

/// The part of a form that nobody has seen.
class Unseen : public chat::RestOfBody {
public:
    Task<Result<std::string_view>> next() override { co_return std::string_view(); }
};

TEST_F(LimitsTest, AFormWithoutALengthMayBecomeAsLongAsAnyBody) {
    key().limits.tokens_per_minute = 1'000'000;
    std::int64_t reserved = 0;
    behind = [&](Exchange& x) -> Result<Outcome> {
        reserved = *x.tokens;
        return Outcome{};
    };
    Unseen unseen;
    const auto send_form = [&](std::optional<std::uint64_t> size, chat::RestOfBody* rest) {
        EXPECT_TRUE(send_to(chat::Endpoint::audio_transcriptions, "cheap", std::string(1'000, 'x'),
                            [&](chat::Original& original) {
                                original.content_type = "multipart/form-data; boundary=x";
                                original.size = size;
                                original.rest = rest;
                            }));
        return reserved;
    };
    EXPECT_EQ(send_form(1'000, nullptr), 11);
    EXPECT_EQ(send_form(300'000, &unseen), 3'001);
    EXPECT_EQ(send_form(std::nullopt, &unseen), 500'001);
}

TEST_F(LimitsTest, ABudgetThatDoesNotCoverTheWorstCaseRefuses) {
    budget(parts.groups.organisations[0].budget, 100);
    parts.groups.gateway.requests_per_minute = 5;
    const auto outcome = send("cheap", R"(,"max_tokens":100)");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().kind(), ProblemKind::budget_spent);
    EXPECT_EQ(trail.refused_by, "organisation");
    EXPECT_EQ(trail.refused_for, "money");
    EXPECT_EQ(trail.request_rate->remaining, 5) << "it has used nothing";
}

TEST_F(LimitsTest, WhatNobodyCanTellTheCostOfCostsTheWorstCase) {
    budget(key().budget, dollar);
    PicoUsdSum reserved;
    const auto end_with = [&](int status, std::optional<ProblemKind> problem) {
        behind = [&, status, problem](Exchange& x) -> Result<Outcome> {
            reserved = account(Level::key).budget->reserved;
            call(x, status);
            x.trail.attempts.back().problem = problem;
            return Problem(ProblemKind::upstream_failed, "");
        };
        const auto before = account(Level::key).budget ? account(Level::key).budget->settled : PicoUsdSum();
        EXPECT_FALSE(send("cheap", R"(,"max_tokens":100)"));
        return account(Level::key).budget->settled - before;
    };
    EXPECT_EQ(end_with(0, ProblemKind::cancelled), reserved) << "the client left half-way";
    EXPECT_EQ(end_with(200, ProblemKind::upstream_lost), reserved);
    EXPECT_EQ(end_with(500, ProblemKind::upstream_failed), PicoUsdSum()) << "errors are not billed";
    EXPECT_EQ(end_with(0, ProblemKind::upstream_connect), PicoUsdSum()) << "nobody was reached";
}

TEST_F(LimitsTest, WithoutACallAllIsGivenBack) {
    budget(key().budget, dollar);
    key().limits.tokens_per_minute = 1'000;
    behind = [](Exchange&) -> Result<Outcome> { throw std::runtime_error("left"); };
    EXPECT_THROW(static_cast<void>(send("cheap", R"(,"max_tokens":100)")), std::runtime_error);
    EXPECT_EQ(account(Level::key).budget->settled, PicoUsdSum());
    EXPECT_EQ(account(Level::key).budget->reserved, PicoUsdSum());
    EXPECT_EQ(account(Level::key).tokens->remaining, 1'000);
}

TEST_F(LimitsTest, AnotherCallNeedsMoneyOfItsOwn) {
    budget(key().budget, 3'500'000'000);  // for three calls of 100 tokens at 10 dollars a million
    behind = [&](Exchange& x) -> Result<Outcome> {
        EXPECT_TRUE(x.spend->may_call(0));
        call(x, 500);
        EXPECT_TRUE(x.spend->may_call(0)) << "an error is not billed";
        EXPECT_LT(account(Level::key).budget->used, 4'000);
        EXPECT_TRUE(x.spend->may_call(1)) << "beside one that runs";
        EXPECT_GT(account(Level::key).budget->used, 5'000);
        call(x, 200);
        EXPECT_TRUE(x.spend->may_call(0)) << "what was set aside is enough";
        call(x, 200);
        EXPECT_TRUE(x.spend->may_call(0));
        call(x, 200);
        EXPECT_FALSE(x.spend->may_call(0));
        for (auto& attempt : x.trail.attempts) {
            attempt.cost = PicoUsd(7);
        }
        EXPECT_TRUE(x.spend->may_call(0)) << "what is known to be less leaves room";
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":100)"));
    EXPECT_EQ(account(Level::key).budget->settled, PicoUsd(4 * 7));
    EXPECT_EQ(account(Level::key).budget->reserved, PicoUsdSum());
}

TEST_F(LimitsTest, WhatACallCostSaysWhetherItWasBilled) {
    budget(key().budget, dollar);
    PicoUsdSum reserved;
    behind = [&](Exchange& x) -> Result<Outcome> {
        reserved = account(Level::key).budget->reserved;
        call(x, 200, 0);  // an error inside of a stream, before its content
        call(x, 0, 0);    // cancelled before it was sent
        EXPECT_TRUE(x.spend->may_call(0));
        EXPECT_EQ(account(Level::key).budget->reserved, reserved) << "they leave the money for the next";
        call(x, 200, 30);
        call(x, 200);
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":100)"));
    EXPECT_EQ(trail.cost, std::nullopt) << "that of one is not known";
    EXPECT_EQ(account(Level::key).budget->settled, PicoUsdSum(PicoUsd(30)) + reserved)
        << "only that one costs the worst case";
}

TEST_F(LimitsTest, PartsOfOneCallCostNoMoreThanWasSetAside) {
    budget(key().budget, dollar);
    PicoUsdSum reserved;
    behind = [&](Exchange& x) -> Result<Outcome> {
        reserved = account(Level::key).budget->reserved;
        call(x, 200);
        call(x, 200);
        call(x, 200);
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":100)"));
    EXPECT_EQ(account(Level::key).budget->settled, reserved);
}

TEST_F(LimitsTest, CallsOfModelsWithoutAPriceCountAsNothingWhereTheyAreAllowed) {
    budget(key().budget, dollar);
    key().budget->unknown_price = policy::UnknownPrice::allow;
    PicoUsdSum reserved;
    std::string model = "mystery";
    behind = [&](Exchange& x) -> Result<Outcome> {
        reserved = account(Level::key).budget->reserved;
        EXPECT_GT(reserved, PicoUsdSum());
        call(x, 200);
        x.trail.attempts.back().provider = "acme";
        x.trail.attempts.back().model = model;
        return Outcome{};
    };
    EXPECT_TRUE(send("mixed", R"(,"max_tokens":100)"));
    EXPECT_EQ(account(Level::key).budget->settled, PicoUsdSum());
    model = "cheap";
    EXPECT_TRUE(send("mixed", R"(,"max_tokens":100)"));
    EXPECT_EQ(account(Level::key).budget->settled, reserved) << "it has a price, but not for what was used";
}

TEST_F(LimitsTest, TheOperatorsLimitOfTheOutputIsSentToTheProvider) {
    budget(key().budget, dollar);
    for (auto& each : parts.models) {
        each.max_output_tokens = 500;
    }
    EXPECT_TRUE(send("cheap"));
    EXPECT_NE(body.find(R"({"max_tokens":500,"model")"), std::string::npos) << body;
    EXPECT_TRUE(send("short"));
    EXPECT_NE(body.find(R"("max_tokens":300,)"), std::string::npos) << "the model can do no more: " << body;
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":7)"));
    EXPECT_EQ(body.find("500"), std::string::npos) << "the client's own counts";
    key().budget.reset();
    EXPECT_TRUE(send("cheap"));
    EXPECT_EQ(body.find("500"), std::string::npos) << "only for callers with a budget";
}

TEST_F(LimitsTest, WithoutAWordWhatTheModelCanDoIsReserved) {
    budget(key().budget, dollar);
    behind = [&](Exchange& x) -> Result<Outcome> {
        EXPECT_GT(account(Level::key).budget->reserved, PicoUsd(300LL * 10 * 1'000'000));
        call(x, 200, 0);
        return Outcome{};
    };
    EXPECT_TRUE(send("short"));
    EXPECT_EQ(body.find("max_tokens"), std::string::npos);
    const auto outcome = send("cheap");
    ASSERT_FALSE(outcome) << "nobody knows how long its answer becomes";
    EXPECT_EQ(outcome.problem().kind(), ProblemKind::price_unknown);
}

TEST_F(LimitsTest, ModelsWithoutAPriceAreForBudgetsThatAllowThem) {
    budget(key().budget, dollar);
    const auto refused = send("unknown", R"(,"max_tokens":5)");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.problem().kind(), ProblemKind::price_unknown);
    behind = [](Exchange& x) -> Result<Outcome> {
        EXPECT_EQ(x.plan.size(), 1U);
        EXPECT_EQ(x.plan.front().model, "cheap");
        return Outcome{};
    };
    EXPECT_TRUE(send("mixed", R"(,"max_tokens":5)")) << "the other target has a price";
    key().budget->unknown_price = policy::UnknownPrice::allow;
    behind = [](Exchange& x) -> Result<Outcome> {
        EXPECT_EQ(x.plan.size(), 2U);
        return Outcome{};
    };
    EXPECT_TRUE(send("mixed", R"(,"max_tokens":5)"));
    budget(parts.groups.teams[0].budget, dollar);
    EXPECT_FALSE(send("unknown", R"(,"max_tokens":5)")) << "the strictest of the budgets counts";
}

TEST_F(LimitsTest, WhoeverAsksBeforehandHearsTheSameAndTakesNothing) {
    budget(key().budget, 100);
    key().limits.requests_per_minute = 1;
    settings = std::make_shared<const Settings>(parts, 1, clock.wall());
    trail = {};
    Exchange x{settings->keys().named("search-key"), settings, {}, sink, trail};
    x.request.model = "mixed";
    x.request.original.bytes =
        R"({"model":"mixed","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]})";
    x.request.original.object_begin = 1;
    const FactSources sources{clock, counter};
    ExchangeFacts facts(sources, x.request, *x.caller, x.labels);
    ASSERT_TRUE(admit(x));
    x.accounts = accounts_of(x);
    EXPECT_TRUE(would_enter(x, clock.now(), clock.wall()));
    EXPECT_TRUE(would_enter(x, clock.now(), clock.wall())) << "nothing was taken";
    ASSERT_TRUE(route(x, facts, clock.now(), random));
    ASSERT_TRUE(is_weighed(x, clock.now(), random));
    const auto needs = weigh(x, facts, clock.now(), clock.wall(), random);
    ASSERT_TRUE(needs);
    ASSERT_EQ(x.plan.size(), 1U) << "the target without a price is left out";
    EXPECT_EQ(x.plan.front().model, "cheap");
    EXPECT_EQ(x.tokens, needs->tokens);
    EXPECT_EQ(needs->money, worst_case(x, facts, clock.wall()));
    const auto refusal = would_reserve(x, *needs, clock.now(), clock.wall());
    ASSERT_FALSE(refusal);
    EXPECT_EQ(refusal.problem().kind(), ProblemKind::budget_spent);
    EXPECT_EQ(account(Level::key).budget->reserved, PicoUsdSum());
}

TEST_F(LimitsTest, WarnsPastTheSoftThreshold) {
    budget(key().budget, 100);
    key().budget->limit = PicoUsd(dollar);
    key().budget->warn_at = 5'000;
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":5)"));
    EXPECT_EQ(trail.budget_warning, "");
    behind = [](Exchange& x) -> Result<Outcome> {
        call(x, 200, dollar / 2);
        return Outcome{};
    };
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":5)"));
    EXPECT_TRUE(send("cheap", R"(,"max_tokens":5)"));
    EXPECT_EQ(trail.budget_warning_level, "key");
    EXPECT_TRUE(trail.budget_warning.starts_with("key=search-key, used=50%")) << trail.budget_warning;
    EXPECT_NE(trail.budget_warning.find(", resets=2026-10-01T00:00:00Z"), std::string::npos)
        << trail.budget_warning;
}

TEST_F(LimitsTest, RulesMayAskHowMuchOfTheBudgetIsUsed) {
    budget(key().budget, 1'000);
    policy::RouteRule rule;
    rule.name = "saving";
    rule.models = {"auto"};
    rule.use = "cheap";
    rule.budget_used = policy::Bound{true, 8'000};
    auto rest = rule;
    rest.name = "rest";
    rest.use = "short";
    rest.budget_used.reset();
    parts.routes = {rule, rest};
    key().budget->limit = PicoUsd(dollar);
    EXPECT_TRUE(send("auto", R"(,"max_tokens":5)"));
    EXPECT_EQ(trail.route, "rest");
    parts.accounts->with([&](policy::AccountBook& book) {
        book.restore(Level::key, "search-key", policy::Period::month, PicoUsd(dollar / 10 * 8), clock.wall());
    });
    EXPECT_TRUE(send("auto", R"(,"max_tokens":5)"));
    EXPECT_EQ(trail.route, "saving");
}

TEST_F(LimitsTest, TheCallerKnowsItsTeamsOrganisation) {
    const Settings read(parts, 1, clock.wall());
    EXPECT_EQ(read.keys().named("search-key")->organisation, "acme");
}

}  // namespace
}  // namespace gatehouse::pipeline
