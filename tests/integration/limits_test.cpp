// Limits and budgets through the real server: who is let through, what a reply's head says of it, and that
// nothing is left behind.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawClient;
using test::RawResponse;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view path = "/v1/chat/completions";
const std::string once = "retry: {attempts: 1}\n";

std::string chunk(std::string_view inside) {
    return R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m",)" + std::string(inside) +
           "}";
}

FakeResponse answer(const FakeRequest& request) {
    if (request.body.find(R"("stream":true)") == std::string::npos) {
        return FakeResponse::json(
            R"({"id":"1","object":"chat.completion","created":1,"model":"priced","choices":[{"index":0,)"
            R"("message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],)"
            R"("usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10}})");
    }
    return FakeResponse::events(
        {chunk(R"("choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}])"),
         chunk(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])"),
         chunk(R"("choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10})"),
         "[DONE]"});
}

struct LimitsTest : testing::Test {
    LimitsTest() : upstream([this](const FakeRequest& request) { return answer_when_open(request); }) {
        const std::string pattern =
            (std::filesystem::temp_directory_path() / "gatehouse-prices-XXXXXX").string();
        std::vector<char> name(pattern.begin(), pattern.end());
        name.push_back('\0');
        const int descriptor = ::mkstemp(name.data());
        EXPECT_GE(descriptor, 0);
        ::close(descriptor);
        prices = name.data();
        // Every way of serving costs the same, so that the worst case is what a test can work out.
        std::ofstream(prices) << "models: {openai: {priced: {price: {input: \"1\", output: \"10\"}, "
                                 "multipliers: {batch: 1, flex: 1, priority: 1, fast: 1}}}}\n";
        plan.base_url = upstream.base_url() + "/v1";
        plan.rest = once;
    }
    ~LimitsTest() override {
        open();
        house.reset();
        std::filesystem::remove(prices);
    }

    void serve() { house = std::make_unique<House>(plan); }
    /// Providers hold their answers back from now on.
    void hold() {
        gate = std::promise<void>();
        opened = gate.get_future().share();
        held = true;
    }
    void open() {
        if (held.exchange(false)) {
            gate.set_value();
        }
    }
    FakeResponse answer_when_open(const FakeRequest& request) {
        if (held) {
            opened.wait();
        }
        return script(request);
    }
    RawResponse ask(std::string_view model = "alias") { return house->ask(path, chat(model)); }
    json explain() { return explain_of(body()); }
    json explain_of(const std::string& request) {
        const json question = {{"endpoint", path}, {"key", "caller"}, {"request", json::parse(request)}};
        const auto response = house->admin_post("/admin/explain", question.dump());
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body);
    }
    /// Costs 100 tokens of output at most.
    static std::string body(std::string_view more = "") {
        return chat("priced", R"(,"max_tokens":100)" + std::string(more));
    }
    double refusals(std::string_view level, std::string_view measure) {
        return house->metric(
            fmt::format("gatehouse_limit_refusals_total{{level=\"{}\",measure=\"{}\"}}", level, measure));
    }

    Plan plan;
    std::string prices;
    std::promise<void> gate;
    std::shared_future<void> opened;
    std::atomic<bool> held{false};
    FakeUpstream::Script script{answer};
    FakeUpstream upstream;
    std::unique_ptr<House> house;
};

TEST_F(LimitsTest, WithoutLimitsAReplySaysNothingOfThem) {
    serve();
    const auto reply = ask();
    EXPECT_EQ(reply.status, 200);
    for (const auto& [name, value] : reply.headers) {
        EXPECT_FALSE(name.starts_with("x-ratelimit")) << name;
    }
}

