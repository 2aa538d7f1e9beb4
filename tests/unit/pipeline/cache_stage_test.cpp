#include "gatehouse/pipeline/cache_stage.hpp"

#include "support/empty_answers.hpp"
#include "support/event_loop.hpp"
#include "support/eventually.hpp"
#include "support/hand_clock.hpp"

#include "gatehouse/net/http_client.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/pipeline/cache_feedback.hpp"
#include "gatehouse/pipeline/meaning_look.hpp"
#include "gatehouse/upstream/attempt.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <latch>
#include <new>
#include <optional>

namespace gatehouse::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view said =
    R"({"id":"1","object":"chat.completion","created":1,"model":"small","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"Because."},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10}})";

class HearingSink : public chat::ReplySink {
public:
    void head(chat::ReplyHead) override {}
    Task<Status> push(std::span<const chat::Delta> run) override {
        for (const auto& delta : run) {
            heard += delta.bytes;
        }
        co_return done();
    }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return !heard.empty(); }

    std::string heard;
};

/// What happens behind the stage.
class Behind : public Stage {
public:
    using Script = std::function<Task<Result<Outcome>>(Exchange&)>;
    explicit Behind(Script& script) : script_(script) {}
    Task<Result<Outcome>> run(Exchange& x, Next) override { return script_(x); }

private:
    Script& script_;
};

struct CacheStageTest : testing::Test {
    CacheStageTest() {
        for (const std::string name : {"acme", "spare"}) {
            upstream::ProviderOptions options;
            options.name = name;
            options.base_url = "http://127.0.0.1:1/v1";
            parts.providers.push_back(*upstream::Provider::make(std::move(options)));
        }
        parts.models.push_back({"small", {{"acme", "small"}, {"spare", "small"}}});
        stages.push_back(std::make_unique<CacheStage>(clock, CacheParts{*answers, tally}));
        stages.push_back(std::make_unique<Behind>(script));
    }

    /// The provider of the answer, and its words.
    Task<Result<Outcome>> answer(Exchange& x, std::string by, std::string of) {
        ++calls;
        x.model = x.settings->find_model(routed);
        telemetry::AttemptRecord attempt;
        attempt.provider = by;
        attempt.model = of;
        attempt.reason = reason;
        attempt.cost = PicoUsd(28);
        x.trail.attempts.push_back(std::move(attempt));
        x.trail.provider = std::move(by);
        x.trail.upstream_model = std::move(of);
        x.trail.input_tokens = TokenCount(8);
        x.trail.output_tokens = TokenCount(2);
        x.trail.usage_known = true;
        const chat::Delta delta{kind, body};
        auto pushed = co_await x.way_out().push(std::span(&delta, 1));
        if (!pushed) {
            co_return pushed.problem();
        }
        if (fails_late) {
            co_return Problem(late_problem, "behind its end");
        }
        co_return Outcome{};
    }

    /// The question, as it comes to the stage.
    Exchange asked_with(const policy::CacheWish& wish) {
        const auto settings = std::make_shared<const Settings>(parts, 1, WallTime{});
        auto caller = std::make_shared<policy::Caller>();
        caller->name = "caller";
        sink = HearingSink();
        trail = telemetry::Trail();
        trail.model = "small";
        Exchange x{caller, settings, {}, sink, trail};
        x.request.model = "small";
        x.request.original.bytes =
            R"({"model":"small","temperature":0,"messages":[{"role":"user","content":")" + question +
            R"("}]})";
        x.request.original.model = {9, 7};
        x.request.temperature = 0;
        x.model = settings->find_model("small");
        x.cache = wish;
        x.total_timeout = client_timeout;
        return x;
    }

    /// Was it answered?
    bool ask(const policy::CacheWish& wish = {}) {
        auto x = asked_with(wish);
        const auto outcome = test::run(Next(stages)(x));
        time_left = x.total_timeout;
        problem = outcome ? std::nullopt : std::optional(outcome.problem().kind());
        return bool(outcome);
    }

    test::HandClock clock;
    std::unique_ptr<store::AnswerCache> answers{store::open_answer_cache({}, clock.wall())};
    CacheTally tally;
    Settings::Parts parts;
    std::string routed{"small"};  // the entry that rules chose
    std::string question{"Why?"};
    std::string provider{"acme"};
    std::string model{"small"};
    std::string body{said};
    std::string_view reason{"first"};
    chat::DeltaKind kind{chat::DeltaKind::whole};
    bool fails_late{false};
    std::optional<Milliseconds> client_timeout;
    std::optional<Milliseconds> time_left;  // of that, when the stage went on
    ProblemKind late_problem{ProblemKind::upstream_protocol};
    int calls{0};
    Behind::Script script{[this](Exchange& x) { return answer(x, provider, model); }};
    std::vector<std::unique_ptr<Stage>> stages;
    std::optional<ProblemKind> problem;
    HearingSink sink;
    telemetry::Trail trail;
};

