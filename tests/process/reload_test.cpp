// Configurations and certificates that change while requests run, and secrets that show nowhere.
#include "process.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include "gatehouse/core/guarded.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

namespace gatehouse::process {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawClient;

constexpr std::string_view path = "/v1/chat/completions";

std::string serving(std::string_view model) {
    return "auth: {required: false}\nproviders: {sim: {kind: simulated}}\n"
           "models: {m: {targets: [{provider: sim, model: " +
           std::string(model) + "}]}}\n";
}

/// Callers who ask without a pause, each on a connection of its own, and note who answered.
class Callers {
public:
    Callers(std::uint16_t port, const char* header) {
        for (int i = 0; i < 2; ++i) {
            threads_.emplace_back([this, port, header] {
                RawClient client(port);
                const auto question = request("POST", path, chat("m"));
                while (!over_) {
                    const auto answer = client.exchange(question);
                    failed_ += answer.status == 200 && answer.complete ? 0 : 1;
                    const auto name = answer.header(header).value_or("");
                    newest_.with([&](std::string& newest) { newest = name; });
                    ++asked_;
                }
            });
        }
    }
    ~Callers() { stop(); }
    Callers(const Callers&) = delete;
    Callers& operator=(const Callers&) = delete;

    bool hear(const std::string& name) {
        return eventually(
            [&] { return newest_.with([&](const std::string& newest) { return newest == name; }); });
    }
    /// More answers than those that may have been on their way.
    bool go_on() {
        const int before = asked_;
        return eventually([&] { return asked_ > before + 8; });
    }
    int stop() {
        over_ = true;
        for (auto& thread : threads_) {
            thread.join();
        }
        threads_.clear();
        return failed_;
    }

private:
    std::atomic<bool> over_{false};
    std::atomic<int> asked_{0};
    std::atomic<int> failed_{0};
    Guarded<std::string> newest_;
    std::vector<std::thread> threads_;
};

TEST(Reload, FollowsTheFileWhileRequestsRun) {
    const Place place;
    const Gateway gateway(place.write("gatehouse.yaml", serving("one")));
    Callers callers(gateway.port(), "x-gatehouse-model");
    ASSERT_TRUE(callers.hear("one"));
    place.write("gatehouse.yaml", serving("two"));
    EXPECT_TRUE(callers.hear("two"));
    place.write("gatehouse.yaml", serving("three"));
    EXPECT_TRUE(callers.hear("three"));
    EXPECT_EQ(callers.stop(), 0);
}

TEST(Reload, OnSighupReadsWhatTheFileRefersTo) {
    const FakeUpstream upstream([](const test::FakeRequest&) {
        return FakeResponse::json(
            R"({"id":"1","object":"chat.completion","created":1,"model":"real","choices":[{"index":0,)"
            R"("message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]})");
    });
    const Place place;
    const Place secrets;
    const auto yaml =
        "auth: {required: false}\nproviders:\n  real: {kind: openai, optional: true, base_url: \"" +
        upstream.base_url() + "/v1\", api_keys: [\"${file:" + (secrets / "key").string() +
        "}\"]}\n  sim: {kind: simulated}\n"
        "models: {m: {targets: [{provider: real, model: x}, {provider: sim, model: chat}]}}\n";
    Gateway gateway(place.write("gatehouse.yaml", yaml));
    Callers callers(gateway.port(), "x-gatehouse-provider");
    ASSERT_TRUE(callers.hear("sim"));
    secrets.write("key", "sk-0123456789\n");
    gateway.process().signal(SIGHUP);
    EXPECT_TRUE(callers.hear("real"));
    EXPECT_EQ(callers.stop(), 0);
    EXPECT_EQ(upstream.requests().front().field("authorization"), "Bearer sk-0123456789");
    EXPECT_TRUE(gateway.process().is_running());
}

TEST(Reload, OfABrokenFileLeavesTheOldConfigurationServing) {
    const Place place;
    const Gateway gateway(place.write("gatehouse.yaml", serving("one")));
    Callers callers(gateway.port(), "x-gatehouse-model");
    ASSERT_TRUE(callers.hear("one"));
    const auto file = place.write("gatehouse.yaml", "models: {m: {targts: []}}\n");
    ASSERT_TRUE(eventually([&] { return gateway.has_logged("config_reload_failed"); }));
    EXPECT_TRUE(callers.go_on());
    EXPECT_TRUE(callers.hear("one"));
    const auto shown = json::parse(gateway.admin("/admin/config").body);
    EXPECT_EQ(shown["version"], 1);
    const std::string findings = shown["last_reload_error"]["findings"];
    EXPECT_NE(findings.find(file + ":1:14: error: "), std::string::npos) << findings;

    place.write("gatehouse.yaml", serving("two"));
    EXPECT_TRUE(callers.hear("two"));
    EXPECT_EQ(callers.stop(), 0);
    EXPECT_EQ(json::parse(gateway.admin("/admin/config").body)["last_reload_error"], nullptr);
}

