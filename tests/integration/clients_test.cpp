// Clients of Anthropic's and Google's own APIs, through the real server: at a provider of their vendor and at
// one that speaks OpenAI's way.
#include "clients.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gatehouse::integration {
namespace {

using test::FakeResponse;
using test::FakeUpstream;

TEST_F(ClientsTest, AnthropicsClientsGetTheirProvidersBytes) {
    const auto whole = recorded("anthropic/fixtures/messages-basic", 0)["body"].dump();
    const auto stream = recorded("anthropic/fixtures/messages-stream-basic", 0)["stream"].text();
    const auto named = parsed(whole)["model"].text();
    upstream = std::make_unique<FakeUpstream>([&](const test::FakeRequest& request) {
        return request.body.find("\"stream\":true") == std::string::npos ? FakeResponse::json(whole)
                                                                         : event_stream(stream);
    });
    Plan plan;
    plan.models = "  \"*\": {targets: [{provider: other, model: \"*\"}]}\n";
    plan.more_providers = fmt::format("  other: {{kind: anthropic, base_url: \"{}\", api_keys: [{}]}}\n",
                                      upstream->base_url(), provider_key);
    house = std::make_unique<House>(plan);
    const auto body = message(named, R"(,"container":"kept" , "future":[1.50]})");
    const auto sent = body.substr(0, body.size() - 1);
    const auto reply = house->ask("/v1/messages?beta=true", sent, "anthropic-version: 2026-10-21\r\n");
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.body, whole);
    EXPECT_TRUE(reply.header("request-id"));
    EXPECT_EQ(reply.header("request-id"), reply.header("x-request-id"));
    const auto in_pieces = house->ask("/v1/messages", message(named, R"(,"stream":true)"));
    ASSERT_EQ(in_pieces.status, 200) << in_pieces.body;
    EXPECT_EQ(in_pieces.body, stream);

    const auto requests = upstream->requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].target, "/v1/messages");
    EXPECT_EQ(requests[0].body, sent) << "what the gateway does not know passes through";
    EXPECT_EQ(requests[0].field("x-api-key"), provider_key);
    EXPECT_EQ(requests[0].field("anthropic-version"), "2026-10-21");
    EXPECT_EQ(requests[1].field("anthropic-version"), "2023-06-01") << "a version is required there";
}

TEST_F(ClientsTest, AnthropicsClientsReachOpenAi) {
    simulate();
    const auto reply = house->ask("/v1/messages", message("sim", R"(,"container":null,"top_k":5)"));
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto body = parsed(reply.body);
    EXPECT_EQ(body["type"], "message");
    EXPECT_EQ(body["model"], "sim");
    EXPECT_EQ(body["stop_reason"], "end_turn");
    EXPECT_FALSE(body["content"][0]["text"].text().empty());
    EXPECT_GT(body["usage"]["input_tokens"].integer(), 0);
    EXPECT_EQ(reply.header("x-gatehouse-dropped-params"), "top_k");

    const auto stream = house->ask("/v1/messages", message("sim", R"(,"stream":true)"));
    ASSERT_EQ(stream.status, 200) << stream.body;
    EXPECT_EQ(stream.body.rfind("event: message_start\n", 0), 0U) << stream.body;
    EXPECT_NE(stream.body.find("event: message_stop\n"), std::string::npos);
    EXPECT_EQ(stream.body.find("[DONE]"), std::string::npos);
}

