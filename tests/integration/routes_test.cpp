// Rules choose the model of a request, through the real server.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view path = "/v1/chat/completions";

FakeResponse echo(const FakeRequest& request) {
    const auto body = json::parse(request.body);
    return FakeResponse::json(
        json({{"id", "chatcmpl-1"},
              {"object", "chat.completion"},
              {"created", 1},
              {"model", body["model"]},
              {"choices", json::array({{{"index", 0},
                                        {"message", {{"role", "assistant"}, {"content", "Hi."}}},
                                        {"finish_reason", "stop"}}})},
              {"usage", {{"prompt_tokens", 5}, {"completion_tokens", 2}, {"total_tokens", 7}}}})
            .dump());
}

struct RoutesTest : testing::Test {
    RoutesTest() {
        plan.base_url = upstream.base_url() + "/v1";
        plan.models =
            "  eyes: {targets: [{provider: up, model: up-eyes}]}\n"
            "  far: {targets: [{provider: up, model: up-far}]}\n"
            "  extract: {targets: [{provider: up, model: up-extract}]}\n"
            "  own: {targets: [{provider: up, model: up-own}]}\n"
            "  eu: {targets: [{provider: up, model: up-eu}]}\n"
            "  small: {targets: [{provider: up, model: up-small}]}\n"
            "  void: {}\n";
        plan.rest =
            "routes:\n"
            "  - {name: pictures, when: {model: auto, has: image}, use: eyes}\n"
            "  - {name: long, when: {model: auto, prompt_tokens: \">= 2k\"}, use: far}\n"
            "  - {name: tagged, when: {model: auto, tags: {task: extraction}}, use: extract}\n"
            "  - {name: europe, when: {model: [auto, strict], header: {X-Region: eu}}, use: eu}\n"
            "  - {name: own, when: {model: auto, key: operator}, use: own}\n"
            "  - {name: brief, when: {model: auto, max_tokens: \"<= 5\"}, use: strict}\n"
            "  - {name: rest, when: {model: auto}, use: small}\n"
            "  - {name: unseen, when: {model: dead}, use: void}\n";
        plan.models += "  strict: {}\n";
        house = std::make_unique<House>(plan);
    }

    struct Routed {
        int status;
        std::string route;
        std::string model;  // upstream
        std::string said;   // `model` in the reply
        std::string code;   // of an error
    };
    Routed route(const test::RawResponse& response) {
        const auto body = json::parse(response.body);
        return {response.status, response.header("x-gatehouse-route").value_or("-"),
                response.header("x-gatehouse-model").value_or("-"), body.value("model", ""),
                body.contains("error") ? body["error"]["code"].get<std::string>() : ""};
    }
    Routed ask(std::string_view body, std::string_view fields = {}) {
        return route(house->ask(path, body, fields));
    }
    void expect(const Routed& routed, std::string_view rule, std::string_view model) {
        EXPECT_EQ(routed.status, 200);
        EXPECT_EQ(routed.route, rule);
        EXPECT_EQ(routed.model, model);
        EXPECT_EQ(routed.said, "auto") << "the client's own name, whatever answered";
    }

    FakeUpstream upstream{echo};
    Plan plan;
    std::unique_ptr<House> house;
};

TEST_F(RoutesTest, EachKindOfRequestFindsItsModel) {
    expect(ask(chat("auto")), "rest", "up-small");
    expect(ask(R"({"model":"auto","messages":[{"role":"user","content":[{"type":"image_url",)"
               R"("image_url":{"url":"data:image/png;base64,AAAA"}}]}]})"),
           "pictures", "up-eyes");
    std::string words;
    for (int i = 0; i < 3000; ++i) {
        words += " word";
    }
    expect(ask(R"({"model":"auto","messages":[{"role":"user","content":")" + words + R"("}]})"), "long",
           "up-far");
    expect(ask(chat("auto"), "x-gatehouse-tags: task=extraction\r\n"), "tagged", "up-extract");
    expect(ask(chat("auto", R"(,"metadata":{"task":"extraction"})")), "tagged", "up-extract");
    expect(ask(chat("auto", R"(,"metadata":{"task":"extraction"})"), "x-gatehouse-tags: task=other\r\n"),
           "rest", "up-small");
    expect(ask(chat("auto"), "X-REGION: eu\r\n"), "europe", "up-eu");
}

