// Keys that are made while the gateway runs, through its admin doors, and the log of who did what there.
#include "house.hpp"
#include "support/eventually.hpp"

#include "gatehouse/core/secret.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::RawClient;
using test::RawResponse;

std::string request(std::string_view method, std::string_view path, std::string_view key,
                    std::string_view body = {}) {
    return fmt::format(
        "{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n{}Content-Length: "
        "{}\r\n\r\n{}",
        method, path, key, body.empty() ? "" : "Content-Type: application/json\r\n", body.size(), body);
}

json parsed(const RawResponse& response) {
    return json::parse(response.body, nullptr, false);
}

class KeysTest : public testing::Test {
protected:
    KeysTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-keys-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        plan.data_dir = (directory / "data").string();
        plan.models =
            "  one: {targets: [{provider: sim, model: chat}]}\n"
            "  two: {targets: [{provider: sim, model: chat}]}\n";
        start();
    }
    ~KeysTest() override {
        house.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory, ignored);
    }

    void start() {
        house.reset();
        house = std::make_unique<House>(plan);
    }

    RawResponse call(std::string_view method, std::string_view path, std::string_view body = {},
                     std::string_view key = operator_key) const {
        RawClient client(house->admin_port());
        return client.exchange(request(method, path, key, body));
    }
    /// The created key, with its value.
    json create(std::string_view body) const {
        const auto made = call("POST", "/admin/keys", body);
        EXPECT_EQ(made.status, 201) << made.body;
        return parsed(made);
    }
    /// The status of a chat with that key.
    int use(const std::string& key, std::string_view model = "one") const {
        RawClient client(house->port());
        return client.exchange(request("POST", "/v1/chat/completions", key, chat(model))).status;
    }
    static std::string path_of(const json& key) { return "/admin/keys/" + key["id"].get<std::string>(); }

    std::filesystem::path directory;
    Plan plan;
    std::unique_ptr<House> house;
};

TEST_F(KeysTest, AreUsedChangedRotatedAndRevoked) {
    const auto made = create(R"({"name":"team-search","models":["one"],"tags":{"a":"b"}})");
    const std::string key = made["key"];
    EXPECT_TRUE(key.starts_with("gh-")) << made;
    EXPECT_TRUE(made["id"].get<std::string>().starts_with("key_"));
    EXPECT_EQ(made["state"], "active");
    EXPECT_EQ(made["updated_by"], "operator");
    EXPECT_EQ(use(key), 200);
    EXPECT_EQ(use(key, "two"), 403);

    const auto changed = call("PATCH", path_of(made), R"({"models":["two"]})");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(parsed(changed)["models"], json({"two"}));
    EXPECT_EQ(parsed(changed)["tags"]["a"], "b");
    EXPECT_EQ(use(key), 403);
    EXPECT_EQ(use(key, "two"), 200);

    const auto rotated = parsed(call("POST", path_of(made) + "/rotate"));
    const std::string fresh = rotated["key"];
    EXPECT_NE(fresh, key);
    EXPECT_EQ(use(key, "two"), 401);
    EXPECT_EQ(use(fresh, "two"), 200);

    const auto revoked = call("DELETE", "/admin/keys/team-search");
    EXPECT_EQ(revoked.status, 200) << revoked.body;
    EXPECT_EQ(parsed(revoked)["deleted"], true);
    EXPECT_EQ(use(fresh, "two"), 401);
    EXPECT_EQ(call("GET", path_of(made)).status, 404);
    EXPECT_EQ(call("DELETE", path_of(made)).status, 404);
}

TEST_F(KeysTest, OutliveTheProcess) {
    const auto kept = create(R"({"name":"kept","models":["one"]})");
    const auto gone = create(R"({"name":"gone"})");
    ASSERT_EQ(call("DELETE", path_of(gone)).status, 200);
    const auto shown = parsed(call("GET", path_of(kept)));
    start();
    EXPECT_EQ(use(kept["key"]), 200);
    EXPECT_EQ(use(kept["key"], "two"), 403);
    EXPECT_EQ(use(gone["key"]), 401);
    EXPECT_EQ(parsed(call("GET", path_of(kept))), shown);
}