TEST_F(CacheStageTest, GivesAnAnswerAgainWithoutGoingOn) {
    ASSERT_TRUE(ask());
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(sink.heard, said);
    ASSERT_TRUE(ask());
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(sink.heard, said);
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(trail.cache_tier, "exact");
    EXPECT_EQ(trail.saved, PicoUsd(28));
    EXPECT_EQ(trail.cost, PicoUsd(0));
    EXPECT_EQ(trail.provider, "acme");
    EXPECT_TRUE(trail.attempts.empty());
    EXPECT_EQ(trail.input_tokens, TokenCount(8));
    EXPECT_EQ(trail.output_tokens, TokenCount(2));
    EXPECT_TRUE(trail.usage_known);
}

/// Counts who comes by, as a stage that shares calls would have to do something for them.
class PassedBy : public Stage {
public:
    explicit PassedBy(int& count) : count_(count) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override {
        ++count_;
        return next(x);
    }

private:
    int& count_;
};

TEST_F(CacheStageTest, WhatIsRecalledPassesNoCallThatIsShared) {
    int passed = 0;
    auto& cache = dynamic_cast<CacheStage&>(*stages.front());
    stages.insert(stages.begin(), std::make_unique<PassedBy>(passed));
    stages.insert(stages.begin(), std::make_unique<RecallStage>(cache));
    ask();
    EXPECT_EQ(trail.cache, "miss");
    ask();
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(trail.saved, PicoUsd(28));
    EXPECT_EQ(sink.heard, said);
    EXPECT_EQ(passed, 1);
    EXPECT_EQ(tally.report().models.at("small").all_hits(), 1U);

    policy::CacheWish fresh;
    fresh.no_cache = true;
    ask(fresh);
    EXPECT_EQ(trail.cache, "refresh");
    EXPECT_EQ(passed, 2) << "the client wants a new one";
    clock.advance(std::chrono::hours(48));
    ask();
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(passed, 3) << "its time is over";
    EXPECT_EQ(tally.report().models.at("small").all_hits(), 1U);
    EXPECT_EQ(calls, 3);
}

TEST_F(CacheStageTest, KeepsAnAnswerForItsTime) {
    parts.cache.exact.ttl = 1s;
    parts.models[0].cache.exact.ttl = 60s;
    ask();
    clock.advance(59'999ms);
    ask();
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(trail.cache_age, 59s);
    clock.advance(1ms);
    ask();
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 2);
}

TEST_F(CacheStageTest, WhatIsKeptForOtherWordsIsGivenAsLongToTheSame) {
    parts.models[0].cache.semantic.most = policy::CacheTier::signature;
    parts.models[0].cache.exact.ttl = 10s;
    parts.models[0].cache.semantic.ttl = 60s;
    ask();
    clock.advance(59'999ms);
    policy::CacheWish wish;
    wish.most = policy::CacheTier::exact;
    ask(wish);
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(trail.cache_tier, "exact");
    clock.advance(1ms);
    ask(wish);
    EXPECT_EQ(trail.cache, "miss");
}

TEST_F(CacheStageTest, KeepsNothingThatThereIsNoRoomToWriteDown) {
    CacheParts cache{*answers, tally};
    cache.recording->bound(said.size() - 1);
    stages[0] = std::make_unique<CacheStage>(clock, cache);
    ask();
    EXPECT_EQ(sink.heard, said) << "the client gets it all the same";
    EXPECT_EQ(cache.recording->refused(), 1U);
    ask();
    EXPECT_EQ(trail.cache, "miss");
    cache.recording->bound(said.size());
    ask();
    ask();
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(cache.recording->taken(), 0U);
}

TEST_F(CacheStageTest, AShorterTimeHoldsForWhatIsKeptAlready) {
    parts.models[0].cache.exact.ttl = 60s;
    ask();
    parts.models[0].cache.exact.ttl = 10s;
    clock.advance(10s);
    ask();
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(tally.report().refusals.at("too_old"), 1U);
}

TEST_F(CacheStageTest, GivesNothingOlderThanTheClientWants) {
    ask();
    clock.advance(5s);
    policy::CacheWish wish;
    wish.max_age = 4s;
    ask(wish);
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 2);
    wish.max_age = 5s;
    clock.advance(5s);
    ask(wish);
    EXPECT_EQ(trail.cache, "hit") << "the newer answer took the older one's place";
}

