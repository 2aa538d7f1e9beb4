// `gatehouse key ...` against a running gateway, as a shell would use it.
#include "process.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

namespace gatehouse::process {
namespace {

struct Said {
    int code{-1};
    std::string out;
    std::string err;
};

class KeysTest : public testing::Test {
protected:
    KeysTest()
        : file(place.write("gatehouse.yaml",
                           fmt::format("data_dir: {}\n"
                                       "providers: {{sim: {{kind: simulated}}}}\n"
                                       "models: {{m: {{targets: [{{provider: sim, model: chat}}]}}}}\n"
                                       "keys: [{{name: operator, value: {}, admin: true}}]\n",
                                       (place / "data").string(), Gateway::operator_key))),
          gateway(std::make_unique<Gateway>(file)) {}

    Said key(std::vector<std::string> arguments, std::string_view admin_key = Gateway::operator_key) const {
        arguments.insert(arguments.begin(), "key");
        arguments.insert(arguments.end(),
                         {"--admin", fmt::format("http://127.0.0.1:{}", gateway->admin_port())});
        Process::Conditions conditions;
        conditions.environment = {{"GATEHOUSE_ADMIN_KEY", std::string(admin_key)}};
        Process process(std::move(arguments), conditions);
        const int code = process.end().exit_code;
        return {code, process.standard_output(), process.standard_error()};
    }

    std::string created(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "create");
        const auto said = key(std::move(arguments));
        EXPECT_EQ(said.code, 0) << said.err;
        std::smatch value;
        EXPECT_TRUE(std::regex_search(said.out, value, std::regex("gh-[A-Za-z0-9_-]{43}"))) << said.out;
        return value.str();
    }

    int use(const std::string& value) const {
        return gateway
            ->ask("POST", "/v1/chat/completions", chat("m"), "Authorization: Bearer " + value + "\r\n")
            .status;
    }

    Place place;
    std::string file;
    std::unique_ptr<Gateway> gateway;
};

TEST_F(KeysTest, AreMadeShownChangedAndRevoked) {
    const auto value = created({"--name", "team-search", "--models", "m", "--tag", "a=b"});
    EXPECT_EQ(use(value), 200);
    const auto list = key({"list"});
    EXPECT_EQ(list.code, 0) << list.err;
    EXPECT_NE(list.out.find("team-search"), std::string::npos) << list.out;
    EXPECT_NE(list.out.find("operator"), std::string::npos) << list.out;
    EXPECT_EQ(list.out.find(value), std::string::npos);
    EXPECT_EQ(key({"update", "team-search", "--expires", "2020-01-01T00:00:00Z"}).code, 0);
    EXPECT_EQ(use(value), 401);
    EXPECT_NE(key({"show", "team-search"}).out.find("expired"), std::string::npos);
    EXPECT_EQ(key({"update", "team-search", "--unset", "expires"}).code, 0);
    EXPECT_EQ(use(value), 200);
    EXPECT_EQ(key({"rotate", "team-search", "--json"}).code, 0);
    EXPECT_EQ(use(value), 401);
    EXPECT_EQ(key({"revoke", "team-search"}).code, 0);
    const auto gone = key({"show", "team-search"});
    EXPECT_EQ(gone.code, 1);
    EXPECT_EQ(gone.err, "There is no such key.\n");
}

TEST_F(KeysTest, OutliveAProcessThatIsKilled) {
    const auto value = created({"--name", "kept"});
    gateway->process().signal(SIGKILL);
    gateway->process().end();
    gateway = std::make_unique<Gateway>(file);
    EXPECT_EQ(use(value), 200);
}

TEST_F(KeysTest, AreNobodysWhoCannotAdministrate) {
    const auto stranger = key({"list"}, "gh-stranger");
    EXPECT_EQ(stranger.code, 1);
    EXPECT_NE(stranger.err.find("Missing or invalid API key."), std::string::npos) << stranger.err;
    EXPECT_EQ(stranger.out, "");
    EXPECT_EQ(key({"update", "operator", "--debug"}).code, 1) << "the file's";
    gateway.reset();
    Process nobody({"key", "list", "--admin", "http://127.0.0.1:1"});
    EXPECT_EQ(nobody.end().exit_code, 1);
    EXPECT_NE(nobody.standard_error().find("cannot be asked"), std::string::npos);
    Process wrong({"key", "list", "--admin", "nonsense"});
    EXPECT_EQ(wrong.end().exit_code, 1);
}

}  // namespace
}  // namespace gatehouse::process
