// Identical requests in flight share one call: what each client gets, and who pays.
#include "coalescing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeFault;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawClient;

TEST_P(CoalescingTest, AHundredWholeAnswersAreOneCall) {
    serve([this](const FakeRequest&) { return held(whole_answer()); });
    constexpr std::size_t count = 100;
    const auto clients = crowd(count, cold);
    wait_for_readers(count);
    open();
    std::size_t coalesced = 0;
    for (const auto& one : clients) {
        const auto reply = one->read_response();
        ASSERT_EQ(reply.status, 200) << reply.body;
        EXPECT_NE(reply.body.find("Hello"), std::string::npos);
        EXPECT_EQ(reply.header("x-gatehouse-provider"), "up");
        EXPECT_EQ(reply.header("x-gatehouse-model"), "real");
        const bool follows = reply.header("x-gatehouse-cache") == "coalesced";
        EXPECT_EQ(reply.header("x-gatehouse-attempts"), follows ? "0" : "1");
        EXPECT_EQ(reply.header("x-gatehouse-cost-usd"), follows ? "0" : bill);
        coalesced += follows ? 1 : 0;
    }
    EXPECT_EQ(coalesced, count - 1);
    EXPECT_EQ(calls(), 1U);
    const auto payer = payer_of(lines(count));
    EXPECT_DOUBLE_EQ(payer["cost_usd"], dollars);
    EXPECT_NEAR(house->metric(R"(gatehouse_cost_usd_total{model="alias",provider="up"})"), dollars, 1e-12);
    EXPECT_EQ(house->metric(R"(gatehouse_upstream_attempts_total{provider="up",outcome="ok"})"), 1);
    const auto total = json::parse(house->admin("/admin/usage").body)["total"];
    EXPECT_EQ(total["requests"], count);
    EXPECT_EQ(total["attempts"], 1);
    EXPECT_EQ(total["cost_usd"], bill);
    EXPECT_EQ(total["saved_usd"], "0.01386");
    const auto page = json::parse(house->admin("/admin/cache").body);
    EXPECT_EQ(page["coalesced"]["requests"], count - 1) << page;
    EXPECT_EQ(page["coalesced"]["saved_usd"], "0.01386");
    EXPECT_GT(page["coalesced"]["saved_tokens"], 0);
    EXPECT_EQ(page["saved_usd"], "0") << "of answers that were kept";
    expect_nothing_left();
}

TEST_P(CoalescingTest, AHundredStreamsAreOneCall) {
    serve([this](const FakeRequest&) { return held(streamed_answer(), 1); });
    constexpr std::size_t count = 100;
    const auto clients = crowd(count, streamed);
    wait_for_readers(count);
    for (const auto& one : clients) {
        one->read_until("one ");  // live, before the provider has gone on
    }
    open();
    for (const auto& one : clients) {
        const auto rest = one->read_until("0\r\n\r\n");
        EXPECT_NE(rest.find("two "), std::string::npos);
        EXPECT_NE(rest.find("data: [DONE]"), std::string::npos);
        EXPECT_EQ(rest.find("error"), std::string::npos);
    }
    EXPECT_EQ(calls(), 1U);
    EXPECT_DOUBLE_EQ(payer_of(lines(count))["cost_usd"], dollars);
    expect_nothing_left();
}

TEST_P(CoalescingTest, WhatIsKeptIsGivenToAllWithoutASharedCall) {
    serve([](const FakeRequest&) { return whole_answer(); });
    EXPECT_EQ(client(cold)->read_response().header("x-gatehouse-cache"), "miss");
    for (const auto& one : crowd(20, cold)) {
        const auto reply = one->read_response();
        EXPECT_EQ(reply.header("x-gatehouse-cache"), "hit");
        EXPECT_EQ(reply.header("x-gatehouse-cache-type"), "exact");
        EXPECT_NE(reply.body.find("Hello"), std::string::npos);
    }
    EXPECT_EQ(calls(), 1U);
    const auto page = json::parse(house->admin("/admin/cache").body);
    EXPECT_EQ(page["coalesced"]["requests"], 0) << page;
    EXPECT_EQ(page["tiers"]["exact"]["hits"], 20);
    expect_nothing_left();
}

