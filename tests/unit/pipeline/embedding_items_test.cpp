// Embeddings behind the stage `cache`: what is asked for, what the client gets, and what everybody is told.
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class KeptSink : public chat::ReplySink {
public:
    void head(chat::ReplyHead head) override { heads.push_back(head.version); }
    Task<Status> push(std::span<const chat::Delta> run) override {
        for (const auto& delta : run) {
            heard += delta.bytes;
        }
        co_return done();
    }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return !heard.empty(); }

    std::vector<std::string> heads;
    std::string heard;
};

class Provider : public Stage {
public:
    using Script = std::function<Task<Result<Outcome>>(Exchange&)>;
    explicit Provider(Script& script) : script_(script) {}
    Task<Result<Outcome>> run(Exchange& x, Next) override { return script_(x); }

private:
    Script& script_;
};

/// A vector of its own for each text: how long it is, and how often it was asked for.
struct EmbeddingItemsTest : testing::Test {
    EmbeddingItemsTest() {
        upstream::ProviderOptions options;
        options.name = "acme";
        options.base_url = "http://127.0.0.1:1/v1";
        parts.providers.push_back(*upstream::Provider::make(std::move(options)));
        parts.models.push_back({"small", {{"acme", "small"}}});
        stages.push_back(std::make_unique<CacheStage>(clock, CacheParts{*answers, tally}));
        stages.push_back(std::make_unique<Provider>(script));
    }

    static std::string vectors_reply(const std::string& data, std::size_t tokens) {
        const auto number = std::to_string(tokens);
        return R"({"object":"list","data":[)" + data + R"(],"model":"small","usage":{"prompt_tokens":)" +
               number + R"(,"total_tokens":)" + number + "}}";
    }

    static std::string vector_of(std::size_t index, std::string_view vector) {
        return R"({"object":"embedding","index":)" + std::to_string(index) + R"(,"embedding":)" +
               std::string(vector) + "}";
    }

    /// The texts that the request asks for; each is one character.
    static std::string texts_in(const Exchange& x) {
        const auto& body = x.request.original.bytes;
        auto at = body.find(R"("input":)") + 8;
        const char end = body[at] == '"' ? '"' : ']';
        std::string texts;
        for (++at; body[at] != end; ++at) {
            if (body[at] >= 'a' && body[at] <= 'z') {
                texts += body[at];
            }
        }
        return texts;
    }

