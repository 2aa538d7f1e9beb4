// Failures, in the words of the client that meets them.
#include "clients.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gatehouse::integration {
namespace {

using test::FakeResponse;

TEST_F(ClientsTest, ErrorsSpeakTheDialectOfThePath) {
    simulate();
    const auto keyless = [&](const std::string& path, std::string_view fields = {}) {
        test::RawClient client(house->port());
        client.send(
            fmt::format("POST {} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                        "content-length: 2\r\n{}\r\n{{}}",
                        path, fields));
        return client.read_response();
    };
    const auto anthropic = keyless("/v1/messages", "x-api-key: wrong\r\n");
    EXPECT_EQ(anthropic.status, 401);
    EXPECT_EQ(parsed(anthropic.body)["type"], "error");
    EXPECT_EQ(parsed(anthropic.body)["error"]["type"], "authentication_error");
    EXPECT_EQ(parsed(anthropic.body)["request_id"], *anthropic.header("request-id"));
    const auto gemini = keyless("/v1beta/models/sim:generateContent?key=wrong");
    EXPECT_EQ(gemini.status, 401);
    EXPECT_EQ(parsed(gemini.body)["error"]["status"], "UNAUTHENTICATED");
    EXPECT_EQ(parsed(gemini.body)["error"]["code"], 401);
    const auto by_query = keyless(fmt::format("/v1beta/models/sim:generateContent?key={}", client_key));
    EXPECT_EQ(by_query.status, 400) << "the key is right, the body is not: " << by_query.body;
    EXPECT_EQ(keyless(fmt::format("/v1/messages?key={}", client_key)).status, 401);
    EXPECT_EQ(house->log_text().find(client_key), std::string::npos);

    EXPECT_EQ(parsed(house->ask("/v1/messages/nothing", "{}").body)["error"]["type"], "not_found_error");
    EXPECT_EQ(parsed(house->ask("/v1beta/nothing", "{}").body)["error"]["status"], "NOT_FOUND");
    EXPECT_EQ(house->ask("/v1beta/models/sim:teleport", "{}").status, 404);
    const auto unknown = house->ask("/v1/messages", message("none"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(parsed(unknown.body)["error"]["type"], "not_found_error");
    const auto missing = house->ask("/v1/messages", R"({"model":"sim","messages":[]})");
    EXPECT_EQ(missing.status, 400);
    EXPECT_EQ(parsed(missing.body)["error"]["type"], "invalid_request_error");
    const auto no_contents = house->ask("/v1beta/models/sim:generateContent", R"({"content":[]})");
    EXPECT_EQ(no_contents.status, 400);
    EXPECT_EQ(parsed(no_contents.body)["error"]["status"], "INVALID_ARGUMENT");
}

TEST_F(ClientsTest, AProvidersFailureSpeaksTheClientsDialect) {
    provide("openai", "gpt-4o", [](const test::FakeRequest&) {
        return FakeResponse::json(
            R"({"error":{"message":"slow down","type":"rate_limit_error","code":null}})", 429);
    });
    const auto anthropic = house->ask("/v1/messages", message("m"));
    EXPECT_EQ(anthropic.status, 429) << anthropic.body;
    EXPECT_EQ(parsed(anthropic.body)["error"]["type"], "rate_limit_error");
    const auto gemini = house->ask("/v1beta/models/m:generateContent", contents);
    EXPECT_EQ(gemini.status, 429) << gemini.body;
    EXPECT_EQ(parsed(gemini.body)["error"]["status"], "RESOURCE_EXHAUSTED");
}

TEST_F(ClientsTest, AStreamThatBreaksEndsInTheClientsDialect) {
    provide("openai", "gpt-4o", [](const test::FakeRequest&) {
        return event_stream(
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"g\","
            "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hel\"},"
            "\"finish_reason\":null}]}\n\n");
    });
    const auto anthropic = house->ask("/v1/messages", message("m", R"(,"stream":true)"));
    EXPECT_EQ(anthropic.status, 200) << anthropic.body;
    EXPECT_NE(anthropic.body.find("event: error\ndata: {\"type\":\"error\""), std::string::npos)
        << anthropic.body;
    EXPECT_EQ(anthropic.body.find("message_stop"), std::string::npos);
    const auto gemini = house->ask("/v1beta/models/m:streamGenerateContent?alt=sse", contents);
    EXPECT_NE(gemini.body.find("data: {\"error\":{\"code\":"), std::string::npos) << gemini.body;
    const auto array = parsed(house->ask("/v1beta/models/m:streamGenerateContent", contents).body);
    EXPECT_TRUE(array[array.size() - 1].contains("error")) << array.dump();
    const auto responses = house->ask("/v1beta/models/m:generateContent", contents);
    EXPECT_EQ(responses.status, 500) << "a stream is no whole reply: " << responses.body;
}

}  // namespace
}  // namespace gatehouse::integration
