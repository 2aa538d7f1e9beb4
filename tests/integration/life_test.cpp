// The gateway over time: configurations that change under load, the drain, and secrets that never show.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <thread>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view path = "/v1/chat/completions";
constexpr std::string_view streamed = R"(,"stream":true)";

std::string answer(std::string_view model) {
    return R"({"id":"1","object":"chat.completion","created":1,"model":")" + std::string(model) +
           R"(","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],)"
           R"("usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})";
}

std::string model_of(const test::FakeRequest& request) {
    return json::parse(request.body)["model"];
}

std::string chunk(std::string_view model, std::string_view delta, std::string_view finish,
                  std::string_view more = "") {
    return R"({"id":"1","object":"chat.completion.chunk","created":1,"model":")" + std::string(model) +
           R"(","choices":[{"index":0,"delta":)" + std::string(delta) + R"(,"finish_reason":)" +
           std::string(finish) + "}]" + std::string(more) + "}";
}

std::vector<std::string> events(std::string_view model) {
    return {chunk(model, R"({"role":"assistant","content":""})", "null", R"(,"usage":null)"),
            chunk(model, R"({"content":"Hi"})", "null", R"(,"usage":null)"),
            chunk(model, "{}", "\"stop\"", R"(,"usage":null)"),
            R"({"id":"1","object":"chat.completion.chunk","created":1,"model":")" + std::string(model) +
                R"(","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})",
            "[DONE]"};
}

FakeResponse faithful(const test::FakeRequest& request) {
    const auto body = json::parse(request.body);
    return body.value("stream", false) ? FakeResponse::events(events(model_of(request)))
                                       : FakeResponse::json(answer(model_of(request)));
}

Plan plan_for(const FakeUpstream& upstream, std::size_t lanes = 1) {
    Plan plan;
    plan.base_url = upstream.base_url() + "/v1";
    plan.lanes = lanes;
    return plan;
}

TEST(Usage, IsShownOnlyToWhomAskedForIt) {
    FakeUpstream upstream(faithful);
    House house(plan_for(upstream));
    for (const std::string_view model : {"m", "alias"}) {
        for (const std::string_view options :
             {R"()", R"(,"stream_options":{})", R"(,"stream_options":{"include_usage":false})",
              R"(,"stream_options":null)", R"(,"stream_options":{"include_usage":true})"}) {
            const auto reply = house.ask(path, chat(model, std::string(streamed) + std::string(options)));
            ASSERT_EQ(reply.status, 200) << options << reply.body;
            const bool asked = options.find("true") != std::string_view::npos;
            EXPECT_EQ(reply.body.find("\"total_tokens\"") != std::string::npos, asked)
                << options << reply.body;
            EXPECT_EQ(reply.body.find("\"choices\":[]") != std::string::npos, asked) << options;
            EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
            const auto sent = json::parse(upstream.requests().back().body);
            EXPECT_EQ(sent["stream_options"]["include_usage"], true) << options;
        }
    }
}

TEST(Usage, IsNotAskedForWhereTheProviderRefusesIt) {
    FakeUpstream upstream(faithful);
    auto plan = plan_for(upstream);
    plan.provider = "stream_usage: false";
    House house(plan);
    EXPECT_EQ(house.ask(path, chat("m", streamed)).status, 200);
    EXPECT_FALSE(json::parse(upstream.requests().back().body).contains("stream_options"));
}

TEST(Alias, IsTheNameThatTheCallerSees) {
    FakeUpstream upstream(faithful);
    House house(plan_for(upstream));
    const auto whole = house.ask(path, chat("alias"));
    EXPECT_EQ(json::parse(whole.body)["model"], "alias");
    EXPECT_EQ(model_of(upstream.requests().back()), "real");
    EXPECT_EQ(whole.header("x-gatehouse-model"), "real");
    EXPECT_EQ(whole.header("x-gatehouse-provider"), "up");
    const auto stream = house.ask(path, chat("alias", streamed));
    EXPECT_EQ(stream.body.find("\"real\""), std::string::npos) << stream.body;
    EXPECT_NE(stream.body.find("\"model\":\"alias\""), std::string::npos);
    EXPECT_EQ(house.ask(path, chat("as-it-is")).body, answer("as-it-is"));
}

