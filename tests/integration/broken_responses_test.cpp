// Streams of the Responses API that break off, relayed and translated: the client hears `response.failed`
// with all that came, or an error before any of it.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include "gatehouse/wire/sse.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeFault;
using test::FakeResponse;
using test::FakeUpstream;

std::string recorded_stream(const std::string& file) {
    std::ifstream in(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/" + file + ".json");
    return json::parse(in)["exchanges"][0]["response"]["stream"].get<std::string>();
}

FakeResponse event_stream(const std::string& bytes) {
    FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream; charset=utf-8");
    response.framing = test::FakeFraming::chunked;
    response.body.emplace_back(bytes);
    return response;
}

std::vector<json> events_in(const std::string& stream) {
    std::vector<json> events;
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(stream));
    while (const auto event = splitter.next()) {
        events.push_back(json::parse(event->data, nullptr, false));
        EXPECT_EQ(events.back().value("type", ""), event->name);
    }
    EXPECT_EQ(splitter.rest(), "") << "half an event";
    return events;
}

std::string text_of(const json& output) {
    std::string text;
    for (const auto& item : output) {
        const auto content = item.value("content", json::array());
        for (const auto& part : content) {
            text += part.value("text", "");
        }
    }
    return text;
}

/// A stream that was cut: whole events, numbered, the last of which repeats what the others said.
void expect_failed_with_all_that_came(const std::string& stream) {
    const auto events = events_in(stream);
    ASSERT_GE(events.size(), 3U) << stream;
    std::string text;
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i]["sequence_number"], i);
        if (events[i]["type"] == "response.output_text.delta") {
            text += events[i]["delta"].get<std::string>();
        }
    }
    const auto& created = events.front();
    EXPECT_EQ(created["type"], "response.created");
    const auto& last = events.back();
    ASSERT_EQ(last["type"], "response.failed") << stream;
    const auto& response = last["response"];
    EXPECT_EQ(response["id"], created["response"]["id"]);
    EXPECT_EQ(response["status"], "failed");
    EXPECT_EQ(response["error"]["code"], "server_error");
    EXPECT_FALSE(response["error"]["message"].get<std::string>().empty());
    EXPECT_EQ(text_of(response["output"]), text);
    for (const auto& [key, value] : created["response"].items()) {
        EXPECT_TRUE(response.contains(key)) << key;
    }
}

struct BrokenResponsesTest : testing::Test {
    void provide(FakeResponse response, std::string_view kind, std::string_view base) {
        upstream = std::make_unique<FakeUpstream>([response](const test::FakeRequest&) { return response; });
        Plan plan;
        plan.rest = "retry: {attempts: 1}\n";  // what comes before content is another test's
        plan.models = "  m: {targets: [{provider: other, model: up}]}\n";
        plan.more_providers = fmt::format(
            "  other: {{kind: {}, base_url: \"{}{}\", api_keys: [{}], "
            "timeouts: {{idle: 400ms, first_token: 400ms}}}}\n",
            kind, upstream->base_url(), base, provider_key);
        house = std::make_unique<House>(std::move(plan));
    }
    /// Cuts the provider's stream at many bytes; how many of the replies had begun.
    std::size_t cut_everywhere(const std::string& stream, std::string_view kind) {
        std::size_t begun = 0;
        for (const auto fault : {FakeFault::reset, FakeFault::close}) {
            for (std::size_t at = 300; at < stream.size() * 9 / 10; at += 257) {
                auto response = event_stream(stream);
                response.fault = fault;
                response.at_byte = at;
                provide(response, kind, "");
                const auto reply = house->ask("/v1/responses", R"({"model":"m","input":"Hi","stream":true})");
                SCOPED_TRACE("cut at byte " + std::to_string(at));
                if (reply.status != 200) {
                    EXPECT_EQ(reply.status, 502) << reply.body;
                    continue;
                }
                ++begun;
                EXPECT_TRUE(reply.complete);
                expect_failed_with_all_that_came(reply.body);
            }
        }
        return begun;
    }
    std::unique_ptr<FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

TEST_F(BrokenResponsesTest, ARelayedStreamThatIsCutIsAFailedResponse) {
    EXPECT_GE(cut_everywhere(recorded_stream("openai/fixtures/responses-stream-incomplete"), "openai"), 10U);
}

TEST_F(BrokenResponsesTest, ATranslatedStreamThatIsCutIsAFailedResponse) {
    EXPECT_GE(cut_everywhere(recorded_stream("anthropic/fixtures/thinking-redacted-stream"), "anthropic"),
              2U);
}

TEST_F(BrokenResponsesTest, WhatTheProviderSaysOfItsFailureIsPassedOn) {
    const auto stream = recorded_stream("openai/fixtures/responses-stream-basic-otel");
    const auto end = stream.find("event: response.output_text.done");
    ASSERT_NE(end, std::string::npos);
    const std::string failure =
        "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":99,\"response\":"
        "{\"id\":\"x\",\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"Oh "
        "no.\"}}}\n\n";
    provide(event_stream(stream.substr(0, end) + failure), "openai", "");
    const auto reply = house->ask("/v1/responses", R"({"model":"m","input":"Hi","stream":true})");
    ASSERT_EQ(reply.status, 200);
    expect_failed_with_all_that_came(reply.body);
    EXPECT_NE(reply.body.find("Oh no."), std::string::npos);
}

TEST_F(BrokenResponsesTest, SilenceInTheMiddleIsAFailedResponse) {
    auto response = event_stream(recorded_stream("openai/fixtures/responses-stream-incomplete"));
    response.fault = FakeFault::stall;
    response.at_byte = 6000;
    provide(response, "openai", "");
    const auto reply = house->ask("/v1/responses", R"({"model":"m","input":"Hi","stream":true})");
    ASSERT_EQ(reply.status, 200);
    expect_failed_with_all_that_came(reply.body);
}

TEST_F(BrokenResponsesTest, BeforeAnythingBeganItIsAStatus) {
    const auto stream = recorded_stream("openai/fixtures/responses-stream-basic-otel");
    provide(event_stream(stream.substr(0, stream.find("event: response.output_item.added"))), "openai", "");
    EXPECT_EQ(house->ask("/v1/responses", R"({"model":"m","input":"Hi","stream":true})").status, 502);
}

}  // namespace
}  // namespace gatehouse::integration
