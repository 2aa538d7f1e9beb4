// Chat clients of OpenAI at providers of other vendors, through the real server.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include "gatehouse/core/ids.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeFraming;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view path = "/v1/chat/completions";
constexpr std::string_view streamed = R"(,"stream":true,"stream_options":{"include_usage":true})";

/// One recorded exchange of a provider.
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

class TranslatedTest : public testing::Test {
protected:
    void provide(std::string_view kind, FakeUpstream::Script script) {
        upstream = std::make_unique<FakeUpstream>(std::move(script));
        plan.lanes = 1;
        plan.models = "  m: {targets: [{provider: other, model: " +
                      std::string(kind == "anthropic" ? "claude-sonnet-4-5" : "gemini-2.5-flash") + "}]}\n";
        plan.more_providers =
            fmt::format("  other: {{kind: {}, base_url: \"{}{}\", api_keys: [{}]}}\n", kind,
                        upstream->base_url(), kind == "gemini" ? "/v1beta" : "", provider_key);
        house = std::make_unique<House>(plan);
    }

    Plan plan;
    std::unique_ptr<FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

/// The text of all content deltas, and whether the stream ended as one should.
struct Heard {
    std::string text;
    std::string finish;
    json usage;
    std::set<std::string> heads;  // what all chunks must have in common
    bool done{false};
};

Heard heard(const std::string& body) {
    Heard out;
    std::size_t at = 0;
    while ((at = body.find("data: ", at)) != std::string::npos) {
        at += 6;
        const auto line = body.substr(at, body.find('\n', at) - at);
        if (line == "[DONE]") {
            out.done = true;
            continue;
        }
        const auto chunk = json::parse(line);
        out.heads.insert(json({chunk["id"], chunk["created"], chunk["model"]}).dump());
        if (!chunk["choices"].empty()) {
            const auto& choice = chunk["choices"][0];
            out.text += choice["delta"].value("content", json("")).is_string()
                            ? choice["delta"].value("content", json("")).get<std::string>()
                            : "";
            if (!choice["finish_reason"].is_null()) {
                out.finish = choice["finish_reason"];
            }
        } else {
            out.usage = chunk["usage"];
        }
    }
    return out;
}

/// Clients keep the standard fields of a call only, and the gateway may begin anew between two turns.
TEST_F(TranslatedTest, SignaturesOutliveARestart) {
    const std::string call =
        R"({"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},)"
        R"("thoughtSignature":"c2lnbmVk"}]},"finishReason":"STOP","index":0}],)"
        R"("usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7}})";
    const auto data = std::filesystem::temp_directory_path() / ("gatehouse-" + make_id("test"));
    plan.data_dir = data.string();
    provide("gemini", [&](const test::FakeRequest&) { return FakeResponse::json(call); });
    const std::string tools = R"("tools":[{"type":"function","function":{"name":"f"}}])";
    const auto first =
        house->ask(path, R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" + tools + "}");
    ASSERT_EQ(first.status, 200) << first.body;
    const auto message = json::parse(first.body)["choices"][0]["message"];
    const json kept{{"role", "assistant"},
                    {"content", nullptr},
                    {"tool_calls", json::array({{{"id", message["tool_calls"][0]["id"]},
                                                 {"type", "function"},
                                                 {"function", {{"name", "f"}, {"arguments", "{}"}}}}})}};
    house.reset();
    house = std::make_unique<House>(plan);
    const json result{
        {"role", "tool"}, {"tool_call_id", message["tool_calls"][0]["id"]}, {"content", "done"}};
    const auto second = house->ask(path, R"({"model":"m","messages":[{"role":"user","content":"hi"},)" +
                                             kept.dump() + "," + result.dump() + "]," + tools + "}");
    ASSERT_EQ(second.status, 200) << second.body;
    const auto sent = json::parse(upstream->requests().back().body);
    EXPECT_EQ(sent["contents"][1]["parts"][0]["thoughtSignature"], "c2lnbmVk") << sent;
    house.reset();
    std::filesystem::remove_all(data);
}

TEST_F(TranslatedTest, ClaudeAnswersWhole) {
    const auto answer = recorded("anthropic/fixtures/messages-basic", 0);
    provide("anthropic", [&](const test::FakeRequest&) { return FakeResponse::json(answer["body"].dump()); });
    const auto reply = house->ask(path, chat("m", R"(,"seed":7)"));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-dropped-params"), "seed");
    EXPECT_EQ(reply.header("x-gatehouse-provider"), "other");
    const auto body = json::parse(reply.body);
    EXPECT_EQ(body["object"], "chat.completion");
    EXPECT_EQ(body["model"], "m");
    EXPECT_EQ(body["choices"][0]["message"]["content"], answer["body"]["content"][0]["text"]);
    EXPECT_EQ(body["choices"][0]["finish_reason"], "stop");
    EXPECT_EQ(body["usage"]["completion_tokens"], answer["body"]["usage"]["output_tokens"]);

    const auto asked = upstream->requests().front();
    EXPECT_EQ(asked.target, "/v1/messages");
    EXPECT_EQ(asked.field("x-api-key"), provider_key);
    EXPECT_EQ(asked.field("authorization"), std::nullopt);
    EXPECT_EQ(asked.field("anthropic-version"), "2026-10-21");
    const auto sent = json::parse(asked.body);
    EXPECT_EQ(sent["model"], "claude-sonnet-4-5");
    EXPECT_TRUE(sent.contains("max_tokens"));
    EXPECT_FALSE(sent.contains("seed"));
}

