#include "app/load_account.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::app {
namespace {

WallTime at_second(int second) {
    return WallTime(std::chrono::seconds(second));
}

TEST(LoadAccount, ShowsWhatIsInForce) {
    LoadAccount account;
    account.file = "/etc/g.yaml";
    account.version = 3;
    account.loaded_at = at_second(1'700'000'000);
    account.masked = R"({"server": {"lanes": 2}})";
    account.warnings = {"/etc/g.yaml:1:2: careful"};
    const auto shown = nlohmann::json::parse(show(account));
    EXPECT_EQ(shown["file"], "/etc/g.yaml");
    EXPECT_EQ(shown["version"], 3);
    EXPECT_EQ(shown["loaded_at"], "2023-11-14T22:13:20Z");
    EXPECT_EQ(shown["configuration"]["server"]["lanes"], 2);
    EXPECT_EQ(shown["warnings"], nlohmann::json::array({"/etc/g.yaml:1:2: careful"}));
    EXPECT_TRUE(shown["last_reload_error"].is_null());
}

TEST(LoadAccount, ShowsWhyTheNewestReloadChangedNothing) {
    LoadAccount account;
    account.masked = "{}";
    account.failed = FailedReload{at_second(86'400), "g.yaml:1:1: error: one\ng.yaml:2:1: error: two\n"};
    const auto shown = nlohmann::json::parse(show(account));
    EXPECT_EQ(shown["last_reload_error"]["at"], "1970-01-02T00:00:00Z");
    EXPECT_EQ(shown["last_reload_error"]["findings"], "g.yaml:1:1: error: one\ng.yaml:2:1: error: two\n");
}

TEST(LoadAccount, IsJsonEvenOfAFileNameThatIsNotUtf8) {
    LoadAccount account;
    account.file = "/etc/\xff.yaml";
    account.masked = "{}";
    EXPECT_TRUE(nlohmann::json::accept(show(account)));
}

}  // namespace
}  // namespace gatehouse::app
