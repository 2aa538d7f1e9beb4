// Conversations that the gateway keeps for its callers: responses and message threads, through the real
// server.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include "gatehouse/wire/sse.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view completion =
    R"({"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"Answered.","refusal":null},"logprobs":null,"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})";

constexpr std::string_view message =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":)"
    R"("text","text":"Answered."}],"stop_reason":"end_turn","stop_sequence":null,)"
    R"("usage":{"input_tokens":5,"output_tokens":2}})";

class KeptConversationsTest : public testing::Test {
protected:
    KeptConversationsTest()
        : upstream([](const test::FakeRequest& request) {
              return FakeResponse::json(std::string(request.target == "/v1/messages" ? message : completion));
          }) {
        Plan plan;
        plan.models =
            "  sim: {targets: [{provider: sim, model: chat}]}\n"
            "  gpt: {targets: [{provider: other, model: gpt-4o}]}\n"
            "  claude: {targets: [{provider: anthropic, model: claude-sonnet-4-5}]}\n"
            "  behind: {targets: [{provider: down, model: gpt-4o}], fallbacks: [hop]}\n"
            "  hop: {targets: [{provider: down, model: gpt-4.1}], fallbacks: [claude]}\n"
            "  alone: {targets: [{provider: down, model: gpt-4o}]}\n"
            "  ruled: {targets: [{provider: down, model: gpt-4o}]}\n"
            "  threaded: {targets: [{provider: down-claude, model: claude-sonnet-4-5}], fallbacks: [gpt]}\n";
        plan.rest = "routes:\n  - {name: to-claude, when: {model: ruled}, use: claude}\n";
        plan.more_providers = fmt::format(
            "  down: {{kind: openai, base_url: \"http://127.0.0.1:1/v1\", api_keys: [{1}]}}\n"
            "  down-claude: {{kind: anthropic, base_url: \"http://127.0.0.1:1\", api_keys: [{1}]}}\n"
            "  other: {{kind: openai, base_url: \"{0}/v1\", api_keys: [{1}]}}\n"
            "  anthropic: {{kind: anthropic, base_url: \"{0}\", api_keys: [{1}],\n"
            "    betas: [\"context-management-*\"]}}\n",
            upstream.base_url(), provider_key);
        house = std::make_unique<House>(plan);
    }

    test::RawResponse send(std::string_view method, std::string_view path,
                           std::string_view key = client_key) {
        test::RawClient client(house->port());
        client.send(
            fmt::format("{} {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", method, path, key));
        return client.read_response(method);
    }
    json respond(const std::string& body) {
        const auto reply = house->ask("/v1/responses", body);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json::parse(reply.body);
    }

    FakeUpstream upstream;
    std::unique_ptr<House> house;
};

TEST_F(KeptConversationsTest, AResponseIsKeptForItsCallerUntilItIsDeleted) {
    const auto reply = house->ask("/v1/responses", R"({"model":"sim","input":"Hello"})");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto id = json::parse(reply.body)["id"].get<std::string>();
    const auto path = "/v1/responses/" + id;
    const auto shown = send("GET", path);
    EXPECT_EQ(shown.status, 200);
    EXPECT_EQ(shown.body, reply.body);
    const auto items = json::parse(send("GET", path + "/input_items").body);
    EXPECT_EQ(items["data"][0]["content"][0]["text"], "Hello");
    EXPECT_EQ(send("GET", path, operator_key).status, 404) << "another caller's";
    EXPECT_EQ(send("DELETE", path, operator_key).status, 404);
    EXPECT_EQ(json::parse(send("DELETE", path).body)["deleted"], true);
    EXPECT_EQ(send("GET", path).status, 404);
    EXPECT_EQ(send("DELETE", path).status, 404);
    EXPECT_EQ(send("POST", path).header("allow"), "GET, HEAD, DELETE, OPTIONS");
}