TEST_F(TranslatedTest, ClaudeAnswersInAStream) {
    const auto answer = recorded("anthropic/fixtures/messages-stream-basic", 0);
    provide("anthropic",
            [&](const test::FakeRequest&) { return event_stream(answer["stream"].get<std::string>()); });
    const auto reply = house->ask(path, chat("m", streamed));
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto all = heard(reply.body);
    EXPECT_FALSE(all.text.empty());
    EXPECT_EQ(all.finish, "stop");
    EXPECT_TRUE(all.done);
    EXPECT_GT(all.usage["completion_tokens"].get<int>(), 0);
    EXPECT_EQ(all.usage["total_tokens"].get<int>(),
              all.usage["prompt_tokens"].get<int>() + all.usage["completion_tokens"].get<int>());
}

TEST_F(TranslatedTest, AClaudeStreamCutAtAnyEventNeverEndsAsSuccess) {
    const auto stream = recorded("anthropic/fixtures/messages-stream-basic", 0)["stream"].get<std::string>();
    std::string cut;
    provide("anthropic", [&](const test::FakeRequest&) { return event_stream(cut); });
    const auto last = stream.find("event: message_delta");
    ASSERT_NE(last, std::string::npos);
    for (std::size_t at = stream.find("event:", 1); at <= last; at = stream.find("event:", at + 1)) {
        cut = stream.substr(0, at);
        const auto reply = house->ask(path, chat("m", streamed));
        if (reply.status == 200) {
            const auto all = heard(reply.body);
            EXPECT_EQ(all.finish, "error") << cut;
            EXPECT_TRUE(all.done);
            EXPECT_EQ(all.heads.size(), 1U) << reply.body;
            EXPECT_GT(all.usage["prompt_tokens"].get<int>(), 0) << "it was asked for, and Claude said it";
        } else {
            EXPECT_EQ(reply.status, 502) << reply.body;
        }
    }
}

TEST_F(TranslatedTest, GeminiAnswersWholeAndInAStream) {
    const auto whole = recorded("gemini/fixtures/generate-basic", 0);
    const auto stream = recorded("gemini/fixtures/stream-basic", 0);
    provide("gemini", [&](const test::FakeRequest& request) {
        return request.target.find("stream") == std::string::npos
                   ? FakeResponse::json(whole["body"].dump())
                   : event_stream(stream["stream"].get<std::string>());
    });
    const auto reply = house->ask(path, chat("m"));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(json::parse(reply.body)["choices"][0]["message"]["content"],
              whole["body"]["candidates"][0]["content"]["parts"][0]["text"]);
    const auto in_pieces = house->ask(path, chat("m", streamed));
    ASSERT_EQ(in_pieces.status, 200) << in_pieces.body;
    const auto all = heard(in_pieces.body);
    EXPECT_FALSE(all.text.empty());
    EXPECT_EQ(all.finish, "stop");
    EXPECT_TRUE(all.done);
    EXPECT_FALSE(all.usage.is_null());

    const auto requests = upstream->requests();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].target, "/v1beta/models/gemini-2.5-flash:generateContent");
    EXPECT_EQ(requests[1].target, "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
    EXPECT_EQ(requests[0].field("x-goog-api-key"), provider_key);
    EXPECT_EQ(requests[0].field("authorization"), std::nullopt);
}

TEST_F(TranslatedTest, ErrorsComeInTheClientsForm) {
    provide("anthropic", [](const test::FakeRequest&) {
        return FakeResponse::json(
            R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", 529);
    });
    const auto reply = house->ask(path, chat("m"));
    EXPECT_EQ(reply.status, 502) << reply.body;
    const auto error = json::parse(reply.body)["error"];
    EXPECT_EQ(error["code"], "upstream_error");
    EXPECT_EQ(error["message"], "The provider `other` answered 529: Overloaded");
}

TEST_F(TranslatedTest, WhatCannotBeHonouredIsRefusedUnaskedWhenStrict) {
    provide("anthropic", [](const test::FakeRequest&) { return FakeResponse::json("{}"); });
    const auto strict = house->ask(path, chat("m", R"(,"seed":7)"), "x-gatehouse-params: strict\r\n");
    EXPECT_EQ(strict.status, 400) << strict.body;
    EXPECT_EQ(json::parse(strict.body)["error"]["code"], "unsupported_parameter");
    EXPECT_EQ(json::parse(strict.body)["error"]["param"], "seed");
    EXPECT_NE(strict.body.find("provider `other`"), std::string::npos) << strict.body;
    EXPECT_EQ(strict.header("x-gatehouse-attempts"), "0") << "nobody was called";
    const auto never = house->ask(path, chat("m", R"(,"logprobs":true)"));
    EXPECT_EQ(never.status, 400);
    const auto elsewhere = house->ask("/v1/embeddings", R"({"model":"m","input":"x"})");
    EXPECT_EQ(elsewhere.status, 400) << elsewhere.body;
    EXPECT_EQ(json::parse(elsewhere.body)["error"]["param"], "model");
    EXPECT_TRUE(upstream->requests().empty());
}

TEST_F(TranslatedTest, AClientThatLeavesEndsTheCall) {
    const auto stream = recorded("anthropic/fixtures/messages-stream-basic", 0)["stream"].get<std::string>();
    provide("anthropic", [&](const test::FakeRequest&) {
        auto response = event_stream(stream.substr(0, stream.find("event: message_delta")));
        response.body.emplace_back("event: ping\ndata: {\"type\":\"ping\"}\n\n",
                                   std::chrono::milliseconds(60'000));
        return response;
    });
    test::RawClient client(house->port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("content\":\"");
    client.reset();
    EXPECT_TRUE(eventually([&] { return upstream->open_connections() == 0; }));
}

}  // namespace
}  // namespace gatehouse::integration