    Task<Result<Outcome>> answer(Exchange& x) {
        const auto texts = texts_in(x);
        asked.push_back(texts);
        if (problem_of_call) {
            co_return Problem(*problem_of_call, "no");
        }
        std::string data;
        std::int64_t tokens = 0;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            tokens += texts[i] - 'a' + 1;
            const auto number = std::to_string(++times[texts[i]]);
            data += i == 0 ? "" : ",";
            data += vector_of(i, "[" + std::to_string(texts[i] - 'a' + 1) + ".50," + number + "]");
        }
        const auto said = reply.value_or(vectors_reply(data, static_cast<std::size_t>(tokens)));
        telemetry::AttemptRecord attempt;
        attempt.provider = "acme";
        attempt.model = model;
        attempt.reason = "first";
        attempt.cost = PicoUsd(10 * tokens);
        x.trail.attempts.push_back(std::move(attempt));
        x.trail.provider = "acme";
        x.trail.upstream_model = model;
        x.trail.input_tokens = TokenCount(tokens);
        x.trail.usage_known = true;
        chat::ReplyHead head;
        head.version = "v";
        x.way_out().head(std::move(head));
        const chat::Delta delta{chat::DeltaKind::whole, said};
        auto pushed = co_await x.way_out().push(std::span(&delta, 1));
        if (!pushed) {
            co_return std::move(pushed.problem());
        }
        if (fails_late) {
            co_return Problem(ProblemKind::upstream_protocol, "behind its end");
        }
        co_return Outcome{};
    }

    /// The reply; empty: there was none.
    std::string ask(const std::string& input, const std::string& more = {}) {
        const auto settings = std::make_shared<const Settings>(parts, 1, WallTime{});
        auto caller = std::make_shared<policy::Caller>();
        caller->name = "caller";
        sink = KeptSink();
        trail = telemetry::Trail();
        trail.model = "small";
        const std::string body = R"({"model":"small","input":)" + input + more + "}";
        auto request = dialect::openai().decode_request(chat::Endpoint::embeddings, body, wire::JsonLimits{});
        EXPECT_TRUE(request) << body;
        Exchange x{caller, settings, std::move(*request), sink, trail};
        x.model = settings->find_model("small");
        x.cache = wish;
        const auto outcome = test::run(Next(stages)(x));
        problem = outcome ? std::nullopt : std::optional(outcome.problem().kind());
        EXPECT_EQ(x.request.original.bytes, body) << "the client's words are its own again";
        EXPECT_EQ(x.listener, nullptr);
        return sink.heard;
    }

    test::HandClock clock;
    std::unique_ptr<store::AnswerCache> answers{store::open_answer_cache({}, clock.wall())};
    CacheTally tally;
    Settings::Parts parts;
    policy::CacheWish wish;
    std::string model{"small"};
    std::optional<std::string> reply;
    std::optional<ProblemKind> problem_of_call;
    bool fails_late{false};
    std::vector<std::string> asked;
    std::map<char, int> times;
    Provider::Script script{[this](Exchange& x) { return answer(x); }};
    std::vector<std::unique_ptr<Stage>> stages;
    std::optional<ProblemKind> problem;
    KeptSink sink;
    telemetry::Trail trail;
};

TEST_F(EmbeddingItemsTest, AsksForTheInputsThatAreMissing) {
    ask(R"("b")");
    EXPECT_EQ(trail.cache, "miss");
    const auto all = ask(R"(["a","b","c"])");
    EXPECT_THAT(asked, ElementsAre("b", "ac"));
    EXPECT_EQ(all, vectors_reply(vector_of(0, "[1.50,1]") + "," + vector_of(1, "[2.50,1]") + "," +
                                     vector_of(2, "[3.50,1]"),
                                 6));
    EXPECT_THAT(sink.heads, ElementsAre("v"));
    EXPECT_EQ(trail.cache, "miss");
    EXPECT_EQ(trail.input_tokens, TokenCount(4)) << "what the call took";
    EXPECT_EQ(trail.saved, PicoUsd(20));
    EXPECT_EQ(trail.saved_tokens, TokenCount(2));
    const auto sums = tally.report().models.at("small");
    EXPECT_EQ(sums.partial, 1U);
    EXPECT_EQ(sums.misses, 2U);
    EXPECT_EQ(sums.all_hits(), 0U);
    EXPECT_EQ(sums.saved, PicoUsdSum(PicoUsd(20)));
    EXPECT_EQ(sums.saved_tokens, 2U);
}

TEST_F(EmbeddingItemsTest, AnswersWithoutACallWhenAllAreKept) {
    ask(R"(["a","b"])");
    clock.advance(3s);
    ask(R"("c")");
    clock.advance(2s);
    const auto again = ask(R"(["c","a","b","a"])");
    EXPECT_THAT(asked, ElementsAre("ab", "c"));
    EXPECT_EQ(again, vectors_reply(vector_of(0, "[3.50,1]") + "," + vector_of(1, "[1.50,1]") + "," +
                                       vector_of(2, "[2.50,1]") + "," + vector_of(3, "[1.50,1]"),
                                   7));
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_EQ(trail.cache_tier, "exact");
    EXPECT_EQ(trail.cache_age, 5s) << "of the oldest";
    EXPECT_EQ(trail.saved, PicoUsd(75))
        << "without a count of its own each text of a call counts by its bytes";
    EXPECT_EQ(trail.cost, PicoUsd(0));
    EXPECT_EQ(trail.input_tokens, TokenCount(7));
    EXPECT_TRUE(trail.usage_known);
    EXPECT_TRUE(trail.attempts.empty());
    EXPECT_EQ(tally.report().models.at("small").all_hits(), 1U);
}