class Tls : public testing::Test {
protected:
    /// What the gateway reads is one pair of files; `identity` is now in it.
    void install(const std::string& from, const char* to) {
        const auto fresh = place / "fresh";
        std::filesystem::copy_file(from, fresh);
        std::filesystem::rename(fresh, place / to);
    }
    bool is_served_as(const Gateway& gateway, const std::string& name) const {
        try {
            RawClient client(gateway.port(), RawClient::Tls{ca.ca_file(), name});
            return client.exchange(request("GET", "/v1/models")).status == 200;
        } catch (const std::runtime_error&) {
            return false;
        }
    }

    test::TestCa ca;
    Place place;
    Place config;
};

TEST_F(Tls, CertificateIsReplacedForNewConnectionsOnly) {
    const auto old_one = ca.issue("DNS:old.test");
    const auto new_one = ca.issue("DNS:new.test");
    install(old_one.certificate, "chain.pem");
    install(old_one.key, "key.pem");
    Gateway gateway(config.write(
        "gatehouse.yaml", serving("one") + "server: {tls: {certificate: " + (place / "chain.pem").string() +
                              ", key: " + (place / "key.pem").string() + "}}\n"));
    RawClient early(gateway.port(), RawClient::Tls{ca.ca_file(), "old.test"});
    EXPECT_EQ(early.exchange(request("GET", "/v1/models")).status, 200);
    EXPECT_FALSE(is_served_as(gateway, "new.test"));

    install(new_one.certificate, "chain.pem");
    gateway.process().signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return gateway.has_logged("config_reload_failed"); }));
    EXPECT_TRUE(is_served_as(gateway, "old.test")) << "a certificate without its key changes nothing";

    install(new_one.key, "key.pem");
    gateway.process().signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return is_served_as(gateway, "new.test"); }));
    EXPECT_FALSE(is_served_as(gateway, "old.test"));
    EXPECT_EQ(early.exchange(request("GET", "/v1/models")).status, 200) << "old connections go on";
}

TEST(Secrets, AreInNoOutput) {
    constexpr std::string_view provider_key = "sk-canary-of-the-provider-0123456789abcdef";
    constexpr std::string_view caller_key = "gh-canary-of-the-caller-0123456789abcdef";
    const FakeUpstream upstream([&](const test::FakeRequest& asked) {
        // A provider that says back what it got, as some do.
        return FakeResponse::json(json{{"error",
                                        {{"message", "bad " + asked.field("authorization").value_or("")},
                                         {"type", "x"},
                                         {"param", nullptr},
                                         {"code", "c"}}}}
                                      .dump(),
                                  401);
    });
    const Place place;
    const auto yaml = "telemetry: {log: {level: debug}}\nproviders: {real: {kind: openai, base_url: \"" +
                      upstream.base_url() +
                      "/v1\", api_keys: [\"${PROVIDER_KEY}\"]}}\n"
                      "models: {m: {targets: [{provider: real, model: x}]}}\n"
                      "keys:\n  - {name: caller, value: \"${CALLER_KEY}\"}\n  - {name: operator, value: " +
                      std::string(Gateway::operator_key) + ", admin: true}\n";
    Process::Conditions conditions;
    conditions.environment = {{"PROVIDER_KEY", std::string(provider_key)},
                              {"CALLER_KEY", std::string(caller_key)}};
    Gateway gateway(place.write("gatehouse.yaml", yaml), conditions);
    std::string seen =
        gateway.ask("POST", path, chat("m"), "Authorization: Bearer " + std::string(caller_key) + "\r\n")
            .body;
    ASSERT_EQ(upstream.requests().size(), 1U);
    seen +=
        gateway.ask("POST", path, chat("m"), "Authorization: Bearer " + std::string(provider_key) + "\r\n")
            .body;
    // A file whose faults stand beside its secrets.
    place.write("gatehouse.yaml", yaml + "  - {name: third, value: " + std::string(caller_key) +
                                      ", hash: " + std::string(Gateway::operator_key) + "}\n");
    ASSERT_TRUE(eventually([&] { return gateway.has_logged("config_reload_failed"); }));
    const auto shown = gateway.admin("/admin/config");
    ASSERT_EQ(shown.status, 200);
    EXPECT_NE(shown.body.find("***"), std::string::npos);
    seen += shown.body + gateway.admin("/metrics").body;
    gateway.process().signal(SIGTERM);
    EXPECT_EQ(gateway.process().end().exit_code, 0);
    const auto log = gateway.process().standard_output();
    EXPECT_NE(log.find("\"event\":\"request\""), std::string::npos) << "the log was looked at";
    seen += log + gateway.process().standard_error();
    for (const auto secret : {provider_key, caller_key, Gateway::operator_key}) {
        EXPECT_EQ(seen.find(secret), std::string::npos) << seen;
    }
}

}  // namespace
}  // namespace gatehouse::process
