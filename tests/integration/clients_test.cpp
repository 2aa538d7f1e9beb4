// Clients of Anthropic's and Google's own APIs, through the real server: at a provider of their vendor and at
// one that speaks OpenAI's way.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeFraming;
using test::FakeResponse;
using test::FakeUpstream;

json recorded(const std::string& file, std::size_t exchange) {
    std::ifstream in(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/" + file + ".json");
    return json::parse(in)["exchanges"][exchange]["response"];
}

FakeResponse event_stream(const std::string& bytes) {
    FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream; charset=utf-8");
    response.framing = FakeFraming::chunked;
    response.body.emplace_back(bytes);
    return response;
}

std::string message(std::string_view model, std::string_view more = {}) {
    return fmt::format(
        R"({{"model":"{}","max_tokens":100,"messages":[{{"role":"user","content":"Hello"}}]{}}})", model,
        more);
}

constexpr std::string_view contents = R"({"contents":[{"role":"user","parts":[{"text":"Hello"}]}]})";

class ClientsTest : public testing::Test {
protected:
    void provide(std::string_view kind, std::string_view model, FakeUpstream::Script script) {
        upstream = std::make_unique<FakeUpstream>(std::move(script));
        Plan plan;
        plan.models = fmt::format("  m: {{targets: [{{provider: other, model: {}}}]}}\n", model);
        plan.more_providers =
            fmt::format("  other: {{kind: {}, base_url: \"{}{}\", api_keys: [{}]}}\n", kind,
                        upstream->base_url(), kind == "gemini" ? "/v1beta" : "", provider_key);
        house = std::make_unique<House>(plan);
    }
    void simulate() {
        Plan plan;
        plan.models =
            "  sim: {targets: [{provider: sim, model: chat}]}\n"
            "  vec: {targets: [{provider: sim, model: embedding}]}\n";
        house = std::make_unique<House>(plan);
    }

    std::unique_ptr<FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

TEST_F(ClientsTest, AnthropicsClientsGetTheirProvidersBytes) {
    const auto whole = recorded("anthropic/fixtures/messages-basic", 0)["body"].dump();
    const auto stream = recorded("anthropic/fixtures/messages-stream-basic", 0)["stream"].get<std::string>();
    const auto named = json::parse(whole)["model"].get<std::string>();
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
    const auto body = json::parse(reply.body);
    EXPECT_EQ(body["type"], "message");
    EXPECT_EQ(body["model"], "sim");
    EXPECT_EQ(body["stop_reason"], "end_turn");
    EXPECT_FALSE(body["content"][0]["text"].get<std::string>().empty());
    EXPECT_GT(body["usage"]["input_tokens"].get<int>(), 0);
    EXPECT_EQ(reply.header("x-gatehouse-dropped-params"), "top_k");

    const auto stream = house->ask("/v1/messages", message("sim", R"(,"stream":true)"));
    ASSERT_EQ(stream.status, 200) << stream.body;
    EXPECT_EQ(stream.body.rfind("event: message_start\n", 0), 0U) << stream.body;
    EXPECT_NE(stream.body.find("event: message_stop\n"), std::string::npos);
    EXPECT_EQ(stream.body.find("[DONE]"), std::string::npos);
}

TEST_F(ClientsTest, GooglesClientsGetTheirProvidersBytes) {
    const auto whole = recorded("gemini/fixtures/generate-basic", 0)["body"].dump();
    const auto stream = recorded("gemini/fixtures/stream-basic", 0)["stream"].get<std::string>();
    const auto model = json::parse(whole)["modelVersion"].get<std::string>();
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
    const auto chunks = json::parse(array.body);
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
    const auto body = json::parse(reply.body);
    EXPECT_EQ(body["candidates"][0]["finishReason"], "STOP");
    EXPECT_EQ(body["candidates"][0]["content"]["role"], "model");
    EXPECT_FALSE(body["candidates"][0]["content"]["parts"][0]["text"].get<std::string>().empty());
    EXPECT_GT(body["usageMetadata"]["promptTokenCount"].get<int>(), 0);

    const auto stream = house->ask("/v1beta/models/sim:streamGenerateContent?alt=sse", contents);
    ASSERT_EQ(stream.status, 200) << stream.body;
    EXPECT_EQ(stream.body.rfind("data: {", 0), 0U) << stream.body;
    EXPECT_NE(stream.body.find("\"finishReason\":\"STOP\""), std::string::npos);
    const auto array = house->ask("/v1beta/models/sim:streamGenerateContent", contents);
    ASSERT_EQ(array.status, 200) << array.body;
    EXPECT_TRUE(json::parse(array.body).is_array());
}

TEST_F(ClientsTest, ChatReachesModelsThatExistAtResponsesOnly) {
    const auto whole = recorded("openai/fixtures/responses-simple", 0)["body"];
    const auto stream =
        recorded("openai/fixtures/responses-stream-basic-otel", 0)["stream"].get<std::string>();
    provide("openai", "gpt-5-pro", [&](const test::FakeRequest& request) {
        return request.body.find("\"stream\":true") == std::string::npos ? FakeResponse::json(whole.dump())
                                                                         : event_stream(stream);
    });
    const auto reply = house->ask("/v1/chat/completions", chat("m", R"(,"seed":7)"));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-dropped-params"), "seed");
    const auto body = json::parse(reply.body);
    EXPECT_EQ(body["object"], "chat.completion");
    EXPECT_EQ(body["model"], "m");
    EXPECT_EQ(body["choices"][0]["message"]["content"], whole["output"][0]["content"][0]["text"]);
    EXPECT_EQ(body["choices"][0]["finish_reason"], "stop");
    EXPECT_EQ(body["usage"]["prompt_tokens"], whole["usage"]["input_tokens"]);
    EXPECT_EQ(body["usage"]["total_tokens"], whole["usage"]["total_tokens"]);
    const auto in_pieces = house->ask("/v1/chat/completions", chat("m", R"(,"stream":true)"));
    ASSERT_EQ(in_pieces.status, 200) << in_pieces.body;
    EXPECT_NE(in_pieces.body.find("\"object\":\"chat.completion.chunk\""), std::string::npos);
    EXPECT_NE(in_pieces.body.find("\"finish_reason\":\"stop\""), std::string::npos) << in_pieces.body;
    EXPECT_TRUE(in_pieces.body.ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(in_pieces.body.find("response."), std::string::npos);
    const auto claude = house->ask("/v1/messages", message("m"));
    ASSERT_EQ(claude.status, 200) << claude.body;
    EXPECT_EQ(json::parse(claude.body)["content"][0]["text"], whole["output"][0]["content"][0]["text"]);
    const auto own = R"({"model":"m","input":"Hello" , "future":[1.50]})";
    ASSERT_EQ(house->ask("/v1/responses", own).status, 200);

    const auto requests = upstream->requests();
    ASSERT_EQ(requests.size(), 4U);
    for (const auto& request : requests) {
        EXPECT_EQ(request.target, "/responses");
        EXPECT_EQ(request.field("authorization"), fmt::format("Bearer {}", provider_key));
    }
    const auto sent = json::parse(requests[0].body);
    EXPECT_EQ(sent["model"], "gpt-5-pro");
    EXPECT_EQ(sent["store"], false);
    EXPECT_EQ(sent["include"], json::array({"reasoning.encrypted_content"}));
    EXPECT_EQ(sent["input"][0]["content"], "Hello");
    EXPECT_EQ(json::parse(requests[1].body)["stream"], true);
    EXPECT_NE(requests[3].body.find(R"("input":"Hello" , "future":[1.50]})"), std::string::npos)
        << "a client of responses is relayed";
}

TEST_F(ClientsTest, ThoughtsComeBackToOpenAiThoughTheClientForgetsThem) {
    const auto first = recorded("openai/fixtures/responses-thinking-roundtrip", 0)["body"];
    const auto second = recorded("openai/fixtures/responses-thinking-roundtrip", 1)["body"];
    provide("openai", "gpt-5.6-sol", [&](const test::FakeRequest& request) {
        const bool again = request.body.find("function_call_output") != std::string::npos;
        return FakeResponse::json((again ? second : first).dump());
    });
    const auto ask = [&](const json& messages) {
        const json tools = json::array({{{"type", "function"}, {"function", {{"name", "f"}}}}});
        const json body{{"model", "m"}, {"messages", messages}, {"tools", tools}};
        const auto reply = house->ask("/v1/chat/completions", body.dump());
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json::parse(reply.body)["choices"][0]["message"];
    };
    json messages = json::array({{{"role", "user"}, {"content", "Hello"}}});
    const auto called = ask(messages);
    const auto& call = called["tool_calls"][0];
    EXPECT_EQ(call["id"], first["output"][1]["call_id"]);
    messages.push_back({{"role", "assistant"}, {"content", nullptr}, {"tool_calls", called["tool_calls"]}});
    messages.push_back({{"role", "tool"}, {"tool_call_id", call["id"]}, {"content", "done"}});
    ask(messages);
    const auto requests = upstream->requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].target, "/responses") << "chat completions refuse tools beside reasoning there";
    const auto input = json::parse(requests[1].body)["input"];
    ASSERT_EQ(input.size(), 4U);
    EXPECT_EQ(input[1]["type"], "reasoning");
    EXPECT_EQ(input[1]["encrypted_content"], first["output"][0]["encrypted_content"]);
    EXPECT_EQ(input[1]["id"], first["output"][0]["id"]) << "which its content is bound to";
    EXPECT_EQ(input[2]["type"], "function_call");
}

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
    EXPECT_EQ(json::parse(anthropic.body)["type"], "error");
    EXPECT_EQ(json::parse(anthropic.body)["error"]["type"], "authentication_error");
    EXPECT_EQ(json::parse(anthropic.body)["request_id"], *anthropic.header("request-id"));
    const auto gemini = keyless("/v1beta/models/sim:generateContent?key=wrong");
    EXPECT_EQ(gemini.status, 401);
    EXPECT_EQ(json::parse(gemini.body)["error"]["status"], "UNAUTHENTICATED");
    EXPECT_EQ(json::parse(gemini.body)["error"]["code"], 401);
    const auto by_query = keyless(fmt::format("/v1beta/models/sim:generateContent?key={}", client_key));
    EXPECT_EQ(by_query.status, 400) << "the key is right, the body is not: " << by_query.body;
    EXPECT_EQ(keyless(fmt::format("/v1/messages?key={}", client_key)).status, 401);
    EXPECT_EQ(house->log_text().find(client_key), std::string::npos);

    EXPECT_EQ(json::parse(house->ask("/v1/messages/nothing", "{}").body)["error"]["type"], "not_found_error");
    EXPECT_EQ(json::parse(house->ask("/v1beta/nothing", "{}").body)["error"]["status"], "NOT_FOUND");
    EXPECT_EQ(house->ask("/v1beta/models/sim:teleport", "{}").status, 404);
    const auto unknown = house->ask("/v1/messages", message("none"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(json::parse(unknown.body)["error"]["type"], "not_found_error");
    const auto missing = house->ask("/v1/messages", R"({"model":"sim","messages":[]})");
    EXPECT_EQ(missing.status, 400);
    EXPECT_EQ(json::parse(missing.body)["error"]["type"], "invalid_request_error");
    const auto no_contents = house->ask("/v1beta/models/sim:generateContent", R"({"content":[]})");
    EXPECT_EQ(no_contents.status, 400);
    EXPECT_EQ(json::parse(no_contents.body)["error"]["status"], "INVALID_ARGUMENT");
}

TEST_F(ClientsTest, AProvidersFailureSpeaksTheClientsDialect) {
    provide("openai", "gpt-4o", [](const test::FakeRequest&) {
        return FakeResponse::json(
            R"({"error":{"message":"slow down","type":"rate_limit_error","code":null}})", 429);
    });
    const auto anthropic = house->ask("/v1/messages", message("m"));
    EXPECT_EQ(anthropic.status, 429) << anthropic.body;
    EXPECT_EQ(json::parse(anthropic.body)["error"]["type"], "rate_limit_error");
    const auto gemini = house->ask("/v1beta/models/m:generateContent", contents);
    EXPECT_EQ(gemini.status, 429) << gemini.body;
    EXPECT_EQ(json::parse(gemini.body)["error"]["status"], "RESOURCE_EXHAUSTED");
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
    const auto array = json::parse(house->ask("/v1beta/models/m:streamGenerateContent", contents).body);
    EXPECT_TRUE(array.back().contains("error")) << array;
    const auto responses = house->ask("/v1beta/models/m:generateContent", contents);
    EXPECT_EQ(responses.status, 500) << "a stream is no whole reply: " << responses.body;
}

TEST_F(ClientsTest, ModelsAreListedInTheClientsWords) {
    simulate();
    const auto get = [&](const std::string& path, std::string_view fields = {}) {
        test::RawClient client(house->port());
        client.send(
            fmt::format("GET {} HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\n{}\r\n", path, client_key, fields));
        return json::parse(client.read_response().body);
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