TEST_P(CoalescingTest, WholeAndStreamedAreTwoCalls) {
    serve([this](const FakeRequest& request) {
        return held(request.body.find(R"("stream":true)") == std::string::npos ? whole_answer()
                                                                               : streamed_answer());
    });
    auto whole_ones = crowd(3, cold);
    auto streams = crowd(3, streamed);
    wait_for_readers(6);
    open();
    for (const auto& one : whole_ones) {
        EXPECT_NE(one->read_response().body.find("Hello"), std::string::npos);
    }
    for (const auto& one : streams) {
        EXPECT_EQ(text_of(one->read_response().body), "one two ");
    }
    EXPECT_EQ(calls(), 2U);
}

TEST_P(CoalescingTest, WhoComesLateGetsTheStreamFromItsStart) {
    serve([this](const FakeRequest&) { return held(streamed_answer(), 1); });
    auto first = client(streamed);
    first->read_until("one ");
    auto late = crowd(6, streamed);
    wait_for_readers(7);
    open();
    for (const auto& one : late) {
        const auto reply = one->read_response();
        EXPECT_EQ(reply.header("x-gatehouse-cache"), "coalesced");
        EXPECT_EQ(text_of(reply.body), "one two ");
    }
    EXPECT_EQ(calls(), 1U);
}

TEST_P(CoalescingTest, WhatIsOverIsNotShared) {
    serve([](const FakeRequest&) { return whole_answer(); });
    for (int i = 0; i < 2; ++i) {
        const auto reply = house->ask(chat_path, chat("alias", cold));
        EXPECT_EQ(reply.status, 200);
        EXPECT_NE(reply.header("x-gatehouse-cache"), "coalesced");
    }
}

TEST_P(CoalescingTest, AProviderThatFailsBeforeContentIsReplacedOnceForAll) {
    FakeUpstream broken([this](const FakeRequest&) {
        auto response = FakeResponse::json("{}", 500);
        return held(std::move(response));
    });
    plan.more_providers = "  broken: {kind: openai, base_url: \"" + broken.base_url() + "/v1\", api_keys: [" +
                          std::string(provider_key) + "]}\n";
    models = "  alias: {targets: [{provider: broken, model: real}, {provider: up, model: real}]}\n";
    serve([](const FakeRequest&) { return streamed_answer(); });
    const auto clients = crowd(20, streamed);
    wait_for_readers(20);
    open();
    std::size_t two_attempts = 0;
    for (const auto& one : clients) {
        const auto reply = one->read_response();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(text_of(reply.body), "one two ");
        EXPECT_EQ(reply.header("x-gatehouse-provider"), "up");
        two_attempts += reply.header("x-gatehouse-attempts") == "2" ? 1 : 0;
    }
    EXPECT_EQ(two_attempts, 1U);
    EXPECT_EQ(broken.requests().size(), 1U);
    EXPECT_EQ(calls(), 1U);
    payer_of(lines(20), 2);
    house.reset();
}

TEST_P(CoalescingTest, AStreamThatBreaksIsToldToAll) {
    serve([this](const FakeRequest&) {
        auto response = FakeResponse::events({word("one "), word("two ")});
        response = held(std::move(response), 1);
        response.fault = FakeFault::reset;
        response.at_byte = response.body[0].bytes.size() + 300;
        return response;
    });
    const auto clients = crowd(10, streamed);
    for (const auto& one : clients) {
        one->read_until("one ");
    }
    open();
    for (const auto& one : clients) {
        const auto rest = one->read_until("[DONE]");
        EXPECT_NE(rest.find(R"("error")"), std::string::npos);
        EXPECT_NE(rest.find(R"("finish_reason":"error")"), std::string::npos);
    }
    EXPECT_EQ(calls(), 1U);
    payer_of(lines(10));
}

TEST_P(CoalescingTest, ARefusalOfTheProviderIsToldToAll) {
    serve([this](const FakeRequest&) {
        return held(FakeResponse::json(
            R"({"error":{"message":"no such voice","type":"invalid_request_error","param":"voice","code":null}})",
            400));
    });
    const auto clients = crowd(10, cold);
    wait_for_readers(10);
    open();
    for (const auto& one : clients) {
        const auto reply = one->read_response();
        EXPECT_EQ(reply.status, 400);
        EXPECT_NE(reply.body.find("no such voice"), std::string::npos);
    }
    EXPECT_EQ(calls(), 1U);
    payer_of(lines(10));
}