TEST_F(CacheStageTest, ASecondProviderOfTheSameModelIsNoFallback) {
    provider = "spare";
    ask();
    ask();
    EXPECT_EQ(trail.cache, "hit");
}

TEST_F(CacheStageTest, KeepsNoAnswerOfAFallbackModelUnlessItIsWanted) {
    parts.models.push_back({"tiny", {{"acme", "tiny"}}});
    parts.models[0].fallbacks = {"tiny"};
    model = "tiny";
    ask();
    ask();
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 2);
    parts.models[0].cache.store_fallbacks = true;
    ask();
    ask();
    EXPECT_EQ(trail.cache, "hit");
}

TEST_F(CacheStageTest, AFallbackMayForbidThatItsAnswersAreKept) {
    parts.models.push_back({"tiny", {{"acme", "tiny"}}});
    parts.models[0].fallbacks = {"tiny"};
    parts.models[0].cache.store_fallbacks = true;
    parts.models[1].cache.exact.enabled = false;
    model = "tiny";
    ask();
    EXPECT_EQ(answers->counts().entries, 0U);
}

TEST_F(CacheStageTest, TheEntryThatRulesChoseMayForbidWhatTheAskedNameAllows) {
    parts.models.push_back({"large", {{"acme", "large"}}});
    routed = model = "large";
    parts.models[1].cache.exact.enabled = false;
    ask();
    EXPECT_EQ(answers->counts().entries, 0U);
    parts.models[1].cache.exact.enabled = true;
    parts.models[1].cache.exact.ttl = 5s;
    ask();
    clock.advance(4s);
    ask();
    EXPECT_EQ(trail.cache, "hit");
    clock.advance(1s);
    ask();
    EXPECT_EQ(trail.cache, "miss") << "its time is the shorter one";
}

TEST_F(CacheStageTest, SaysWhatTheCallCostThatTheAnswerCameFrom) {
    script = [this](Exchange& x) -> Task<Result<Outcome>> {
        auto outcome = co_await answer(x, provider, model);
        telemetry::AttemptRecord slower;
        slower.provider = "spare";
        slower.model = "small";
        slower.problem = ProblemKind::cancelled;
        slower.cost = PicoUsd(1000);
        x.trail.attempts.push_back(std::move(slower));
        co_return outcome;
    };
    kind = chat::DeltaKind::content;  // kept when it is over
    ask();
    ask();
    EXPECT_EQ(trail.saved, PicoUsd(28));
}

TEST_F(CacheStageTest, KeepsNothingThatTwoProvidersToldInParts) {
    reason = "continuation";
    ask();
    ask();
    EXPECT_EQ(trail.cache, "miss");
}

TEST_F(CacheStageTest, TakesBackWhatFailsBehindItsEnd) {
    fails_late = true;
    EXPECT_FALSE(ask());
    fails_late = false;
    ask();
    EXPECT_EQ(trail.cache, "miss");
}

TEST_F(CacheStageTest, KeepsACompleteAnswerWhoseClientLeaves) {
    fails_late = true;
    late_problem = ProblemKind::client_gone;
    EXPECT_FALSE(ask());
    fails_late = false;
    ask();
    EXPECT_EQ(trail.cache, "hit");
}

TEST_F(CacheStageTest, AStreamWithoutALastEventIsCompleteWhenItIsOver) {
    kind = chat::DeltaKind::content;
    fails_late = true;
    ask();
    fails_late = false;
    ask();
    EXPECT_EQ(trail.cache, "miss") << "it broke off";
    ask();
    EXPECT_EQ(trail.cache, "hit");
}

