#include "gatehouse/pipeline/stages.hpp"

#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"
#include "support/silent_sink.hpp"
#include "unit/upstream/scripted_caller.hpp"

#include <gtest/gtest.h>

namespace gatehouse::pipeline {
namespace {

/// Writes down that the request came through.
class LastStage : public Stage {
public:
    explicit LastStage(int& reached) : reached_(reached) {}
    Task<Result<Outcome>> run(Exchange&, Next) override {
        ++reached_;
        co_return Outcome{};
    }

private:
    int& reached_;
};

ModelOptions model(std::string name, std::vector<TargetOptions> targets) {
    ModelOptions options;
    options.name = std::move(name);
    options.targets = std::move(targets);
    return options;
}

struct StagesTest : testing::Test {
    StagesTest() {
        upstream::ProviderOptions provider;
        provider.name = "acme";
        provider.base_url = "http://127.0.0.1:1/v1";
        provider.timeouts.total = std::chrono::seconds(100);
        provider.timeouts.first_token = std::chrono::seconds(50);
        parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
        parts.models = {model("small", {{"acme", "small-2026"}, {"acme", "small-2025"}}),
                        model("claude/*", {{"acme", "*"}}), model("claude/opus*", {{"acme", "big*"}}),
                        model("empty", {})};
        parts.models[0].total = std::chrono::seconds(20);
        stages.push_back(std::make_unique<AdmitStage>());
        stages.push_back(std::make_unique<RouteStage>(FactSources{clock, counter}, random));
        stages.push_back(std::make_unique<LastStage>(reached));
    }

    Result<Outcome> send(const std::string& asked,
                         std::optional<std::vector<std::string>> allowed = std::nullopt) {
        auto caller = std::make_shared<policy::Caller>();
        if (allowed) {
            caller->models.emplace(*allowed);
        }
        const auto settings = std::make_shared<const Settings>(parts, 1, WallTime{});
        caller->team = team;
        caller->tags = key_tags;
        Exchange x{caller, settings, {}, sink, trail, total_timeout, first_token_timeout};
        x.labels = labels;
        x.request.model = asked;
        x.request.original.bytes = body;
        auto outcome = test::run(Next(stages)(x));
        plan = x.plan;
        return outcome;
    }

    test::HandClock clock;
    SystemRandom random;
    tokens::TokenCounter counter;
    std::string team;
    policy::Tags key_tags;
    RequestLabels labels;
    std::string body{"{}"};
    Settings::Parts parts;
    std::vector<std::unique_ptr<Stage>> stages;
    test::SilentSink sink;
    telemetry::Trail trail;
    std::optional<Milliseconds> total_timeout;
    std::optional<Milliseconds> first_token_timeout;
    std::vector<upstream::Target> plan;
    int reached{0};
};

TEST_F(StagesTest, PlansTheTargetsOfANamedModelInOrder) {
    ASSERT_TRUE(send("small"));
    ASSERT_EQ(plan.size(), 2U);
    EXPECT_EQ(plan[0].model, "small-2026");
    EXPECT_EQ(plan[1].model, "small-2025");
    EXPECT_EQ(trail.model, "small");
    EXPECT_EQ(reached, 1);
}

TEST_F(StagesTest, FillsAWildcardWithWhatThePatternMatched) {
    ASSERT_TRUE(send("claude/haiku/4"));
    EXPECT_EQ(plan.at(0).model, "haiku/4");
    EXPECT_EQ(trail.model, "claude/*");
}

TEST_F(StagesTest, PrefersThePatternWithTheLongestLiteral) {
    ASSERT_TRUE(send("claude/opus-5"));
    EXPECT_EQ(plan.at(0).model, "big-5");
}

TEST_F(StagesTest, TellsTheFactsOfEachTargetByItsKindAndUpstreamName) {
    policy::CatalogParts known;
    known.entries.resize(2);
    known.entries[0].vendor = policy::Vendor::anthropic;
    known.entries[0].name = "big-5";
    known.entries[0].facts.max_output = 5;
    known.entries[1].vendor = policy::Vendor::openai;
    known.entries[1].name = "small-2026";
    known.entries[1].facts.max_output = 26;
    parts.catalog = std::make_shared<const policy::ModelCatalog>(std::move(known));

    ASSERT_TRUE(send("small"));
    EXPECT_EQ(plan.at(0).facts, &parts.catalog->facts(policy::Vendor::openai, "small-2026"));
    EXPECT_EQ(plan.at(0).facts->max_output, 26);
    EXPECT_EQ(plan.at(1).facts->max_output, std::nullopt);
    ASSERT_TRUE(send("claude/opus-5"));
    EXPECT_EQ(plan.at(0).facts->max_output, std::nullopt) << "the provider's kind is openai";
}

TEST_F(StagesTest, KnowsNothingOfAnyModelWithoutACatalog) {
    const Settings settings(parts, 1, WallTime{});
    const auto match = settings.find_model("small");
    ASSERT_TRUE(match);
    ASSERT_NE(settings.targets(*match).at(0).facts, nullptr);
    EXPECT_TRUE(settings.targets(*match).at(0).facts->efforts.empty());
}

TEST_F(StagesTest, RefusesAnUnknownModelWithoutGoingOn) {
    const auto outcome = send("gpt-9");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().kind(), ProblemKind::model_not_found);
    EXPECT_EQ(outcome.problem().param(), "model");
    EXPECT_EQ(reached, 0);
}

TEST_F(StagesTest, RefusesWhatIsNoNameBeforeAPatternTakesIt) {
    const std::string longest = "claude/" + std::string(505, 'x');
    EXPECT_TRUE(send(longest));
    for (const std::string& model :
         {longest + "x", std::string("claude/a\r\nb: c"), std::string("claude/\0", 8)}) {
        const auto outcome = send(model);
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.problem().kind(), ProblemKind::invalid_value);
        EXPECT_EQ(outcome.problem().param(), "model");
        EXPECT_LT(outcome.problem().message().size(), 100U);
    }
    EXPECT_EQ(reached, 1);
}