TEST_F(ClientsTest, GooglesClientsGetTheirProvidersBytes) {
    const auto whole = recorded("gemini/fixtures/generate-basic", 0)["body"].dump();
    const auto stream = recorded("gemini/fixtures/stream-basic", 0)["stream"].text();
    const auto model = parsed(whole)["modelVersion"].text();
    upstream = std::make_unique<FakeUpstream>([&](const test::FakeRequest& request) {
        return request.target.find("stream") == std::string::npos ? FakeResponse::json(whole)
                                                                  : event_stream(stream);
    });
    Plan plan;
    plan.models = "  \"*\": {targets: [{provider: other, model: \"*\"}]}\n";
    plan.more_providers = fmt::format("  other: {{kind: gemini, base_url: \"{}/v1beta\", api_keys: [{}]}}\n",
                                      upstream->base_url(), provider_key);
    house = std::make_unique<House>(plan);
    const auto at = "/v1beta/models/" + model;
    const auto reply = house->ask(at + ":generateContent", contents);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.body, whole);
    const auto in_pieces = house->ask(at + ":streamGenerateContent?alt=sse", contents);
    ASSERT_EQ(in_pieces.status, 200) << in_pieces.body;
    EXPECT_EQ(in_pieces.body, stream);
    const auto array = house->ask(at + ":streamGenerateContent", contents);
    ASSERT_EQ(array.status, 200) << array.body;
    EXPECT_EQ(array.header("content-type"), "application/json");
    const auto chunks = parsed(array.body);
    ASSERT_TRUE(chunks.is_array());
    std::size_t events = 0;
    for (auto place = stream.find("data:"); place != std::string::npos;
         place = stream.find("data:", place + 1)) {
        ++events;
    }
    EXPECT_EQ(chunks.size(), events);

    const auto requests = upstream->requests();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].target, "/v1beta/models/" + model + ":generateContent");
    EXPECT_EQ(requests[2].target, "/v1beta/models/" + model + ":streamGenerateContent?alt=sse");
    EXPECT_EQ(requests[0].body, contents);
    EXPECT_EQ(requests[0].field("x-goog-api-key"), provider_key);
}

TEST_F(ClientsTest, GooglesClientsReachOpenAi) {
    simulate();
    const auto reply = house->ask("/v1beta/models/sim:generateContent", contents);
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto body = parsed(reply.body);
    EXPECT_EQ(body["candidates"][0]["finishReason"], "STOP");
    EXPECT_EQ(body["candidates"][0]["content"]["role"], "model");
    EXPECT_FALSE(body["candidates"][0]["content"]["parts"][0]["text"].text().empty());
    EXPECT_GT(body["usageMetadata"]["promptTokenCount"].integer(), 0);

    const auto stream = house->ask("/v1beta/models/sim:streamGenerateContent?alt=sse", contents);
    ASSERT_EQ(stream.status, 200) << stream.body;
    EXPECT_EQ(stream.body.rfind("data: {", 0), 0U) << stream.body;
    EXPECT_NE(stream.body.find("\"finishReason\":\"STOP\""), std::string::npos);
    const auto array = house->ask("/v1beta/models/sim:streamGenerateContent", contents);
    ASSERT_EQ(array.status, 200) << array.body;
    EXPECT_TRUE(parsed(array.body).is_array());
}

TEST_F(ClientsTest, ModelsAreListedInTheClientsWords) {
    simulate();
    const auto get = [&](const std::string& path, std::string_view fields = {}) {
        test::RawClient client(house->port());
        client.send(
            fmt::format("GET {} HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n{}\r\n", path, client_key, fields));
        return parsed(client.read_response().body);
    };
    EXPECT_EQ(get("/v1/models")["object"], "list");
    const auto anthropic = get("/v1/models?limit=1", "anthropic-version: 2023-06-01\r\n");
    EXPECT_EQ(anthropic["data"][0]["type"], "model");
    EXPECT_EQ(anthropic["has_more"], true);
    EXPECT_EQ(get("/v1/models/sim", "anthropic-version: 2023-06-01\r\n")["display_name"], "sim");
    EXPECT_EQ(get("/v1/models/none", "anthropic-version: 2023-06-01\r\n")["error"]["type"],
              "not_found_error");
    EXPECT_EQ(get("/v1beta/models")["models"][0]["name"], "models/sim");
    EXPECT_EQ(get("/v1beta/models/sim")["name"], "models/sim");
    EXPECT_EQ(get("/v1beta/models/none")["error"]["status"], "NOT_FOUND");
}

}  // namespace
}  // namespace gatehouse::integration
