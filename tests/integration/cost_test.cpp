// What requests cost, as those see it who run the gateway and those who ask it: header, usage, log, metrics,
// the debug report, the explanation; on every way that a request can go.
#include "house.hpp"
#include "json/json_value.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using dialect::test::JsonValue;
using test::eventually;
using test::FakeFault;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view path = "/v1/chat/completions";
constexpr std::string_view streamed = R"(,"stream":true)";
constexpr std::string_view with_usage = R"(,"stream":true,"stream_options":{"include_usage":true})";

const std::string chunk =
    R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)";
const std::string content = chunk + R"({"content":"Hello, you"},"finish_reason":null}]})";
const std::string finish = chunk + R"({},"finish_reason":"stop"}]})";
const std::string usage =
    R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],)"
    R"("usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110,)"
    R"("prompt_tokens_details":{"cached_tokens":60}}})";

/// 40 tokens at $1, 60 at $0.1, 10 at $4 for a million: 0.000040 + 0.000006 + 0.000040.
constexpr std::string_view bill = "0.000086";

FakeResponse whole() {
    return FakeResponse::json(
        R"({"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"Hello, you"},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110,)"
        R"("prompt_tokens_details":{"cached_tokens":60}}})");
}

FakeResponse stream() {
    return FakeResponse::events({content, finish, usage, "[DONE]"});
}

FakeResponse response_stream() {
    return FakeResponse::events(
        {R"({"type":"response.created","response":{"id":"r","object":"response","model":"m","usage":null}})",
         R"({"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,)"
         R"("delta":"Hello, you"})",
         R"({"type":"response.completed","response":{"id":"r","object":"response","status":"completed",)"
         R"("model":"m","output":[],"usage":{"input_tokens":100,"output_tokens":10,"total_tokens":110,)"
         R"("input_tokens_details":{"cached_tokens":60}}}})"});
}

FakeResponse answer(const FakeRequest& request) {
    if (request.target.ends_with("/responses")) {
        return response_stream();
    }
    return request.body.find(R"("stream":true)") == std::string::npos ? whole() : stream();
}

struct CostTest : testing::Test {
    void start(FakeUpstream::Script script, const std::string& rest = "retry: {attempts: 1}\n") {
        upstream = std::make_unique<FakeUpstream>(std::move(script));
        Plan plan;
        plan.base_url = upstream->base_url() + "/v1";
        plan.more_providers = "  other: {kind: openai, base_url: \"" + upstream->base_url() +
                              "/other/v1\", api_keys: [" + std::string(provider_key) + "]}\n";
        plan.models =
            "  alias: {targets: [{provider: up, model: real, price: {input: \"1\", cached_input: \"0.1\", "
            "output: \"4\"}}, {provider: other, model: spare, price: {input: \"2\", output: \"4\"}}]}\n"
            "  unpriced: {targets: [{provider: up, model: mystery}]}\n"
            "  listed: {targets: [{provider: up, model: gpt-5-mini}]}\n"
            "  chat: {targets: [{provider: sim, model: chat}]}\n";
        plan.rest = rest;
        house = std::make_unique<House>(plan);
    }
    /// The access line of the last request, once it is there.
    JsonValue logged(std::string_view outcome) {
        const std::string mark = R"("outcome":")" + std::string(outcome) + '"';
        EXPECT_TRUE(eventually([&] { return house->log_text().find(mark) != std::string::npos; }))
            << house->log_text();
        const auto log = house->log_text();
        const auto at = log.rfind(mark);
        const auto begin = log.rfind('\n', at) + 1;
        return JsonValue::parsed(log.substr(begin, log.find('\n', at) - begin));
    }

    std::unique_ptr<FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

TEST_F(CostTest, IsInTheHeaderTheLogAndTheMetrics) {
    start(answer);
    const auto reply = house->ask(path, chat("alias"));
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-gatehouse-cost-usd"), bill);
    EXPECT_EQ(reply.body.find("cost"), std::string::npos);
    EXPECT_TRUE(eventually([&] {
        return house->log_text().find(R"("cost_usd":0.000086)") != std::string::npos;
    })) << house->log_text();
    EXPECT_NEAR(house->metric(R"(gatehouse_cost_usd_total{model="alias",provider="up"})"), 0.000086, 1e-12);
}

TEST_F(CostTest, OfAStreamIsInItsUsage) {
    start(answer);
    const auto reply = house->ask(path, chat("alias", with_usage));
    EXPECT_EQ(reply.header("x-gatehouse-cost-usd"), std::nullopt);
    EXPECT_NE(reply.body.find(R"("cost":0.000086})"), std::string::npos) << reply.body;
    const auto silent = house->ask(path, chat("alias", streamed));
    EXPECT_EQ(silent.body.find("cost"), std::string::npos) << silent.body;
    EXPECT_TRUE(eventually([&] {
        return std::abs(house->metric(R"(gatehouse_cost_usd_total{model="alias",provider="up"})") -
                        0.000172) < 1e-12;
    }));
}

TEST_F(CostTest, IsTheSameForClientsOfOtherVendors) {
    start(answer);
    const auto reply = house->ask("/v1/messages", R"({"model":"alias","max_tokens":50,"messages":[)"
                                                  R"({"role":"user","content":"Hello"}]})");
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-cost-usd"), bill);
    const auto response =
        house->ask("/v1/responses", R"({"model":"alias","input":"Hello","stream":true,"store":false})");
    ASSERT_EQ(response.status, 200);
    EXPECT_NE(response.body.find(R"("cost":0.000086})"), std::string::npos) << response.body;
}

