// A provider that fails at every step: never a success that is none, never a gateway that falls.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeFault;
using test::FakeFraming;
using test::FakeResponse;
using test::FakeUpstream;

const std::string chunk_text =
    R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)";
const std::string opening = chunk_text + R"({"role":"assistant","content":""},"finish_reason":null}]})";
const std::string content = chunk_text + R"({"content":"Hi"},"finish_reason":null}]})";
const std::string finish = chunk_text + R"({},"finish_reason":"stop"}]})";
const std::string whole_answer =
    R"({"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"Hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})";

FakeResponse good_stream() {
    return FakeResponse::events({opening, content, finish, "[DONE]"});
}

struct FaultTest : testing::Test {
    void answer(FakeResponse response) {
        upstream = std::make_unique<FakeUpstream>([response](const test::FakeRequest&) { return response; });
        Plan plan;
        plan.base_url = upstream->base_url() + "/v1";
        plan.provider =
            "timeouts: {connect: 1s, first_byte: 400ms, first_token: 400ms, idle: 400ms, total: 3s}";
        plan.rest = "retry: {attempts: 1}\n";  // failover has a test of its own
        house = std::make_unique<House>(std::move(plan));
    }
    test::RawResponse ask(std::string_view more = {}) {
        return house->ask("/v1/chat/completions", chat("m", more));
    }
    static std::string code_of(const test::RawResponse& reply) {
        const auto body = json::parse(reply.body, nullptr, false);
        return body.is_object() && body.contains("error") ? body["error"].value("code", "null") : reply.body;
    }
    std::unique_ptr<FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

constexpr std::string_view streamed = R"(,"stream":true)";

TEST_F(FaultTest, RefusedConnections) {
    House alone(Plan{});  // nobody listens on port 1
    const auto reply = alone.ask("/v1/chat/completions", chat("m"));
    EXPECT_EQ(reply.status, 502);
    EXPECT_EQ(code_of(reply), "upstream_error");
}

TEST_F(FaultTest, AResetAtAnyByteOfAWholeAnswerIsAnError) {
    auto response = FakeResponse::json(whole_answer);
    response.fault = FakeFault::reset;
    const std::size_t end = whole_answer.size() + 60;  // inside the body, whatever the head's size
    for (std::size_t at = 0; at < end; at += 37) {
        response.at_byte = at;
        answer(response);
        const auto reply = ask();
        EXPECT_EQ(reply.status, 502) << "reset at byte " << at << ": " << reply.body;
        EXPECT_TRUE(reply.complete);
    }
}

TEST_F(FaultTest, AStreamCutAtAnyByteNeverEndsAsSuccess) {
    const auto stream = good_stream();
    std::string all;
    for (const auto& event : stream.body) {
        all += event.bytes;
    }
    for (const auto fault : {FakeFault::reset, FakeFault::close}) {
        for (std::size_t at = 0; at < 620; at += 41) {
            auto response = stream;
            response.fault = fault;
            response.at_byte = at;
            answer(response);
            const auto reply = ask(streamed);
            if (reply.status != 200) {
                EXPECT_EQ(reply.status, 502) << at;
                continue;
            }
            if (reply.body.find("\"error\":{") == std::string::npos) {
                EXPECT_EQ(reply.body, all) << "a success lacks something, cut at byte " << at;
            }
        }
    }
}

TEST_F(FaultTest, SilenceEndsInATimeout) {
    auto response = FakeResponse::json(whole_answer);
    response.fault = FakeFault::stall;
    for (const std::size_t at : {std::size_t{0}, std::size_t{10}, std::size_t{100}}) {
        response.at_byte = at;
        answer(response);
        const auto reply = ask();
        EXPECT_EQ(reply.status, 504) << at;
        EXPECT_EQ(code_of(reply), "upstream_timeout");
    }
}

TEST_F(FaultTest, AStreamThatFallsSilentEndsInAnErrorChunk) {
    auto response = good_stream();
    response.fault = FakeFault::stall;
    response.at_byte = 480;  // between the content and the end of the finish
    answer(response);
    const auto reply = ask(streamed);
    EXPECT_EQ(reply.status, 200);
    EXPECT_NE(reply.body.find("upstream_timeout"), std::string::npos) << reply.body;
    EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
}

TEST_F(FaultTest, PingsAreNotContent) {
    FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream");
    response.framing = FakeFraming::chunked;
    for (int i = 0; i < 40; ++i) {
        response.body.emplace_back(": ping\n\n", std::chrono::milliseconds(50));
    }
    answer(response);
    EXPECT_EQ(ask(streamed).status, 504);
}

TEST_F(FaultTest, GarbageIsNoAnswer) {
    for (const auto& body : {std::string("not json"), std::string("{}"), std::string("[]"), std::string(),
                             std::string(R"({"error":{"message":"no","type":"server_error"}})"),
                             whole_answer.substr(0, whole_answer.size() - 5), std::string("\xff\xfe{}")}) {
        answer(FakeResponse::json(body));
        EXPECT_EQ(ask().status, 502) << body;
    }
}

TEST_F(FaultTest, GarbageHeadsAreNoAnswer) {
    for (const auto& raw :
         {std::string("nonsense\r\n\r\n"), std::string("HTTP/1.1 abc\r\n\r\n"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
          std::string("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}) {
        FakeResponse response;
        response.raw = raw;
        answer(response);
        EXPECT_EQ(ask().status, 502) << raw.substr(0, 80);
    }
}

TEST_F(FaultTest, RedirectsAreNotFollowed) {
    auto response = FakeResponse::json("{}", 302);
    response.headers.emplace_back("location", "http://127.0.0.1:1/elsewhere");
    answer(response);
    EXPECT_EQ(ask().status, 502);
}

TEST_F(FaultTest, AnHtmlPageOfA503IsNotShown) {
    auto response = FakeResponse::json("<html><body>secret host name</body></html>", 503);
    response.headers = {{"content-type", "text/html"}};
    answer(response);
    const auto reply = ask();
    EXPECT_EQ(reply.status, 502);
    EXPECT_EQ(reply.body.find("<html"), std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find("secret"), std::string::npos);
}

TEST_F(FaultTest, AnErrorObjectInTheMiddleOfAStreamEndsIt) {
    answer(FakeResponse::events(
        {opening, content,
         R"({"error":{"message":"Broken.","type":"server_error","param":null,"code":null}})"}));
    const auto reply = ask(streamed);
    EXPECT_EQ(reply.status, 200);
    EXPECT_NE(reply.body.find("\"error\":{"), std::string::npos);
    EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n")) << reply.body;
}

TEST_F(FaultTest, AnErrorObjectBeforeContentIsAStatus) {
    answer(FakeResponse::events(
        {opening, R"({"error":{"message":"Broken.","type":"server_error","param":null,"code":null}})"}));
    EXPECT_EQ(ask(streamed).status, 502);
}

TEST_F(FaultTest, TrailersOf64KiBFromAProviderDoNoHarm) {
    for (const auto& trailer :
         {std::string(65'536, 'n') + ": v\r\n", "v: " + std::string(65'536, 'v') + "\r\n"}) {
        auto response = good_stream();
        response.trailers = trailer;
        answer(response);
        const auto reply = ask(streamed);  // complete before its trailers: they do not matter
        EXPECT_EQ(reply.status, 200);
        EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
        auto whole = FakeResponse::json(whole_answer);
        whole.framing = FakeFraming::chunked;
        whole.trailers = trailer;
        answer(whole);
        const auto status = ask().status;
        EXPECT_TRUE(status == 200 || status == 502) << status;
    }
}

TEST_F(FaultTest, ADeepAnswerIsNoAnswer) {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    answer(FakeResponse::json(R"({"choices":)" + deep + "}"));
    EXPECT_EQ(ask().status, 502);
    answer(FakeResponse::json(deep, 400));
    EXPECT_EQ(ask().status, 400);
    answer(FakeResponse::events({opening, R"({"choices":)" + deep + "}"}));
    EXPECT_EQ(ask(streamed).status, 502);
}

TEST_F(FaultTest, AnAnswerAboveTheLimitIsNoAnswer) {
    upstream = std::make_unique<FakeUpstream>([](const test::FakeRequest&) {
        auto response = FakeResponse::json(R"({"choices":")" + std::string(100'000, 'x') + "\"}");
        response.framing = FakeFraming::chunked;
        return response;
    });
    Plan plan;
    plan.base_url = upstream->base_url() + "/v1";
    plan.provider = "limits: {response: 64KiB}";
    House small(std::move(plan));
    EXPECT_EQ(small.ask("/v1/chat/completions", chat("m")).status, 502);
}

}  // namespace
}  // namespace gatehouse::integration