TEST_F(CacheStageTest, DoesNotKeepAnAnswerThatIsTooLong) {
    stages[0] = std::make_unique<CacheStage>(clock, CacheParts{*answers, tally, 10});
    ask();
    EXPECT_EQ(sink.heard, said);
    ask();
    EXPECT_EQ(trail.cache, "miss");
}

TEST_F(CacheStageTest, RefusesWhoWantsNoCallWhereNothingIsKept) {
    policy::CacheWish wish;
    wish.only_if_cached = true;
    EXPECT_FALSE(ask(wish));
    EXPECT_EQ(problem, ProblemKind::not_cached);
    EXPECT_EQ(calls, 0);
    parts.models[0].cache.exact.enabled = false;
    EXPECT_FALSE(ask(wish)) << "also where there is no cache";
    EXPECT_EQ(calls, 0);
}

/// Fails whatever it is asked.
class BrokenAnswers : public test::EmptyAnswers {
public:
    std::shared_ptr<const store::KeptAnswer> find(const Digest&, WallTime) override {
        throw std::bad_alloc();
    }
    std::shared_ptr<const store::KeptAnswer> find_alias(const Digest&, WallTime) override {
        throw std::bad_alloc();
    }
    bool keep(const Digest&, const std::optional<Digest>&,
              std::shared_ptr<const store::KeptAnswer>) override {
        ++asked_to_keep;
        throw std::bad_alloc();
    }
    void forget(const Digest&) override { throw std::bad_alloc(); }

    int asked_to_keep{0};
};

TEST_F(CacheStageTest, ARequestDoesNotFailBecauseTheCacheDoes) {
    BrokenAnswers broken;
    stages[0] = std::make_unique<CacheStage>(clock, CacheParts{broken, tally});
    EXPECT_TRUE(ask());
    EXPECT_EQ(sink.heard, said);
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(tally.report().refusals.at("failed"), 1U);
    EXPECT_EQ(broken.asked_to_keep, 1);
}

TEST_F(CacheStageTest, HasNothingToDoWithModelsThatTheOperatorTurnedItOffFor) {
    parts.models[0].cache.exact.enabled = false;
    ask();
    EXPECT_EQ(trail.cache, "");
    EXPECT_EQ(answers->counts().entries, 0U);
}

/// Texts that begin alike have vectors that are alike.
class WrittenEmbedder : public upstream::Embedder {
public:
    const vector::ModelIdentity& identity() const noexcept override { return identity_; }
    Status ready() const override { return done(); }
    Task<Result<std::vector<float>>> embed(upstream::Callers& callers, std::string_view text) const override {
        ++asked;
        if (takes) {
            const Instant when = callers.clock().now() + *takes;
            const auto step_by = std::min(*takes, hangs_after);
            hand->advance(step_by);
            co_await callers.clock().sleep_until(when);
        }
        if (fails) {
            co_return Problem(ProblemKind::upstream_unavailable, "down");
        }
        co_return std::vector<float>{text.starts_with("Why") ? 1.0F : 0.0F,
                                     text.starts_with("Why") ? step * static_cast<float>(asked) : 1.0F};
    }

    bool fails{false};
    float step{0.1F};                   // that each next vector is further away
    test::HandClock* hand{nullptr};     // is turned while it embeds:
    std::optional<Milliseconds> takes;  // for so long it would take,
    Milliseconds hangs_after{0};        // but time does not go on past this
    mutable int asked{0};

private:
    vector::ModelIdentity identity_{"written", "1", 2};
};

class NoNetwork : public net::HttpCaller {
public:
    Task<Result<std::unique_ptr<net::HttpReply>>> send(const net::Origin&, net::HttpCall&) override {
        co_return Problem(ProblemKind::upstream_unavailable, "no network");
    }
};

struct MeaningTest : CacheStageTest {
    MeaningTest() {
        upstream::EmbedderOptions options;
        options.name = "local";
        parts.embedders.push_back({options, embedder});
        parts.models[0].cache.semantic.most = policy::CacheTier::semantic;
        embedder->hand = &clock;
        stages[0] = std::make_unique<CacheStage>(clock, cache, &callers);
    }

