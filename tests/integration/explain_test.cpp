// What would become of a request, and that it is what becomes of it.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

FakeResponse answer(const FakeRequest& request) {
    const auto model = json::parse(request.body)["model"];
    if (request.target.ends_with("/responses")) {
        return FakeResponse::json(json({{"id", "resp_1"},
                                        {"object", "response"},
                                        {"created_at", 1},
                                        {"status", "completed"},
                                        {"model", model},
                                        {"output", json::array()}})
                                      .dump());
    }
    if (request.target.ends_with("/embeddings")) {
        return FakeResponse::json(
            json({{"object", "list"},
                  {"model", model},
                  {"data", json::array({{{"object", "embedding"}, {"index", 0}, {"embedding", {0.5}}}})},
                  {"usage", {{"prompt_tokens", 1}, {"total_tokens", 1}}}})
                .dump());
    }
    return FakeResponse::json(
        json({{"id", "chatcmpl-1"},
              {"object", "chat.completion"},
              {"created", 1},
              {"model", model},
              {"choices", json::array({{{"index", 0},
                                        {"message", {{"role", "assistant"}, {"content", "Hi."}}},
                                        {"finish_reason", "stop"}}})}})
            .dump());
}

constexpr std::string_view models =
    "  eyes: {targets: [{provider: up, model: up-eyes}, {provider: sim, model: chat}]}\n"
    "  ears: {targets: [{provider: up, model: up-ears}]}\n"
    "  far: {targets: [{provider: up, model: up-far}]}\n"
    "  extract: {targets: [{provider: up, model: up-extract}]}\n"
    "  own: {targets: [{provider: up, model: up-own}]}\n"
    "  tooled: {targets: [{provider: up, model: up-tooled}], timeouts: {total: 20s}}\n"
    "  \"any/*\": {targets: [{provider: up, model: \"*\"}]}\n"
    "  small: {targets: [{provider: up, model: up-small}]}\n"
    "  void: {}\n";

constexpr std::string_view routes =
    "routes:\n"
    "  - {name: pictures, when: {model: [auto, small], has: image}, use: eyes}\n"
    "  - {name: sounds, when: {model: auto, has: [audio]}, use: ears}\n"
    "  - {name: long, when: {model: auto, prompt_tokens: \">= 300\"}, use: far}\n"
    "  - {name: tagged, when: {model: [auto, strict], tags: {task: extraction}}, use: extract}\n"
    "  - {name: deep, when: {model: auto, tags: {task: deep}}, use: any/deep-1}\n"
    "  - {name: europe, when: {model: [auto, strict], header: {x-region: eu}}, use: small}\n"
    "  - {name: own, when: {model: auto, key: operator, has: tools}, use: own}\n"
    "  - {name: schema, when: {model: auto, has: [schema]}, use: tooled}\n"
    "  - {name: code, when: {model: auto, class: code, prompt_tokens: \"<= 200\"}, use: own}\n"
    "  - {name: german, when: {model: auto, language: de}, use: small}\n"
    "  - {name: brief, when: {model: auto, max_tokens: \"<= 20\"}, use: strict}\n"
    "  - {name: short, when: {model: auto, prompt_tokens: \"<= 100\"}, use: small}\n";

/// One request as a client sends it.
struct Asked {
    std::string path;
    json body;
    json headers = json::object();
    bool by_operator{false};
};

/// Requests of every dialect, with and without what rules ask about.
class Generator {
public:
    explicit Generator(unsigned seed) : random_(seed) {}

    Asked next() {
        switch (below(5)) {
            case 0:
                return with_headers(messages());
            case 1:
                return with_headers(gemini());
            case 2:
                return with_headers(responses());
            case 3:
                return with_headers(embeddings());
            default:
                return with_headers(chat());
        }
    }

private:
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    bool sometimes() { return below(4) == 0; }
    template <typename Value>
    Value one_of(std::initializer_list<Value> values) {
        return *(values.begin() + below(static_cast<int>(values.size())));
    }
    std::string model() {
        return one_of<std::string>(
            {"auto", "auto", "auto", "auto", "auto", "small", "strict", "any/x", "void", "unknown"});
    }
    std::string words() {
        if (sometimes()) {
            return "Fix the bug in this Python function and add pytest tests: def load(path): return path[0]";
        }
        std::string text = sometimes() ? "Wie lange dauert es, bis mein Paket ankommt? " : "";
        for (int i = one_of({3, 3, 30, 120, 600}); i > 0; --i) {
            text += one_of<std::string>({"word ", "Haus ", "42 ", "überall "});
        }
        return text;
    }
    json schema() { return {{"type", "object"}, {"properties", {{"a", {{"type", "string"}}}}}}; }
    std::string tag() { return one_of<std::string>({"extraction", "deep", "other"}); }