TEST_F(EmbeddingItemsTest, GivesOneInputOfABatchAlone) {
    ask(R"(["a","b"])");
    asked.clear();
    EXPECT_EQ(ask(R"("a")"), vectors_reply(vector_of(0, "[1.50,1]"), 1));
    EXPECT_EQ(trail.cache, "hit");
    EXPECT_THAT(asked, IsEmpty());
}

TEST_F(EmbeddingItemsTest, PassesOnAReplyToAllAsItCame) {
    reply = R"( {"data":[{"embedding":[1],"index":1},{"embedding":[0],"index":0}]} )";
    EXPECT_EQ(ask(R"(["a","b"])"), *reply);
    EXPECT_THAT(sink.heads, ElementsAre("v"));
    EXPECT_EQ(trail.saved, PicoUsd(0));
    EXPECT_EQ(answers->counts().entries, 2U);
    EXPECT_EQ(ask(R"("a")"), R"( {"data":[{"embedding":[0],"index":0}]} )");
}

TEST_F(EmbeddingItemsTest, AsksForAnInputOnceThatStandsThereTwice) {
    const auto all = ask(R"(["a","b","a"])");
    EXPECT_THAT(asked, ElementsAre("ab"));
    EXPECT_EQ(all, vectors_reply(vector_of(0, "[1.50,1]") + "," + vector_of(1, "[2.50,1]") + "," +
                                     vector_of(2, "[1.50,1]"),
                                 4));
    EXPECT_EQ(trail.input_tokens, TokenCount(3));
    EXPECT_EQ(trail.saved_tokens, TokenCount(1));
    EXPECT_EQ(trail.saved, PicoUsd(15));
}

TEST_F(EmbeddingItemsTest, AReplyWithOtherVectorsIsPassedOnWhereNothingIsPutBesideThem) {
    reply = vectors_reply(vector_of(0, "[1]"), 1);
    EXPECT_EQ(ask(R"(["a","b"])"), *reply);
    EXPECT_FALSE(problem);
    EXPECT_EQ(answers->counts().entries, 0U);
}

TEST_F(EmbeddingItemsTest, AReplyWithOtherVectorsIsNoneWhereSomeAreKept) {
    ask(R"("a")");
    reply = vectors_reply(vector_of(0, "[1]"), 1);
    EXPECT_EQ(ask(R"(["a","b","c"])"), "");
    EXPECT_EQ(problem, ProblemKind::upstream_protocol);
    EXPECT_EQ(trail.saved, PicoUsd(0));
    EXPECT_EQ(answers->counts().entries, 1U) << "what is kept stays";
}

TEST_F(EmbeddingItemsTest, TheCallsFailureIsTheRequestsAndWhatIsKeptStays) {
    ask(R"("a")");
    problem_of_call = ProblemKind::upstream_rate_limited;
    EXPECT_EQ(ask(R"(["a","b"])"), "");
    EXPECT_EQ(problem, ProblemKind::upstream_rate_limited);
    problem_of_call.reset();
    ask(R"("a")");
    EXPECT_EQ(trail.cache, "hit");
}

TEST_F(EmbeddingItemsTest, KeepsNothingOfACallThatFailsBehindItsReply) {
    ask(R"("a")");
    fails_late = true;
    ask(R"(["a","b","c"])");
    EXPECT_EQ(answers->counts().entries, 1U);
}