TEST_F(LimitsTest, ReplyAndRefusalSayWhatIsLeftOfTheTightestLevel) {
    plan.caller = "requests_per_minute: 2, team: search";
    plan.rest =
        once + "teams: [{name: search, limits: {requests_per_minute: 10, tokens_per_minute: 1000}}]\n";
    serve();
    const auto first = ask();
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.header("x-ratelimit-limit-requests"), "2");
    EXPECT_EQ(first.header("x-ratelimit-remaining-requests"), "1");
    EXPECT_THAT(first.header("x-ratelimit-reset-requests").value_or(""),
                testing::ContainsRegex("^(30|29\\.[0-9]+)s$"));
    EXPECT_EQ(first.header("x-ratelimit-limit-tokens"), "1000");
    EXPECT_TRUE(first.header("x-ratelimit-reset-tokens"));
    EXPECT_EQ(ask().status, 200);
    const auto refused = ask();
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("x-ratelimit-remaining-requests"), "0");
    EXPECT_EQ(refused.header("x-ratelimit-limit-tokens"), "1000");
    ASSERT_TRUE(refused.header("retry-after"));
    EXPECT_LE(std::stoi(*refused.header("retry-after")), 30);
    EXPECT_TRUE(refused.header("retry-after-ms"));
    EXPECT_FALSE(refused.header("x-should-retry"));
    const auto error = json::parse(refused.body)["error"];
    EXPECT_EQ(error["type"], "rate_limit_error");
    EXPECT_EQ(error["code"], "rate_limit_exceeded");
    EXPECT_THAT(error["message"], HasSubstr("requests per minute of the key `caller`"));
    EXPECT_EQ(upstream.requests().size(), 2U);
    EXPECT_TRUE(eventually([&] { return refusals("key", "requests") == 1; }));
}

TEST_F(LimitsTest, TokensAreSettledWithTheUsage) {
    plan.caller = "tokens_per_minute: 10k";
    serve();
    EXPECT_EQ(house->ask(path, chat("alias", R"(,"max_tokens":5000)")).status, 200);
    ASSERT_TRUE(
        eventually([&] { return explain()["limits"][0]["tokens_per_minute"]["remaining"] >= 9'990; }));
    const auto reply = house->ask(path, chat("alias", R"(,"max_tokens":5000)"));
    EXPECT_EQ(reply.status, 200);
    const auto remaining = std::stoi(reply.header("x-ratelimit-remaining-tokens").value_or("0"));
    EXPECT_GT(remaining, 4'900) << "ten of the first, the estimate of this one";
    EXPECT_LT(remaining, 5'000);
    const auto never = house->ask(path, chat("alias", R"(,"max_tokens":20000)"));
    EXPECT_EQ(never.status, 429);
    EXPECT_EQ(never.header("x-should-retry"), "false");
    EXPECT_FALSE(never.header("retry-after"));
}

TEST_F(LimitsTest, ClientsOfOtherVendorsReadTheirOwnWords) {
    plan.caller = "requests_per_minute: 1";
    plan.more_providers = "  claude: {kind: anthropic, base_url: \"" + upstream.base_url() + "\"}\n";
    plan.models = "  sonnet: {targets: [{provider: claude, model: sonnet}]}\n";
    script = [](const FakeRequest&) {
        return FakeResponse::json(
            R"({"id":"msg_1","type":"message","role":"assistant","model":"sonnet","content":[{"type":"text",)"
            R"("text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,)"
            R"("output_tokens":1}})");
    };
    serve();
    const std::string message =
        R"({"model":"sonnet","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]})";
    const auto reply = house->ask("/v1/messages", message);
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("anthropic-ratelimit-requests-remaining"), "0");
    EXPECT_TRUE(reply.header("anthropic-ratelimit-requests-reset"));
    const auto refused = house->ask("/v1/messages", message);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(json::parse(refused.body)["error"]["type"], "rate_limit_error");
    const auto gemini =
        house->ask("/v1beta/models/sonnet:generateContent", R"({"contents":[{"parts":[{"text":"Hi"}]}]})");
    EXPECT_EQ(gemini.status, 429);
    EXPECT_EQ(json::parse(gemini.body)["error"]["status"], "RESOURCE_EXHAUSTED");
}