    Asked with_headers(Asked asked) {
        if (sometimes()) {
            asked.headers["x-gatehouse-tags"] = "task=" + tag();
        }
        if (sometimes()) {
            asked.headers["X-Region"] = one_of<std::string>({"eu", "us"});
        }
        asked.by_operator = sometimes();
        return asked;
    }

    Asked chat() {
        json parts = json::array({{{"type", "text"}, {"text", words()}}});
        if (sometimes()) {
            parts.push_back({{"type", "image_url"}, {"image_url", {{"url", "https://a.example/b.png"}}}});
        }
        if (sometimes()) {
            parts.push_back(
                {{"type", "input_audio"}, {"input_audio", {{"data", "AAAA"}, {"format", "wav"}}}});
        }
        json body{{"model", model()}, {"messages", json::array({{{"role", "user"}, {"content", parts}}})}};
        if (sometimes()) {
            body["tools"] = json::array(
                {{{"type", "function"}, {"function", {{"name", "f"}, {"parameters", schema()}}}}});
        }
        if (sometimes()) {
            body["response_format"] = {{"type", "json_schema"},
                                       {"json_schema", {{"name", "s"}, {"schema", "german", schema()}}}};
        }
        if (sometimes()) {
            body["metadata"] = {{"task", tag()}};
        }
        if (sometimes()) {
            body[one_of<std::string>({"max_tokens", "max_completion_tokens"})] = one_of({10, 20, 21, 500});
        }
        return {"/v1/chat/completions", std::move(body)};
    }

