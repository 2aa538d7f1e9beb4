// What a shell sees of the commands: exit codes, and what goes to which stream.
#include "process.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace gatehouse::process {
namespace {

constexpr std::string_view good = R"(auth: {required: false}
providers: {sim: {kind: simulated}}
models: {m: {targets: [{provider: sim, model: chat}]}}
)";

constexpr std::string_view three_faults = R"(auth: {required: false}
providers: {sim: {kind: simulatd}}
models:
  m: {targets: [{provider: sim, modle: chat}]}
  n: {targets: [{provider: nobody, model: chat}]}
)";

/// `file:line:column: error: ...` for each place.
void expect_all_three(const std::string& text, const std::string& file) {
    for (const char* place : {":2:25: error: ", ":4:33: error: ", ":5:28: error: "}) {
        EXPECT_NE(text.find(file + place), std::string::npos) << place << '\n' << text;
    }
}

TEST(Usage, ThatIsWrongExitsWithTwo) {
    const std::vector<std::vector<std::string>> lines = {
        {}, {"serve"}, {"serve", "--config", "a", "--lisen", "b"}, {"key", "new"}, {"explain"}};
    for (const auto& arguments : lines) {
        Process process(arguments);
        const End end = process.end();
        EXPECT_EQ(end.exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_FALSE(process.standard_error().empty()) << testing::PrintToString(arguments);
        EXPECT_EQ(process.standard_output(), "") << testing::PrintToString(arguments);
    }
}

TEST(Explain, ReadsARequestAndSaysWhatWouldBecomeOfIt) {
    const Place place;
    const auto file =
        place.write("gatehouse.yaml", std::string(good) +
                                          "routes: [{name: r, when: {model: auto}, use: m}]\n"
                                          "keys: [{name: k, value: secret-key, models: [m]}]\n");
    const auto explain = [&](std::vector<std::string> more, const std::string& request) {
        more.insert(more.begin(), {"explain", "--config", file});
        Process::Conditions conditions;
        conditions.standard_input = request;
        Process process(more, conditions);
        const int code = process.end().exit_code;
        return std::to_string(code) + " " + process.standard_output() + process.standard_error();
    };
    const auto routed = explain({}, chat("auto"));
    EXPECT_TRUE(routed.starts_with("0 {")) << routed;
    for (const char* part : {"\"route\": \"r\"", "\"provider\": \"sim\"", "\"problem\": null",
                             "\"state\": null", "\"first_call\": null"}) {
        EXPECT_NE(routed.find(part), std::string::npos) << part << routed;
    }
    const auto denied = explain({"--key", "k"}, chat("auto"));
    EXPECT_NE(denied.find("\"may_use_model\": false"), std::string::npos) << denied;
    EXPECT_NE(denied.find("\"status\": 403"), std::string::npos) << denied;
    EXPECT_EQ(explain({"--key", "nobody"}, chat("auto")), "2 There is no key named `nobody`.\n");
    EXPECT_EQ(explain({"--endpoint", "/v1/nothing"}, chat("auto")),
              "2 There is no endpoint `/v1/nothing`.\n");
    EXPECT_TRUE(explain({}, "no JSON").starts_with("1 ")) << "a request that no endpoint takes";
}

TEST(Usage, IsExplainedOnStandardOutput) {
    Process help({"--help"});
    EXPECT_EQ(help.end().exit_code, 0);
    for (const char* word : {"serve", "check", "key", "explain"}) {
        EXPECT_NE(help.standard_output().find(word), std::string::npos) << word;
    }
    Process version({"--version"});
    EXPECT_EQ(version.end().exit_code, 0);
    EXPECT_TRUE(std::regex_match(version.standard_output(), std::regex("gatehouse \\d+\\.\\d+\\.\\d+\n")))
        << version.standard_output();
}

TEST(Check, OfAGoodFileExitsWithZeroAndOneLine) {
    const Place place;
    const auto file = place.write("gatehouse.yaml", good);
    Process process({"check", file});
    EXPECT_EQ(process.end().exit_code, 0);
    EXPECT_EQ(process.standard_output(), file + ": valid: 1 providers, 1 models, 0 keys, 0 warnings\n");
    EXPECT_EQ(process.standard_error(), "");
}

TEST(Check, OfABadFileExitsWithTwoAndAllErrors) {
    const Place place;
    const auto file = place.write("gatehouse.yaml", three_faults);
    Process process({"check", file});
    EXPECT_EQ(process.end().exit_code, 2);
    EXPECT_EQ(process.standard_output(), "");
    expect_all_three(process.standard_error(), file);
}

TEST(Check, OfAFileThatNamesWhatCannotBeReadExitsWithTwo) {
    const Place place;
    const auto missing = (place / "missing.pem").string();
    const auto tls = place.write("tls.yaml", std::string(good) + "server: {tls: {certificate: " + missing +
                                                 ", key: " + missing + "}}\n");
    Process without_certificate({"check", tls});
    EXPECT_EQ(without_certificate.end().exit_code, 2);
    EXPECT_NE(without_certificate.standard_error().find(missing + ": No such file or directory"),
              std::string::npos)
        << without_certificate.standard_error();
    const auto trust = place.write("trust.yaml",
                                   "auth: {required: false}\nproviders: {p: {kind: openai, base_url: "
                                   "\"https://localhost/v1\", ca_file: " +
                                       missing + "}}\nmodels: {m: {targets: [{provider: p, model: m}]}}\n");
    Process without_trust({"check", trust});
    EXPECT_EQ(without_trust.end().exit_code, 2);
    EXPECT_NE(without_trust.standard_error().find(missing + ": No such file or directory"), std::string::npos)
        << without_trust.standard_error();
}

TEST(Check, OfNoFileExitsWithTwo) {
    const Place place;
    const auto file = (place / "missing.yaml").string();
    Process process({"check", file});
    EXPECT_EQ(process.end().exit_code, 2);
    EXPECT_NE(process.standard_error().find(file), std::string::npos) << process.standard_error();
}

TEST(Serve, WithABadFileExitsWithTwoAndAllErrors) {
    const Place place;
    const auto file = place.write("gatehouse.yaml", three_faults);
    Process process({"serve", "--config", file});
    EXPECT_EQ(process.end().exit_code, 2);
    expect_all_three(process.standard_error(), file);
}

TEST(Serve, OpenToTheNetworkWithoutKeysExitsWithTwo) {
    const Place place;
    const auto file = place.write("gatehouse.yaml", good);
    Process process({"serve", "--config", file, "--listen", "0.0.0.0:0", "--admin-listen", "127.0.0.1:0"});
    EXPECT_EQ(process.end().exit_code, 2);
    EXPECT_NE(process.standard_error().find("auth.required"), std::string::npos) << process.standard_error();
}

TEST(KeyNew, PrintsAKeyAndTheLinesThatMakeItWork) {
    const Place place;
    Process process({"key", "new", "--name", "team-search"});
    ASSERT_EQ(process.end().exit_code, 0);
    const auto told = process.standard_output();
    std::smatch key;
    ASSERT_TRUE(std::regex_search(told, key, std::regex("\n  (gh-\\S+)\n"))) << told;
    const auto lines = told.find("  - name: team-search\n");
    ASSERT_NE(lines, std::string::npos) << told;
    EXPECT_EQ(told.find(key[1].str(), lines), std::string::npos) << "the file holds only the hash";

    const auto file = place.write("gatehouse.yaml",
                                  "providers: {sim: {kind: simulated}}\n"
                                  "models: {m: {targets: [{provider: sim, model: chat}]}}\n"
                                  "keys:\n" +
                                      told.substr(lines));
    const Gateway gateway(file);
    const std::string bearer = "Authorization: Bearer " + key[1].str();
    const auto path = "/v1/chat/completions";
    EXPECT_EQ(gateway.ask("POST", path, chat("m"), bearer + "\r\n").status, 200);
    EXPECT_EQ(gateway.ask("POST", path, chat("m"), bearer + "x\r\n").status, 401);
    EXPECT_EQ(gateway.ask("POST", path, chat("m")).status, 401);

    Process again({"key", "new", "--name", "team-search", "--config", file});
    EXPECT_EQ(again.end().exit_code, 2) << "the name is taken";
    EXPECT_EQ(again.standard_output(), "");
}

}  // namespace
}  // namespace gatehouse::process