    bool ask_for(std::string text, const policy::CacheWish& wish = {}) {
        question = std::move(text);
        return ask(wish);
    }
    /// What is told to who only wants to know.
    MeaningForesight foresee(std::string text, const policy::CacheWish& wish = {}) {
        question = std::move(text);
        auto x = asked_with(wish);
        x.identity = identify(x);
        EXPECT_TRUE(goes_by_meaning(x));
        return test::run(foresee_by_meaning(x, cache, callers));
    }
    bool is_in() {
        return test::eventually([this] { return questions.counts().entries > 0; });
    }

    std::shared_ptr<WrittenEmbedder> embedder{std::make_shared<WrittenEmbedder>()};
    NoNetwork network;
    upstream::Callers callers{clock, network};
    QuestionIndex questions{100};
    EvidenceBook evidence;
    CacheParts cache{.answers = *answers, .tally = tally, .questions = &questions, .evidence = &evidence};
};

TEST_F(MeaningTest, GivesTheAnswerOfAQuestionThatAsksTheSame) {
    ask_for("Why does the big engine need fuel?");
    EXPECT_EQ(trail.cache, "miss");
    ASSERT_TRUE(is_in());
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(trail.cache_tier, "semantic");
    ASSERT_TRUE(trail.cache_similarity);
    EXPECT_GT(*trail.cache_similarity, 0.9);
    EXPECT_EQ(sink.heard, said);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(trail.saved, PicoUsd(28));
}

TEST_F(MeaningTest, TheGuardsReasonIsCounted) {
    ask_for("Why does the big engine need 2 litres of fuel?");
    ASSERT_TRUE(is_in());
    ask_for("Why does the large engine need 3 litres of fuel?");
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(tally.report().refusals.at("number"), 1U);
}

TEST_F(MeaningTest, AnExactHitAsksNoEmbedder) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    ask_for("Why does the big engine need fuel?");
    EXPECT_EQ(trail.cache_tier, "exact");
    ask_for("why does the big engine need fuel");
    EXPECT_EQ(trail.cache_tier, "signature");
    EXPECT_EQ(embedder->asked, 1);
}

TEST_F(MeaningTest, AnEmbedderThatFailsCostsAHitAndNothingElse) {
    embedder->fails = true;
    EXPECT_TRUE(ask_for("Why does the big engine need fuel?"));
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(sink.heard, said);
    EXPECT_EQ(tally.report().refusals.at("no_vector"), 1U);
    EXPECT_EQ(answers->counts().entries, 1U) << "it is found by its own words all the same";
    ask_for("why does the big engine need fuel");
    EXPECT_EQ(trail.cache_tier, "signature");
}

TEST_F(MeaningTest, ANameWithoutAnEmbedderIsAsGoodAsOneThatFails) {
    parts.models[0].cache.semantic.embedder = "gone";
    EXPECT_TRUE(ask_for("Why does the big engine need fuel?"));
    EXPECT_EQ(tally.report().refusals.at("no_vector"), 1U);
}

TEST_F(MeaningTest, TheClientMayStayWithTheWords) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    policy::CacheWish wish;
    wish.most = policy::CacheTier::signature;
    ask_for("Why does the large engine need fuel?", wish);
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 2);
}

TEST_F(MeaningTest, TheClientMayWantMoreSimilarity) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    policy::CacheWish wish;
    wish.threshold = 0.9999;
    ask_for("Why does the large engine need fuel?", wish);
    EXPECT_EQ(trail.cache, "miss");
}

TEST_F(MeaningTest, AnAnswerThatHasGoneIsForgottenByItsQuestionToo) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    answers->forget_all({});
    policy::CacheWish nothing_kept;
    nothing_kept.no_store = true;
    ask_for("Why does the large engine need fuel?", nothing_kept);
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_TRUE(test::eventually([this] { return questions.counts().entries == 0; }));
}

TEST_F(MeaningTest, AnswersAreAsOldAsTheOperatorLetsThemBe) {
    parts.models[0].cache.semantic.ttl = 10s;
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    clock.advance(9s);
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache, "hit");
    clock.advance(1s);
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 2);
}