    Asked messages() {
        json blocks = json::array({{{"type", "text"}, {"text", words()}}});
        if (sometimes()) {
            blocks.push_back(
                {{"type", "image"},
                 {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", "iVBORw0KGgo="}}}});
        }
        json body{{"model", model()},
                  {"max_tokens", one_of({20, 500})},
                  {"messages", json::array({{{"role", "user"}, {"content", blocks}}})}};
        if (sometimes()) {
            body["tools"] = json::array({{{"name", "f"}, {"input_schema", schema()}}});
        }
        return {"/v1/messages", std::move(body)};
    }

    Asked gemini() {
        json parts = json::array({{{"text", words()}}});
        if (sometimes()) {
            parts.push_back({{"inlineData", {{"mimeType", "image/png"}, {"data", "iVBORw0KGgo="}}}});
        }
        json body{{"contents", json::array({{{"role", "user"}, {"parts", parts}}})}};
        if (sometimes()) {
            body["generationConfig"] = {{"maxOutputTokens", one_of({10, 500})}};
        }
        return {"/v1beta/models/" + model() + ":generateContent", std::move(body)};
    }

    Asked responses() {
        json body{{"model", model()}, {"input", words()}, {"store", false}};
        if (sometimes()) {
            body["metadata"] = {{"task", tag()}};
        }
        if (sometimes()) {
            body["max_output_tokens"] = one_of({16, 500});
        }
        return {"/v1/responses", std::move(body)};
    }

    Asked embeddings() { return {"/v1/embeddings", {{"model", model()}, {"input", words()}}}; }

    std::mt19937 random_;
};

struct ExplainTest : testing::Test {
    ExplainTest() {
        Plan plan;
        plan.base_url = upstream.base_url() + "/v1";
        plan.models = models;
        plan.models += "  strict: {}\n";
        plan.rest = routes;
        house = std::make_unique<House>(plan);
    }

    json explain(const json& question) {
        const auto response = house->admin_post("/admin/explain", question.dump());
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body);
    }

    FakeUpstream upstream{answer};
    std::unique_ptr<House> house;
};

TEST_F(ExplainTest, SaysWhichRulesWereLookedAtAndWhy) {
    const auto explained = explain({{"model", "auto"},
                                    {"messages", json::array({{{"role", "user"}, {"content", "Hello"}}})},
                                    {"metadata", {{"task", "extraction"}}}});
    EXPECT_EQ(explained["asked_model"], "auto");
    EXPECT_EQ(explained["route"], "tagged");
    EXPECT_EQ(explained["model"], "extract");
    EXPECT_EQ(explained["problem"], nullptr);
    const auto& rules = explained["rules"];
    ASSERT_EQ(rules.size(), 4U);
    EXPECT_EQ(rules[0]["name"], "pictures");
    EXPECT_EQ(rules[0]["matched"], false);
    EXPECT_EQ(rules[0]["unmet"], "has");
    EXPECT_EQ(rules[0]["why"], "the request holds nothing of that kind, asked for: image");
    EXPECT_EQ(rules[3]["matched"], true);
    EXPECT_EQ(rules[3]["why"], "tag `task` is `extraction`");
    EXPECT_EQ(explained["facts"]["tags"], json({{"task", "extraction"}}));
    EXPECT_EQ(explained["facts"]["has"], json::array());
    EXPECT_GT(explained["facts"]["prompt_tokens"], 0);
    ASSERT_EQ(explained["targets"].size(), 1U);
    EXPECT_EQ(explained["targets"][0]["provider"], "up");
    EXPECT_EQ(explained["targets"][0]["model"], "up-extract");
    EXPECT_EQ(explained["targets"][0]["timeouts_ms"]["total"], 600'000);
    EXPECT_TRUE(upstream.requests().empty()) << "nobody is called";
}

TEST_F(ExplainTest, NamesTheTargetsInOrderAndNarrowedTimeouts) {
    const auto explained =
        explain({{"headers", {{"x-gatehouse-timeout", "3s"}}},
                 {"request",
                  {{"model", "eyes"}, {"messages", json::array({{{"role", "user"}, {"content", "x"}}})}}}});
    EXPECT_EQ(explained["route"], nullptr);
    ASSERT_EQ(explained["targets"].size(), 2U);
    EXPECT_EQ(explained["targets"][1]["provider"], "sim");
    EXPECT_EQ(explained["targets"][0]["timeouts_ms"]["total"], 3'000);
}

TEST_F(ExplainTest, ARefusalIsExplainedToo) {
    const auto explained =
        explain({{"model", "strict"}, {"messages", json::array({{{"role", "user"}, {"content", "x"}}})}});
    EXPECT_EQ(explained["problem"]["status"], 404);
    EXPECT_EQ(explained["problem"]["code"], "model_not_found");
    EXPECT_EQ(explained["rules"].size(), 2U);
    EXPECT_EQ(explained["targets"], json::array());
}

TEST_F(ExplainTest, WhatCannotBeAskedIsRefused) {
    const json chat{{"model", "auto"}, {"messages", json::array({{{"role", "user"}, {"content", "x"}}})}};
    const auto status = [&](const json& question) {
        return house->admin_post("/admin/explain", question.dump()).status;
    };
    EXPECT_EQ(status({{"key", "nobody"}, {"request", chat}}), 400);
    EXPECT_EQ(status({{"endpoint", "/v1/nothing"}, {"request", chat}}), 404);
    EXPECT_EQ(status({{"endpoint", "/v1/audio/transcriptions"}, {"request", chat}}), 404);
    EXPECT_EQ(status({{"model", "auto"}}), 400);
    EXPECT_EQ(status({{"headers", {{"x-gatehouse-tags", "x"}}}, {"request", chat}}), 400);
    EXPECT_EQ(status({{"key", "caller"}, {"request", chat}}), 200);
    EXPECT_EQ(house->ask("/admin/explain", chat.dump()).status, 404) << "not at the client door";
}

/// What explain says of a request is what the gateway does with it.
TEST_F(ExplainTest, AThousandRequestsAreServedAsExplained) {
    constexpr unsigned seed = 20260104;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Generator generator(seed);
    test::RawClient client(house->port());
    test::RawClient admin(house->admin_port());
    std::map<std::string, int> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto asked = generator.next();
        const json question{{"endpoint", asked.path},
                            {"key", asked.by_operator ? "operator" : "caller"},
                            {"headers", asked.headers},
                            {"request", asked.body}};
        SCOPED_TRACE(question.dump());
        const auto question_text = question.dump();
        const auto told = admin.exchange(
            fmt::format("POST /admin/explain HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
                        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                        operator_key, question_text.size(), question_text));
        ASSERT_EQ(told.status, 200) << told.body;
        const auto explained = json::parse(told.body);

        std::string fields;
        for (const auto& [name, value] : asked.headers.items()) {
            fields += name + ": " + value.get<std::string>() + "\r\n";
        }
        const auto body = asked.body.dump();
        const auto served = client.exchange(fmt::format(
            "POST {} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\nContent-Type: "
            "application/json\r\n{}Content-Length: {}\r\n\r\n{}",
            asked.path, asked.by_operator ? operator_key : client_key, fields, body.size(), body));
        ASSERT_EQ(served.header("x-gatehouse-route").value_or(""),
                  explained["route"].is_null() ? "" : explained["route"].get<std::string>());
        if (!explained["problem"].is_null()) {
            ASSERT_EQ(served.status, explained["problem"]["status"].get<int>()) << served.body;
            ++seen["refused"];
            continue;
        }
        ASSERT_EQ(served.status, 200) << served.body;
        ASSERT_EQ(served.header("x-gatehouse-provider"),
                  explained["targets"][0]["provider"].get<std::string>());
        ASSERT_EQ(served.header("x-gatehouse-model"), explained["targets"][0]["model"].get<std::string>());
        ++seen[explained["route"].is_null() ? "none" : explained["route"].get<std::string>()];
    }
    // Every rule, no rule and a refusal occurred; a generator that asks for little proves little.
    for (const char* route : {"pictures", "sounds", "long", "tagged", "deep", "europe", "own", "schema",
                              "short", "none", "refused"}) {
        EXPECT_GT(seen[route], 0) << route;
    }
}

}  // namespace
}  // namespace gatehouse::integration