TEST_F(StagesTest, TellsAKeyNothingOfModelsThatItMayNotUse) {
    const auto existing = send("small", {{"other"}});
    const auto unknown = send("gpt-9", {{"other"}});
    ASSERT_FALSE(existing);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(existing.problem().kind(), ProblemKind::model_not_allowed);
    EXPECT_EQ(unknown.problem().kind(), ProblemKind::model_not_allowed);
}

TEST_F(StagesTest, AllowsByPattern) {
    EXPECT_TRUE(send("claude/haiku", {{"claude/*"}}));
}

TEST_F(StagesTest, RefusesAModelWhoseProvidersWereLeftOut) {
    const auto outcome = send("empty");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().kind(), ProblemKind::model_not_found);
}

TEST_F(StagesTest, NarrowsTimeoutsAndNeverWidensThem) {
    total_timeout = std::chrono::seconds(500);
    first_token_timeout = std::chrono::seconds(5);
    ASSERT_TRUE(send("small"));
    EXPECT_EQ(plan.at(0).timeouts.total, std::chrono::seconds(20));
    EXPECT_EQ(plan.at(0).timeouts.first_token, std::chrono::seconds(5));
}

TEST_F(StagesTest, AModelsOwnTimeoutMayBeLongerThanItsProviders) {
    parts.models[0].total = std::chrono::seconds(300);
    ASSERT_TRUE(send("small"));
    EXPECT_EQ(plan.at(0).timeouts.total, std::chrono::seconds(300));
}

struct DispatchTest : StagesTest {
    // One call to one target.
    DispatchTest() {
        parts.models[0].targets.resize(1);
        parts.resilience.retry.attempts = 1;
    }

    /// Sends one request to the scripted provider; what it failed with.
    Problem failure() {
        upstream::Callers callers(clock, caller);
        stages.back() = std::make_unique<DispatchStage>(callers, random);
        const auto outcome = send("small");
        EXPECT_FALSE(outcome);
        return outcome ? Problem(ProblemKind::internal, "it answered") : outcome.problem();
    }
    Problem answer(int status, const char* error) {
        caller.answer = {status, {{"content-type", "application/json"}}, {error}, {}};
        return failure();
    }
    test::ScriptedCaller caller;
};