TEST(Simulated, IsServedLikeAnyProvider) {
    FakeUpstream upstream;
    auto plan = plan_for(upstream);
    plan.models = "  s: {targets: [{provider: sim, model: chat}]}\n";
    House house(plan);
    const auto whole = house.ask(path, chat("s"));
    ASSERT_EQ(whole.status, 200) << whole.body;
    EXPECT_EQ(json::parse(whole.body)["model"], "s");
    EXPECT_EQ(json::parse(whole.body)["system_fingerprint"], "simulated");
    const auto stream = house.ask(path, chat("s", streamed));
    EXPECT_TRUE(stream.body.ends_with("data: [DONE]\n\n")) << stream.body;
    const auto cut = house.ask(
        path, R"({"model":"s","stream":true,"messages":[{"role":"user","content":"[[simulate:cut]]"}]})");
    EXPECT_NE(cut.body.find("\"error\":{"), std::string::npos) << cut.body;
    EXPECT_EQ(house.ask("/v1/images/generations", R"({"model":"s","prompt":"x"})").status, 404);
}

struct LoadTest : testing::TestWithParam<std::size_t> {};

TEST_P(LoadTest, AReloadDropsNoRequest) {
    FakeUpstream upstream(faithful);
    auto plan = plan_for(upstream, GetParam());
    House house(plan);
    std::atomic<bool> over{false};
    std::atomic<int> asked{0};
    std::atomic<int> failed{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&, i] {
            test::RawClient client(house.port());
            while (!over) {
                const auto body = chat("alias", i % 2 == 0 ? std::string_view() : streamed);
                const auto reply = client.exchange(House::post(path, body));
                const bool right =
                    reply.status == 200 && reply.complete && reply.body.find("alias") != std::string::npos;
                failed += right ? 0 : 1;
                ++asked;
            }
        });
    }
    for (int i = 0; i < 20; ++i) {
        plan.models = "  alias: {targets: [{provider: up, model: real-" + std::to_string(i) + "}]}\n";
        house.write(plan);
        EXPECT_TRUE(static_cast<bool>(house.reload()));
        const int before = asked;
        EXPECT_TRUE(eventually([&] { return asked > before + 8; }));
    }
    over = true;
    for (auto& caller : callers) {
        caller.join();
    }
    EXPECT_EQ(failed, 0) << "of " << asked;
    const auto last = house.ask(path, chat("alias"));
    EXPECT_EQ(last.header("x-gatehouse-model"), "real-19");
}

INSTANTIATE_TEST_SUITE_P(Lanes, LoadTest, testing::Values(1, 2));

TEST(Reload, OfAFaultyFileChangesNothingAndSaysSo) {
    FakeUpstream upstream(faithful);
    House house(plan_for(upstream));
    house.write_text("server: {listne: 127.0.0.1:0}\n");
    const auto status = house.reload();
    ASSERT_FALSE(static_cast<bool>(status));
    EXPECT_NE(status.problem().message().find("listne"), std::string::npos);
    EXPECT_EQ(house.ask(path, chat("alias")).status, 200);
    EXPECT_NE(house.admin("/admin/config").body.find("listne"), std::string::npos);
    EXPECT_NE(house.log_text().find("config_reload_failed"), std::string::npos);
}

TEST(Reload, FollowsTheFileWithinASecond) {
    FakeUpstream upstream(faithful);
    auto plan = plan_for(upstream);
    House house(plan);
    EXPECT_EQ(house.ask(path, chat("alias")).header("x-gatehouse-model"), "real");
    plan.models = "  alias: {targets: [{provider: up, model: other}]}\n";
    house.write(plan);
    EXPECT_TRUE(
        eventually([&] { return house.ask(path, chat("alias")).header("x-gatehouse-model") == "other"; },
                   std::chrono::seconds(2)));
}