TEST_F(LimitsTest, AReloadChangesLimitsAndKeepsWhatWasUsed) {
    plan.caller = "requests_per_minute: 3";
    serve();
    EXPECT_EQ(ask().header("x-ratelimit-remaining-requests"), "2");
    plan.caller = "requests_per_minute: 5";
    house->write(plan);
    EXPECT_TRUE(house->reload());
    EXPECT_EQ(ask().header("x-ratelimit-remaining-requests"), "3");
    plan.caller = "requests_per_minute: 0";
    house->write(plan);
    EXPECT_TRUE(house->reload());
    const auto blocked = ask();
    EXPECT_EQ(blocked.status, 429);
    EXPECT_EQ(blocked.header("x-should-retry"), "false");
    EXPECT_EQ(blocked.header("x-ratelimit-limit-requests"), "0");
}

TEST_F(LimitsTest, PlacesAreFreeAgainWhenClientsLeave) {
    plan.caller = "concurrency: 2";
    plan.lanes = 2;
    serve();
    hold();
    {
        RawClient whole(house->port());
        RawClient streamed(house->port());
        whole.send(House::post(path, chat("alias")));
        streamed.send(House::post(path, chat("alias", R"(,"stream":true)")));
        ASSERT_TRUE(eventually([&] { return upstream.requests().size() == 2; }));
        const auto refused = ask();
        EXPECT_EQ(refused.status, 429);
        EXPECT_TRUE(refused.header("retry-after"));
        EXPECT_THAT(refused.body, HasSubstr("requests at one time"));
    }
    EXPECT_TRUE(eventually([&] { return explain()["limits"][0]["concurrency"]["running"] == 0; }));
    open();
    EXPECT_EQ(ask().status, 200);
}

TEST_F(LimitsTest, AProviderThatIsFullIsPassedOver) {
    plan.provider = "limits: {concurrency: 1}";
    plan.more_providers = "  other: {kind: openai, base_url: \"" + upstream.base_url() +
                          "/v1\", limits: {requests_per_minute: 1}}\n";
    plan.models = "  alias: {targets: [{provider: up, model: a}, {provider: other, model: b}]}\n";
    serve();
    hold();
    RawClient first(house->port());
    first.send(House::post(path, chat("alias")));
    ASSERT_TRUE(eventually([&] { return upstream.requests().size() == 1; }));
    RawClient second(house->port());
    second.send(House::post(path, chat("alias")));
    ASSERT_TRUE(eventually([&] { return upstream.requests().size() == 2; }));
    const auto full = ask();
    EXPECT_EQ(full.status, 429);
    EXPECT_EQ(json::parse(full.body)["error"]["code"], "upstream_rate_limited");
    EXPECT_TRUE(full.header("retry-after"));
    open();
    EXPECT_EQ(first.read_response().header("x-gatehouse-provider"), "up");
    EXPECT_EQ(second.read_response().header("x-gatehouse-provider"), "other");
    EXPECT_TRUE(eventually([&] { return ask().status == 200; })) << "the place is free again";
    EXPECT_TRUE(eventually([&] { return refusals("provider", "room") >= 1; }));
}

TEST_F(LimitsTest, ExplainPassesOverAProviderThatIsFull) {
    plan.provider = "limits: {requests_per_minute: 1}";
    plan.models = "  priced: {targets: [{provider: up, model: priced}, {provider: sim, model: chat}]}\n";
    serve();
    EXPECT_EQ(explain()["first_call"]["target"], 0);
    EXPECT_EQ(ask("priced").header("x-gatehouse-provider"), "up");
    const auto told = explain();
    EXPECT_EQ(told["first_call"], json({{"target", 1}, {"why", "first"}}));
    const auto& state = told["targets"][0]["state"];
    EXPECT_EQ(state["has_room"], false);
    EXPECT_GT(state["free_in_ms"], 0);
    EXPECT_EQ(told["targets"][1]["state"]["has_room"], true);
    EXPECT_EQ(told["targets"][1]["state"]["free_in_ms"], nullptr);
    EXPECT_EQ(ask("priced").header("x-gatehouse-provider"), "sim");
}