TEST_F(DispatchTest, TellsWhichProviderFailedAndWithWhatStatus) {
    const auto failed = answer(500, R"({"error":{"message":"Broken.","type":"server_error"}})");
    EXPECT_EQ(failed.kind(), ProblemKind::upstream_failed);
    EXPECT_EQ(failed.message(), "The provider `acme` answered 500: Broken.");
    EXPECT_EQ(failed.upstream_status(), 500);
    EXPECT_EQ(
        answer(200, "{}").message(),
        "The provider `acme` failed: the provider sent a reply that is no answer to this kind of request");
    caller.failure = Problem(ProblemKind::upstream_connect, "connection refused", Retry::same_place);
    const auto lost = failure();
    EXPECT_EQ(lost.message(), "The provider `acme` failed: connection refused");
    EXPECT_EQ(lost.retry(), Retry::same_place);
}

TEST_F(DispatchTest, LeavesTheWordsAloneWhereTheRequestIsAtFault) {
    const auto rejected = answer(400, R"({"error":{"message":"Too hot.","param":"temperature"}})");
    EXPECT_EQ(rejected.kind(), ProblemKind::upstream_rejected);
    EXPECT_EQ(rejected.message(), "Too hot.");
    EXPECT_EQ(rejected.param(), "temperature");
    caller.failure = Problem(ProblemKind::request_timeout, "The request body came too slowly.");
    EXPECT_EQ(failure().message(), "The request body came too slowly.");
}

policy::RouteRule rule(std::string name, std::string use, std::vector<std::string> models = {"auto"}) {
    policy::RouteRule made;
    made.name = std::move(name);
    made.use = std::move(use);
    made.models = std::move(models);
    return made;
}

struct RoutedTest : StagesTest {
    RoutedTest() {
        parts.routes = {rule("tagged", "claude/opus-5"), rule("pictures", "small")};
        parts.routes[0].tags = {{"task", "hard"}};
        parts.routes[1].has.add(chat::Content::image);
    }
    const std::string picture =
        R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]})";
};

TEST_F(RoutedTest, ARuleChoosesTheModelOfANameThatHasNone) {
    body = picture;
    ASSERT_TRUE(send("auto"));
    EXPECT_EQ(plan.at(0).model, "small-2026");
    EXPECT_EQ(trail.route, "pictures");
    EXPECT_EQ(trail.model, "small");
}

TEST_F(RoutedTest, TheChosenNameMeetsItsPattern) {
    labels.tags = {{"task", "hard"}};
    ASSERT_TRUE(send("auto"));
    EXPECT_EQ(plan.at(0).model, "big-5");
    EXPECT_EQ(trail.route, "tagged");
}

TEST_F(RoutedTest, OfTagsTheKeysWinsOverTheHeadersOverTheBodys) {
    body = R"({"metadata":{"task":"hard"}})";
    EXPECT_TRUE(send("auto"));
    labels.tags = {{"task", "easy"}};
    EXPECT_FALSE(send("auto"));
    key_tags = {{"task", "hard"}};
    EXPECT_TRUE(send("auto"));
}

TEST_F(RoutedTest, WithoutAMatchANameWithoutTargetsIsRefused) {
    const auto outcome = send("auto");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().kind(), ProblemKind::model_not_found);
    EXPECT_EQ(outcome.problem().message(),
              "No rule serves this request for the model `auto`, and it has no targets of its own.");
    EXPECT_EQ(outcome.problem().param(), "model");
    EXPECT_EQ(trail.model, "auto");
    EXPECT_EQ(reached, 0);
}

TEST_F(RoutedTest, WithoutAMatchANamesOwnTargetsAnswer) {
    parts.routes = {rule("pictures", "claude/opus-5", {"small"})};
    parts.routes[0].has.add(chat::Content::image);
    ASSERT_TRUE(send("small"));
    EXPECT_EQ(plan.at(0).model, "small-2026");
    EXPECT_EQ(trail.route, "");
    body = picture;
    ASSERT_TRUE(send("small"));
    EXPECT_EQ(plan.at(0).model, "big-5");
    EXPECT_EQ(trail.route, "pictures");
}

TEST_F(RoutedTest, AKeysAllowListIsAboutTheNameThatIsAskedFor) {
    body = picture;
    EXPECT_TRUE(send("auto", {{"auto"}}));
    const auto direct = send("small", {{"auto"}});
    ASSERT_FALSE(direct);
    EXPECT_EQ(direct.problem().kind(), ProblemKind::model_not_allowed);
}

TEST_F(RoutedTest, ATeamCountsAsItsKeys) {
    parts.routes = {rule("labs", "small")};
    parts.routes[0].keys = {"labs"};
    EXPECT_FALSE(send("auto"));
    team = "labs";
    EXPECT_TRUE(send("auto"));
}