TEST_P(CoalescingTest, WhatIsNotTheSameIsNotShared) {
    serve([this](const FakeRequest&) { return held(whole_answer()); });
    const auto first = client(cold);
    wait_for_readers(1);
    const auto hot = client(R"(,"temperature":0.7)");
    const auto unsaid = client("");
    const auto off = client(cold, "x-gatehouse-cache: off\r\n");
    const auto fresh = client(cold, "cache-control: no-cache\r\n");
    const auto secret = client(cold, "cache-control: no-store\r\n");
    const auto apart = client(cold, "x-gatehouse-cache-scope: mine\r\n");
    const auto impatient = client(cold, "x-gatehouse-timeout: 20s\r\n");
    const auto other = client(R"(,"temperature":0,"max_tokens":5)");
    ASSERT_TRUE(eventually([&] { return calls() == 9; })) << calls();
    EXPECT_EQ(house->metric("gatehouse_shared_calls"), 4);
    const auto same = client(cold);
    wait_for_readers(5);
    open();
    for (const auto* one :
         {&first, &hot, &unsaid, &off, &fresh, &secret, &apart, &impatient, &other, &same}) {
        const auto reply = (*one)->read_response();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.header("x-gatehouse-cache") == "coalesced", one == &same);
    }
    EXPECT_EQ(calls(), 9U);
}

std::string post_as(std::string_view key, std::string_view more) {
    const auto body = chat("alias", more);
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        chat_path, key, body.size(), body);
}

TEST_P(CoalescingTest, CallersShareWhereTheScopeSaysSo) {
    constexpr std::string_view other_key = "gh-canary-of-another-0123456789abcdef";
    for (const std::string_view scope : {"key", "gateway"}) {
        plan.rest = fmt::format("  - {{name: other, value: {}}}\ncache: {{scope: {}}}\n", other_key, scope);
        serve([this](const FakeRequest&) { return held(whole_answer()); });
        const std::size_t expected = scope == "key" ? 2 : 1;
        const auto mine = client(cold);
        RawClient others(house->port());
        others.send(post_as(other_key, cold));
        wait_for_readers(2);
        ASSERT_TRUE(eventually([&] { return calls() == expected; })) << scope;
        EXPECT_EQ(house->metric("gatehouse_shared_calls"), expected);
        open();
        EXPECT_EQ(mine->read_response().status, 200);
        EXPECT_EQ(others.read_response().status, 200);
        EXPECT_EQ(calls(), expected);
    }
}

TEST_P(CoalescingTest, FollowersNeedNoMoney) {
    plan.caller = "budget: {usd: \"0.0015\", period: day}";  // less than five times 100 tokens at $4
    serve([this](const FakeRequest&) { return held(whole_answer()); });
    const auto clients = crowd(5, R"(,"temperature":0,"max_tokens":100)");
    wait_for_readers(5);
    open();
    for (const auto& one : clients) {
        EXPECT_EQ(one->read_response().status, 200);
    }
    EXPECT_EQ(calls(), 1U);
}

TEST_P(CoalescingTest, ADebugTrailSaysThatACallWasShared) {
    serve([this](const FakeRequest&) { return held(whole_answer()); });
    const auto clients = crowd(2, cold, "x-gatehouse-debug: 1\r\n");
    wait_for_readers(2);
    open();
    std::size_t coalesced = 0;
    for (const auto& one : clients) {
        const auto trail = json::parse(one->read_response().body)["gatehouse"];
        const bool follows = trail.value("cache", "") == "coalesced";
        EXPECT_EQ(trail["attempts"].size(), follows ? 0U : 1U) << trail;
        coalesced += follows ? 1 : 0;
    }
    EXPECT_EQ(coalesced, 1U);
}

INSTANTIATE_TEST_SUITE_P(Lanes, CoalescingTest, testing::Values(1, 2));

}  // namespace
}  // namespace gatehouse::integration