TEST_F(LimitsTest, ExplainKnowsHowManyTokensAProviderHasLeft) {
    plan.provider = "limits: {tokens_per_minute: 50}";  // the output alone is 100
    plan.models = "  priced: {targets: [{provider: up, model: priced}, {provider: sim, model: chat}]}\n";
    serve();
    const auto told = explain();
    EXPECT_EQ(told["targets"][0]["state"]["has_room"], false);
    EXPECT_EQ(told["targets"][0]["state"]["free_in_ms"], nullptr) << "it never will be";
    EXPECT_EQ(told["first_call"]["target"], 1);
    EXPECT_EQ(house->ask(path, body()).header("x-gatehouse-provider"), "sim");
}

TEST_F(LimitsTest, ExplainLeavesOutWhatABudgetDoesNotAllow) {
    plan.caller = "budget: {usd: \"1\", period: day}";
    plan.rest = once + "prices: " + prices + "\n";
    plan.models =
        "  priced: {targets: [{provider: up, model: nobody-knows}, {provider: up, model: priced}]}\n"
        "  closed: {targets: [{provider: up, model: nobody-knows}]}\n";
    serve();
    const auto told = explain();
    ASSERT_EQ(told["targets"].size(), 1U) << told;
    EXPECT_EQ(told["targets"][0]["model"], "priced");
    EXPECT_EQ(told["first_call"]["target"], 0);
    EXPECT_EQ(told["problem"], nullptr);
    EXPECT_EQ(house->ask(path, body()).header("x-gatehouse-model"), "priced");

    const auto closed = chat("closed", R"(,"max_tokens":100)");
    const auto refused = explain_of(closed);
    EXPECT_EQ(refused["problem"]["status"], 403);
    EXPECT_EQ(refused["problem"]["code"], "price_unknown");
    EXPECT_EQ(refused["targets"], json::array());
    EXPECT_EQ(house->ask(path, closed).status, 403);
}

TEST_F(LimitsTest, ExplainTellsOfRefusalsAndTakesNothing) {
    plan.caller = "requests_per_minute: 1";
    serve();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(explain()["problem"], nullptr);
    }
    EXPECT_EQ(house->ask(path, body()).status, 200);
    const auto told = explain();
    EXPECT_EQ(told["problem"]["status"], 429);
    EXPECT_EQ(told["problem"]["code"], "rate_limit_exceeded");
    EXPECT_THAT(told["problem"]["message"], HasSubstr("the key `caller`"));
    EXPECT_EQ(told["targets"].size(), 1U) << "where it would go when it may";
    EXPECT_EQ(house->ask(path, body()).status, 429);
}

TEST_F(LimitsTest, ExplainTellsOfABudgetThatDoesNotCoverTheRequest) {
    plan.caller = "budget: {usd: \"0.000001\", period: day}";
    plan.rest = once + "prices: " + prices + "\n";
    serve();
    const auto told = explain();
    EXPECT_EQ(told["problem"]["status"], 429);
    EXPECT_EQ(told["problem"]["code"], "insufficient_quota");
    EXPECT_EQ(house->ask(path, body()).status, 429);
    EXPECT_DOUBLE_EQ(told["limits"][0]["budget"]["reserved_usd"], 0);
}

TEST_F(LimitsTest, ARequestThatNoProviderCanEverTakeIsNotTriedAgain) {
    plan.provider = "limits: {tokens_per_minute: 1000}";
    serve();
    const auto never = house->ask(path, chat("alias", R"(,"max_tokens":5000)"));
    EXPECT_EQ(never.status, 429);
    EXPECT_EQ(json::parse(never.body)["error"]["code"], "rate_limit_exceeded");
    EXPECT_EQ(never.header("x-should-retry"), "false");
    EXPECT_FALSE(never.header("retry-after"));
    EXPECT_EQ(ask().status, 200);
    plan.provider = "limits: {requests_per_minute: 0}";
    house->write(plan);
    ASSERT_TRUE(house->reload());
    EXPECT_EQ(ask().header("x-should-retry"), "false");
}