TEST_F(EmbeddingItemsTest, PutsNoVectorsOfTwoModelsTogether) {
    parts.models[0].targets.push_back({"acme", "other"});
    ask(R"("a")");
    model = "other";
    const auto all = ask(R"(["a","b"])");
    EXPECT_THAT(asked, ElementsAre("a", "b", "ab")) << "all of them anew";
    EXPECT_EQ(all, vectors_reply(vector_of(0, "[1.50,2]") + "," + vector_of(1, "[2.50,2]"), 3));
    EXPECT_EQ(trail.saved, PicoUsd(0));
    EXPECT_THAT(sink.heads, ElementsAre("v"));
    model = "small";
    clock.advance(1s);
    ask(R"("c")");
    EXPECT_EQ(
        ask(R"(["b","c","a"])"),
        vectors_reply(
            vector_of(0, "[2.50,3]") + "," + vector_of(1, "[3.50,1]") + "," + vector_of(2, "[1.50,3]"), 6))
        << "of the model that answered last";
    EXPECT_THAT(asked, ElementsAre("a", "b", "ab", "c", "ba"));
    EXPECT_EQ(tally.report().refusals.at("other_model"), 1U);
}

TEST_F(EmbeddingItemsTest, KeepsNothingOfAFallback) {
    parts.models.push_back({"tiny", {{"acme", "tiny"}}});
    parts.models[0].fallbacks = {"tiny"};
    model = "tiny";
    ask(R"(["a","b"])");
    EXPECT_EQ(answers->counts().entries, 0U);
}

TEST_F(EmbeddingItemsTest, EveryInputHasItsTime) {
    parts.models[0].cache.exact.ttl = 10s;
    ask(R"("a")");
    clock.advance(6s);
    ask(R"("b")");
    clock.advance(4s);
    ask(R"(["a","b"])");
    EXPECT_THAT(asked, ElementsAre("a", "b", "a"));
    wish.max_age = 3s;
    ask(R"(["a","b"])");
    EXPECT_THAT(asked, ElementsAre("a", "b", "a", "b"));
    EXPECT_EQ(trail.cache, "miss");
}

TEST_F(EmbeddingItemsTest, WithNoCacheAllAreAskedForAndKept) {
    ask(R"("a")");
    wish.no_cache = true;
    ask(R"(["a","b","b"])");
    EXPECT_THAT(asked, ElementsAre("a", "ab"));
    EXPECT_EQ(trail.cache, "refresh");
    EXPECT_EQ(trail.saved_tokens, TokenCount(2));
    wish.no_cache = false;
    EXPECT_EQ(ask(R"(["b","a"])"),
              vectors_reply(vector_of(0, "[2.50,1]") + "," + vector_of(1, "[1.50,2]"), 3));
    EXPECT_EQ(trail.cache, "hit");
}

TEST_F(EmbeddingItemsTest, WithNoStoreNothingIsKept) {
    ask(R"("a")");
    wish.no_store = true;
    ask(R"(["a","b"])");
    EXPECT_THAT(asked, ElementsAre("a", "b")) << "what is kept is given all the same";
    EXPECT_EQ(answers->counts().entries, 1U);
    ask(R"(["c","b"])");
    EXPECT_EQ(answers->counts().entries, 1U);
}

TEST_F(EmbeddingItemsTest, OnlyIfCachedWantsAllOfThem) {
    ask(R"("a")");
    wish.only_if_cached = true;
    ask(R"(["a","b"])");
    EXPECT_EQ(problem, ProblemKind::not_cached);
    EXPECT_THAT(asked, ElementsAre("a"));
    ask(R"(["a"])");
    EXPECT_FALSE(problem);
    EXPECT_EQ(trail.cache, "hit");
}

TEST_F(EmbeddingItemsTest, WhatMayChangeAVectorPartsThem) {
    ask(R"("a")", R"(,"dimensions":2)");
    ask(R"("a")", R"(,"dimensions":3)");
    ask(R"("a")", R"(,"encoding_format":"base64")");
    ask(R"("a")", R"(,"user":"u")");
    ask(R"("a")", R"(,"user":"v")");
    EXPECT_EQ(asked.size(), 4U);
    EXPECT_EQ(trail.cache, "hit");
}

}  // namespace
}  // namespace gatehouse::pipeline