TEST_F(MeaningTest, ANewAnswerInTheOldOnesPlaceIsFoundToo) {
    policy::CacheWish fresh;
    fresh.no_cache = true;
    ask_for("Why does the big engine need fuel?", fresh);
    EXPECT_EQ(trail.cache, "refresh");
    ASSERT_TRUE(is_in());
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache_tier, "semantic");
}

TEST_F(MeaningTest, AnAnswerThatIsForItsOwnWordsOnlyIsNotFoundByAnEarlierQuestion) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    // A fallback answers the same words, and its own entry lets nobody else have that.
    parts.models.push_back({"tiny", {{"acme", "tiny"}}});
    parts.models[0].fallbacks = {"tiny"};
    parts.models[0].cache.store_fallbacks = true;
    model = "tiny";
    policy::CacheWish fresh;
    fresh.no_cache = true;
    ask_for("Why does the big engine need fuel?", fresh);
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 3);
}

TEST_F(MeaningTest, AQuestionOfTheMomentIsFoundByItsOwnWordsOnly) {
    ask_for("Why is the weather bad today?");
    ask_for("why is the weather bad today");
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(embedder->asked, 0);
}

TEST_F(MeaningTest, AnEmbedderHasItsTimeAndNoMore) {
    embedder->takes = 10s;
    embedder->hangs_after = 250ms;
    EXPECT_TRUE(ask_for("Why does the big engine need fuel?"));
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(tally.report().refusals.at("no_vector"), 1U);
    EXPECT_EQ(clock.sleepers(), 0U) << "nobody waits for it any more";
    embedder->takes = embedder->hangs_after = 249ms;
    ask_for("Why does the small engine need fuel?");
    EXPECT_TRUE(is_in()) << "it was there in time";
}

TEST_F(MeaningTest, AnAidTakesAQuarterOfTheClientsTimeAtMost) {
    client_timeout = 400ms;
    embedder->takes = 10s;
    embedder->hangs_after = 100ms;
    EXPECT_TRUE(ask_for("Why does the big engine need fuel?"));
    EXPECT_EQ(tally.report().refusals.at("no_vector"), 1U);
    EXPECT_EQ(time_left, 300ms) << "what is left is the provider's";
}

TEST_F(MeaningTest, ASearchThatWaitsForOthersIsGivenUp) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    const auto busy = std::make_shared<std::latch>(1);
    questions.workers().post([busy] { busy->wait(); });
    question = "Why does the large engine need fuel?";
    auto x = asked_with({});
    net::Lane lane;
    std::optional<Result<Outcome>> outcome;
    const auto asking = [](Next next, Exchange* of, std::optional<Result<Outcome>>* into) -> Task<void> {
        auto result = co_await next(*of);
        into->emplace(std::move(result));
    };
    lane.spawn(asking(Next(stages), &x, &outcome));
    lane.context().poll();
    EXPECT_EQ(clock.sleepers(), 1U);
    EXPECT_FALSE(outcome);
    clock.advance(250ms);
    lane.context().restart();
    lane.context().poll();
    busy->count_down();
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(*outcome);
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(tally.report().refusals.at("no_search"), 1U);
}

TEST_F(MeaningTest, SaysBeforehandWhatWouldBeFound) {
    embedder->step = 0.01F;
    ask_for("Why does the big engine need 2 litres of fuel?");
    ASSERT_TRUE(is_in());
    const auto found = foresee("Why does the large engine need 2 litres of fuel?");
    ASSERT_TRUE(found.look.answer);
    EXPECT_EQ(found.look.tier, policy::CacheTier::semantic);
    EXPECT_GT(found.look.similarity, 0.9);
    EXPECT_EQ(found.look.refusal, "");
    EXPECT_EQ(found.compared, 1U);
    EXPECT_EQ(found.nearest, found.look.similarity);
    EXPECT_EQ(found.threshold, 0.85);

    const auto refused = foresee("Why does the large engine need 3 litres of fuel?");
    EXPECT_FALSE(refused.look.answer);
    EXPECT_EQ(refused.look.refusal, "number");
    EXPECT_EQ(refused.compared, 1U);
    EXPECT_GT(refused.nearest, 0.9);

    const auto far = foresee("When does the large engine need fuel?");
    EXPECT_EQ(far.look.refusal, "");
    EXPECT_EQ(far.compared, 0U);

    parts.models[0].cache.semantic.ttl = 5s;
    clock.advance(5s);
    EXPECT_EQ(foresee("Why does the large engine need 2 litres of fuel?").look.refusal, "too_old");
    embedder->fails = true;
    EXPECT_EQ(foresee("Why does the large engine need 2 litres of fuel?").look.refusal, "no_vector");
    EXPECT_EQ(calls, 1);
}