TEST_F(LimitsTest, CallsThatDoNotReachAProviderLeaveItsLimitsAlone) {
    plan.base_url = "http://127.0.0.1:1/v1";
    plan.provider = "limits: {requests_per_minute: 1}";
    serve();
    EXPECT_EQ(ask().status, 502);
    EXPECT_EQ(ask().status, 502) << "not 429: nobody was reached";
}

TEST_F(LimitsTest, TokensThatAreCountedHereLeaveAProvidersLimitsAlone) {
    plan.provider = "limits: {requests_per_minute: 1}";
    serve();
    const std::string question = R"({"model":"alias","messages":[{"role":"user","content":"Hi"}]})";
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(house->ask("/v1/messages/count_tokens", question).status, 200);
    }
    EXPECT_TRUE(upstream.requests().empty());
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(ask().status, 429);
}

TEST_F(LimitsTest, ASpentBudgetIsNotTriedAgain) {
    plan.caller = "budget: {usd: \"0.000001\", period: day}";
    plan.rest = once + "prices: " + prices + "\n";
    serve();
    const auto refused = house->ask(path, body());
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("x-should-retry"), "false");
    EXPECT_FALSE(refused.header("retry-after"));
    const auto error = json::parse(refused.body)["error"];
    EXPECT_EQ(error["type"], "insufficient_quota");
    EXPECT_EQ(error["code"], "insufficient_quota");
    EXPECT_THAT(error["message"], HasSubstr("0.000001 US dollars"));
    const auto unpriced = house->ask(path, chat("nobody-knows", R"(,"max_tokens":5)"));
    EXPECT_EQ(unpriced.status, 403);
    EXPECT_EQ(json::parse(unpriced.body)["error"]["code"], "price_unknown");
    EXPECT_TRUE(upstream.requests().empty());
}

TEST_F(LimitsTest, TheOutputIsLimitedForThoseWithABudget) {
    plan.caller = "budget: {usd: \"5\"}";
    plan.rest = once + "prices: " + prices + "\n";
    plan.models = "  alias: {targets: [{provider: up, model: priced}], max_output_tokens: 64}\n";
    serve();
    EXPECT_EQ(ask().status, 200);
    EXPECT_EQ(json::parse(upstream.requests().at(0).body)["max_tokens"], 64);
    EXPECT_EQ(json::parse(upstream.requests().at(0).body)["model"], "priced");
}

/// What the ledger remembers of an account, over the ends of settings and processes.
struct SpendingTest : LimitsTest {
    SpendingTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-spent-XXXXXX").string();
        plan.data_dir = ::mkdtemp(pattern.data());
        plan.rest = once + "prices: " + prices + "\n";
    }
    ~SpendingTest() override {
        house.reset();
        std::filesystem::remove_all(plan.data_dir);
    }
    /// 8 tokens at 1 dollar and 2 at 10 for a million each.
    static constexpr double each = 28e-6;
    double settled() {
        const auto limits = explain()["limits"];
        return limits.empty() ? -1 : limits[0]["budget"]["settled_usd"].get<double>();
    }
};

TEST_F(SpendingTest, ARestartKnowsItAndHoldsNothingBack) {
    plan.caller = "budget: {usd: \"1\", period: month}";
    serve();
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(house->ask(path, body()).status, 200);
    }
    ASSERT_NEAR(settled(), 3 * each, 1e-9);
    house.reset();
    serve();
    EXPECT_NEAR(settled(), 3 * each, 1e-9);
    EXPECT_EQ(explain()["limits"][0]["budget"]["reserved_usd"], 0);
}

