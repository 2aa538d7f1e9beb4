#include "app/key_command.hpp"

#include "app/command.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace gatehouse::app {
namespace {

Command parsed(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"gatehouse", "key"});
    std::ostringstream nowhere;
    return parse_command(static_cast<int>(arguments.size()), arguments.data(), nowhere, nowhere);
}

struct KeyCommandTest : testing::Test {
    /// Runs the line; the gateway answers with `answers`, one after the other.
    int run(std::vector<const char*> arguments) {
        const auto command = parsed(std::move(arguments));
        const auto* key_command = std::get_if<KeyCommand>(&command);
        if (key_command == nullptr) {
            return std::get<Answered>(command).exit_code;
        }
        const auto ask = [&](std::string_view method, std::string_view target,
                             std::string_view body) -> Result<AdminAnswer> {
            asked.push_back(std::string(method) + " " + std::string(target) + " " + std::string(body));
            if (answers.empty()) {
                return Problem(ProblemKind::upstream_connect, "connection refused");
            }
            auto answer = answers.front();
            answers.erase(answers.begin());
            return answer;
        };
        return run_key_command(*key_command, ask, out, err);
    }

    std::vector<AdminAnswer> answers;
    std::vector<std::string> asked;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(KeyCommandTest, CreateSendsWhatWasSaid) {
    answers = {{201, R"({"object":"key","id":"key_1","name":"n","key":"gh-value"})"}};
    EXPECT_EQ(run({"create", "--name", "n", "--models", "a,b", "--requests-per-minute", "6k", "--budget-usd",
                   "50", "--budget-period", "day", "--tag", "x=y=z", "--tag", "q=", "--team", "t",
                   "--no-debug", "--administrator"}),
              0);
    EXPECT_EQ(asked, std::vector<std::string>{
                         R"(POST /admin/keys {"name":"n","models":["a","b"],"requests_per_minute":"6k",)"
                         R"("budget":{"usd":"50","period":"day"},"tags":{"x":"y=z","q":""},"team":"t",)"
                         R"("debug":false,"admin":true})"});
    EXPECT_EQ(out.str(), "The key, shown this once:\n\n  gh-value\n\nid    key_1\nname  n\n");
}

TEST_F(KeyCommandTest, UpdateSendsOnlyWhatChanges) {
    answers = {{200, R"({"object":"key","id":"key_1"})"}};
    EXPECT_EQ(run({"update", "team/search", "--expires", "2027-01-01T00:00:00Z", "--unset", "models,budget"}),
              0);
    EXPECT_EQ(asked, std::vector<std::string>{
                         R"(PATCH /admin/keys/team%2Fsearch {"expires":"2027-01-01T00:00:00Z","models":null,)"
                         R"("budget":null})"});
    EXPECT_EQ(run({"update", "k", "--team", "t", "--unset", "team"}), 2);
    EXPECT_EQ(run({"update", "k", "--tag", "no-value"}), 2);
    EXPECT_EQ(run({"update"}), 2);
}

TEST_F(KeyCommandTest, ListShowsEveryPage) {
    answers = {
        {200, R"({"data":[{"id":"k 1","name":"one","state":"active","models":[]}],"has_more":true})"},
        {200, R"({"data":[{"id":"2","name":"two\u001b[31m","budget":{"usd":"5"}}],"has_more":false})"}};
    EXPECT_EQ(run({"list"}), 0);
    EXPECT_EQ(asked, (std::vector<std::string>{"GET /admin/keys?limit=1000 ",
                                               "GET /admin/keys?limit=1000&after=k%201 "}));
    const auto text = out.str();
    EXPECT_NE(text.find("(none)"), std::string::npos) << text;
    EXPECT_NE(text.find("(all)"), std::string::npos) << text;
    EXPECT_NE(text.find("5/month"), std::string::npos) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << "a terminal obeys such characters";
}

TEST_F(KeyCommandTest, JsonIsWhatTheGatewaySays) {
    answers = {{200, R"({"id":"key_1"})"}};
    EXPECT_EQ(run({"show", "key_1", "--json"}), 0);
    EXPECT_EQ(out.str(), "{\"id\":\"key_1\"}\n");
    EXPECT_EQ(asked, std::vector<std::string>{"GET /admin/keys/key_1 "});
}

TEST_F(KeyCommandTest, RotateAndRevokeNeedNoBody) {
    answers = {{200, R"({"id":"key_1","key":"gh-next"})"}, {200, R"({"id":"key_1","deleted":true})"}};
    EXPECT_EQ(run({"rotate", "key_1"}), 0);
    EXPECT_EQ(run({"revoke", "key_1"}), 0);
    EXPECT_EQ(asked,
              (std::vector<std::string>{"POST /admin/keys/key_1/rotate ", "DELETE /admin/keys/key_1 "}));
    EXPECT_NE(out.str().find("gh-next"), std::string::npos);
    EXPECT_NE(out.str().find("revoked: key_1"), std::string::npos);
}

TEST_F(KeyCommandTest, ARefusalIsPrintedInItsOwnWords) {
    answers = {{400, R"({"error":{"message":"unknown model `x`.","param":"models[0]"}})"},
               {403, R"({"error":{"message":"No key.","param":null}})"},
               {200, "<html>"}};
    EXPECT_EQ(run({"create", "--name", "n", "--models", "x"}), 1);
    EXPECT_EQ(err.str(), "unknown model `x`. (models[0])\n");
    EXPECT_EQ(run({"list"}), 1);
    EXPECT_NE(err.str().find("GATEHOUSE_ADMIN_KEY"), std::string::npos);
    EXPECT_EQ(run({"show", "k"}), 1);
    EXPECT_EQ(run({"show", "k"}), 1) << "nobody answers";
    EXPECT_EQ(out.str(), "");
}

TEST_F(KeyCommandTest, AKeysValueIsNoName) {
    EXPECT_EQ(run({"revoke", "gh-0123456789"}), 2);
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(err.str().find("0123456789"), std::string::npos);
}

TEST(KeyCommand, TakesTheAddressOfTheGateway) {
    const auto command =
        std::get<KeyCommand>(parsed({"list", "--admin", "https://gw:9464", "--ca-file", "ca.pem"}));
    EXPECT_EQ(command.address.url, "https://gw:9464");
    EXPECT_EQ(command.address.ca_file, "ca.pem");
    EXPECT_EQ(std::get<KeyCommand>(parsed({"list"})).address.url, "http://127.0.0.1:9464");
}

}  // namespace
}  // namespace gatehouse::app