TEST_F(KeptConversationsTest, ARequestGoesOnFromAResponse) {
    const auto first = respond(R"({"model":"sim","input":"Hello","instructions":"Be brief"})");
    const auto on = [](const json& from, std::string_view more = "") {
        return fmt::format(R"({{"model":"sim","input":[{{"role":"user","content":"And?"}}],)"
                           R"("previous_response_id":"{}"{}}})",
                           from["id"].get<std::string>(), more);
    };
    const auto second = respond(on(first));
    const auto third = respond(on(second, R"(,"store":false)"));
    EXPECT_GT(third["usage"]["input_tokens"].get<int>(), second["usage"]["input_tokens"].get<int>());
    const auto items = json::parse(
        send("GET", "/v1/responses/" + second["id"].get<std::string>() + "/input_items?order=asc").body);
    ASSERT_EQ(items["data"].size(), 3U) << items;
    EXPECT_EQ(items["data"][1]["role"], "assistant");
    const auto lost = house->ask("/v1/responses", on(third));
    EXPECT_EQ(lost.status, 400) << "it was not to be stored";
    EXPECT_EQ(json::parse(lost.body)["error"]["code"], "previous_response_not_found");
    EXPECT_EQ(json::parse(lost.body)["error"]["param"], "previous_response_id");
}

TEST_F(KeptConversationsTest, AResponseNamesTheOneItGoesOnFrom) {
    const auto first = respond(R"({"model":"claude","input":"Hello"})");
    EXPECT_EQ(first["previous_response_id"], nullptr);
    const auto second = respond(
        fmt::format(R"({{"model":"claude","input":"And?","previous_response_id":{}}})", first["id"].dump()));
    EXPECT_EQ(second["previous_response_id"], first["id"]);
    EXPECT_EQ(json::parse(upstream.requests().back().body)["messages"].size(), 3U);
    const auto kept = send("GET", "/v1/responses/" + second["id"].get<std::string>());
    EXPECT_EQ(json::parse(kept.body)["previous_response_id"], first["id"]);
}

TEST_F(KeptConversationsTest, ARelayedResponseNamesItTooThoughItsProviderWasNotTold) {
    const auto first = respond(R"({"model":"sim","input":"Hello"})");
    const auto second = respond(
        fmt::format(R"({{"model":"sim","input":"And?","previous_response_id":{}}})", first["id"].dump()));
    EXPECT_EQ(second["previous_response_id"], first["id"]);
    const auto kept = send("GET", "/v1/responses/" + second["id"].get<std::string>());
    EXPECT_EQ(json::parse(kept.body)["previous_response_id"], first["id"]);

    const auto stream =
        house->ask("/v1/responses",
                   fmt::format(R"({{"model":"sim","input":"So?","stream":true,"previous_response_id":{}}})",
                               second["id"].dump()));
    ASSERT_EQ(stream.status, 200) << stream.body;
    wire::SseSplitter splitter;
    ASSERT_TRUE(splitter.feed(stream.body));
    std::size_t responses = 0;
    while (const auto event = splitter.next()) {
        const auto data = json::parse(event->data);
        if (data.contains("response")) {
            EXPECT_EQ(data["response"]["previous_response_id"], second["id"]) << data["type"];
            ++responses;
        }
    }
    EXPECT_EQ(responses, 3U) << "created, in_progress, completed";
}

TEST_F(KeptConversationsTest, AStreamedResponseIsKeptBeforeItsEnd) {
    const auto stream = house->ask("/v1/responses", R"({"model":"sim","input":"Hello","stream":true})");
    ASSERT_EQ(stream.status, 200);
    const auto at = stream.body.find("\"id\":\"resp_");
    ASSERT_NE(at, std::string::npos) << stream.body;
    const auto id = stream.body.substr(at + 6, stream.body.find('"', at + 6) - at - 6);
    const auto kept = send("GET", "/v1/responses/" + id);
    EXPECT_EQ(kept.status, 200) << kept.body;
    EXPECT_EQ(json::parse(kept.body)["status"], "completed");
}

TEST_F(KeptConversationsTest, AResponseIsKeptWhereAnotherVendorMayStandIn) {
    const std::string asked_ones[] = {R"("model":"behind")", R"("model":"alone","fallbacks":["claude"])",
                                      R"("model":"ruled")"};
    for (const auto& asked : asked_ones) {
        const auto first = respond(fmt::format(R"({{{},"input":"Hello"}})", asked));
        EXPECT_EQ(first["store"], true) << asked;
        EXPECT_EQ(send("GET", "/v1/responses/" + first["id"].get<std::string>()).status, 200) << asked;
        const auto second = respond(
            fmt::format(R"({{{},"input":"And?","previous_response_id":{}}})", asked, first["id"].dump()));
        EXPECT_EQ(second["previous_response_id"], first["id"]);
        EXPECT_EQ(json::parse(upstream.requests().back().body)["messages"].size(), 3U) << asked;
    }
}

