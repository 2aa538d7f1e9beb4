// Rules that ask for the class of a prompt, through the real server.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view path = "/v1/chat/completions";
constexpr const char* greeting = "Hello, good morning!";
constexpr const char* coding =
    "Write a Python function that parses a JSON file and add unit tests with pytest.";
constexpr const char* nothing_clear = "zq";

FakeResponse echo(const FakeRequest& request) {
    return FakeResponse::json(
        json({{"id", "chatcmpl-1"},
              {"object", "chat.completion"},
              {"created", 1},
              {"model", json::parse(request.body)["model"]},
              {"choices", json::array({{{"index", 0},
                                        {"message", {{"role", "assistant"}, {"content", "Hi."}}},
                                        {"finish_reason", "stop"}}})}})
            .dump());
}

/// What the user says, turn by turn, with an answer in between.
json conversation(const std::vector<std::string>& said) {
    json messages = json::array();
    for (const auto& text : said) {
        if (!messages.empty()) {
            messages.push_back({{"role", "assistant"}, {"content", "Here you are."}});
        }
        messages.push_back({{"role", "user"}, {"content", text}});
    }
    return {{"model", "auto"}, {"messages", messages}};
}

struct ClassesTest : testing::Test {
    ClassesTest() {
        plan.base_url = upstream.base_url() + "/v1";
        plan.models =
            "  cheap: {targets: [{provider: up, model: up-cheap}]}\n"
            "  coder: {targets: [{provider: up, model: up-coder}]}\n"
            "  eyes: {targets: [{provider: up, model: up-eyes}]}\n"
            "  auto: {targets: [{provider: up, model: up-auto}]}\n";
        plan.rest =
            "routes:\n"
            "  - {name: pictures, when: {model: auto, has: image}, use: eyes}\n"
            "  - {name: easy, when: {model: auto, class: simple}, use: cheap}\n"
            "  - {name: code, when: {model: auto, class: [code, math]}, use: coder}\n";
        house = std::make_unique<House>(plan);
    }
    test::RawResponse ask(const json& body, std::string_view fields = {}) {
        return house->ask(path, body.dump(), fields);
    }
    std::string route_of(const std::vector<std::string>& said) {
        return ask(conversation(said)).header("x-gatehouse-route").value_or("-");
    }

    FakeUpstream upstream{echo};
    Plan plan;
    std::unique_ptr<House> house;
};

TEST_F(ClassesTest, APromptGoesWhereItsClassDoes) {
    const auto easy = ask(conversation({greeting}));
    EXPECT_EQ(easy.status, 200) << easy.body;
    EXPECT_EQ(easy.header("x-gatehouse-route"), "easy");
    EXPECT_EQ(easy.header("x-gatehouse-class"), "simple");
    EXPECT_EQ(easy.header("x-gatehouse-model"), "up-cheap");

    const auto code = ask(conversation({coding}));
    EXPECT_EQ(code.header("x-gatehouse-route"), "code");
    EXPECT_EQ(code.header("x-gatehouse-class"), "code");
    const auto probability = std::stod(code.header("x-gatehouse-class-probability").value_or("0"));
    EXPECT_TRUE(probability >= 0.5 && probability <= 1) << probability;
}

TEST_F(ClassesTest, WhatIsNotClearStaysWithTheNameThatWasAsked) {
    plan.rest += "classifier: {threshold: 1}\n";
    house->write(plan);
    ASSERT_TRUE(house->reload());
    const auto unclear = ask(conversation({nothing_clear}));
    EXPECT_EQ(unclear.status, 200) << unclear.body;
    EXPECT_EQ(unclear.header("x-gatehouse-route"), std::nullopt);
    EXPECT_EQ(unclear.header("x-gatehouse-model"), "up-auto");
    EXPECT_EQ(unclear.header("x-gatehouse-class"), std::nullopt);
    EXPECT_EQ(unclear.header("x-gatehouse-class-probability"), std::nullopt);
}