TEST_F(RoutedTest, TheLanguageIsThatOfWhatTheUserSaidLast) {
    parts.routes = {rule("german", "small")};
    parts.routes[0].languages = {"de"};
    body = R"({"messages":[{"role":"system","content":"You answer briefly and in plain words."},)"
           R"({"role":"user","content":"How long will my parcel take to arrive?"},)"
           R"({"role":"assistant","content":"It will be there on Monday, we think."},)"
           R"({"role":"user","content":"Und warum dauert das so lange?"}]})";
    EXPECT_TRUE(send("auto"));
    body = R"({"messages":[{"role":"user","content":"Why does it take so long?"}]})";
    EXPECT_FALSE(send("auto"));
    body = R"({"messages":[{"role":"user","content":"ok"}]})";
    EXPECT_FALSE(send("auto"));
}

TEST_F(RoutedTest, TheTimeIsThatOfTheClock) {
    parts.routes = {rule("noon", "small")};
    parts.routes[0].time =
        policy::WeekTime{0, 6, 12 * 60, 13 * 60,
                         std::make_shared<policy::TimeZone>("X", std::chrono::hours(0),
                                                            std::vector<policy::TimeZone::Change>{})};
    const auto day = std::chrono::floor<std::chrono::days>(clock.wall()) + std::chrono::days(1);
    clock.advance(std::chrono::ceil<Milliseconds>(day + std::chrono::hours(12) - clock.wall()));
    EXPECT_TRUE(send("auto"));
    clock.advance(std::chrono::hours(1));
    EXPECT_FALSE(send("auto"));
}

TEST_F(RoutedTest, AChosenModelWithoutUsableTargetsIsRefused) {
    parts.routes = {rule("all", "empty")};
    const auto outcome = send("auto");
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.problem().message(), "The model `auto` has no provider that can be used.");
}

TEST_F(RoutedTest, NamesThatLeadToATargetAreListed) {
    parts.routes.push_back(rule("loop", "void", {"nowhere"}));
    parts.routes.push_back(rule("dead", "empty", {"void"}));
    parts.routes.push_back(rule("again", "auto", {"twice"}));
    const Settings settings(parts, 1, WallTime{});
    policy::Caller all;
    EXPECT_EQ(settings.listed_models(all), (std::vector<std::string>{"small", "auto", "twice"}));
    policy::Caller few;
    few.models.emplace(std::vector<std::string>{"auto"});
    EXPECT_EQ(settings.listed_models(few), std::vector<std::string>{"auto"});
}

TEST_F(RoutedTest, AllTargetsThatMayAnswerAreReachable) {
    parts.models = {model("small", {{"acme", "s"}}),   model("chain", {{"acme", "c"}}),
                    model("link", {{"acme", "l"}}),    model("long", {{"acme", "far"}}),
                    model("safe", {{"acme", "kind"}}), model("other", {{"acme", "o"}})};
    parts.models[1].fallbacks = {"link"};
    parts.models[2].fallbacks = {"chain"};
    parts.models[2].context_length_fallbacks = {"long"};
    parts.models[2].content_policy_fallbacks = {"safe"};
    parts.routes = {rule("all", "chain")};
    const Settings settings(parts, 1, WallTime{});
    const auto reached = [&](const std::vector<std::string>& names) {
        std::string models;
        for (const auto& target : settings.reachable_targets(names)) {
            models += target.model + ' ';
        }
        return models;
    };
    EXPECT_EQ(reached({"small"}), "s ");
    EXPECT_EQ(reached({"chain"}), "c l far kind ");
    EXPECT_EQ(reached({"other", "small"}), "o s ");
    EXPECT_EQ(reached({"auto"}), "c l far kind ") << "where a rule leads";
    EXPECT_EQ(reached({"unknown"}), "");
}

TEST_F(StagesTest, ListsUsableNamesAndNoPatterns) {
    const Settings settings(parts, 1, WallTime{});
    policy::Caller all;
    EXPECT_EQ(settings.listed_models(all), std::vector<std::string>{"small"});
    policy::Caller few;
    few.models.emplace(std::vector<std::string>{"claude/*"});
    EXPECT_TRUE(settings.listed_models(few).empty());
}

}  // namespace
}  // namespace gatehouse::pipeline
