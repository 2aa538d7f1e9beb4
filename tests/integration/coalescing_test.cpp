// Identical requests in flight share one call: what each client gets, who pays, and every way to leave.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using test::eventually;
using test::FakeFault;
using test::FakeFraming;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawClient;
using test::RawResponse;

constexpr std::string_view path = "/v1/chat/completions";
constexpr std::string_view cold = R"(,"temperature":0)";
constexpr std::string_view streamed = R"(,"temperature":0,"stream":true)";
// The goal is 100 ms; a machine that builds at the same time, with sanitizers, is given more.
constexpr milliseconds deadline{500};

std::string chunk(std::string_view inside) {
    return R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"real",)" + std::string(inside) +
           "}";
}
std::string word(std::string_view text) {
    return chunk(R"("choices":[{"index":0,"delta":{"content":")" + std::string(text) +
                 R"("},"finish_reason":null}])");
}
const std::string last = chunk(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])");
const std::string usage =
    chunk(R"("choices":[],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110})");

/// 100 tokens at $1, 10 at $4 for a million.
constexpr std::string_view bill = "0.00014";
constexpr double dollars = 0.00014;

FakeResponse whole() {
    return FakeResponse::json(
        R"({"id":"1","object":"chat.completion","created":1,"model":"real","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}})");
}
FakeResponse stream() {
    return FakeResponse::events({word("one "), word("two "), last, usage, "[DONE]"});
}

/// All that a streamed answer says.
std::string text_of(const std::string& body) {
    std::string text;
    std::istringstream lines(body);
    for (std::string line; std::getline(lines, line);) {
        const auto event = line.starts_with("data: {") ? json::parse(line.substr(6), nullptr, false) : json();
        if (event.is_object() && !event.value("choices", json::array()).empty()) {
            text += event["choices"][0]["delta"].value("content", "");
        }
    }
    return text;
}

struct CoalescingTest : testing::TestWithParam<std::size_t> {
    ~CoalescingTest() override {
        open();
        house.reset();
    }

    /// With a gate that is closed.
    void serve(FakeUpstream::Script script) {
        house.reset();
        opened = std::promise<void>();
        gate = opened.get_future().share();
        is_open = false;
        upstream = std::make_unique<FakeUpstream>(std::move(script));
        plan.base_url = upstream->base_url() + "/v1";
        plan.lanes = GetParam();
        if (plan.caller.empty()) {
            plan.caller = "debug: true";
        }
        plan.models = models;
        house = std::make_unique<House>(plan);
    }
    void open() {
        if (!is_open) {
            is_open = true;
            opened.set_value();
        }
    }
    /// The response, whose piece at that place waits for the gate.
    FakeResponse held(FakeResponse response, std::size_t piece = 0) const {
        response.body.at(piece).gate = gate;
        return response;
    }
    std::unique_ptr<RawClient> client(std::string_view more, std::string_view fields = "") {
        auto made = std::make_unique<RawClient>(house->port());
        EXPECT_TRUE(made->send(House::post(path, chat("alias", more), fields)));
        return made;
    }
    std::vector<std::unique_ptr<RawClient>> crowd(std::size_t count, std::string_view more,
                                                  std::string_view fields = "") {
        std::vector<std::unique_ptr<RawClient>> clients;
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(client(more, fields));
        }
        return clients;
    }
    void wait_for_readers(double count) {
        ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_shared_call_requests") == count; }))
            << house->metric("gatehouse_shared_call_requests") << " of " << count;
    }
    std::size_t calls() const { return upstream->requests().size(); }
    /// The access lines, once there are so many.
    std::vector<json> lines(std::size_t count) {
        std::vector<json> found;
        EXPECT_TRUE(eventually([&] {
            found.clear();
            std::istringstream text(house->log_text());
            for (std::string line; std::getline(text, line);) {
                const auto one = json::parse(line, nullptr, false);
                if (one.is_object() && one.value("event", "") == "request" &&
                    one.value("endpoint", "") == "chat.completions") {
                    found.push_back(one);
                }
            }
            return found.size() >= count;
        })) << house->log_text();
        EXPECT_EQ(found.size(), count);
        return found;
    }
    /// One line has the attempts and the cost, the others have none. Returns the first.
    json payer_of(const std::vector<json>& all, std::size_t attempts = 1) {
        json payer;
        for (const auto& line : all) {
            if (line["attempts"].empty()) {
                EXPECT_EQ(line["cost_usd"], 0) << line;
            } else {
                EXPECT_TRUE(payer.empty()) << line;
                EXPECT_EQ(line["attempts"].size(), attempts) << line;
                payer = line;
            }
        }
        EXPECT_FALSE(payer.empty());
        return payer;
    }
    void expect_release() {
        EXPECT_TRUE(eventually([&] { return upstream->open_connections() == 0; }, deadline));
    }
    void expect_nothing_left() {
        EXPECT_TRUE(eventually([&] {
            return house->metric("gatehouse_shared_calls") == 0 &&
                   house->metric("gatehouse_shared_call_requests") == 0;
        }));
    }

    Plan plan;
    std::string models{
        "  alias: {targets: [{provider: up, model: real, price: {input: \"1\", output: \"4\"}}]}\n"};
    std::promise<void> opened;
    std::shared_future<void> gate;
    bool is_open{true};
    std::unique_ptr<FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