TEST_F(RoutesTest, TheKeyDecides) {
    auto request = House::post(path, chat("auto"));
    const auto at = request.find(client_key);
    request.replace(at, client_key.size(), operator_key);
    test::RawClient client(house->port());
    expect(route(client.exchange(request)), "own", "up-own");
}

TEST_F(RoutesTest, AStreamIsRoutedLikeAnyRequest) {
    const auto response =
        house->ask(path, chat("auto", R"(,"stream":true,"metadata":{"task":"extraction"})"));
    EXPECT_EQ(response.header("x-gatehouse-route"), "tagged");
    EXPECT_EQ(json::parse(upstream.requests().back().body)["model"], "up-extract");
}

TEST_F(RoutesTest, WithoutAMatchThereIsNoSuchModel) {
    const auto refused = ask(chat("strict"));
    EXPECT_EQ(refused.status, 404);
    EXPECT_EQ(refused.code, "model_not_found");
    EXPECT_EQ(ask(chat("auto", R"(,"max_tokens":3)")).status, 404) << "the rules of `strict` decide in turn";
    const auto reached = ask(chat("strict"), "x-region: eu\r\n");
    EXPECT_EQ(reached.model, "up-eu");
    EXPECT_EQ(reached.said, "strict");
}

TEST_F(RoutesTest, NonsenseInTheTagsIsRefused) {
    const auto response = house->ask(path, chat("auto"), "x-gatehouse-tags: nonsense\r\n");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(json::parse(response.body)["error"]["param"], "x-gatehouse-tags");
}

TEST_F(RoutesTest, TheOtherDialectsAreRead) {
    const auto anthropic = house->ask(
        "/v1/messages",
        R"({"model":"auto","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":)"
        R"({"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]})",
        "anthropic-version: 2023-06-01\r\n");
    EXPECT_EQ(anthropic.header("x-gatehouse-route"), "pictures") << anthropic.body;
    EXPECT_EQ(json::parse(anthropic.body).value("model", ""), "auto");
    const auto gemini = house->ask("/v1beta/models/auto:generateContent",
                                   R"({"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":)"
                                   R"("image/png","data":"iVBORw0KGgo="}}]}]})");
    EXPECT_EQ(gemini.header("x-gatehouse-route"), "pictures") << gemini.body;
    const auto responses =
        house->ask("/v1/responses", R"({"model":"auto","input":"Hi","metadata":{"task":"extraction"}})");
    EXPECT_EQ(responses.header("x-gatehouse-route"), "tagged") << responses.body;
}

TEST_F(RoutesTest, NamesThatRulesServeAreListed) {
    test::RawClient client(house->port());
    const auto listed = client.exchange(fmt::format(
        "GET /v1/models HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\n\r\n", client_key));
    std::vector<std::string> names;
    const auto page = json::parse(listed.body);
    for (const auto& model : page["data"]) {
        names.push_back(model["id"]);
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"eyes", "far", "extract", "own", "eu", "small", "strict", "auto"}));
    const auto one = client.exchange(fmt::format(
        "GET /v1/models/auto HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\n\r\n", client_key));
    EXPECT_EQ(json::parse(one.body)["owned_by"], "gatehouse");
    const auto dead = client.exchange(fmt::format(
        "GET /v1/models/dead HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\n\r\n", client_key));
    EXPECT_EQ(dead.status, 404);
}

TEST_F(RoutesTest, AReloadBringsOtherRules) {
    plan.rest = "routes: [{name: all, when: {model: auto}, use: far}]\n";
    house->write(plan);
    ASSERT_TRUE(house->reload());
    expect(ask(chat("auto")), "all", "up-far");
}

}  // namespace
}  // namespace gatehouse::integration