TEST_F(SpendingTest, ABudgetThatComesLaterKnowsWhatWasSpentBefore) {
    serve();
    ASSERT_EQ(house->ask(path, body()).status, 200);
    // Its row is there.
    ASSERT_TRUE(eventually([&] { return house->log_text().find("cost_usd") != std::string::npos; }));
    plan.caller = "budget: {usd: \"1\", period: day}";
    house->write(plan);
    ASSERT_TRUE(house->reload());
    EXPECT_NEAR(settled(), each, 1e-9) << "from the first request on";
    ASSERT_EQ(house->ask(path, body()).status, 200);
    EXPECT_TRUE(eventually([&] { return std::abs(settled() - 2 * each) < 1e-9; }));
}

TEST_F(SpendingTest, WhatWasSpentBeforeAndAfterAStartCountsOnce) {
    serve();
    ASSERT_EQ(house->ask(path, body()).status, 200);
    house.reset();
    serve();
    ASSERT_EQ(house->ask(path, body()).status, 200);
    for (const auto* budget : {"budget: {usd: \"1\", period: day}", "budget: {usd: \"2\", period: total}"}) {
        plan.caller = budget;
        house->write(plan);
        ASSERT_TRUE(house->reload());
        EXPECT_TRUE(eventually([&] { return std::abs(settled() - 2 * each) < 1e-9; })) << budget;
    }
    ASSERT_EQ(house->ask(path, body()).status, 200);
    EXPECT_TRUE(eventually([&] { return std::abs(settled() - 3 * each) < 1e-9; }));
    plan.caller.clear();
    house->write(plan);
    ASSERT_TRUE(house->reload());
    ASSERT_EQ(house->ask(path, body()).status, 200);
    plan.caller = "budget: {usd: \"1\"}";
    house->write(plan);
    ASSERT_TRUE(house->reload());
    EXPECT_TRUE(eventually([&] { return std::abs(settled() - 4 * each) < 1e-9; }));
    house.reset();
    serve();
    EXPECT_TRUE(eventually([&] { return std::abs(settled() - 4 * each) < 1e-9; })) << "as the ledger has it";
}

TEST_F(SpendingTest, ATeamThatWasOnlyALabelKnowsItTooWhenItGetsABudget) {
    plan.caller = "team: search";
    serve();
    ASSERT_EQ(house->ask(path, body()).status, 200);
    house.reset();
    serve();
    ASSERT_EQ(house->ask(path, body()).status, 200);
    plan.rest += "teams: [{name: search, budget: {usd: \"1\"}}]\n";
    house->write(plan);
    ASSERT_TRUE(house->reload());
    EXPECT_TRUE(eventually([&] { return std::abs(settled() - 2 * each) < 1e-9; }));
}

/// Fifty at once against a budget for ten.
struct BudgetTest : LimitsTest {
    static constexpr std::size_t askers = 50;

    BudgetTest() {
        plan.lanes = 2;
        plan.caller = "concurrency: 1000, budget: {usd: \"1\", period: total}";
        plan.rest = once + "prices: " + prices + "\n";
    }
    /// Half of them want a stream; each says who it is.
    std::string asked(std::size_t number) const {
        return body(
            fmt::format(R"(,"user":"asker-{}"{})", number, number % 2 == 0 ? "" : R"(,"stream":true)"));
    }
    void send_all() {
        clients.clear();
        for (std::size_t i = 0; i < askers; ++i) {
            clients.push_back(std::make_unique<RawClient>(house->port()));
            clients.back()->send(House::post(path, asked(i)));
        }
    }
    std::vector<std::size_t> admitted(std::size_t from) const {
        std::vector<std::size_t> numbers;
        const auto requests = upstream.requests();
        for (std::size_t i = from; i < requests.size(); ++i) {
            const auto user = json::parse(requests[i].body)["user"].get<std::string>();
            numbers.push_back(std::stoul(user.substr(user.find('-') + 1)));
        }
        return numbers;
    }
    std::vector<std::unique_ptr<RawClient>> clients;
};