TEST_F(MeaningTest, WhoWantsToKnowForgetsAndCountsNothing) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    foresee("Why does the large engine need fuel?");
    foresee("Why does the large engine need 2 litres of fuel?");
    answers->forget_all({});
    const auto gone = foresee("Why does the large engine need fuel?");
    EXPECT_FALSE(gone.look.answer);
    EXPECT_EQ(gone.compared, 1U);
    ASSERT_TRUE(test::run(questions.peek(std::make_shared<AskedQuestion>(), 0.8, clock.wall())))
        << "what came before it has been done";
    EXPECT_EQ(questions.counts().entries, 1U);
    EXPECT_TRUE(tally.report().refusals.empty());
    EXPECT_EQ(tally.report().models.at("small").all_hits(), 0U);
}

struct AdaptiveTest : MeaningTest {
    AdaptiveTest() {
        parts.models[0].cache.semantic.adaptive = {.max_error = 0.6, .confidence = 0.7, .check_share = 0};
        embedder->step = 0;
    }
};

TEST_F(AdaptiveTest, GivesNothingUntilFreshAnswersHaveShownThatItIsRight) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(tally.report().refusals.at("unproven"), 1U);
    ASSERT_EQ(evidence.lines().size(), 1U);
    EXPECT_EQ(evidence.lines()[0].cell.right, 1U);
    ask_for("Why does the big engine require fuel?");
    EXPECT_EQ(trail.cache_tier, "semantic");
}

TEST_F(AdaptiveTest, SaysBeforehandWhatIsUnproven) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    const auto unproven = foresee("Why does the large engine need fuel?");
    EXPECT_FALSE(unproven.look.answer);
    EXPECT_EQ(unproven.look.refusal, "unproven");
    EXPECT_EQ(unproven.compared, 1U);
    EXPECT_TRUE(evidence.lines().empty());
    ask_for("Why does the large engine need fuel?");
    EXPECT_TRUE(foresee("Why does the big engine require fuel?").look.answer);
}

TEST_F(AdaptiveTest, AWrongOneIsForgotten) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    body = std::string(said).replace(said.find("Because."), 8, "Boil eggs for seven minutes");
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(evidence.lines()[0].cell.wrong, 1U);
    EXPECT_TRUE(test::eventually([this] { return questions.counts().entries == 1; })) << "the new one";
    ask_for("Why does the big engine need fuel?");
    EXPECT_EQ(trail.cache, "miss");
}

/// Every hit that may be given is one of those that are checked.
struct CheckingTest : AdaptiveTest {
    CheckingTest() {
        parts.models[0].cache.semantic.adaptive->check_share = 1;
        ask_for("Why does the big engine need fuel?");
        EXPECT_TRUE(is_in());
        ask_for("Why does the large engine need fuel?");
        EXPECT_EQ(tally.report().refusals.at("unproven"), 1U);
    }
};

TEST_F(CheckingTest, AShareOfWhatMayBeGivenMeetsAFreshAnswer) {
    ask_for("Why does the big engine require fuel?");
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(tally.report().refusals.at("checked"), 1U);
    EXPECT_EQ(evidence.lines()[0].cell.right, 2U);
}

TEST_F(CheckingTest, SaysBeforehandWhatIsToBeChecked) {
    EXPECT_EQ(foresee("Why does the big engine require fuel?").look.refusal, "checked");
    policy::CacheWish wish;
    wish.no_store = true;
    EXPECT_TRUE(foresee("Why does the big engine require fuel?", wish).look.answer);
    EXPECT_EQ(evidence.lines()[0].cell.right, 1U);
    EXPECT_EQ(tally.report().refusals.count("checked"), 0U);
}