TEST_P(CoalescingTest, AHundredWholeAnswersAreOneCall) {
    serve([this](const FakeRequest&) { return held(whole()); });
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
    serve([this](const FakeRequest&) { return held(stream(), 1); });
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

TEST_P(CoalescingTest, WholeAndStreamedAreTwoCalls) {
    serve([this](const FakeRequest& request) {
        return held(request.body.find(R"("stream":true)") == std::string::npos ? whole() : stream());
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
    serve([this](const FakeRequest&) { return held(stream(), 1); });
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
    serve([](const FakeRequest&) { return whole(); });
    for (int i = 0; i < 2; ++i) {
        const auto reply = house->ask(path, chat("alias", cold));
        EXPECT_EQ(reply.status, 200);
        EXPECT_NE(reply.header("x-gatehouse-cache"), "coalesced");
    }
}

TEST_P(CoalescingTest, TheFirstMayLeaveBeforeTheAnswerAndStillPays) {
    serve([this](const FakeRequest&) { return held(whole()); });
    auto first = client(cold, "x-request-id: the-first\r\n");
    wait_for_readers(1);
    const auto others = crowd(6, cold);
    wait_for_readers(7);
    first->close();
    wait_for_readers(6);
    EXPECT_EQ(upstream->open_connections(), 1U);
    open();
    for (const auto& one : others) {
        const auto reply = one->read_response();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.header("x-gatehouse-cost-usd"), "0");
        EXPECT_NE(reply.body.find("Hello"), std::string::npos);
    }
    EXPECT_EQ(calls(), 1U);
    const auto payer = payer_of(lines(7));
    EXPECT_EQ(payer["request_id"], "the-first");
    EXPECT_EQ(payer["outcome"], "client_closed");
    EXPECT_EQ(payer["output_tokens"], 10);
    EXPECT_DOUBLE_EQ(payer["cost_usd"], dollars);
    expect_nothing_left();
}

TEST_P(CoalescingTest, TheFirstMayLeaveInTheMiddleOfAStream) {
    serve([this](const FakeRequest&) { return held(stream(), 1); });
    auto first = client(streamed);
    first->read_until("one ");
    const auto others = crowd(6, streamed);
    wait_for_readers(7);
    first->reset();
    wait_for_readers(6);
    open();
    for (const auto& one : others) {
        EXPECT_EQ(text_of(one->read_response().body), "one two ");
    }
    EXPECT_EQ(calls(), 1U);
    EXPECT_DOUBLE_EQ(payer_of(lines(7))["cost_usd"], dollars);
}

TEST_P(CoalescingTest, FollowersMayLeave) {
    serve([this](const FakeRequest&) { return held(stream(), 1); });
    auto first = client(streamed);
    first->read_until("one ");
    const auto others = crowd(6, streamed);
    wait_for_readers(7);
    for (std::size_t i = 0; i < 5; ++i) {
        others[i]->close();
    }
    wait_for_readers(2);
    open();
    EXPECT_NE(first->read_until("0\r\n\r\n").find("two "), std::string::npos);
    EXPECT_EQ(text_of(others.back()->read_response().body), "one two ");
    EXPECT_EQ(calls(), 1U);
    EXPECT_EQ(payer_of(lines(7))["outcome"], "ok");
}

TEST_P(CoalescingTest, TheLastToLeaveLetsTheProviderGo) {
    serve([this](const FakeRequest& request) {
        return request.body.find(R"("stream":true)") == std::string::npos ? held(whole()) : held(stream(), 1);
    });
    std::size_t before = 0;
    for (const auto more : {cold, streamed}) {
        const auto clients = crowd(6, more);
        wait_for_readers(6);
        ASSERT_TRUE(eventually([&] { return upstream->open_connections() == 1; }));
        for (const auto& one : clients) {
            one->close();
        }
        expect_release();
        expect_nothing_left();
        before += 6;
        ASSERT_EQ(lines(before).size(), before);
    }
    EXPECT_EQ(calls(), 2U);
    for (const auto& line : lines(before)) {
        EXPECT_EQ(line["outcome"], "client_closed") << line;
        EXPECT_LE(line["attempts"].size(), 1U);
    }
}

TEST_P(CoalescingTest, WhoLeavesAloneIsBilledForWhatCame) {
    serve([this](const FakeRequest&) { return held(stream(), 1); });
    auto only = client(streamed);
    only->read_until("one ");
    only->close();
    expect_release();
    const auto line = payer_of(lines(1));
    EXPECT_EQ(line["outcome"], "client_closed");
    EXPECT_GT(line["output_tokens"], 0);
    EXPECT_GT(line["cost_usd"], 0);
    EXPECT_EQ(json::parse(house->admin("/admin/usage").body)["total"]["requests"], 1);
}

/// So many events of 16,000 letters each, then the end.
FakeResponse flood(std::size_t events) {
    FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream");
    response.framing = FakeFraming::chunked;
    for (std::size_t i = 0; i < events; ++i) {
        response.body.emplace_back("data: " + word(std::string(16'000, 'x')) + "\n\n");
    }
    response.body.emplace_back("data: " + word("here") + "\n\n");
    response.body.emplace_back("data: " + last + "\n\n");
    response.body.emplace_back("data: [DONE]\n\n");
    return response;
}

/// Reads to the end of a stream; the number of bytes, 0 if it has no end.
std::size_t drink(RawClient& client) {
    std::size_t total = 0;
    std::string tail;
    while (tail.find("data: [DONE]") == std::string::npos) {
        const auto got = client.read_some();
        if (got.empty()) {
            return 0;
        }
        total += got.size();
        tail = (tail + got).substr(std::max<std::size_t>(tail.size() + got.size(), 100) - 100);
    }
    return total;
}

TEST_P(CoalescingTest, AStalledReaderTimesOutAlone) {
    constexpr std::size_t events = 1'500;  // more than the sockets' buffers hold
    plan.server = "limits: {write_timeout: 1500ms}";
    serve([this](const FakeRequest&) { return held(flood(events), 1); });
    const auto stalled = client(streamed);
    stalled->read_until("xxx");
    const auto quick = crowd(2, streamed);
    wait_for_readers(3);
    open();
    std::vector<std::future<std::size_t>> totals;
    for (const auto& one : quick) {
        totals.push_back(std::async(std::launch::async, [&one] { return drink(*one); }));
    }
    for (auto& total : totals) {
        EXPECT_GT(total.get(), events * 16'000);
    }
    expect_nothing_left();
    EXPECT_EQ(calls(), 1U);
    std::size_t ok = 0;
    for (const auto& line : lines(3)) {
        ok += line["outcome"] == "ok" ? 1 : 0;
    }
    EXPECT_EQ(ok, 2U);
}

TEST_P(CoalescingTest, NobodyJoinsALongStream) {
    constexpr std::size_t events = 300;  // 4.8 MB
    serve([this](const FakeRequest&) { return held(flood(events), events + 1); });
    auto first = client(streamed);
    first->read_until("here");
    auto second = client(streamed);
    second->read_until("here");
    EXPECT_EQ(calls(), 2U);
    open();
    first->read_until("[DONE]");
    second->read_until("[DONE]");
}

TEST_P(CoalescingTest, AProviderThatFailsBeforeContentIsReplacedOnceForAll) {
    FakeUpstream broken([this](const FakeRequest&) {
        auto response = FakeResponse::json("{}", 500);
        return held(std::move(response));
    });
    plan.more_providers = "  broken: {kind: openai, base_url: \"" + broken.base_url() + "/v1\", api_keys: [" +
                          std::string(provider_key) + "]}\n";
    models = "  alias: {targets: [{provider: broken, model: real}, {provider: up, model: real}]}\n";
    serve([](const FakeRequest&) { return stream(); });
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
    serve([this](const FakeRequest&) { return held(whole()); });
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
        path, key, body.size(), body);
}

TEST_P(CoalescingTest, CallersShareWhereTheScopeSaysSo) {
    constexpr std::string_view other_key = "gh-canary-of-another-0123456789abcdef";
    for (const std::string_view scope : {"key", "gateway"}) {
        plan.rest = fmt::format("  - {{name: other, value: {}}}\ncache: {{scope: {}}}\n", other_key, scope);
        serve([this](const FakeRequest&) { return held(whole()); });
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
    serve([this](const FakeRequest&) { return held(whole()); });
    const auto clients = crowd(5, R"(,"temperature":0,"max_tokens":100)");
    wait_for_readers(5);
    open();
    for (const auto& one : clients) {
        EXPECT_EQ(one->read_response().status, 200);
    }
    EXPECT_EQ(calls(), 1U);
}

TEST_P(CoalescingTest, ADrainTellsEachItsLastWords) {
    plan.server = "drain: 200ms";
    serve([this](const FakeRequest&) { return held(stream(), 1); });
    const auto clients = crowd(6, streamed);
    for (const auto& one : clients) {
        one->read_until("one ");
    }
    house->gateway().drain();
    for (const auto& one : clients) {
        const auto rest = one->read_until_closed();
        EXPECT_NE(rest.find("shutting_down"), std::string::npos) << rest;
        EXPECT_NE(rest.find("[DONE]"), std::string::npos) << rest;
    }
    EXPECT_TRUE(eventually([&] { return upstream->open_connections() == 0; }));
    EXPECT_EQ(house->gateway().wait(), app::Ending::drained);
    payer_of(lines(6));
}

TEST_P(CoalescingTest, AHardStopLeavesNothingBehind) {
    serve([this](const FakeRequest&) { return held(stream(), 1); });
    const auto clients = crowd(6, streamed);
    for (const auto& one : clients) {
        one->read_until("one ");
    }
    house.reset();
    expect_release();
}

TEST_P(CoalescingTest, ADebugTrailSaysThatACallWasShared) {
    serve([this](const FakeRequest&) { return held(whole()); });
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