TEST_F(KeptConversationsTest, AResponseThatIsTooLargeToBeKeptSaysSo) {
    const std::string much(17U << 20U, 'x');
    const auto reply = respond(R"({"model":"claude","input":")" + much + R"("})");
    EXPECT_EQ(reply["store"], false);
    EXPECT_EQ(send("GET", "/v1/responses/" + reply["id"].get<std::string>()).status, 404);
}

TEST_F(KeptConversationsTest, AThreadIsKeptWhereAnotherVendorMayStandIn) {
    const auto created = house->ask("/v1/messages",
                                    R"({"model":"threaded","max_tokens":50,"thread":{"type":"create"},)"
                                    R"("messages":[{"role":"user","content":"Hello"}]})",
                                    "anthropic-beta: message-threads-2026-08-12\r\n");
    ASSERT_EQ(created.status, 200) << created.body;
    const auto second =
        house->ask("/v1/messages", fmt::format(R"({{"model":"threaded","max_tokens":50,)"
                                               R"("thread":{{"type":"continue","previous_message_id":{}}},)"
                                               R"("messages":[{{"role":"user","content":"And?"}}]}})",
                                               json::parse(created.body)["id"].dump()));
    ASSERT_EQ(second.status, 200) << second.body;
    EXPECT_EQ(json::parse(upstream.requests().back().body)["messages"].size(), 3U);
}

TEST_F(KeptConversationsTest, AThreadIsMadeWholeForProvidersThatKeepNone) {
    const auto created =
        house->ask("/v1/messages",
                   R"({"model":"gpt","max_tokens":50,"thread":{"type":"create"},"system":"Be brief",)"
                   R"("messages":[{"role":"user","content":"Hello"}]})",
                   "anthropic-beta: message-threads-2026-08-12\r\n");
    ASSERT_EQ(created.status, 200) << created.body;
    const auto id = json::parse(created.body)["id"].get<std::string>();
    const auto on = [&](const std::string& from) {
        return house->ask("/v1/messages",
                          fmt::format(R"({{"model":"gpt","max_tokens":50,"thread":{{"type":"continue",)"
                                      R"("previous_message_id":"{}"}},)"
                                      R"("messages":[{{"role":"user","content":"And?"}}]}})",
                                      from));
    };
    const auto second = on(id);
    ASSERT_EQ(second.status, 200) << second.body;
    const auto sent = json::parse(upstream.requests().back().body);
    ASSERT_EQ(sent["messages"].size(), 4U) << sent;
    EXPECT_EQ(sent["messages"][1]["content"], "Hello");
    EXPECT_EQ(sent["messages"][2]["role"], "assistant");
    EXPECT_EQ(sent["messages"][3]["content"], "And?");
    const auto unknown = on("msg_unknown");
    EXPECT_EQ(unknown.status, 404) << unknown.body;
    EXPECT_EQ(json::parse(unknown.body)["error"]["details"]["error_code"], "thread_not_found");
}

TEST_F(KeptConversationsTest, AThreadPassesToAProviderThatKeepsIt) {
    const std::string body =
        R"({"model":"claude","max_tokens":50,"thread":{"type":"continue","previous_message_id":"msg_1"},)"
        R"("messages":[]})";
    house->ask("/v1/messages", body, "anthropic-beta: message-threads-2026-08-12\r\n");
    ASSERT_EQ(upstream.requests().size(), 1U);
    EXPECT_NE(upstream.requests().back().body.find(R"("thread":{"type":"continue")"), std::string::npos);
    EXPECT_EQ(upstream.requests().back().field("anthropic-beta"), "message-threads-2026-08-12");
}

TEST_F(KeptConversationsTest, ABetaPassesOnlyWhereItsProviderNamesIt) {
    const std::string body =
        R"({"model":"claude","max_tokens":50,"messages":[{"role":"user","content":"hi"}]})";
    const std::string betas = "anthropic-beta: context-management-2025-06-27, unheard-of-2026-01-01\r\n";
    const auto reply = house->ask("/v1/messages", body, betas);
    ASSERT_EQ(upstream.requests().size(), 1U);
    EXPECT_EQ(upstream.requests().back().field("anthropic-beta"), "context-management-2025-06-27");
    EXPECT_EQ(reply.header("x-gatehouse-dropped-params"), "anthropic-beta: unheard-of-2026-01-01");
    const auto strict = house->ask("/v1/messages", body, betas + "x-gatehouse-params: strict\r\n");
    EXPECT_EQ(strict.status, 400);
    EXPECT_EQ(upstream.requests().size(), 1U);
}

}  // namespace
}  // namespace gatehouse::integration