TEST_F(CheckingTest, WhereNoFreshOneComesTheKeptOneIsGiven) {
    script = [](Exchange& x) -> Task<Result<Outcome>> {
        telemetry::AttemptRecord attempt;
        attempt.problem = ProblemKind::upstream_unavailable;
        x.trail.attempts.push_back(std::move(attempt));
        co_return Problem(ProblemKind::upstream_unavailable, "down");
    };
    EXPECT_TRUE(ask_for("Why does the big engine require fuel?"));
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(trail.cache_tier, "semantic");
    EXPECT_EQ(sink.heard, said);
    EXPECT_EQ(trail.attempts.size(), 1U);
    const auto report = tally.report();
    const auto& sums = report.models.at("small");
    EXPECT_EQ(sums.misses, 2U);
    EXPECT_EQ(sums.all_hits(), 1U) << "and no miss";
}

TEST_F(CheckingTest, NobodyIsCheckedOfWhomNothingIsLearned) {
    policy::CacheWish wish;
    wish.no_store = true;
    ask_for("Why does the big engine require fuel?", wish);
    EXPECT_EQ(trail.cache, "hit");
    wish = {};
    wish.only_if_cached = true;
    ask_for("Why does the big engine require fuel?", wish);
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(calls, 2);
}

/// Callers may say of their hits whether they were right.
struct HeardTest : MeaningTest {
    HeardTest() {
        embedder->step = 0;
        stages[0] = std::make_unique<CacheStage>(clock, hearing, &callers);
    }
    Result<JudgedHit> judge(Judgement judgement) {
        return judge_hit(hearing, "caller", trail.request_id, judgement, clock.now());
    }

    GivenHits given;
    CacheParts hearing{
        .answers = *answers, .tally = tally, .questions = &questions, .evidence = &evidence, .given = &given};
};

TEST_F(HeardTest, OnlyHitsByMeaningAreHeldToBeJudged) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    ask_for("Why does the big engine need fuel?");
    ask_for("why does the big engine need fuel");
    EXPECT_EQ(trail.cache_tier, "signature");
    EXPECT_EQ(given.size(), 0U);
    const auto judged = judge(Judgement::wrong);
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.problem().kind(), ProblemKind::not_found);
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(given.size(), 1U);
}

TEST_F(HeardTest, AWrongOneIsGivenNoMoreNorFoundTheOtherWayRound) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    ask_for("Why does the large engine need fuel?");
    ASSERT_EQ(trail.cache_tier, "semantic");
    const auto judged = judge(Judgement::wrong);
    ASSERT_TRUE(judged);
    EXPECT_TRUE(judged->counted);
    EXPECT_TRUE(judged->forgotten);
    EXPECT_FALSE(judged->recorded);
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache, "miss");
    ask_for("Why does the big engine need fuel?");
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(calls, 3);
    EXPECT_TRUE(evidence.lines().empty());
    EXPECT_EQ(questions.counts().entries, 0U);
}

TEST_F(HeardTest, ARightOneGoesOnBeingGiven) {
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    ask_for("Why does the large engine need fuel?");
    const auto judged = judge(Judgement::right);
    ASSERT_TRUE(judged);
    EXPECT_FALSE(judged->forgotten);
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache_tier, "semantic");
}

TEST_F(HeardTest, InAdaptiveModeItsWordIsALabel) {
    parts.models[0].cache.semantic.adaptive = {.max_error = 0.6, .confidence = 0.7, .check_share = 0};
    ask_for("Why does the big engine need fuel?");
    ASSERT_TRUE(is_in());
    ask_for("Why does the large engine need fuel?");
    EXPECT_EQ(trail.cache, "miss") << "unproven: a fresh answer is its label";
    EXPECT_EQ(given.size(), 0U);
    ask_for("Why does the big engine require fuel?");
    ASSERT_EQ(trail.cache_tier, "semantic");
    ASSERT_TRUE(judge(Judgement::right));
    ASSERT_EQ(evidence.lines().size(), 1U);
    EXPECT_EQ(evidence.lines()[0].cell.right, 2U);
    ask_for("Why does the large engine require fuel?");
    ASSERT_EQ(trail.cache_tier, "semantic");
    const auto judged = judge(Judgement::wrong);
    ASSERT_TRUE(judged);
    EXPECT_TRUE(judged->recorded);
    EXPECT_EQ(evidence.lines()[0].cell.wrong, 1U);
}

}  // namespace
}  // namespace gatehouse::pipeline