TEST(Reload, LeavesARunningStreamAlone) {
    FakeUpstream upstream([](const test::FakeRequest& request) {
        auto response = faithful(request);
        response.body[2].delay = std::chrono::milliseconds(400);
        return response;
    });
    auto plan = plan_for(upstream);
    House house(plan);
    test::RawClient client(house.port());
    client.send(House::post(path, chat("alias", streamed)));
    auto text = client.read_until("Hi");
    plan.models = "  else: {targets: [{provider: up, model: other}]}\n";
    house.write(plan);
    ASSERT_TRUE(static_cast<bool>(house.reload()));
    EXPECT_EQ(house.ask(path, chat("alias")).status, 404);
    text += client.read_until("data: [DONE]\n\n");
    EXPECT_EQ(text.find("error"), std::string::npos) << text;
}

TEST(Drain, LetsStreamsFinishAndTakesNoMore) {
    FakeUpstream upstream([](const test::FakeRequest& request) {
        auto response = faithful(request);
        response.body[2].delay = std::chrono::milliseconds(500);
        return response;
    });
    auto plan = plan_for(upstream, 2);
    plan.server = "drain: 20s";
    House house(plan);
    test::RawClient idle(house.port());
    EXPECT_EQ(idle.exchange("GET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                            std::string(client_key) + "\r\n\r\n")
                  .status,
              200);
    test::RawClient client(house.port());
    client.send(House::post(path, chat("m", streamed)));
    auto text = client.read_until("Hi");
    const auto port = house.port();
    house.gateway().drain();
    EXPECT_TRUE(eventually([&] { return house.admin("/health/ready").status == 503; }));
    EXPECT_TRUE(eventually([&] { return !test::RawClient::can_connect(port); }));
    text += client.read_until("data: [DONE]\n\n");
    EXPECT_EQ(text.find("error"), std::string::npos) << text;
    EXPECT_TRUE(client.is_closed_within(std::chrono::seconds(2)));
    EXPECT_TRUE(idle.is_closed_within(std::chrono::seconds(2)));
    EXPECT_EQ(house.gateway().wait(), app::Ending::drained);
}

/// A provider that falls silent: a stream after its first content, anything else before its head.
FakeResponse stalled(const test::FakeRequest& request) {
    auto response = faithful(request);
    const std::chrono::milliseconds long_past_any_drain(60'000);
    if (json::parse(request.body).value("stream", false)) {
        response.body[2].delay = long_past_any_drain;
    } else {
        response.head_delay = long_past_any_drain;
    }
    return response;
}

TEST(Drain, TellsWhoeverOutlivesItsTime) {
    FakeUpstream upstream(stalled);
    auto plan = plan_for(upstream, 2);
    plan.server = "drain: 300ms";
    House house(plan);
    test::RawClient stream(house.port());
    stream.send(House::post(path, chat("m", streamed)));
    auto text = stream.read_until("Hi");
    test::RawClient whole(house.port());
    whole.send(House::post(path, chat("m")));
    test::RawClient unfinished_body(house.port());
    const auto upload = House::post(path, chat("m"));
    unfinished_body.send(upload.substr(0, upload.size() - 5));
    test::RawClient unfinished_head(house.port());
    unfinished_head.send(upload.substr(0, 30));
    // The one who asks for the metrics is counted too.
    ASSERT_TRUE(eventually([&] {
        return upstream.requests().size() == 2 && house.metric("gatehouse_requests_in_flight") == 4 &&
               house.metric("gatehouse_connections_open") >= 5;
    }));

    house.gateway().drain();
    ASSERT_TRUE(eventually([&] { return house.admin("/health/ready").status == 503; }));
    text += stream.read_until_closed();
    EXPECT_NE(text.find("\"code\":\"shutting_down\""), std::string::npos) << text;
    EXPECT_NE(text.find("data: [DONE]\n\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("0\r\n\r\n")) << "a stream that was ended, not cut: " << text;
    for (test::RawClient* client : {&whole, &unfinished_body, &unfinished_head}) {
        const auto reply = client->read_response();
        EXPECT_EQ(reply.status, 503) << reply.body;
        EXPECT_TRUE(reply.complete);
        EXPECT_TRUE(reply.closes);
        EXPECT_EQ(reply.header("retry-after"), "1");
        EXPECT_EQ(json::parse(reply.body)["error"]["code"], "shutting_down");
        EXPECT_TRUE(client->is_closed_within(std::chrono::seconds(2)));
    }
    EXPECT_EQ(house.gateway().wait(), app::Ending::drained);
    EXPECT_TRUE(eventually([&] { return upstream.open_connections() == 0; }));
    const auto log = house.log_text();
    EXPECT_NE(log.find("\"event\":\"drain_time_over\""), std::string::npos) << log;
    EXPECT_NE(log.find("\"outcome\":\"stream_error\",\"problem\":\"shutting_down\""), std::string::npos)
        << log;
    EXPECT_NE(log.find("\"outcome\":\"refused\",\"problem\":\"shutting_down\""), std::string::npos) << log;
}

TEST(Drain, DoesNotWaitForWhoDoesNotRead) {
    const std::string much(64 * 1024, 'x');
    FakeUpstream upstream([&much](const test::FakeRequest&) {
        std::vector<std::string> many(512, chunk("m", R"({"content":")" + much + R"("})", "null"));
        return FakeResponse::events(many);
    });
    auto plan = plan_for(upstream);
    plan.server = "drain: 50ms";
    House house(plan);
    test::RawClient client(house.port());
    client.send(House::post(path, chat("m", streamed)));
    client.read_until("xxx");
    const auto began = std::chrono::steady_clock::now();
    house.gateway().drain();
    EXPECT_EQ(house.gateway().wait(), app::Ending::drained);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
    EXPECT_TRUE(eventually([&] { return upstream.open_connections() == 0; }));
}

TEST(Secrets, AreNowhereToBeSeen) {
    int call = 0;
    FakeUpstream upstream([&call](const test::FakeRequest& request) {
        // A provider that says back what it got, as some do.
        const std::string echo = "Incorrect API key provided: " + std::string(provider_key) +
                                 ". Head: " + request.field("authorization").value_or("");
        const json error = {{"error", {{"message", echo}, {"type", "x"}, {"param", nullptr}, {"code", "c"}}}};
        const int statuses[] = {400, 401, 403, 404, 422, 429, 500, 503};
        return FakeResponse::json(error.dump(), statuses[call++ % 8]);
    });
    auto plan = plan_for(upstream);
    plan.rest += "retry: {attempts: 1}\n";
    House house(plan);
    std::string seen;
    for (int i = 0; i < 8; ++i) {
        const auto reply = house.ask(path, chat("m", i == 0 ? streamed : std::string_view()));
        EXPECT_GE(reply.status, 400);
        seen += reply.body;
        for (const auto& [name, value] : reply.headers) {
            seen += name + ": " + value + "\n";
        }
    }
    for (const auto& head :
         {"x-api-key: " + std::string(client_key), "x-goog-api-key: " + std::string(client_key)}) {
        test::RawClient client(house.port());
        seen += client
                    .exchange("GET /v1/nothing?key=" + std::string(client_key) + " HTTP/1.1\r\nHost: a\r\n" +
                              head + "\r\n\r\n")
                    .body;
    }
    EXPECT_EQ(upstream.requests().size(), 8U);
    for (const auto& request : upstream.requests()) {
        EXPECT_EQ(request.field("authorization"), "Bearer " + std::string(provider_key));
        EXPECT_EQ((request.head + request.body).find(client_key), std::string::npos)
            << "a key goes nowhere else";
    }
    seen += house.admin("/metrics").body + house.admin("/admin/config").body + house.log_text();
    EXPECT_NE(seen.find("\"status\":401"), std::string::npos) << "the log was looked at";
    EXPECT_EQ(seen.find(provider_key), std::string::npos) << seen;
    EXPECT_EQ(seen.find(client_key), std::string::npos) << seen;
    EXPECT_EQ(seen.find(operator_key), std::string::npos) << seen;
}

}  // namespace
}  // namespace gatehouse::integration