TEST_F(KeysTest, OfTheFileAreShownAndStayAsTheyAre) {
    const auto list = parsed(call("GET", "/admin/keys"));
    ASSERT_EQ(list["data"].size(), 2U) << list;
    EXPECT_EQ(list["data"][0]["name"], "caller");
    EXPECT_EQ(list["data"][1]["source"], "configuration");
    EXPECT_EQ(list["data"][1]["admin"], true);
    EXPECT_FALSE(list["data"][0].contains("value"));
    EXPECT_EQ(parsed(call("GET", "/admin/keys/caller"))["state"], "active");
    for (const auto& refused :
         {call("PATCH", "/admin/keys/caller", R"({"debug":true})"), call("DELETE", "/admin/keys/caller"),
          call("POST", "/admin/keys/caller/rotate"), call("POST", "/admin/keys", R"({"name":"caller"})")}) {
        EXPECT_EQ(refused.status, 409) << refused.body;
        EXPECT_EQ(parsed(refused)["error"]["code"], "conflict");
        EXPECT_EQ(refused.header("x-should-retry"), "false");
    }
}

TEST_F(KeysTest, ComeInPages) {
    for (int i = 0; i < 5; ++i) {
        create(fmt::format(R"({{"name":"k{}"}})", i));
    }
    std::vector<std::string> names;
    std::string target = "/admin/keys?limit=3";
    for (bool more = true; more;) {
        const auto page = parsed(call("GET", target));
        ASSERT_LE(page["data"].size(), 3U);
        for (const auto& key : page["data"]) {
            names.push_back(key["name"]);
        }
        more = page["has_more"];
        target = "/admin/keys?limit=3&after=" + page["data"].back()["id"].get<std::string>();
    }
    EXPECT_EQ(names, (std::vector<std::string>{"caller", "operator", "k0", "k1", "k2", "k3", "k4"}));
    EXPECT_EQ(call("GET", "/admin/keys?limit=0").status, 400);
    EXPECT_EQ(parsed(call("GET", "/admin/keys?after=nobody"))["error"]["param"], "after");
}

