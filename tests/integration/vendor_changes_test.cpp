// Conversations that change the vendor: the first turn falls back to Claude, the second is back at the vendor
// whose words the client speaks, which must not be shown what Claude thought.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view claudes_answer =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[)"
    R"({"type":"thinking","thinking":"Let me look.","signature":"SIG"},)"
    R"({"type":"tool_use","id":"toolu_1","name":"look","input":{"at":1}}],)"
    R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":2}})";
constexpr std::string_view openais_answer =
    R"({"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"gpt-5.1","output":[)"
    R"({"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[)"
    R"({"type":"output_text","text":"Done.","annotations":[]}]}],)"
    R"("usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}})";
constexpr std::string_view geminis_answer =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Done."}]},"finishReason":"STOP","index":0}],)"
    R"("usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},)"
    R"("modelVersion":"gemini-3.5-flash"})";

class VendorChangesTest : public testing::Test {
protected:
    VendorChangesTest()
        : upstream([this](const FakeRequest& request) {
              if (request.target == "/v1/messages") {
                  return FakeResponse::json(std::string(claudes_answer));
              }
              if (first_is_down) {
                  return FakeResponse::json(R"({"error":{"message":"down","type":"server_error"}})", 500);
              }
              const bool responses = request.target.ends_with("/responses");
              return FakeResponse::json(std::string(responses ? openais_answer : geminis_answer));
          }) {
        Plan plan;
        plan.models =
            "  gpt: {targets: [{provider: other, model: gpt-5.1}], fallbacks: [claude]}\n"
            "  gemini: {targets: [{provider: google, model: gemini-3.5-flash}], fallbacks: [claude]}\n"
            "  claude: {targets: [{provider: anthropic, model: claude-sonnet-4-5}]}\n";
        plan.more_providers = fmt::format(
            "  other: {{kind: openai, base_url: \"{0}/v1\", api_keys: [{1}]}}\n"
            "  google: {{kind: gemini, base_url: \"{0}/v1beta\", api_keys: [{1}]}}\n"
            "  anthropic: {{kind: anthropic, base_url: \"{0}\", api_keys: [{1}]}}\n",
            upstream.base_url(), provider_key);
        house = std::make_unique<House>(plan);
    }

    json ask(std::string_view path, const json& body) {
        const auto reply = house->ask(path, body.dump());
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json::parse(reply.body);
    }
    json last_sent() { return json::parse(upstream.requests().back().body); }

    std::atomic<bool> first_is_down{true};
    FakeUpstream upstream;
    std::unique_ptr<House> house;
};

const json tools = json::parse(
    R"([{"type":"function","name":"look","parameters":{"type":"object","properties":{"at":{"type":"integer"}}}}])");

json response_ask() {
    return {{"model", "gpt"},
            {"input", json::array({{{"role", "user"}, {"content", "Look."}}})},
            {"tools", tools},
            {"reasoning", {{"effort", "low"}, {"summary", "auto"}}},
            {"include", {"reasoning.encrypted_content"}},
            {"store", false}};
}

TEST_F(VendorChangesTest, OpenaiIsNotToldWhatClaudeThought) {
    auto body = response_ask();
    const auto first = ask("/v1/responses", body);
    ASSERT_EQ(first["output"][0]["type"], "reasoning") << first;
    ASSERT_TRUE(first["output"][0]["encrypted_content"].get<std::string>().starts_with("gh1.anthropic."));
    for (const auto& item : first["output"]) {
        body["input"].push_back(item);
    }
    body["input"].push_back(
        {{"type", "function_call_output"}, {"call_id", first["output"][1]["call_id"]}, {"output", "seen"}});
    ask("/v1/responses", body);
    EXPECT_NE(last_sent().dump().find("\"signature\":\"SIG\""), std::string::npos) << "Claude itself is";
    first_is_down = false;
    ask("/v1/responses", body);
    const auto sent = last_sent();
    ASSERT_EQ(sent["input"].size(), 3U) << sent;
    EXPECT_EQ(sent["input"][1]["type"], "function_call");
}

TEST_F(VendorChangesTest, OpenaiIsNotToldWhatClaudeThoughtInAResponseThatIsKept) {
    auto body = response_ask();
    body.erase("include");
    body.erase("store");
    const auto first = ask("/v1/responses", body);
    ASSERT_EQ(first["output"][0]["type"], "reasoning") << first;
    EXPECT_EQ(first["store"], true);
    first_is_down = false;
    body["previous_response_id"] = first["id"];
    body["input"] = json::array(
        {{{"type", "function_call_output"}, {"call_id", first["output"][1]["call_id"]}, {"output", "seen"}}});
    ask("/v1/responses", body);
    const auto sent = last_sent();
    ASSERT_EQ(sent["input"].size(), 3U) << sent;
    EXPECT_EQ(sent["input"][1]["type"], "function_call");
    EXPECT_FALSE(sent.contains("previous_response_id"));
}

TEST_F(VendorChangesTest, GeminiIsNotToldWhatClaudeThoughtAndExcusesTheCall) {
    json body = {{"contents", json::array({{{"role", "user"}, {"parts", {{{"text", "Look."}}}}}})},
                 {"tools", {{{"functionDeclarations", {{{"name", "look"}}}}}}},
                 {"generationConfig", {{"thinkingConfig", {{"includeThoughts", true}}}}}};
    constexpr std::string_view path = "/v1beta/models/gemini:generateContent";
    const auto first = ask(path, body);
    const auto& said = first["candidates"][0]["content"];
    ASSERT_EQ(said["parts"].size(), 2U) << first;
    ASSERT_TRUE(said["parts"][0].contains("thoughtSignature")) << first;
    body["contents"].push_back(said);
    body["contents"].push_back(
        {{"role", "user"},
         {"parts", {{{"functionResponse", {{"name", "look"}, {"response", {{"output", "seen"}}}}}}}}});
    first_is_down = false;
    ask(path, body);
    const auto parts = last_sent()["contents"][1]["parts"];
    ASSERT_EQ(parts.size(), 1U) << parts;
    EXPECT_EQ(parts[0]["functionCall"]["name"], "look");
    EXPECT_EQ(parts[0]["thoughtSignature"], "skip_thought_signature_validator");
}

}  // namespace
}  // namespace gatehouse::integration