TEST_F(ClassesTest, NothingIsClassifiedThatNoRuleAsksAbout) {
    auto body = conversation({coding});
    body["messages"][0]["content"] =
        json::array({{{"type", "text"}, {"text", coding}},
                     {{"type", "image_url"}, {"image_url", {{"url", "data:image/png;base64,AAAA"}}}}});
    const auto hard_fact = ask(body);
    EXPECT_EQ(hard_fact.header("x-gatehouse-route"), "pictures");
    EXPECT_EQ(hard_fact.header("x-gatehouse-class"), std::nullopt);
    body = conversation({coding});
    body["model"] = "cheap";
    EXPECT_EQ(ask(body).header("x-gatehouse-class"), std::nullopt);
}

TEST_F(ClassesTest, AConversationKeepsItsClassAndANewOneDoesNot) {
    EXPECT_EQ(route_of({greeting}), "easy");
    EXPECT_EQ(route_of({greeting, coding}), "code");
    EXPECT_EQ(route_of({greeting, coding, "thanks"}), "code");
    EXPECT_EQ(route_of({greeting, coding, "thanks", nothing_clear}), "code");
    EXPECT_EQ(route_of({greeting}), "easy") << "begins like the other, but begins";
    EXPECT_EQ(route_of({"Good evening!", "thanks"}), "easy");
}

TEST_F(ClassesTest, TheReportSaysWhatEveryClassWasGiven) {
    plan.rest += "auth: {required: false}\n";  // anonymous callers may see how they were answered
    house->write(plan);
    ASSERT_TRUE(house->reload());
    const auto body = conversation({coding}).dump();
    test::RawClient client(house->port());
    const auto response = client.exchange(
        fmt::format("POST {} HTTP/1.1\r\nHost: gateway\r\nx-gatehouse-debug: 1\r\nContent-Type: "
                    "application/json\r\nContent-Length: {}\r\n\r\n{}",
                    path, body.size(), body));
    const auto report = json::parse(response.body).value("gatehouse", json());
    ASSERT_TRUE(report.is_object()) << response.body;
    EXPECT_EQ(report["class"], "code");
    EXPECT_GT(report["class_probability"], 0.5);
    double sum = 0;
    for (const auto& [name, score] : report["class_scores"].items()) {
        sum += score.get<double>();
    }
    EXPECT_NEAR(sum, 1, 0.05);
    EXPECT_EQ(report["class_scores"].size(), 6U);
}

TEST_F(ClassesTest, EveryDialectIsClassified) {
    const auto anthropic =
        house->ask("/v1/messages",
                   json({{"model", "auto"},
                         {"max_tokens", 9},
                         {"messages", json::array({{{"role", "user"}, {"content", coding}}})}})
                       .dump(),
                   "anthropic-version: 2023-06-01\r\n");
    EXPECT_EQ(anthropic.header("x-gatehouse-class"), "code") << anthropic.body;
    const auto gemini = house->ask(
        "/v1beta/models/auto:generateContent",
        json({{"contents", json::array({{{"role", "user"}, {"parts", json::array({{{"text", coding}}})}}})}})
            .dump());
    EXPECT_EQ(gemini.header("x-gatehouse-class"), "code") << gemini.body;
}

TEST_F(ClassesTest, TheMiddleAndTheEndOfALongPromptCount) {
    std::string log;
    for (int i = 0; i < 400; ++i) {
        log += fmt::format("{} the ship left the harbour in calm weather\n", i);
    }
    const auto at_the_end = ask(
        conversation({log + "\n```python\ndef load(path):\n    return json.loads(path)\n```\nWhy does this "
                            "raise a TypeError? Fix the bug and refactor the code, then add pytest tests."}));
    const auto without = ask(conversation({log}));
    EXPECT_NE(without.header("x-gatehouse-class"), "code");
    EXPECT_NE(at_the_end.header("x-gatehouse-class").value_or("-"),
              without.header("x-gatehouse-class").value_or("-"));
}

}  // namespace
}  // namespace gatehouse::integration
