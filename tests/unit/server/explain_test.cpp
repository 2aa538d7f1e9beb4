// `POST /admin/explain`: what its hook needs time for is waited for, and what it says of the cache.
#include "gatehouse/server/explain.hpp"

#include "server_fixture.hpp"

#include "gatehouse/net/http_client.hpp"
#include "gatehouse/upstream/embedder.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::server {
namespace {

using namespace std::chrono_literals;

/// Never has a vector.
class SlowEmbedder : public upstream::Embedder {
public:
    const vector::ModelIdentity& identity() const noexcept override { return identity_; }
    Status ready() const override { return done(); }
    Task<Result<std::vector<float>>> embed(upstream::Callers& callers, std::string_view) const override {
        ++asked;
        co_await callers.clock().sleep_until(Instant::max());
        co_return Problem(ProblemKind::internal, "woken");
    }

    mutable int asked{0};

private:
    vector::ModelIdentity identity_{"slow", "1", 2};
};

class NobodyToCall : public net::HttpCaller {
public:
    Task<Result<std::unique_ptr<net::HttpReply>>> send(const net::Origin&, net::HttpCall&) override {
        co_return Problem(ProblemKind::internal, "called");
    }
};

struct ExplainTest : ServerTest {
    ExplainTest() {
        add_key("gh-root", "root", true);
        options.admin_hosts = {"gw"};
        upstream::EmbedderOptions local;
        local.name = "local";
        parts.embedders.push_back({local, embedder});
        parts.models[0].cache.semantic.most = policy::CacheTier::semantic;
        admin.explain = [this](const ExplainQuestion& question, const Live& of) {
            return explain(question, of, sources, TargetStates::live, view);
        };
    }
    static std::string question(std::string_view headers = "{}") {
        return R"({"headers":)" + std::string(headers) +
               R"(,"request":{"model":"small","temperature":0,)"
               R"("messages":[{"role":"user","content":"Why does the engine need fuel?"}]}})";
    }
    std::shared_ptr<ClientEnd> explained(std::string_view body) {
        const auto client = connect(Door::admin);
        client->send(post("/admin/explain", body, "", "gh-root"));
        run();
        return client;
    }

    std::shared_ptr<SlowEmbedder> embedder{std::make_shared<SlowEmbedder>()};
    std::unique_ptr<store::AnswerCache> answers{store::open_answer_cache({}, clock.wall())};
    pipeline::CacheTally tally;
    pipeline::QuestionIndex questions{10};
    pipeline::CacheParts cache{.answers = *answers, .tally = tally, .questions = &questions};
    NobodyToCall network;
    upstream::Callers callers{clock, network};
    const CacheView cache_view{cache, callers};
    const CacheView* view{&cache_view};
    tokens::TokenCounter counter;
    const pipeline::FactSources sources{clock, counter};
};

TEST_F(ExplainTest, WaitsForTheEmbedderAsARequestWouldAndNoLonger) {
    const auto client = explained(question());
    EXPECT_EQ(client->received(), "");
    advance(249ms);
    EXPECT_EQ(client->received(), "");
    advance(1ms);
    const auto reply = client->received();
    EXPECT_EQ(status_of(reply), 200);
    EXPECT_TRUE(has(reply, R"("refusal": "no_vector")")) << reply;
    EXPECT_TRUE(has(reply, R"("compared": 0)")) << reply;
    EXPECT_EQ(embedder->asked, 1);
    EXPECT_TRUE(tally.report().refusals.empty()) << "nobody asked for an answer";
}

TEST_F(ExplainTest, TheTimeThatTheRequestNamesHoldsHereToo) {
    const auto client = explained(question(R"({"x-gatehouse-timeout":"400ms"})"));
    EXPECT_EQ(client->received(), "");
    advance(100ms);
    EXPECT_TRUE(has(client->received(), R"("refusal": "no_vector")"));
}

TEST_F(ExplainTest, NoEmbedderIsAskedWhereNothingIsLookedForByMeaning) {
    const auto narrow = explained(question(R"({"x-gatehouse-cache":"signature"})"))->received();
    EXPECT_TRUE(has(narrow, R"("meaning": null)")) << narrow;
    const auto fresh = explained(question(R"({"cache-control":"no-cache"})"))->received();
    EXPECT_TRUE(has(fresh, R"("meaning": null)")) << fresh;
    view = nullptr;
    const auto without = explained(question())->received();
    EXPECT_TRUE(has(without, R"("allowed": "semantic")")) << without;
    EXPECT_TRUE(has(without, R"("meaning": null)")) << without;
    EXPECT_EQ(embedder->asked, 0);
}

TEST_F(ExplainTest, WhatCannotBeExplainedIsRefused) {
    EXPECT_EQ(status_of(explained(R"({"key":"nobody","request":{"model":"small"}})")->received()), 400);
}

}  // namespace
}  // namespace gatehouse::server
