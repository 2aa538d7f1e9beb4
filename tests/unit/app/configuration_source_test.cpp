#include "app/configuration_source.hpp"

#include "temporary_file.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gatehouse::app {
namespace {

using test::TemporaryFile;

constexpr std::string_view models = R"(
models:
  m: {targets: [{provider: real, model: x, price: unknown}, {provider: sim, model: chat}]}
)";
constexpr std::string_view providers = R"(
providers:
  sim: {kind: simulated}
  real: {kind: openai, base_url: "http://127.0.0.1:1/v1", api_keys: ["${PROVIDER_KEY}"], optional: true}
)";
constexpr const char* provider_key = "sk-canary-of-the-provider-0123456789abcdef";
constexpr const char* caller_key = "gh-canary-of-the-caller-0123456789abcdef";

GatewayOptions options_for(const TemporaryFile& file, std::map<std::string, std::string> environment = {}) {
    GatewayOptions options;
    options.config_file = file.path();
    options.sources.environment =
        [environment = std::move(environment)](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    options.sources.file = [](const std::string&) { return std::optional<std::string>(); };
    return options;
}

Result<Built> build(const GatewayOptions& options, const server::ServerOptions* bound = nullptr) {
    return build_configuration(options, 7, WallTime(), bound);
}

std::string open_gateway(std::string_view server = "") {
    return "auth: {required: false}\nserver: {" + std::string(server) + "}" + std::string(providers) +
           std::string(models);
}

TEST(ConfigurationSource, BuildsASnapshotOfTheFile) {
    const TemporaryFile file(open_gateway("drain: 3s"));
    const auto built = build(options_for(file, {{"PROVIDER_KEY", provider_key}}));
    ASSERT_TRUE(built) << built.problem().message();
    const auto& live = built->snapshot.live;
    EXPECT_EQ(live.settings->version(), 7U);
    EXPECT_FALSE(live.settings->auth_required());
    EXPECT_EQ(live.options->drain, std::chrono::seconds(3));
    EXPECT_EQ(live.settings->targets(*live.settings->find_model("m")).size(), 2U);
    EXPECT_FALSE(built->snapshot.tls);
    EXPECT_TRUE(built->warnings.empty());
}

TEST(ConfigurationSource, TellsAllFaultsWithTheirPlaces) {
    const TemporaryFile file("servr: {}\nmodels:\n  m: {targts: []}\n");
    const auto built = build(options_for(file));
    ASSERT_FALSE(built);
    EXPECT_EQ(built.problem().kind(), ProblemKind::invalid_configuration);
    const auto& text = built.problem().message();
    EXPECT_NE(text.find(file.path() + ":1:1: error: "), std::string::npos) << text;
    EXPECT_NE(text.find(file.path() + ":3:7: error: "), std::string::npos) << text;
}

TEST(ConfigurationSource, NamesTheFileThatIsNotThere) {
    const TemporaryFile file("");
    auto options = options_for(file);
    options.config_file = (file.directory() / "missing.yaml").string();
    const auto built = build(options);
    ASSERT_FALSE(built);
    EXPECT_EQ(built.problem().kind(), ProblemKind::invalid_configuration);
    EXPECT_NE(built.problem().message().find("missing.yaml"), std::string::npos);
}

TEST(ConfigurationSource, TheCommandLineIsStrongerThanTheFile) {
    const TemporaryFile file(
        open_gateway("listen: \"127.0.0.1:1\", admin_listen: \"127.0.0.1:2\", lanes: 1"));
    auto options = options_for(file);
    const auto as_written = build(options);
    ASSERT_TRUE(as_written) << as_written.problem().message();
    EXPECT_EQ(as_written->snapshot.live.options->listen, std::vector<std::string>{"127.0.0.1:1"});
    EXPECT_EQ(as_written->snapshot.live.options->admin_listen, "127.0.0.1:2");
    EXPECT_EQ(as_written->snapshot.live.options->lanes, 1U);

    options.listen = "127.0.0.1:3";
    options.admin_listen = "127.0.0.1:4";
    options.lanes = 5;
    const auto moved = build(options);
    ASSERT_TRUE(moved) << moved.problem().message();
    EXPECT_EQ(moved->snapshot.live.options->listen, std::vector<std::string>{"127.0.0.1:3"});
    EXPECT_EQ(moved->snapshot.live.options->admin_listen, "127.0.0.1:4");
    EXPECT_EQ(moved->snapshot.live.options->lanes, 5U);
}

TEST(ConfigurationSource, WithoutKeysNobodyMovesItOffLoopback) {
    const TemporaryFile file(open_gateway());
    auto options = options_for(file);
    options.listen = "0.0.0.0:0";
    const auto built = build(options);
    ASSERT_FALSE(built);
    EXPECT_EQ(built.problem().kind(), ProblemKind::invalid_configuration);
}

TEST(ConfigurationSource, AReloadLeavesBoundSocketsAndSaysSo) {
    const TemporaryFile file(open_gateway("listen: \"127.0.0.1:1\", lanes: 2, drain: 9s"));
    const auto options = options_for(file);
    server::ServerOptions bound;
    bound.listen = {"127.0.0.1:5"};
    const auto built = build(options, &bound);
    ASSERT_TRUE(built) << built.problem().message();
    EXPECT_EQ(built->snapshot.live.options->listen, bound.listen);
    EXPECT_EQ(built->snapshot.live.options->lanes, bound.lanes);
    EXPECT_EQ(built->snapshot.live.options->drain, std::chrono::seconds(9));
    std::string warnings;
    for (const auto& warning : built->warnings) {
        warnings += warning + "\n";
    }
    EXPECT_NE(warnings.find(file.path() + ": `server.listen` changes at a restart only\n"), std::string::npos)
        << warnings;
    EXPECT_NE(warnings.find("`server.lanes`"), std::string::npos) << warnings;
    EXPECT_EQ(warnings.find("`server.admin_listen`"), std::string::npos) << warnings;
}

TEST(ConfigurationSource, AReloadOpensNothingThatIsBoundToTheNetwork) {
    // The file speaks of loopback now, the socket is still what it was.
    const TemporaryFile file(open_gateway("listen: \"127.0.0.1:1\""));
    server::ServerOptions bound;
    bound.listen = {"0.0.0.0:1"};
    const auto built = build(options_for(file), &bound);
    ASSERT_FALSE(built);
    EXPECT_EQ(built.problem().kind(), ProblemKind::invalid_configuration);
    EXPECT_NE(built.problem().message().find("0.0.0.0:1"), std::string::npos) << built.problem().message();
}

TEST(ConfigurationSource, AReloadTurnsTlsNeitherOnNorOff) {
    const TemporaryFile file(open_gateway("tls: {certificate: missing.pem, key: missing.key}"));
    const server::ServerOptions bound_without;
    const auto built = build(options_for(file, {{"PROVIDER_KEY", provider_key}}), &bound_without);
    ASSERT_TRUE(built) << built.problem().message();
    EXPECT_FALSE(built->snapshot.tls);
    EXPECT_EQ(built->warnings.size(), 1U);
}

TEST(ConfigurationSource, NamesTheCertificateThatCannotBeUsed) {
    const TemporaryFile file(open_gateway("tls: {certificate: missing.pem, key: missing.key}"));
    const auto built = build(options_for(file));
    ASSERT_FALSE(built);
    EXPECT_EQ(built.problem().kind(), ProblemKind::invalid_configuration);
    EXPECT_NE(built.problem().message().find("missing.pem"), std::string::npos) << built.problem().message();
}

TEST(ConfigurationSource, ShowsNoSecret) {
    const TemporaryFile file("keys:\n  - {name: caller, value: " + std::string(caller_key) + "}\n" +
                             std::string(providers) + std::string(models));
    const auto built = build(options_for(file, {{"PROVIDER_KEY", provider_key}}));
    ASSERT_TRUE(built) << built.problem().message();
    EXPECT_NE(built->masked.find("***"), std::string::npos) << built->masked;
    EXPECT_NE(built->masked.find("http://127.0.0.1:1/v1"), std::string::npos) << built->masked;
    EXPECT_EQ(built->masked.find(provider_key), std::string::npos) << built->masked;
    EXPECT_EQ(built->masked.find(caller_key), std::string::npos) << built->masked;
}

TEST(ConfigurationSource, ListsTheOriginsThatAreCalled) {
    const TemporaryFile file(open_gateway());
    const auto with_key = build(options_for(file, {{"PROVIDER_KEY", provider_key}}));
    ASSERT_TRUE(with_key) << with_key.problem().message();
    ASSERT_EQ(with_key->origins.size(), 1U) << "a simulation has no connections";
    EXPECT_EQ(with_key->origins[0].provider, "real");
    EXPECT_EQ(with_key->origins[0].origin.port, 1);
    const auto without = build(options_for(file));
    ASSERT_TRUE(without) << without.problem().message();
    EXPECT_TRUE(without->origins.empty()) << "an optional provider without its key is left out";
}

}  // namespace
}  // namespace gatehouse::app
