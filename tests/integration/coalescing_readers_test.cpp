// Who shares a call and leaves, stalls, or is cut off: what becomes of it, of the others, and of the call.
#include "coalescing.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeFraming;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawClient;

class CoalescingReadersTest : public CoalescingTest {};

TEST_P(CoalescingReadersTest, TheFirstMayLeaveBeforeTheAnswerAndStillPays) {
    serve([this](const FakeRequest&) { return held(whole_answer()); });
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

TEST_P(CoalescingReadersTest, TheFirstMayLeaveInTheMiddleOfAStream) {
    serve([this](const FakeRequest&) { return held(streamed_answer(), 1); });
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

TEST_P(CoalescingReadersTest, FollowersMayLeave) {
    serve([this](const FakeRequest&) { return held(streamed_answer(), 1); });
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

TEST_P(CoalescingReadersTest, TheLastToLeaveLetsTheProviderGo) {
    serve([this](const FakeRequest& request) {
        return request.body.find(R"("stream":true)") == std::string::npos ? held(whole_answer())
                                                                          : held(streamed_answer(), 1);
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

TEST_P(CoalescingReadersTest, WhoLeavesAloneIsBilledForWhatCame) {
    serve([this](const FakeRequest&) { return held(streamed_answer(), 1); });
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

constexpr std::size_t letters = 16'000;

/// So many events of letters, then the end.
FakeResponse flood(std::size_t events) {
    FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream");
    response.framing = FakeFraming::chunked;
    for (std::size_t i = 0; i < events; ++i) {
        response.body.emplace_back("data: " + word(std::string(letters, 'x')) + "\n\n");
    }
    response.body.emplace_back("data: " + word("here") + "\n\n");
    response.body.emplace_back("data: " + last_word() + "\n\n");
    response.body.emplace_back("data: [DONE]\n\n");
    return response;
}

/// What a stream says, and whether it has its proper end.
struct Drunk {
    std::string text;
    bool complete{false};
};

/// In a thread of its own, as fast as it can.
std::future<Drunk> drink(RawClient& client) {
    return std::async(std::launch::async, [&client] {
        const auto reply = client.read_response();
        return Drunk{text_of(reply.body), reply.complete && reply.body.ends_with("data: [DONE]\n\n")};
    });
}

TEST_P(CoalescingReadersTest, AStalledReaderTimesOutAlone) {
    constexpr std::size_t events = 440;  // more than the sockets' buffers hold, and less than is kept
    constexpr std::chrono::milliseconds timeout{1'000};
    plan.server = "limits: {write_timeout: 1s}";
    std::promise<void> it_is_gone;
    const auto rest = it_is_gone.get_future().share();
    serve([&](const FakeRequest&) {
        auto response = held(flood(events), 1);
        response.body[events].gate = rest;
        return response;
    });
    const auto stalled = client(streamed, "x-request-id: stalled\r\n");
    stalled->read_until("xxx");
    const auto quick = crowd(2, streamed);
    wait_for_readers(3);
    const auto began = std::chrono::steady_clock::now();
    open();
    std::vector<std::future<Drunk>> drinking;
    for (const auto& one : quick) {
        drinking.push_back(drink(*one));
    }
    EXPECT_TRUE(eventually([&] { return house->metric("gatehouse_shared_call_requests") == 2; }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, timeout);
    EXPECT_EQ(upstream->open_connections(), 1U) << "the call goes on";
    it_is_gone.set_value();
    for (auto& one : drinking) {
        const auto drunk = one.get();
        EXPECT_TRUE(drunk.complete);
        EXPECT_TRUE(drunk.text == std::string(events * letters, 'x') + "here") << drunk.text.size();
    }
    expect_nothing_left();
    EXPECT_EQ(calls(), 1U);
    for (const auto& line : lines(3)) {
        const bool is_stalled = line["request_id"] == "stalled";
        EXPECT_EQ(line["outcome"], is_stalled ? "client_closed" : "ok") << line;
    }
}

TEST_P(CoalescingReadersTest, WhoFallsFarBehindIsToldSoAlone) {
    constexpr std::size_t events = 1'500;  // more than is kept and the sockets' buffers hold
    serve([this](const FakeRequest&) { return held(flood(events), 1); });
    const auto slow = client(streamed);
    slow->read_until("xxx");
    const auto quick = client(streamed);
    wait_for_readers(2);
    open();
    const auto drunk = drink(*quick).get();
    EXPECT_TRUE(drunk.complete);
    EXPECT_EQ(drunk.text.size(), events * letters + 4);
    const auto rest = slow->read_until("[DONE]");
    EXPECT_NE(rest.find("reads too slowly"), std::string::npos) << rest.size();
    EXPECT_LT(rest.size(), events * letters);
    expect_nothing_left();
    EXPECT_EQ(calls(), 1U);
}

/// The end of the head, all of it; nothing of the body.
std::string head_of(RawClient& client) {
    return client.read_until("\r\n\r\n");
}

TEST_P(CoalescingReadersTest, AHeadThatLeavesBeforeContentSaysWhatIsKnown) {
    plan.server = "commit_after: 50ms, keepalive_comment: 50ms";
    plan.caller = "tokens_per_minute: 1000000";
    serve([this](const FakeRequest&) { return held(streamed_answer()); });
    const auto alone = client(streamed, "x-gatehouse-cache: off\r\n");
    const auto alones = head_of(*alone);
    const auto first = client(streamed);
    wait_for_readers(1);
    const auto firsts = head_of(*first);
    const auto second = client(streamed);
    const auto seconds = head_of(*second);
    for (const auto* head : {&alones, &firsts, &seconds}) {
        EXPECT_NE(head->find("x-gatehouse-provider: up\r\n"), std::string::npos) << *head;
        EXPECT_NE(head->find("x-gatehouse-model: real\r\n"), std::string::npos) << *head;
    }
    for (const auto* head : {&alones, &firsts}) {
        EXPECT_NE(head->find("x-gatehouse-attempts: 1\r\n"), std::string::npos) << *head;
        EXPECT_NE(head->find("x-ratelimit-remaining-tokens: "), std::string::npos) << *head;
    }
    EXPECT_NE(firsts.find("x-gatehouse-cache: miss\r\n"), std::string::npos) << firsts;
    EXPECT_NE(seconds.find("x-gatehouse-attempts: 0\r\n"), std::string::npos) << seconds;
    EXPECT_NE(seconds.find("x-gatehouse-cache: coalesced\r\n"), std::string::npos) << seconds;
    open();
    for (const auto* one : {&alone, &first, &second}) {
        EXPECT_NE((*one)->read_until("0\r\n\r\n").find("[DONE]"), std::string::npos);
    }
    EXPECT_EQ(calls(), 2U);
}

TEST_P(CoalescingReadersTest, NobodyJoinsALongStream) {
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

TEST_P(CoalescingReadersTest, ADrainTellsEachItsLastWords) {
    plan.server = "drain: 200ms";
    serve([this](const FakeRequest&) { return held(streamed_answer(), 1); });
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

class HardStop : public CoalescingTest {
protected:
    ~HardStop() override {
        house.reset();
        std::filesystem::remove_all(directory);
    }
    void serve_from_disk(FakeUpstream::Script script) {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-stop-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        plan.data_dir = directory;
        serve(std::move(script));
    }
    /// As a second signal does.
    void stop() {
        house->gateway().stop();
        EXPECT_EQ(house->gateway().wait(), app::Ending::cut);
        EXPECT_TRUE(eventually([&] { return upstream->open_connections() == 0; }));
    }
    /// Of the next process.
    json rows() {
        house.reset();
        house = std::make_unique<House>(plan);
        return json::parse(house->admin("/admin/usage").body)["total"];
    }
    std::string directory;
};

TEST_P(HardStop, WritesTheRowsOfAllThatShareACall) {
    serve_from_disk([this](const FakeRequest&) { return held(streamed_answer(), 1); });
    const auto clients = crowd(6, streamed);
    for (const auto& one : clients) {
        one->read_until("one ");
    }
    stop();
    EXPECT_GT(payer_of(lines(6))["cost_usd"], 0);
    const auto written = rows();
    EXPECT_EQ(written["requests"], 6) << written;
    EXPECT_EQ(written["attempts"], 1) << written;
}

TEST_P(HardStop, WritesTheRowOfAFirstWhoHasLeft) {
    serve_from_disk([this](const FakeRequest&) { return held(streamed_answer(), 1); });
    const auto first = client(streamed, "x-request-id: the-first\r\n");
    first->read_until("one ");
    const auto others = crowd(5, streamed);
    wait_for_readers(6);
    first->close();
    wait_for_readers(5);
    stop();
    const auto payer = payer_of(lines(6));
    EXPECT_EQ(payer["request_id"], "the-first");
    EXPECT_GT(payer["cost_usd"], 0);
    const auto written = rows();
    EXPECT_EQ(written["requests"], 6) << written;
    EXPECT_EQ(written["attempts"], 1) << written;
}

TEST_P(HardStop, WritesTheRowsOfThoseWhoStillWait) {
    serve_from_disk([this](const FakeRequest&) { return held(whole_answer()); });
    const auto clients = crowd(6, cold);
    wait_for_readers(6);
    ASSERT_TRUE(eventually([&] { return calls() == 1; }));
    stop();
    payer_of(lines(6));
    const auto written = rows();
    EXPECT_EQ(written["requests"], 6) << written;
    EXPECT_EQ(written["attempts"], 1) << written;
}

INSTANTIATE_TEST_SUITE_P(Lanes, CoalescingReadersTest, testing::Values(1, 2));
INSTANTIATE_TEST_SUITE_P(Lanes, HardStop, testing::Values(1, 2));

}  // namespace
}  // namespace gatehouse::integration
