#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace gatehouse::config {
namespace {

using test::load;
using testing::HasSubstr;
using testing::Not;

TEST(Masked, ShowsEverySecretAsStars) {
    const Loaded loaded = load(
        "auth: {required: false}\n"
        "storage: {backend: postgres, url: \"postgres://u:canary@db/x\"}\n"
        "providers:\n"
        "  p:\n"
        "    kind: openai\n"
        "    base_url: \"https://${HOST}/v1\"\n"
        "    api_keys: [\"${K}\", canary-literal]\n"
        "    headers: {openai-organization: org-1, X-Custom: canary-header, Cookie: \"${K}\"}\n"
        "models: {m: {targets: [{provider: p, model: m}]}}\n"
        "keys: [{name: a, value: canary-caller}, {name: b, hash: \"sha256:" +
            to_hex(sha256("x")) +
            "\"}]\n"
            "jobs: {webhook_secret: canary-webhook}\n",
        {{"K", "canary-environment"}, {"HOST", "canary.internal"}});
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    const std::string& masked = loaded.configuration->masked;
    EXPECT_THAT(masked, Not(HasSubstr("canary")));
    EXPECT_THAT(masked, Not(HasSubstr(to_hex(sha256("x")))));
    const auto json = nlohmann::json::parse(masked);
    EXPECT_EQ(json["providers"]["p"]["api_keys"], nlohmann::json::array({"***", "***"}));
    EXPECT_EQ(json["providers"]["p"]["headers"]["openai-organization"], "org-1");
    EXPECT_EQ(json["providers"]["p"]["headers"]["X-Custom"], "***");
    EXPECT_EQ(json["providers"]["p"]["headers"]["Cookie"], "***");
    EXPECT_EQ(json["providers"]["p"]["base_url"], "https://${HOST}/v1");
    EXPECT_EQ(json["keys"][0]["value"], "***");
    EXPECT_EQ(json["keys"][1]["hash"], "***");
    EXPECT_EQ(json["storage"]["url"], "***");
    EXPECT_EQ(json["jobs"]["webhook_secret"], "***");
}

TEST(Masked, IsTheSameForTheSameContent) {
    const Loaded block = load("server:\n  lanes: 2\n  listen: 127.0.0.1:1\nauth:\n  required: false\n");
    const Loaded flow =
        load("auth: {required: false} # comment\nserver: {listen: [\"127.0.0.1:1\"], lanes: 2}\n");
    ASSERT_TRUE(block.configuration);
    ASSERT_TRUE(flow.configuration);
    EXPECT_EQ(block.configuration->masked, flow.configuration->masked);
    const auto json = nlohmann::json::parse(block.configuration->masked);
    EXPECT_EQ(json["server"]["lanes"], 2);
    EXPECT_EQ(json["auth"]["required"], false);
    EXPECT_EQ(nlohmann::json::parse(load("").configuration->masked), nlohmann::json::object());
}

struct SourcesTest : testing::Test {
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-config-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory); }

    std::string write(const std::string& name, const std::string& text) const {
        const std::string path = (directory / name).string();
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    std::filesystem::path directory;
};

TEST_F(SourcesTest, FileOfAtMost64KibibytesIsRead) {
    const Sources sources = process_sources();
    EXPECT_EQ(sources.file(write("a", "secret\n")), "secret\n");
    EXPECT_EQ(sources.file(write("empty", "")), "");
    EXPECT_TRUE(sources.file(write("most", std::string(64 * 1024, 'x'))));
    EXPECT_FALSE(sources.file(write("large", std::string(64 * 1024 + 1, 'x'))));
    EXPECT_FALSE(sources.file((directory / "missing").string()));
    EXPECT_FALSE(sources.file(directory.string()));
    EXPECT_FALSE(sources.file("/dev/zero"));
}

TEST_F(SourcesTest, EnvironmentIsTheProcessOwn) {
    const Sources sources = process_sources();
    ASSERT_EQ(setenv("GATEHOUSE_CONFIG_TEST", "value", 1), 0);
    EXPECT_EQ(sources.environment("GATEHOUSE_CONFIG_TEST"), "value");
    ASSERT_EQ(unsetenv("GATEHOUSE_CONFIG_TEST"), 0);
    EXPECT_FALSE(sources.environment("GATEHOUSE_CONFIG_TEST"));
}

TEST_F(SourcesTest, ConfigurationFileIsLoadedOrNamedAsUnreadable) {
    const auto loaded = load_file(write("g.yaml", test::sound), process_sources());
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(loaded->configuration);
    const auto missing = load_file((directory / "none.yaml").string(), process_sources());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.problem().kind(), ProblemKind::invalid_configuration);
    EXPECT_THAT(missing.problem().message(), HasSubstr("none.yaml"));
    EXPECT_FALSE(load_file(write("large.yaml", std::string(4 * 1024 * 1024 + 1, '#')), process_sources()));
}

}  // namespace
}  // namespace gatehouse::config
