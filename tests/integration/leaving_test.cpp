// Clients that leave, and clients that do not read: the provider is let go at once, and nothing stays behind.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

// Of the sanitizers' run-time library; g++ has no header for it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();

namespace gatehouse::integration {
namespace {

using std::chrono::milliseconds;
using test::eventually;
using test::FakeFault;
using test::FakeFraming;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view path = "/v1/chat/completions";
constexpr std::string_view streamed = R"(,"stream":true)";
// The goal is 100 ms; a machine that builds at the same time, with sanitizers, is given more.
constexpr milliseconds deadline{500};

std::string event(std::string_view text) {
    return R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":")" +
           std::string(text) + R"("},"finish_reason":null}]})";
}

FakeResponse silent_before_the_head() {
    auto response = FakeResponse::json("{}");
    response.fault = FakeFault::stall;
    return response;
}

/// One event with content, then silence.
FakeResponse silent_after_content() {
    auto response = FakeResponse::events({event("Hi"), event("never")});
    response.body.back().delay = std::chrono::minutes(5);
    return response;
}

FakeResponse silent_before_content() {
    auto response = FakeResponse::events({event(""), event("never")});
    response.body.back().delay = std::chrono::minutes(5);
    return response;
}

struct LeavingTest : testing::TestWithParam<std::size_t> {
    void provide(FakeUpstream::Script script, std::string server = "") {
        upstream = std::make_unique<FakeUpstream>(std::move(script));
        Plan plan;
        plan.base_url = upstream->base_url() + "/v1";
        plan.lanes = GetParam();
        plan.server = std::move(server);
        house = std::make_unique<House>(std::move(plan));
    }
    void wait_for_requests(std::size_t count) {
        ASSERT_TRUE(eventually([&] { return upstream->requests().size() >= count; }));
    }
    /// The provider's connection is closed within the deadline after `leave` was called.
    void expect_release(const std::function<void()>& leave) {
        ASSERT_TRUE(eventually([&] { return upstream->open_connections() == 1; }));
        const auto began = std::chrono::steady_clock::now();
        leave();
        EXPECT_TRUE(eventually([&] { return upstream->open_connections() == 0; }, deadline));
        const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
        RecordProperty("released_after_ms", static_cast<int>(took.count()));
    }
    std::unique_ptr<FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

TEST_P(LeavingTest, WhileTheProviderSaysNothing) {
    provide([](const test::FakeRequest&) { return silent_before_the_head(); });
    for (const auto more : {std::string_view(), streamed}) {
        test::RawClient client(house->port());
        client.send(House::post(path, chat("m", more)));
        wait_for_requests(more.empty() ? 1 : 2);
        expect_release([&] { client.close(); });
    }
}

TEST_P(LeavingTest, BeforeTheFirstContent) {
    provide([](const test::FakeRequest&) { return silent_before_content(); });
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    wait_for_requests(1);
    expect_release([&] { client.close(); });
}

TEST_P(LeavingTest, BetweenTwoEvents) {
    provide([](const test::FakeRequest&) { return silent_after_content(); });
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("Hi");
    expect_release([&] { client.close(); });
}

TEST_P(LeavingTest, ByAReset) {
    provide([](const test::FakeRequest&) { return silent_after_content(); });
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("Hi");
    expect_release([&] { client.reset(); });
}

TEST_P(LeavingTest, ByClosingOnlyTheSendingSide) {
    provide([](const test::FakeRequest&) { return silent_after_content(); });
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("Hi");
    expect_release([&] { client.half_close(); });
}

TEST_P(LeavingTest, InTheMiddleOfTheBodyAsksNobody) {
    provide([](const test::FakeRequest&) { return silent_before_the_head(); });
    const auto request = House::post(path, chat("m"));
    {
        test::RawClient client(house->port());
        client.send(request.substr(0, request.size() - 10));
    }
    EXPECT_TRUE(eventually([&] {
        return house->metric("gatehouse_connections_open{listener=\"client\"}") == 0 &&
               upstream->accepted() == 0;
    }));
}

TEST_P(LeavingTest, IsWrittenDown) {
    provide([](const test::FakeRequest&) { return silent_after_content(); });
    {
        test::RawClient client(house->port());
        client.send(House::post(path, chat("m", streamed)));
        client.read_until("Hi");
    }
    EXPECT_TRUE(eventually([&] { return house->log_text().find("client_closed") != std::string::npos; }))
        << house->log_text();
}

std::size_t descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

/// The bytes that this process has allocated and not freed. Not its resident memory: a sanitizer keeps what
/// was freed for a while.
long allocated_bytes() {
    if constexpr (sanitized) {
        return static_cast<long>(__sanitizer_get_current_allocated_bytes());
    } else {
        const struct mallinfo2 usage = mallinfo2();
        return static_cast<long>(usage.uordblks + usage.hblkhd);
    }
}

int abort_count() {
    const char* const asked = std::getenv("GATEHOUSE_TEST_ABORTS");
    return asked != nullptr ? std::atoi(asked) : 1'000;
}

TEST_P(LeavingTest, ManyTimesLeavesNothingBehind) {
    provide([](const test::FakeRequest&) { return silent_after_content(); });
    const auto leave_once = [this] {
        test::RawClient client(house->port());
        client.send(House::post(path, chat("m", streamed)));
        client.read_until("Hi");
        client.reset();
    };
    const auto settled = [this] { return eventually([this] { return upstream->open_connections() == 0; }); };
    const int count = abort_count();
    for (int i = 0; i < count / 5; ++i) {  // everything that grows once has grown
        leave_once();
    }
    ASSERT_TRUE(settled());
    const auto descriptors_before = descriptors();
    const auto memory_before = allocated_bytes();
    for (int i = count / 5; i < count; ++i) {
        leave_once();
    }
    ASSERT_TRUE(settled());
    EXPECT_TRUE(eventually([&] { return descriptors() <= descriptors_before; }))
        << descriptors_before << " before, " << descriptors() << " after";
    EXPECT_TRUE(eventually([&] { return house->metric("gatehouse_streams_open") == 0; }));
    // The fake provider keeps each request, which is under 1 KiB. A kept buffer would be at least 4 KiB each.
    EXPECT_LT(allocated_bytes() - memory_before, 256 * 1024 + count * 2 * 1024);
    EXPECT_EQ(upstream->requests().size(), static_cast<std::size_t>(count));
}

/// A stream larger than all buffers on the way.
FakeResponse flood(std::size_t events) {
    FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream");
    response.framing = FakeFraming::chunked;
    for (std::size_t i = 0; i < events; ++i) {
        response.body.emplace_back("data: " + event(std::string(16'000, 'x')) + "\n\n");
    }
    return response;
}

TEST_P(LeavingTest, NotReadingHoldsTheProviderBack) {
    provide([](const test::FakeRequest&) { return flood(4'000); });  // 64 MB
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("xxx");
    ASSERT_TRUE(eventually([&] { return upstream->requests().size() == 1; }));
    // The flood stands still: what is on the way is in the sockets' buffers and the 256 KiB of ours.
    std::uint64_t sent = 0;
    auto since = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] {
        const auto now = std::chrono::steady_clock::now();
        if (const auto all = upstream->sent_bytes(); all != sent) {
            sent = all;
            since = now;
        }
        return now - since > milliseconds(100);
    }));
    EXPECT_LT(sent, 24'000'000U);
    client.reset();
    EXPECT_TRUE(eventually([&] { return upstream->open_connections() == 0; }, std::chrono::seconds(5)));
}

TEST_P(LeavingTest, NotReadingForTooLongEndsTheStream) {
    provide([](const test::FakeRequest&) { return flood(4'000); }, "limits: {write_timeout: 300ms}");
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("xxx");
    EXPECT_TRUE(eventually([&] { return upstream->accepted() == 1 && upstream->open_connections() == 0; }));
}

TEST_P(LeavingTest, ReadingSlowlyIsNotLeaving) {
    constexpr std::size_t size = 8'000'000;  // more than the sockets' buffers hold
    provide(
        [](const test::FakeRequest&) {
            return FakeResponse::json(
                R"({"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
                R"("message":{"role":"assistant","content":")" +
                std::string(size, 'x') + R"("},"finish_reason":"stop"}]})");
        },
        "limits: {write_timeout: 1s}");
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m")));
    std::size_t got = 0;
    const auto began = std::chrono::steady_clock::now();
    while (got < size) {
        const auto some = client.read_some();
        ASSERT_FALSE(some.empty()) << got;
        got += some.size();
        EXPECT_FALSE(client.is_closed_within(milliseconds(15)));  // 4 MB a second
    }
    EXPECT_GT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}

TEST_P(LeavingTest, SilenceIsFilledWithComments) {
    provide([](const test::FakeRequest&) { return silent_after_content(); }, "keepalive_comment: 50ms");
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("Hi");
    EXPECT_TRUE(client.read_until(": keep-alive\n\n").ends_with(": keep-alive\n\n"));
    EXPECT_TRUE(client.read_until(": keep-alive\n\n").ends_with(": keep-alive\n\n"));
}

TEST_P(LeavingTest, AStreamWithoutContentIsCommittedInTheEnd) {
    provide([](const test::FakeRequest&) { return silent_before_the_head(); },
            "commit_after: 50ms, keepalive_comment: 50ms");
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    EXPECT_TRUE(client.read_until("\r\n").starts_with("HTTP/1.1 200"));
    client.read_until(": keep-alive\n\n");
    expect_release([&] { client.close(); });
}

INSTANTIATE_TEST_SUITE_P(Lanes, LeavingTest, testing::Values(1, 2));

}  // namespace
}  // namespace gatehouse::integration