TEST_F(CostTest, IsAbsentWhereNoPriceIsKnown) {
    start(answer);
    const auto reply = house->ask(path, chat("unpriced"));
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-gatehouse-cost-usd"), std::nullopt);
    EXPECT_TRUE(
        eventually([&] { return house->log_text().find(R"("cost_usd":null)") != std::string::npos; }));
    EXPECT_NE(house->log_text().find("the price of model `mystery` at provider `up` is not known"),
              std::string::npos);
    const auto stream = house->ask(path, chat("unpriced", with_usage));
    EXPECT_EQ(stream.body.find("\"cost\""), std::string::npos);
}

TEST_F(CostTest, OfAListedModelIsTheLists) {
    start(answer);
    // gpt-5-mini: 40 at $0.25, 60 at $0.025, 10 at $2. The reply names a model that nobody knows.
    EXPECT_EQ(house->ask(path, chat("listed")).header("x-gatehouse-cost-usd"), "0.0000315");
}

TEST_F(CostTest, OfWhatCallsNobodyIsZero) {
    start(answer);
    EXPECT_EQ(house->ask(path, chat("chat")).header("x-gatehouse-cost-usd"), "0");
    const auto unknown = house->ask(path, chat("nothing"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.header("x-gatehouse-cost-usd"), "0");
}

TEST_F(CostTest, OfAFailedCallIsNothing) {
    start(
        [](const FakeRequest& request) {
            return request.target.starts_with("/other") ? answer(request) : FakeResponse::json("{}", 500);
        },
        "retry: {attempts: 2}\n");
    const auto reply = house->ask(path, chat("alias"));
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-gatehouse-attempts"), "2");
    // The spare has no price for cached input of its own: 100 at $2, 10 at $4.
    EXPECT_EQ(reply.header("x-gatehouse-cost-usd"), "0.00024");
}

TEST_F(CostTest, OfABrokenCallIsAddedToThatOfTheNext) {
    start(
        [](const FakeRequest& request) {
            if (request.target.starts_with("/other")) {
                return answer(request);
            }
            auto cut = whole();
            cut.framing = test::FakeFraming::chunked;
            cut.fault = FakeFault::reset;
            cut.at_byte = 250;
            return cut;
        },
        "retry: {attempts: 2}\n");
    const auto reply = house->ask(path, chat("alias"));
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-gatehouse-attempts"), "2");
    const auto cost = reply.header("x-gatehouse-cost-usd").value_or("");
    EXPECT_GT(std::stod(cost), 0.00024) << "what the first one had begun is counted";
    EXPECT_LT(std::stod(cost), 0.001);
}

TEST_F(CostTest, OfAnAbortedStreamIsThatOfWhatCame) {
    start([](const FakeRequest&) {
        auto response = FakeResponse::events({content, content});
        response.body.back().delay = std::chrono::minutes(5);
        return response;
    });
    {
        test::RawClient client(house->port());
        ASSERT_TRUE(client.send(House::post(path, chat("alias", streamed))));
        client.read_until("Hello, you");
    }
    const auto line = logged("client_closed");
    EXPECT_EQ(line["usage_estimated"], true);
    EXPECT_EQ(line["output_tokens"], 3) << "12 bytes";
    EXPECT_GT(line["input_tokens"].integer(), 0);
    const auto tokens = line["input_tokens"].integer() + 4 * line["output_tokens"].integer();
    EXPECT_NEAR(house->metric(R"(gatehouse_cost_usd_total{model="alias",provider="up"})"),
                static_cast<double>(tokens) / 1e6, 1e-12);
}

TEST_F(CostTest, OfTheLoserOfARaceIsCounted) {
    start(
        [](const FakeRequest& request) {
            auto response = answer(request);
            if (!request.target.starts_with("/other")) {
                response.head_delay = std::chrono::minutes(5);
            }
            return response;
        },
        "retry: {attempts: 4}\nhedge: {after: 20ms, max_share: 100%}\n");
    const auto reply = house->ask(path, chat("alias"));
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-gatehouse-attempts"), "2");
    const auto cost = std::stod(reply.header("x-gatehouse-cost-usd").value_or("0"));
    EXPECT_GT(cost, 0.00024);
    EXPECT_TRUE(eventually(
        [&] { return house->metric(R"(gatehouse_cost_usd_total{model="alias",provider="up"})") > 0; }));
    const auto all = house->metric(R"(gatehouse_cost_usd_total{model="alias",provider="up"})") +
                     house->metric(R"(gatehouse_cost_usd_total{model="alias",provider="other"})");
    EXPECT_NEAR(all, cost, 1e-12);

    const auto stream = house->ask(path, chat("alias", with_usage));
    const auto at = stream.body.find("\"cost\":");
    ASSERT_NE(at, std::string::npos) << stream.body;
    EXPECT_NEAR(std::stod(stream.body.substr(at + 7)), cost, 1e-5);
    EXPECT_GT(std::stod(stream.body.substr(at + 7)), 0.00024);
}

TEST_F(CostTest, OfThePlanIsExplained) {
    start(answer);
    const auto reply = house->admin_post("/admin/explain", R"({"request":)" + chat("alias") + "}");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto targets = JsonValue::parsed(reply.body)["targets"].elements();
    ASSERT_EQ(targets.size(), 2U);
    EXPECT_EQ(targets[0]["price"], JsonValue::parsed(R"({"input":"1","cached_input":"0.1","output":"4"})"));
    EXPECT_EQ(targets[1]["price"], JsonValue::parsed(R"({"input":"2","output":"4"})"));
}

}  // namespace
}  // namespace gatehouse::integration
