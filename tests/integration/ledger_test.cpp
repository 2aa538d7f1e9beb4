// The ledger through the real server: rows, lines that follow them, and what callers and operators are told.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <sstream>
#include <string>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using testing::HasSubstr;

Plan plan_of(std::string rest = {}) {
    Plan plan;
    plan.models =
        "  sim: {targets: [{provider: sim, model: chat}]}\n"
        "  down: {targets: [{provider: up, model: real}]}\n";
    plan.rest = "retry: {attempts: 1}\n" + rest;
    return plan;
}

/// A key of its own that has tags.
constexpr std::string_view tagged_key = "gh-canary-of-the-tagged-0123456789abcdef";
Plan plan_with_tags() {
    auto plan = plan_of();
    plan.rest =
        fmt::format("  - {{name: tagged, value: {}, tags: {{task: index}}}}\n{}", tagged_key, plan.rest);
    return plan;
}

/// The access line of that request; empty until it has been written.
json line_of(House& house, const std::string& id) {
    json line;
    eventually([&] {
        std::istringstream lines(house.log_text());
        for (std::string text; std::getline(lines, text) && line.empty();) {
            const auto one = json::parse(text, nullptr, false);
            if (one.is_object() && one.value("event", "") == "request" && one.value("request_id", "") == id) {
                line = one;
            }
        }
        return !line.empty();
    });
    return line;
}

std::string named(std::string_view id) {
    return fmt::format("x-request-id: {}\r\n", id);
}

test::RawResponse get(House& house, std::string_view path, std::string_view key = client_key) {
    test::RawClient client(house.port());
    return client.exchange(
        fmt::format("GET {} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {}\r\n\r\n", path, key));
}

/// The numbers of one group, once that many requests are in the ledger.
json group(House& house, const std::string& path, const std::string& member, const std::string& name,
           int requests) {
    json found;
    eventually([&] {
        found = json::object();
        for (const auto& one : json::parse(house.admin(path).body).value("data", json::array())) {
            if (one.value(member, "") == name) {
                found = one;
            }
        }
        return found.value("requests", 0) >= requests;
    });
    return found;
}

TEST(Ledger, HasARowForEachInferenceOfACaller) {
    House house(plan_of());
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("sim"), named("whole")).status, 200);
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("sim", R"(,"stream":true)"), named("stream")).status,
              200);
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("none"), named("refused")).status, 404);
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("down"), named("failed")).status, 502);
    EXPECT_EQ(get(house, "/v1/models").status, 200);
    EXPECT_EQ(get(house, "/v1/chat/completions", "gh-nobodys").status, 405);
    test::RawClient stranger(house.port());
    EXPECT_EQ(
        stranger.exchange("POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nContent-Length: 2\r\n\r\n{}")
            .status,
        401);
    for (const char* const id : {"whole", "stream", "refused", "failed"}) {
        const auto line = line_of(house, id);
        EXPECT_FALSE(line.contains("ledger")) << id << line;
    }
    const auto caller = group(house, "/admin/usage", "key", "caller", 4);
    EXPECT_EQ(caller["requests"], 4) << caller;
    EXPECT_EQ(caller["failed_requests"], 2) << caller;
    EXPECT_GT(caller["output_tokens"], 0) << caller;
    const auto sim = group(house, "/admin/usage?group_by=model,provider", "model", "sim", 2);
    EXPECT_EQ(sim["provider"], "sim") << sim;
    EXPECT_EQ(json::parse(house.admin("/admin/usage").body)["total"]["requests"], 4);
    EXPECT_EQ(house.metric("gatehouse_ledger_rows_total"), 4);
    EXPECT_EQ(house.metric("gatehouse_ledger_rows_lost_total"), 0);
    EXPECT_EQ(house.metric("gatehouse_ledger_usable"), 1);
    EXPECT_EQ(house.admin("/health/ready").body, R"({"status":"ready"})");
}

TEST(Ledger, IsThereAfterARestart) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-ledger-XXXXXX").string();
    auto plan = plan_of();
    plan.data_dir = ::mkdtemp(pattern.data());
    for (int run = 1; run <= 2; ++run) {
        House house(plan);
        EXPECT_EQ(house.ask("/v1/chat/completions", chat("sim")).status, 200);
        EXPECT_EQ(group(house, "/admin/usage", "key", "caller", run)["requests"], run);
    }
    std::filesystem::remove_all(plan.data_dir);
}