TEST_F(BudgetTest, FiftyAtOnceAgainstABudgetForTen) {
    serve();
    const auto worst =
        std::llround(explain()["worst_case_usd"].get<double>() * 1e6);  // of a millionth dollar
    ASSERT_GT(worst, 1'000);
    // Ten worst cases, and what is not enough for another.
    const auto budget = worst * 10 + worst / 2;
    plan.caller = fmt::format("concurrency: 1000, budget: {{usd: \"0.{:06}\", period: total}}", budget);
    house->write(plan);
    ASSERT_TRUE(house->reload());

    hold();
    send_all();
    ASSERT_TRUE(eventually([&] { return refusals("key", "money") == askers - 10; }));
    ASSERT_TRUE(eventually([&] { return upstream.requests().size() == 10; }));
    const auto first = admitted(0);
    const std::set<std::size_t> inside(first.begin(), first.end());
    ASSERT_EQ(inside.size(), 10U);
    for (std::size_t i = 0; i < askers; ++i) {
        if (inside.count(i) == 0) {
            const auto refused = clients[i]->read_response("POST");
            EXPECT_EQ(refused.status, 429);
            EXPECT_EQ(refused.header("x-should-retry"), "false");
        }
    }
    EXPECT_GT(house->metric("gatehouse_budget_used_ratio{level=\"key\",name=\"caller\"}"), 0.9);
    // Three leave; of the others four are answered with an error, which is not billed.
    for (std::size_t i = 0; i < 3; ++i) {
        clients[first[i]]->close();
    }
    ASSERT_TRUE(eventually([&] { return explain()["limits"][0]["concurrency"]["running"] == 7; }));
    const std::set<std::size_t> failing(first.begin() + 3, first.begin() + 7);
    script = [failing](const FakeRequest& request) {
        const auto user = json::parse(request.body)["user"].get<std::string>();
        const bool fails = failing.count(std::stoul(user.substr(user.find('-') + 1))) > 0;
        return fails ? FakeResponse::json("{}", 500) : answer(request);
    };
    open();
    for (std::size_t i = 3; i < first.size(); ++i) {
        const auto reply = clients[first[i]]->read_response("POST");
        EXPECT_EQ(reply.status, failing.count(first[i]) > 0 ? 502 : 200);
    }
    json state;
    ASSERT_TRUE(eventually([&] {
        state = explain()["limits"][0]["budget"];
        return state["reserved_usd"] == 0;
    }));
    // In millionths of a dollar: the three that were answered cost what their usage says, the three that left
    // their prompts, which is all of the worst case but for the hundred tokens of output.
    const auto settled = std::llround(state["settled_usd"].get<double>() * 1e6);
    EXPECT_EQ(settled, 3 * 28 + 3 * (worst - 1'000));

    // What was not spent is there for others, to the last whole request.
    const auto again = static_cast<std::size_t>((budget - settled) / worst);
    EXPECT_GE(again, 4U);
    script = answer;
    const auto refused_before = refusals("key", "money");
    hold();
    send_all();
    ASSERT_TRUE(eventually(
        [&] { return refusals("key", "money") == refused_before + static_cast<double>(askers - again); }));
    ASSERT_TRUE(eventually([&] { return upstream.requests().size() == 10 + again; }));
    open();
    for (const auto i : admitted(10)) {
        EXPECT_EQ(clients[i]->read_response("POST").status, 200);
    }
}

TEST_F(BudgetTest, WarnsPastTheSoftThreshold) {
    plan.caller = "budget: {usd: \"0.0025\", period: total, warn_at: 30%}";
    serve();
    const auto reply = house->ask(path, body());
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.header("x-gatehouse-budget-warning").value_or(""), StartsWith("key=caller, used="));
    EXPECT_TRUE(
        eventually([&] { return house->metric("gatehouse_budget_warnings_total{level=\"key\"}") == 1; }));
}

}  // namespace
}  // namespace gatehouse::integration
