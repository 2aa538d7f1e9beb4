// Clients of chat, at models of OpenAI that exist at its Responses only.
#include "clients.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gatehouse::integration {
namespace {

using test::FakeResponse;

TEST_F(ClientsTest, ChatReachesModelsThatExistAtResponsesOnly) {
    const auto whole = recorded("openai/fixtures/responses-simple", 0)["body"];
    const auto stream = recorded("openai/fixtures/responses-stream-basic-otel", 0)["stream"].text();
    provide("openai", "gpt-5-pro", [&](const test::FakeRequest& request) {
        return request.body.find("\"stream\":true") == std::string::npos ? FakeResponse::json(whole.dump())
                                                                         : event_stream(stream);
    });
    const auto reply = house->ask("/v1/chat/completions", chat("m", R"(,"seed":7)"));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-dropped-params"), "seed");
    const auto body = parsed(reply.body);
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
    EXPECT_EQ(parsed(claude.body)["content"][0]["text"], whole["output"][0]["content"][0]["text"]);
    const auto own = R"({"model":"m","input":"Hello" , "future":[1.50]})";
    ASSERT_EQ(house->ask("/v1/responses", own).status, 200);

    const auto requests = upstream->requests();
    ASSERT_EQ(requests.size(), 4U);
    for (const auto& request : requests) {
        EXPECT_EQ(request.target, "/responses");
        EXPECT_EQ(request.field("authorization"), fmt::format("Bearer {}", provider_key));
    }
    const auto sent = parsed(requests[0].body);
    EXPECT_EQ(sent["model"], "gpt-5-pro");
    EXPECT_EQ(sent["store"], false);
    EXPECT_EQ(sent["include"], parsed(R"(["reasoning.encrypted_content"])"));
    EXPECT_EQ(sent["input"][0]["content"], "Hello");
    EXPECT_EQ(parsed(requests[1].body)["stream"], true);
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
    const auto ask = [&](const std::string& messages) {
        const auto reply = house->ask("/v1/chat/completions",
                                      R"({"model":"m","tools":[{"type":"function","function":{"name":"f"}}],)"
                                      R"("messages":[)" +
                                          messages + "]}");
        EXPECT_EQ(reply.status, 200) << reply.body;
        return parsed(reply.body)["choices"][0]["message"];
    };
    const std::string hello = R"({"role":"user","content":"Hello"})";
    const auto called = ask(hello);
    const auto calls = called["tool_calls"];
    EXPECT_EQ(calls[0]["id"], first["output"][1]["call_id"]);
    ask(hello + R"(,{"role":"assistant","content":null,"tool_calls":)" + calls.dump() +
        R"(},{"role":"tool","content":"done","tool_call_id":)" + calls[0]["id"].dump() + "}");
    const auto requests = upstream->requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].target, "/responses") << "chat completions refuse tools beside reasoning there";
    const auto input = parsed(requests[1].body)["input"];
    ASSERT_EQ(input.size(), 4U);
    EXPECT_EQ(input[1]["type"], "reasoning");
    EXPECT_EQ(input[1]["encrypted_content"], first["output"][0]["encrypted_content"]);
    EXPECT_EQ(input[1]["id"], first["output"][0]["id"]) << "which its content is bound to";
    EXPECT_EQ(input[2]["type"], "function_call");
}

}  // namespace
}  // namespace gatehouse::integration