TEST(Ledger, FilesRequestsUnderTheirTags) {
    House house(plan_with_tags());
    const auto ask = [&](std::string_view key, std::string_view tags) {
        test::RawClient client(house.port());
        const auto body = chat("sim");
        return client
            .exchange(
                fmt::format("POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {}\r\n"
                            "Content-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}",
                            key, tags, body.size(), body))
            .status;
    };
    EXPECT_EQ(ask(client_key, "x-gatehouse-tags: task=chat\r\n"), 200);
    EXPECT_EQ(ask(client_key, ""), 200);
    EXPECT_EQ(ask(tagged_key, "x-gatehouse-tags: task=chat,env=test\r\n"), 200);
    EXPECT_EQ(ask(tagged_key, "x-gatehouse-tags: no pair\r\n"), 400);
    const std::string path = "/admin/usage?group_by=tag:task";
    EXPECT_EQ(group(house, path, "tag:task", "index", 2)["requests"], 2)
        << "the key's own tag wins, also of what was refused";
    EXPECT_EQ(group(house, path, "tag:task", "chat", 1)["requests"], 1);
    EXPECT_EQ(group(house, path, "tag:task", "", 1)["requests"], 1);
    EXPECT_EQ(group(house, "/admin/usage?group_by=tag:env", "tag:env", "test", 1)["requests"], 1);
}

TEST(Ledger, ShowsACallerItsOwnNumbersOnly) {
    House house(plan_with_tags());
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("sim")).status, 200);
    EXPECT_EQ(group(house, "/admin/usage", "key", "caller", 1)["requests"], 1);
    const auto own = json::parse(get(house, "/v1/usage").body);
    EXPECT_EQ(own["total"]["requests"], 1) << own;
    EXPECT_EQ(own["group_by"], json::array({"day"})) << own;
    EXPECT_EQ(json::parse(get(house, "/v1/usage?group_by=model", tagged_key).body)["total"]["requests"], 0);
    EXPECT_EQ(get(house, "/v1/usage", "gh-nobodys").status, 401);
    for (const char* const query :
         {"key=caller", "group_by=key", "group_by=team", "from=2020-01-01", "to=tomorrow"}) {
        const auto refused = get(house, fmt::format("/v1/usage?{}", query));
        EXPECT_EQ(refused.status, 400) << query << refused.body;
    }
    test::RawClient stranger(house.admin_port());
    EXPECT_EQ(stranger
                  .exchange(fmt::format("GET /admin/usage HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                                        "Bearer {}\r\n\r\n",
                                        client_key))
                  .status,
              403);
}

TEST(Ledger, AnswersInCommaSeparatedValues) {
    House house(plan_of());
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("sim")).status, 200);
    EXPECT_EQ(group(house, "/admin/usage", "key", "caller", 1)["requests"], 1);
    const auto csv = house.admin("/admin/usage?group_by=key,model&format=csv");
    EXPECT_EQ(csv.header("content-type"), "text/csv; charset=utf-8");
    EXPECT_THAT(csv.body, HasSubstr("key,model,requests,"));
    EXPECT_THAT(csv.body, HasSubstr("\r\ncaller,sim,1,0,"));
    const auto wrong = house.admin("/admin/usage?group_by=colour");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(json::parse(wrong.body)["error"]["param"], "group_by");
}

TEST(Ledger, WhoseDiskCannotBeUsedIsNoReasonNotToServe) {
    auto plan = plan_of();
    plan.data_dir = "/proc/no/such";
    House house(plan);
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("sim"), named("lost")).status, 200);
    EXPECT_EQ(line_of(house, "lost").value("ledger", ""), "lost");
    EXPECT_EQ(house.metric("gatehouse_ledger_rows_lost_total"), 1);
    EXPECT_EQ(house.metric("gatehouse_ledger_usable"), 0);
    const auto ready = house.admin("/health/ready");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(ready.body, R"({"status":"ready","degraded":["conversations","keys","ledger"]})");
    EXPECT_EQ(house.admin("/admin/usage").status, 503);
    EXPECT_EQ(get(house, "/v1/usage").status, 503);
}

TEST(Ledger, CanBeTurnedOff) {
    House house(plan_of("ledger: {enabled: false}\n"));
    EXPECT_EQ(house.ask("/v1/chat/completions", chat("sim"), named("off")).status, 200);
    EXPECT_EQ(line_of(house, "off").value("ledger", ""), "off");
    EXPECT_EQ(house.admin("/admin/usage").status, 404);
    EXPECT_EQ(house.admin("/metrics").body.find("gatehouse_ledger"), std::string::npos);
    auto on = plan_of("ledger: {retention: 1h}\n");
    house.write(on);
    EXPECT_TRUE(house.reload());
    EXPECT_THAT(house.log_text(), HasSubstr("`ledger.enabled` changes at a restart only"));
}

}  // namespace
}  // namespace gatehouse::integration