TEST_F(KeysTest, ThatMakeNoSenseAreRefused) {
    create(R"({"name":"taken"})");
    struct Row {
        std::string_view body;
        int status;
        json param;
    };
    const Row rows[] = {{R"({"name":"taken"})", 409, nullptr},
                        {R"({"name":"key_1"})", 400, "name"},
                        {R"({"name":"n","models":["three"]})", 400, "models[0]"},
                        {R"({"name":"n","budget":{"usd":"1","x":1}})", 400, "budget.x"},
                        {R"({"models":[]})", 400, "name"},
                        {"[]", 400, nullptr}};
    for (const auto& row : rows) {
        const auto refused = call("POST", "/admin/keys", row.body);
        EXPECT_EQ(refused.status, row.status) << row.body << refused.body;
        EXPECT_EQ(parsed(refused)["error"]["param"], row.param) << row.body;
    }
    const auto wrong = call("PUT", "/admin/keys/taken", "{}");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
    EXPECT_EQ(call("GET", "/admin/keys/taken/rotate").header("allow"), "POST, OPTIONS");
    EXPECT_EQ(call("PATCH", "/admin/keys").header("allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(call("GET", "/admin/keys", {}, client_key).status, 403);
    EXPECT_EQ(call("GET", "/admin/keys", {}, "gh-nobody").status, 401);
    RawClient client(house->port());
    EXPECT_EQ(client.exchange(request("GET", "/admin/keys", operator_key)).status, 404);
}

TEST_F(KeysTest, MayAdministrateIfTheyAreToldSo) {
    const auto made = create(R"({"name":"deputy","admin":true,"models":[]})");
    const std::string key = made["key"];
    EXPECT_EQ(call("GET", "/admin/keys", {}, key).status, 200);
    EXPECT_EQ(use(key), 403);
    EXPECT_EQ(call("PATCH", path_of(made), R"({"admin":null})", key).status, 200);
    EXPECT_EQ(call("GET", "/admin/keys", {}, key).status, 403);
}

TEST_F(KeysTest, ExpireAndComeBack) {
    const auto made = create(R"({"name":"trial","expires":"2020-01-01T00:00:00Z"})");
    EXPECT_EQ(made["state"], "expired");
    EXPECT_EQ(use(made["key"]), 401);
    EXPECT_EQ(parsed(call("PATCH", path_of(made), R"({"expires":null})"))["state"], "active");
    EXPECT_EQ(use(made["key"]), 200);
}

TEST_F(KeysTest, GiveWayToTheFile) {
    const auto made = create(R"({"name":"twin"})");
    auto with_twin = plan;
    house->write(with_twin);
    ASSERT_TRUE(house->reload());
    EXPECT_EQ(use(made["key"]), 200) << "a reload leaves stored keys in force";
    // The keys of the plan's configuration end with the operator's: another one follows in `rest`.
    with_twin.rest = "  - {name: twin, value: gh-the-twin-of-the-file-0123456789}\n";
    house->write(with_twin);
    ASSERT_TRUE(house->reload());
    EXPECT_EQ(use(made["key"]), 401);
    EXPECT_EQ(use("gh-the-twin-of-the-file-0123456789"), 200);
    EXPECT_EQ(parsed(call("GET", path_of(made)))["state"], "overruled");
    EXPECT_NE(house->log_text().find("stored_key_overruled"), std::string::npos);
    house->write(plan);
    ASSERT_TRUE(house->reload());
    EXPECT_EQ(use(made["key"]), 200);
}

TEST_F(KeysTest, ShowTheirValueOnce) {
    const auto made = create(R"({"name":"canary"})");
    const std::string first = made["key"];
    const std::string second = parsed(call("POST", path_of(made) + "/rotate"))["key"];
    std::string seen;
    for (const auto* path :
         {"/admin/keys", "/admin/keys/canary", "/admin/audit", "/admin/config", "/metrics"}) {
        seen += call("GET", path).body;
    }
    use(first);
    use(second);
    EXPECT_EQ(call("GET", "/admin/keys/" + second).status, 404);
    seen += call("GET", "/admin/audit").body;
    seen += house->log_text();
    house.reset();
    for (const auto& file : std::filesystem::directory_iterator(plan.data_dir)) {
        std::ifstream bytes(file.path(), std::ios::binary);
        seen.append(std::istreambuf_iterator<char>(bytes), {});
    }
    for (const auto& secret : {first, second, to_hex(sha256(first)), to_hex(sha256(second))}) {
        EXPECT_EQ(seen.find(secret), std::string::npos) << secret;
    }
}

TEST_F(KeysTest, AndAllElseThatAdminsDoStandsInTheAuditLog) {
    const auto made = create(R"({"name":"k","debug":true})");
    call("PATCH", path_of(made), R"({"debug":null,"team":"t"})");
    call("PATCH", path_of(made), R"({"debug":5})");
    call("POST", "/admin/reload");
    call("GET", "/admin/targets");
    call("POST", "/admin/targets", R"({"provider":"sim","model":"chat","breaker":"open"})");
    call("DELETE", path_of(made));
    call("GET", "/admin/config", {}, "gh-stranger");
    const auto audit = parsed(call("GET", "/admin/audit"));
    std::vector<std::string> lines;
    for (const auto& entry : audit["data"]) {
        EXPECT_EQ(entry["admin"], "operator");
        lines.push_back(fmt::format("{} {} {} {}", entry["method"].get<std::string>(),
                                    entry["path"].get<std::string>(), entry["status"].get<int>(),
                                    entry["details"].dump()));
    }
    const std::vector<std::string> expected = {
        R"(DELETE /admin/keys/{id} 200 {"name":"k"})",
        R"(POST /admin/targets 200 {"breaker":"open"})",
        "GET /admin/targets 200 null",
        "POST /admin/reload 200 null",
        R"(PATCH /admin/keys/{id} 400 {"problem":"invalid_type"})",
        R"(PATCH /admin/keys/{id} 200 {"debug":{"from":true,"to":null},"team":{"from":null,"to":"t"}})",
        R"(POST /admin/keys 201 {"settings":{"debug":true,"name":"k"}})",
    };
    EXPECT_EQ(lines, expected);
    EXPECT_EQ(audit["data"][0]["about"], made["id"]);
    EXPECT_EQ(audit["data"][4]["about"], made["id"]);
    const auto page =
        parsed(call("GET", "/admin/audit?limit=2&after=" + audit["data"][1]["id"].get<std::string>()));
    EXPECT_EQ(page["data"][0], audit["data"][2]);
    EXPECT_EQ(page["data"].size(), 2U);
    EXPECT_EQ(page["has_more"], true);
    const auto text = house->log_text();
    EXPECT_NE(text.find("admin_call"), std::string::npos);
}

TEST_F(KeysTest, AndWhatNobodyHasStandsNotInTheAuditLog) {
    const std::string name(10'000, 'n');
    const auto order = R"({"provider":")" + name + R"(","model":"chat","breaker":"open"})";
    EXPECT_EQ(call("POST", "/admin/targets", order).status, 404);
    const auto entry = parsed(call("GET", "/admin/audit"))["data"][0];
    EXPECT_EQ(entry["about"], nullptr);
    EXPECT_EQ(entry["details"]["problem"], "not_found");
}

TEST_F(KeysTest, AreRefusedTheMomentTheyAreRevokedOnEveryLane) {
    plan.lanes = 2;
    start();
    for (int round = 0; round < 10; ++round) {
        const auto made = create(R"({"name":"brief"})");
        std::atomic<bool> revoked{false};
        std::atomic<int> wrong{0};
        std::vector<std::thread> clients;
        for (int i = 0; i < 3; ++i) {
            clients.emplace_back([&] {
                RawClient client(house->port());
                for (int sent = 0; sent < 200; ++sent) {
                    const bool was_revoked = revoked;
                    const auto models =
                        client.exchange(request("GET", "/v1/models", made["key"].get<std::string>()));
                    wrong += models.status != 200 && !(models.status == 401);
                    wrong += was_revoked && models.status != 401;
                    if (models.status == 401) {
                        break;
                    }
                }
            });
        }
        EXPECT_EQ(call("DELETE", path_of(made)).status, 200);
        revoked = true;
        for (auto& client : clients) {
            client.join();
        }
        EXPECT_EQ(wrong, 0);
    }
}

TEST_F(KeysTest, ChangesFromManySidesAllCount) {
    const auto made = create(R"({"name":"shared"})");
    std::vector<std::thread> admins;
    for (int i = 0; i < 8; ++i) {
        admins.emplace_back([&, i] {
            const auto changed = call("PATCH", path_of(made), fmt::format(R"({{"tags":{{"t{}":"x"}}}})", i));
            EXPECT_EQ(changed.status, 200) << changed.body;
        });
    }
    for (auto& admin : admins) {
        admin.join();
    }
    EXPECT_EQ(parsed(call("GET", path_of(made)))["tags"].size(), 8U);
}

TEST_F(KeysTest, CannotBeMadeWithoutADisk) {
    house.reset();
    std::filesystem::remove_all(plan.data_dir);
    std::ofstream(plan.data_dir) << "a file, no directory";
    start();
    const auto refused = call("POST", "/admin/keys", R"({"name":"k"})");
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_EQ(parsed(refused)["error"]["code"], "storage_unavailable");
    EXPECT_EQ(use(std::string(client_key)), 200);
    EXPECT_EQ(use("gh-nobody"), 401) << "there never were stored keys";
    EXPECT_EQ(call("GET", "/admin/keys").status, 200);
    EXPECT_EQ(call("GET", "/admin/audit").status, 503);
}

TEST_F(KeysTest, MadeUnderAnOldNameGoOnWithWhatWasSpentUnderIt) {
    plan.models = "  one: {targets: [{provider: sim, model: chat, price: {input: \"1\", output: \"10\"}}]}\n";
    start();
    const auto first = create(R"({"name":"k"})");
    EXPECT_EQ(use(first["key"]), 200);
    EXPECT_EQ(call("DELETE", path_of(first)).status, 200);
    start();  // in which nobody holds the name
    const auto second =
        create(R"({"name":"k","budget":{"usd":"100","period":"total","unknown_price":"allow"}})");
    const auto settled = [&] {
        const json question = {
            {"endpoint", "/v1/chat/completions"}, {"key", "k"}, {"request", json::parse(chat("one"))}};
        const auto explained = parsed(call("POST", "/admin/explain", question.dump()));
        return explained["limits"][0]["budget"]["settled_usd"].get<double>();
    };
    const double before = settled();
    EXPECT_GT(before, 0);
    EXPECT_EQ(use(second["key"]), 200);
    EXPECT_TRUE(test::eventually([&] { return std::abs(settled() - 2 * before) < 1e-9; }));
}

TEST_F(KeysTest, AreNotCalledInvalidWhileTheDiskCannotBeRead) {
    const auto made = create(R"({"name":"k"})");
    house.reset();
    for (const auto* file : {"gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm"}) {
        std::filesystem::remove(std::filesystem::path(plan.data_dir) / file);
    }
    std::ofstream(std::filesystem::path(plan.data_dir) / "gatehouse.db") << std::string(8192, '?');
    start();
    EXPECT_EQ(use(made["key"]), 503);
    EXPECT_EQ(use(std::string(client_key)), 200);
    const auto degraded = parsed(house->admin("/health/ready"))["degraded"];
    EXPECT_NE(std::find(degraded.begin(), degraded.end(), "keys"), degraded.end()) << degraded;
}

}  // namespace
}  // namespace gatehouse::integration
