// What the file means: Options filled, references between its parts, what is left out.
#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::config {
namespace {

using test::errors_in;
using test::load;
using test::sound;
using test::warnings_in;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using namespace std::chrono_literals;

Configuration accepted(const std::string& yaml) {
    auto loaded = load(yaml);
    EXPECT_TRUE(loaded.configuration) << loaded.report("f");
    return loaded.configuration.value_or(Configuration{});
}

const std::string sim = "auth: {required: false}\nproviders: {sim: {kind: simulated}}\n";

TEST(Server, EveryValueReachesItsOption) {
    const Loaded loaded = load(
        sound +
        "server:\n"
        "  listen: [127.0.0.1:1, \"[::1]:2\"]\n"
        "  admin_listen: 127.0.0.1:3\n"
        "  admin_hosts: [gate.internal]\n"
        "  lanes: 3\n"
        "  tls: {certificate: c.pem, key: k.pem}\n"
        "  limits: {header: 4KiB, body: 5MiB, json_depth: 6, connections: 7, connections_per_address: 8,\n"
        "           header_timeout: 9s, body_timeout: 10s, idle_timeout: 11s, write_timeout: 12s}\n"
        "  cors: {origins: [\"https://app.example.com\", \"*\"]}\n"
        "  keepalive_comment: 13s\n"
        "  commit_after: 14s\n"
        "  drain: 0s\n");
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_THAT(loaded.warnings, IsEmpty());
    const server::ServerOptions& o = loaded.configuration->server;
    EXPECT_THAT(o.listen, ElementsAre("127.0.0.1:1", "[::1]:2"));
    EXPECT_EQ(o.admin_listen, "127.0.0.1:3");
    EXPECT_THAT(o.admin_hosts, ElementsAre("gate.internal"));
    EXPECT_EQ(o.lanes, 3U);
    ASSERT_TRUE(o.tls);
    EXPECT_EQ(o.tls->certificate, "c.pem");
    EXPECT_EQ(o.tls->key, "k.pem");
    EXPECT_EQ(o.limits.header, 4U * 1024);
    EXPECT_EQ(o.limits.body, 5U * 1024 * 1024);
    EXPECT_EQ(o.limits.json_depth, 6U);
    EXPECT_EQ(o.limits.connections, 7U);
    EXPECT_EQ(o.limits.connections_per_address, 8U);
    EXPECT_EQ(o.limits.header_timeout, 9s);
    EXPECT_EQ(o.limits.body_timeout, 10s);
    EXPECT_EQ(o.limits.idle_timeout, 11s);
    EXPECT_EQ(o.limits.write_timeout, 12s);
    EXPECT_THAT(o.cors.origins, ElementsAre("https://app.example.com", "*"));
    EXPECT_EQ(o.keepalive_comment, 13s);
    EXPECT_EQ(o.commit_after, 14s);
    EXPECT_EQ(o.drain, 0s);
    EXPECT_FALSE(o.auth_required);
}

TEST(Server, LanesAutoIsOnePerCore) {
    const Loaded loaded = load(sound + "server: {lanes: auto, listen: 127.0.0.1:1}\n");
    ASSERT_TRUE(loaded.configuration);
    EXPECT_EQ(loaded.configuration->server.lanes, 0U);
    EXPECT_THAT(loaded.configuration->server.listen, ElementsAre("127.0.0.1:1"));
}

TEST(Server, ListenMustNotBeEmptyOrAName) {
    EXPECT_THAT(errors_in(sound + "server: {listen: []}\n"),
                ElementsAre("4:18: `server.listen`: must not be empty"));
    EXPECT_THAT(errors_in(sound + "server: {listen: example.com:80}\n"),
                ElementsAre(HasSubstr("4:18: `server.listen`: expected an address and port")));
    EXPECT_THAT(errors_in(sound + "server: {listen: [127.0.0.1:1, 127.0.0.1:1]}\n"),
                ElementsAre("4:32: `server.listen`: `127.0.0.1:1` is already listened on"));
}

TEST(Server, AdminListenerNeverSharesTheClientAddress) {
    EXPECT_THAT(
        errors_in(sound + "server: {listen: 127.0.0.1:9464}\n"),
        ElementsAre(
            "4:18: `server.admin_listen`: `127.0.0.1:9464` is the client address; the admin listener needs "
            "its own"));
    EXPECT_THAT(errors_in(sound + "server: {admin_listen: localhost:8080}\n"),
                ElementsAre(HasSubstr("4:24: ")));
    EXPECT_THAT(errors_in(sound + "server: {listen: 127.0.0.1:0, admin_listen: 127.0.0.1:0}\n"), IsEmpty());
}

TEST(Server, CallersWithoutKeysAreForLoopbackOnly) {
    const std::string open = "`auth.required: false` is allowed only while every listener is loopback; ";
    EXPECT_THAT(errors_in(sound + "server: {listen: \"[::]:8080\"}\n"),
                ElementsAre("1:18: " + open + "`[::]:8080` is open to the network"));
    EXPECT_THAT(errors_in(sound + "server: {admin_listen: 10.0.0.1:9464}\n"),
                ElementsAre("1:18: " + open + "`10.0.0.1:9464` is open to the network"));
    server::ServerOptions options;
    options.auth_required = false;
    EXPECT_TRUE(check_listeners(options));
    options.listen = {"0.0.0.0:8080"};
    EXPECT_FALSE(check_listeners(options));
    options.auth_required = true;
    EXPECT_TRUE(check_listeners(options));
}

TEST(Server, CorsOriginHasNoPath) {
    EXPECT_THAT(
        errors_in(sound + "server: {cors: {origins: [\"https://a.example/x\", example.com]}}\n"),
        ElementsAre(HasSubstr("4:27: `server.cors.origins`"), HasSubstr("4:50: `server.cors.origins`")));
}

TEST(Telemetry, LevelAndFormatReachTheLog) {
    const Loaded loaded =
        load(sound + "telemetry: {log: {level: warning, format: text}, metrics: {enabled: false}}\n");
    ASSERT_TRUE(loaded.configuration);
    EXPECT_EQ(loaded.configuration->log.level, telemetry::LogLevel::warning);
    EXPECT_EQ(loaded.configuration->log.format, telemetry::LogFormat::text);
    EXPECT_FALSE(loaded.configuration->server.metrics);
    EXPECT_EQ(load(sound + "telemetry: {log: {level: debug}}\n").configuration->log.level,
              telemetry::LogLevel::debug);
    EXPECT_EQ(load(sound + "telemetry: {log: {level: error}}\n").configuration->log.level,
              telemetry::LogLevel::error);
    EXPECT_EQ(load(sound).configuration->log.level, telemetry::LogLevel::info);
}

TEST(Providers, EveryValueReachesItsOption) {
    const Loaded loaded = load(
        "auth: {required: false}\n"
        "providers:\n"
        "  p:\n"
        "    kind: openai\n"
        "    base_url: http://127.0.0.1:1/v1/\n"
        "    api_keys: [\"${A}\", \"${B}\"]\n"
        "    headers: {OpenAI-Organization: org-1, X-Token: \"${A}\"}\n"
        "    timeouts: {connect: 1s, first_byte: 2s, first_token: 3s, idle: 4s, total: 5s}\n"
        "    limits: {response: 6MiB}\n"
        "    stream_usage: false\n"
        "    ca_file: ca.pem\n"
        "  s: {kind: simulated, simulate: {first_token: 0ms, per_token: 7ms}}\n"
        "models: {m: {targets: [{provider: p, model: u, price: unknown}], timeouts: {first_byte: 1s, "
        "first_token: 2s, idle: "
        "3s, total: 4s}}}\n",
        {{"A", "key-a"}, {"B", "key-b"}});
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_THAT(loaded.warnings, IsEmpty());
    ASSERT_EQ(loaded.configuration->providers.size(), 2U);
    const upstream::ProviderOptions& p = loaded.configuration->providers[0];
    EXPECT_EQ(p.name, "p");
    EXPECT_EQ(p.kind, upstream::ProviderKind::openai);
    EXPECT_EQ(p.base_url, "http://127.0.0.1:1/v1");
    ASSERT_EQ(p.api_keys.size(), 2U);
    EXPECT_EQ(p.api_keys[1].reveal(), "key-b");
    EXPECT_THAT(p.headers, ElementsAre(Pair("OpenAI-Organization", "org-1"), Pair("X-Token", "key-a")));
    EXPECT_EQ(p.timeouts.connect, 1s);
    EXPECT_EQ(p.timeouts.first_byte, 2s);
    EXPECT_EQ(p.timeouts.first_token, 3s);
    EXPECT_EQ(p.timeouts.idle, 4s);
    EXPECT_EQ(p.timeouts.total, 5s);
    EXPECT_EQ(p.response_limit, 6U * 1024 * 1024);
    EXPECT_FALSE(p.stream_usage);
    EXPECT_EQ(p.ca_file, "ca.pem");
    const upstream::ProviderOptions& s = loaded.configuration->providers[1];
    EXPECT_EQ(s.kind, upstream::ProviderKind::simulated);
    EXPECT_EQ(s.simulate.first_token, 0ms);
    EXPECT_EQ(s.simulate.per_token, 7ms);
    const pipeline::ModelOptions& m = loaded.configuration->models[0];
    EXPECT_EQ(m.targets[0].provider, "p");
    EXPECT_EQ(m.targets[0].model, "u");
    EXPECT_EQ(m.first_byte, 1s);
    EXPECT_EQ(m.first_token, 2s);
    EXPECT_EQ(m.idle, 3s);
    EXPECT_EQ(m.total, 4s);
}

TEST(Models, SayWhatBecomesOfSlowAndBrokenStreams) {
    const Loaded loaded = load(
        "auth: {required: false}\n"
        "providers: {s: {kind: simulated}}\n"
        "models:\n"
        "  usual: {targets: [{provider: s, model: a}]}\n"
        "  careful:\n"
        "    targets: [{provider: s, model: a, continues: true}, {provider: s, model: b, continues: false}]\n"
        "    on_midstream_failure: continue\n"
        "    slow_stream: {tokens_per_second: 7, within: 2s}\n"
        "  brief: {targets: [{provider: s, model: a}, {provider: s, model: b}], slow_stream: "
        "{tokens_per_second: 5}}\n");
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_THAT(loaded.warnings, IsEmpty());
    const auto& models = loaded.configuration->models;
    EXPECT_FALSE(models[0].slow_stream);
    EXPECT_FALSE(models[0].targets[0].continues);
    EXPECT_EQ(models[0].midstream, policy::MidstreamFailure::error);
    EXPECT_EQ(models[1].targets[0].continues, true);
    EXPECT_EQ(models[1].targets[1].continues, false);
    EXPECT_EQ(models[1].midstream, policy::MidstreamFailure::go_on);
    ASSERT_TRUE(models[1].slow_stream && models[2].slow_stream);
    EXPECT_EQ(models[1].slow_stream->tokens_per_second, 7);
    EXPECT_EQ(models[1].slow_stream->within, 2s);
    EXPECT_EQ(models[2].slow_stream->within, 3s);
}

TEST(Providers, OptionalOneWithoutItsKeyIsLeftOutWithItsTargetsAndOneWarning) {
    const std::string yaml =
        "auth: {required: false}\n"
        "providers:\n"
        "  sim: {kind: simulated}\n"
        "  cloud: {kind: openai, api_keys: [\"${K}\", \"${L}\"], optional: true}\n"
        "models:\n"
        "  both: {targets: [{provider: cloud, model: a, price: unknown}, {provider: sim, model: b}]}\n"
        "  only: {targets: [{provider: cloud, model: a, price: unknown}]}\n";
    const Loaded without = load(yaml);
    ASSERT_TRUE(without.configuration) << without.report("f");
    EXPECT_THAT(
        test::lines_of(without.warnings),
        ElementsAre(
            "4:3: provider `cloud` is left out, with its targets in `both`, `only`: environment variable "
            "`K` is not set"));
    ASSERT_EQ(without.configuration->providers.size(), 1U);
    ASSERT_EQ(without.configuration->models.size(), 2U);
    ASSERT_EQ(without.configuration->models[0].targets.size(), 1U);
    EXPECT_EQ(without.configuration->models[0].targets[0].provider, "sim");
    EXPECT_THAT(without.configuration->models[1].targets, IsEmpty());

    const Loaded with = load(yaml, {{"K", "k"}, {"L", "l"}});
    ASSERT_TRUE(with.configuration);
    EXPECT_THAT(with.warnings, IsEmpty());
    EXPECT_EQ(with.configuration->models[0].targets.size(), 2U);
}

TEST(Providers, OneThatIsLeftOutIsCheckedLikeTheOthers) {
    EXPECT_THAT(errors_in("auth: {required: false}\n"
                          "providers:\n"
                          "  a: {kind: openai, api_keys: [\"${K}\"], optional: true,\n"
                          "      headers: {Host: x, Authorization: \"${K}\", A: \"${K}\", a: y}}\n"
                          "  b: {kind: anthropic, headers: {\"a b\": x}}\n"
                          "models: {m: {targets: [{provider: a, model: m}]}}\n"),
                ElementsAre(HasSubstr("4:17: `providers.a.headers`: `Host` is written by the gateway"),
                            HasSubstr("4:26: `providers.a.headers`: Authorization carries the api_keys"),
                            HasSubstr("4:60: `providers.a.headers`: `a` stands there twice"),
                            HasSubstr("5:34: `providers.b.headers`: `a b` is not the name of a header")));
}

TEST(Providers, OfOtherVendorsHaveACredentialFieldOfTheirOwn) {
    const auto with = [](const std::string& provider) {
        return "auth: {required: false}\nproviders: {p: {" + provider +
               "}}\nmodels: {m: {targets: [{provider: p, model: m, price: unknown}]}}\n";
    };
    const test::Texts environment = {{"K", "k"}};
    EXPECT_THAT(
        errors_in(with("kind: anthropic, api_keys: [\"${K}\"], headers: {X-Api-Key: y}"), environment),
        ElementsAre(HasSubstr("x-api-key carries the api_keys")));
    EXPECT_THAT(
        errors_in(with("kind: gemini, api_keys: [\"${K}\"], headers: {x-goog-api-key: y}"), environment),
        ElementsAre(HasSubstr("x-goog-api-key carries the api_keys")));
    EXPECT_THAT(warnings_in(with("kind: gemini")), ElementsAre(HasSubstr("`providers.p` has no api_keys")));
    const Loaded loaded = load(
        with("kind: anthropic, api_keys: [\"${K}\"], headers: {anthropic-version: 2023-06-01}"), environment);
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_EQ(loaded.configuration->providers[0].kind, upstream::ProviderKind::anthropic);
}

TEST(Providers, HeadersAreCheckedAsHeaders) {
    const auto with = [](const std::string& headers) {
        return "auth: {required: false}\nproviders: {p: {kind: openai, api_keys: [\"${K}\"], headers: " +
               headers + "}}\nmodels: {m: {targets: [{provider: p, model: m}]}}\n";
    };
    const test::Texts environment = {{"K", "k"}};
    EXPECT_THAT(errors_in(with("{Host: x}"), environment),
                ElementsAre(HasSubstr("`Host` is written by the gateway")));
    EXPECT_THAT(errors_in(with("{Content-Length: 5}"), environment),
                ElementsAre(HasSubstr("is written by the gateway")));
    EXPECT_THAT(errors_in(with("{\"a b\": x}"), environment),
                ElementsAre(HasSubstr("`a b` is not the name of a header")));
    EXPECT_THAT(errors_in(with("{A: \"x\\r\\nB: y\"}"), environment),
                ElementsAre(HasSubstr("holds a control character")));
    EXPECT_THAT(errors_in(with("{A: x, a: y}"), environment),
                ElementsAre(HasSubstr("`a` stands there twice")));
    EXPECT_THAT(errors_in(with("{authorization: \"${K}\"}"), environment),
                ElementsAre(HasSubstr("only one of them")));
}

TEST(Providers, BaseUrlIsCheckedAndHasADefault) {
    const auto with = [](const std::string& more) {
        return "auth: {required: false}\nproviders: {p: {kind: openai" + more +
               "}}\nmodels: {m: {targets: [{provider: p, model: m, price: unknown}]}}\n";
    };
    EXPECT_THAT(
        errors_in(with(", base_url: \"https://u:p@x\"")),
        ElementsAre(
            "2:41: `providers.p.base_url`: not a usable URL: credentials do not belong into the URL"));
    const Loaded loaded = load(with(""));
    ASSERT_TRUE(loaded.configuration);
    EXPECT_EQ(loaded.configuration->providers[0].base_url, "https://api.openai.com/v1");
    EXPECT_THAT(test::lines_of(loaded.warnings),
                ElementsAre(HasSubstr("2:13: `providers.p` has no api_keys")));
    EXPECT_THAT(warnings_in(with(", base_url: http://127.0.0.1:1")), IsEmpty());
    EXPECT_THAT(warnings_in(with(", base_url: http://127.0.0.1:1, simulate: {per_token: 1ms}")),
                ElementsAre(HasSubstr("has a meaning for kind simulated only")));
}

TEST(Providers, BetasArePatternsAndAnthropics) {
    const auto with = [](const std::string& kind, const std::string& betas) {
        return "auth: {required: false}\nproviders:\n  sim: {kind: simulated}\n  p: {kind: " + kind +
               ", base_url: \"http://x\", betas: " + betas + "}\n";
    };
    EXPECT_THAT(errors_in(with("anthropic", "[a-*, b]")), IsEmpty());
    EXPECT_THAT(errors_in(with("anthropic", "[\"a-*-*\"]")),
                ElementsAre(HasSubstr("`providers.p.betas`: `a-*-*`: a pattern has one `*`")));
    EXPECT_THAT(warnings_in(with("openai", "[a]")), Contains(HasSubstr("for kind anthropic only")));
}

TEST(Models, UnknownProviderIsAnErrorWithTheNearest) {
    EXPECT_THAT(errors_in(sim + "models: {m: {targets: [{provider: simm, model: a}]}}\n"),
                ElementsAre("3:35: unknown provider `simm`; did you mean `sim`?"));
}

TEST(Models, PatternHasOneStarAndOnlyAPatternMayPassItOn) {
    EXPECT_THAT(errors_in(sim + "models: {\"a*b*\": {targets: [{provider: sim, model: a}]}}\n"),
                ElementsAre("3:10: model `a*b*`: a pattern has one `*`"));
    EXPECT_THAT(errors_in(sim + "models: {\"a*\": {targets: [{provider: sim, model: \"*-*\"}]}}\n"),
                ElementsAre(HasSubstr("3:50: `*-*`: at most one `*`")));
    EXPECT_THAT(errors_in(sim + "models: {a: {targets: [{provider: sim, model: \"*\"}]}}\n"),
                ElementsAre("3:47: `*`: `*` stands for what the pattern matched, but `a` is no pattern"));
    EXPECT_THAT(errors_in(sim + "models: {\"a/*\": {targets: [{provider: sim, model: \"x-*\"}]}}\n"),
                IsEmpty());
}

TEST(Models, CycleOfFallbacksIsAnErrorWhereItCloses) {
    const std::string targets = "targets: [{provider: sim, model: m}]";
    EXPECT_THAT(errors_in(sim +
                          "models:\n"
                          "  a: {" +
                          targets +
                          ", fallbacks: [b]}\n"
                          "  b: {" +
                          targets +
                          ", context_length_fallbacks: [c]}\n"
                          "  c: {" +
                          targets + ", content_policy_fallbacks: [a]}\n"),
                ElementsAre("6:72: a cycle of fallbacks: `a` -> `b` -> `c` -> `a`"));
    EXPECT_THAT(errors_in(sim + "models: {a: {" + targets + ", fallbacks: [a]}}\n"),
                ElementsAre(HasSubstr("a cycle of fallbacks: `a` -> `a`")));
    EXPECT_THAT(errors_in(sim + "models: {\"a/*\": {" + targets + ", fallbacks: [a/b]}}\n"),
                ElementsAre(HasSubstr("a cycle of fallbacks: `a/*` -> `a/b` -> `a/*`")));
    // Two ways to one model are no cycle.
    EXPECT_THAT(errors_in(sim + "models: {a: {" + targets + ", fallbacks: [b, c]}, b: {" + targets +
                          ", fallbacks: [c]}, c: {" + targets + "}}\n"),
                IsEmpty());
}

TEST(Models, CycleThroughARouteIsAnError) {
    EXPECT_THAT(
        errors_in(sim + "models: {a: {targets: [{provider: sim, model: m}], fallbacks: [auto]}, auto: {}}\n"
                        "routes: [{name: r, when: {model: auto}, use: a}]\n"),
        ElementsAre(HasSubstr("a cycle of fallbacks: `a` -> `auto` -> `a`")));
    EXPECT_THAT(errors_in(sim + "models: {a: {targets: [{provider: sim, model: m}]}}\n"
                                "routes: [{name: r, when: {model: a, has: image}, use: a}]\n"),
                IsEmpty());
}

TEST(Models, NamesUnderOnePatternAreTheirOwn) {
    const std::string models =
        sim +
        "models: {\"a/*\": {targets: [{provider: sim, model: \"*\"}]}, x: {targets: [{provider: sim, "
        "model: m}], fallbacks: [a/2]}}\nroutes:\n";
    EXPECT_THAT(errors_in(models + "  - {name: r, when: {model: a/1}, use: a/2}\n"
                                   "  - {name: s, when: {model: a/2}, use: a/1}\n"),
                ElementsAre(HasSubstr("a cycle of fallbacks: `a/1` -> `a/2` -> `a/1`")));
    EXPECT_THAT(errors_in(models + "  - {name: r, when: {model: a/1}, use: x}\n"), IsEmpty());
    EXPECT_THAT(errors_in(models + "  - {name: r, when: {model: a/2}, use: x}\n"),
                ElementsAre(HasSubstr("a cycle of fallbacks: `a/2` -> `x` -> `a/2`")));
    EXPECT_THAT(
        errors_in(sim + "models: {\"a/*\": {targets: [{provider: sim, model: \"*\"}], fallbacks: [y]}, "
                        "y: {fallbacks: [a/3]}}\n"),
        ElementsAre(HasSubstr("a cycle of fallbacks: `a/*` -> `y` -> `a/3` -> `a/*`")));
}

TEST(Models, AWordOnStreamsThatNobodyCanActOnIsWarnedAbout) {
    const auto warned = [](const std::string& models) { return warnings_in(sim + "models:\n" + models); };
    const std::string one = "targets: [{provider: sim, model: m}]";
    const std::string knows =
        "targets: [{provider: sim, model: m}, {provider: sim, model: n, continues: true}]";
    EXPECT_THAT(
        warned("  a: {" + one + ", on_midstream_failure: continue}\n"),
        ElementsAre("4:67: `on_midstream_failure` of `a` has no effect: its requests reach no second "
                    "target that could go on; only `fallbacks` that a request names could change that"));
    EXPECT_THAT(
        warned("  a: {" + one + ", fallbacks: [b], on_midstream_failure: continue}\n  b: {" + one + "}\n"),
        ElementsAre(HasSubstr("none of the targets that its requests reach goes on")));
    EXPECT_THAT(warned("  a: {" + knows + ", on_midstream_failure: continue}\n"), IsEmpty());
    EXPECT_THAT(
        warned("  a: {" + one + ", fallbacks: [b], on_midstream_failure: continue}\n  b: {" + knows + "}\n"),
        IsEmpty());
    EXPECT_THAT(
        warned("  a: {" + one + ", context_length_fallbacks: [b], on_midstream_failure: continue}\n  b: {" +
               knows + "}\n"),
        IsEmpty());
    EXPECT_THAT(
        warned("  a: {" + one + ", slow_stream: {tokens_per_second: 5}}\n"),
        ElementsAre(HasSubstr("`slow_stream` of `a` has no effect: its requests reach no second target")));
    EXPECT_THAT(warned("  a: {" + one + ", fallbacks: [b], slow_stream: {tokens_per_second: 5}}\n  b: {" +
                       one + "}\n"),
                IsEmpty());
    EXPECT_THAT(warned("  a: {" + one + ", slow_stream: {tokens_per_second: 5}}\n  b: {" + one +
                       ", fallbacks: [a]}\n"),
                IsEmpty())
        << "it is a fallback, and another one may be left";
}

TEST(Models, WithoutAnyUsableTargetIsWarnedAbout) {
    EXPECT_THAT(warnings_in(sim + "models: {auto: {}}\n"),
                ElementsAre("0:0: no model has a usable target: every request fails"));
}

struct RoutesTest : testing::Test {
    static std::vector<std::string> errors(const std::string& rules) {
        return errors_in(sound + "routes:\n" + rules);
    }
};

TEST_F(RoutesTest, UnknownModelIsAnError) {
    EXPECT_THAT(errors("  - {name: a, when: {model: auto}, use: caht}\n"),
                ElementsAre("5:41: unknown model `caht`; did you mean `chat`?"));
}

TEST_F(RoutesTest, RuleWithoutAModelCanNeverMatch) {
    EXPECT_THAT(errors("  - {name: a, when: {has: image}, use: chat}\n"),
                ElementsAre("5:5: rule `a` can never match: `when.model` names no model that it serves"));
}

TEST_F(RoutesTest, RuleBehindAWiderOneCanNeverMatch) {
    const std::string wide = "  - {name: wide, when: {model: auto";
    const std::string narrow = "}, use: chat}\n  - {name: narrow, when: {model: auto";
    const std::string end = "}, use: chat}\n";
    const auto shadowed = [&](const std::string& first, const std::string& second) {
        const auto found = errors(wide + first + narrow + second + end);
        return found == std::vector<std::string>{
                            "6:5: rule `narrow` can never match: rule `wide` at line 5 takes every request "
                            "it could take"};
    };
    EXPECT_TRUE(shadowed("", ""));
    EXPECT_TRUE(shadowed("", ", has: [image]"));
    EXPECT_TRUE(shadowed(", has: [image]", ", has: [tools, image]"));
    EXPECT_FALSE(shadowed(", has: [tools, image]", ", has: [image]"));
    EXPECT_TRUE(shadowed(", prompt_tokens: \">= 10\"", ", prompt_tokens: \">= 10\""));
    EXPECT_TRUE(shadowed(", prompt_tokens: \">= 10\"", ", prompt_tokens: \">= 1k\""));
    EXPECT_FALSE(shadowed(", prompt_tokens: \">= 1k\"", ", prompt_tokens: \">= 10\""));
    EXPECT_FALSE(shadowed(", prompt_tokens: \">= 10\"", ", prompt_tokens: \"<= 20\""));
    EXPECT_TRUE(shadowed(", max_tokens: \"<= 20\"", ", max_tokens: \"<= 10\""));
    EXPECT_TRUE(shadowed(", key: [a, b]", ", key: b"));
    EXPECT_FALSE(shadowed(", key: b", ", key: [a, b]"));
    EXPECT_FALSE(shadowed(", key: b", ""));
    EXPECT_TRUE(shadowed(", tags: {x: y}", ", tags: {x: y, z: w}"));
    EXPECT_FALSE(shadowed(", tags: {x: y}", ", tags: {x: z}"));
    EXPECT_TRUE(shadowed(", header: {x-region: eu}", ", header: {x-region: eu}, language: de"));
    EXPECT_TRUE(shadowed(", time: \"Sun 00:00-24:00 UTC\"", ", time: \"Sun 00:00-24:00 UTC\", class: code"));
    EXPECT_FALSE(shadowed(", time: \"Sun 00:00-24:00 UTC\"", ", time: \"Sat 00:00-24:00 UTC\""));
    EXPECT_TRUE(shadowed(", budget_used: \">= 50%\"", ", budget_used: \">= 80%\""));
}

TEST_F(RoutesTest, RuleForOtherModelsIsNotShadowed) {
    EXPECT_THAT(errors("  - {name: a, when: {model: [x, y]}, use: chat}\n"
                       "  - {name: b, when: {model: [y, z]}, use: chat}\n"),
                IsEmpty());
    EXPECT_THAT(errors("  - {name: a, when: {model: [x, y]}, use: chat}\n"
                       "  - {name: b, when: {model: y}, use: chat}\n"),
                ElementsAre(HasSubstr("rule `b` can never match")));
}

TEST_F(RoutesTest, NumberOfRulesIsBounded) {
    std::string rules;
    for (int i = 0; i < 1'001; ++i) {
        const std::string number = std::to_string(i);
        rules += "  - {name: r" + number + ", when: {model: m" + number + "}, use: chat}\n";
    }
    EXPECT_THAT(errors(rules),
                ElementsAre("5:3: `routes`: 1001 entries are more than the most allowed, 1000"));
}

TEST_F(RoutesTest, NamesAreUniqueAndComparisonsFitTheirKind) {
    EXPECT_THAT(
        errors("  - {name: a, when: {model: x}, use: chat}\n  - {name: a, when: {model: y}, use: chat}\n"),
        ElementsAre("6:12: route `a` stands there twice, first at line 5"));
    EXPECT_THAT(errors("  - {name: a, when: {model: x, budget_used: \">= 5\"}, use: chat}\n"),
                ElementsAre(HasSubstr("`budget_used` is compared with a percentage")));
    EXPECT_THAT(errors("  - {name: a, when: {model: x, max_tokens: \">= 5%\"}, use: chat}\n"),
                ElementsAre(HasSubstr("`max_tokens` is compared with a number")));
}

TEST(Keys, EveryValueReachesItsOption) {
    const Loaded loaded = load(sound +
                                   "keys:\n"
                                   "  - name: a\n"
                                   "    value: ${K}\n"
                                   "    models: [chat]\n"
                                   "    expires: 2027-01-01T00:00:00Z\n"
                                   "    debug: true\n"
                                   "    admin: true\n"
                                   "    team: search\n"
                                   "    tags: {cost: \"42\"}\n"
                                   "  - {name: b, hash: \"sha256:" +
                                   to_hex(sha256("other")) + "\"}\n",
                               {{"K", "the-key"}});
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_THAT(loaded.warnings, IsEmpty());
    ASSERT_EQ(loaded.configuration->keys.size(), 2U);
    const pipeline::KeyOptions& a = loaded.configuration->keys[0];
    EXPECT_EQ(a.name, "a");
    EXPECT_EQ(a.hash, sha256("the-key"));
    EXPECT_EQ(a.models, std::vector<std::string>{"chat"});
    EXPECT_EQ(a.expires, std::chrono::sys_days(std::chrono::year(2027) / 1 / 1));
    EXPECT_TRUE(a.debug);
    EXPECT_TRUE(a.admin);
    EXPECT_EQ(a.team, "search");
    EXPECT_THAT(a.tags, ElementsAre(Pair("cost", "42")));
    const pipeline::KeyOptions& b = loaded.configuration->keys[1];
    EXPECT_EQ(b.hash, sha256("other"));
    EXPECT_FALSE(b.models);
    EXPECT_FALSE(b.expires);
    EXPECT_FALSE(b.debug);
    EXPECT_FALSE(b.admin);
}

TEST(Keys, NeedExactlyOneOfValueAndHash) {
    const std::string hash = "\"sha256:" + to_hex(sha256("x")) + "\"";
    EXPECT_THAT(errors_in(sound + "keys: [{name: a}]\n"),
                ElementsAre("4:8: `keys[0]` needs either `value` or `hash`"));
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, value: x, hash: " + hash + "}]\n"),
                ElementsAre("4:8: `keys[0]` needs only one of `value` or `hash`"));
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, hash: gh-a-key-by-mistake}]\n"),
                ElementsAre("4:24: `keys[0].hash`: expected sha256: and 64 hex digits, found other text"));
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, value: \"\"}]\n"),
                ElementsAre("4:25: `keys[0].value`: must not be empty"));
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, value: \"a b\"}]\n"),
                ElementsAre("4:25: `keys[0].value`: a key is visible ASCII without spaces"));
}

TEST(Keys, NamesAndKeysAreUnique) {
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, value: x}, {name: a, value: y}]\n"),
                ElementsAre("4:36: key `a` stands there twice, first at line 4"));
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, value: x}, {name: b, hash: \"sha256:" +
                          to_hex(sha256("x")) + "\"}]\n"),
                ElementsAre("4:29: key `b` is the same as that of `a`"));
}

TEST(Keys, AllowListNamesModelsPatternsAndRoutedNames) {
    const auto with = [](const std::string& models) {
        return sim +
               "models: {chat: {targets: [{provider: sim, model: c}]}, \"x/*\": {targets: [{provider: sim, "
               "model: c}]}}\n"
               "routes: [{name: r, when: {model: auto}, use: chat}]\n"
               "keys: [{name: a, value: k, models: " +
               models + "}]\n";
    };
    EXPECT_THAT(errors_in(with("[chat, auto, x/y, \"x/*\", \"ch*\", \"au*\", \"x/b-*\"]")), IsEmpty());
    EXPECT_THAT(errors_in(with("[caht]")), ElementsAre("5:37: unknown model `caht`; did you mean `chat`?"));
    EXPECT_THAT(errors_in(with("[\"**\"]")), ElementsAre("5:37: `**`: a pattern has one `*`"));
    const Loaded none = load(with("[]"));
    ASSERT_TRUE(none.configuration);
    EXPECT_EQ(none.configuration->keys[0].models, std::vector<std::string>{});  // none allowed, not all
    const Loaded emptied = load(with(""));
    ASSERT_TRUE(emptied.configuration);
    EXPECT_EQ(emptied.configuration->keys[0].models, std::vector<std::string>{});
}

TEST(Keys, UnknownTeamIsAnErrorOnlyWhereTeamsAreListed) {
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, value: k, team: search}]\n"), IsEmpty());
    EXPECT_THAT(errors_in(sound + "keys: [{name: a, value: k, team: serach}]\nteams: [{name: search}]\n"),
                ElementsAre("4:34: unknown team `serach`; did you mean `search`?"));
}

TEST(Embedders, AreReadWithTheirDefaults) {
    const Loaded loaded = load(sound +
                               "embedders:\n"
                               "  local: {kind: local, path: /models/a.model}\n"
                               "  far: {kind: provider, provider: sim, model: embedding, dimensions: 512}\n");
    ASSERT_TRUE(loaded.configuration);
    EXPECT_THAT(loaded.warnings, IsEmpty());
    const auto& embedders = loaded.configuration->embedders;
    ASSERT_EQ(embedders.size(), 2U);
    EXPECT_EQ(embedders[0].name, "local");
    EXPECT_EQ(embedders[0].kind, upstream::EmbedderKind::local);
    EXPECT_EQ(embedders[0].path, "/models/a.model");
    EXPECT_EQ(embedders[1].kind, upstream::EmbedderKind::provider);
    EXPECT_EQ(embedders[1].provider, "sim");
    EXPECT_EQ(embedders[1].model, "embedding");
    EXPECT_EQ(embedders[1].dimensions, 512U);
}

TEST(Embedders, TheLocalOneIsThereWhereSomethingNeedsIt) {
    const auto names = [](const std::string& yaml) {
        const Loaded loaded = load(yaml);
        std::vector<std::string> found;
        for (const auto& embedder : loaded.configuration->embedders) {
            found.push_back(embedder.name);
        }
        return found;
    };
    EXPECT_THAT(names(sound), IsEmpty());
    EXPECT_THAT(names(sound + "cache: {semantic: {mode: signature}}\n"), IsEmpty());
    EXPECT_THAT(names(sound + "cache: {semantic: {mode: semantic}}\n"), ElementsAre("local"));
    EXPECT_THAT(names("auth: {required: false}\n"
                      "providers: {here: {kind: local}}\n"
                      "models: {m: {targets: [{provider: here, model: m}]}}\n"),
                ElementsAre("local"));
    EXPECT_THAT(
        names("auth: {required: false}\n"
              "providers: {sim: {kind: simulated}}\n"
              "models: {m: {targets: [{provider: sim, model: m}], cache: {semantic: {mode: semantic}}}}\n"),
        ElementsAre("local"));
}

TEST(Embedders, OneIsLeftOutWithItsProviderAndKeysOfTheOtherKindAreOdd) {
    const std::string file = sound +
                             "embedders:\n"
                             "  far: {kind: provider, provider: gone, model: m, dimensions: 8}\n"
                             "  near: {kind: local, model: m}\n";
    const std::string gone = "gone: {kind: openai, api_keys: [\"${NOT_SET}\"], optional: true}";
    std::string yaml = file;
    yaml.replace(yaml.find("{kind: simulated}"), 17, "{kind: simulated}, " + gone);
    const Loaded loaded = load(yaml);
    ASSERT_TRUE(loaded.configuration) << loaded.report("");
    ASSERT_EQ(loaded.configuration->embedders.size(), 1U);
    EXPECT_EQ(loaded.configuration->embedders[0].name, "near");
    EXPECT_THAT(test::lines_of(loaded.warnings),
                testing::IsSupersetOf({"5:3: embedder `far` is left out, as its provider is",
                                       "6:23: `embedders.near.model` has no meaning for kind local"}));
}

TEST(Features, ReferencesAreChecked) {
    EXPECT_THAT(
        errors_in(sound + "embedders: {e: {kind: provider, provider: smi, model: m, dimensions: 8}}\n"),
        ElementsAre("4:43: unknown provider `smi`; did you mean `sim`?"));
    EXPECT_THAT(errors_in(sound + "embedders: {e: {kind: provider, model: m}}\n"),
                ElementsAre("4:13: `embedders.e`: `dimensions` is missing",
                            "4:13: `embedders.e`: `provider` is missing"));
    EXPECT_THAT(errors_in(sound + "rag: {embedder: lcal}\n"),
                ElementsAre("4:17: unknown embedder `lcal`; did you mean `local`?"));
    EXPECT_THAT(errors_in(sound + "cache: {semantic: {embedder: nothing}}\n"),
                ElementsAre("4:30: unknown embedder `nothing`; known: `local`"));
    EXPECT_THAT(errors_in(sound + "organisations: [{name: acme}]\nteams: [{name: t, organisation: acmee}]\n"),
                ElementsAre("5:33: unknown organisation `acmee`; did you mean `acme`?"));
    EXPECT_THAT(errors_in(sound + "storage: {backend: postgres}\n"),
                ElementsAre("4:20: `storage.url` is missing: postgres needs one"));
}

TEST(Cache, IsWhatTheSectionSaysAndForAModelWhatItsEntrySaysOnTop) {
    const auto configuration = accepted(R"(
auth: {required: false}
providers: {up: {kind: simulated}}
models:
  plain: {targets: [{provider: up, model: chat}]}
  own:
    targets: [{provider: up, model: chat}]
    cache: {scope: team, max_temperature: 0.7, exact: {enabled: false}, semantic: {mode: signature}}
cache:
  coalesce: false
  store_fallbacks: true
  exact: {ttl: 30s, max_size: 1MiB, persist: true}
  semantic: {mode: semantic, ttl: 2h, max_entries: 5k, threshold: 0.9}
)");
    EXPECT_FALSE(configuration.cache.coalesce);
    EXPECT_EQ(configuration.cache.exact.ttl, std::chrono::seconds(30));
    EXPECT_EQ(configuration.cache_bounds.max_size, std::size_t{1} << 20U);
    EXPECT_TRUE(configuration.cache_bounds.persist);
    EXPECT_EQ(configuration.cache_bounds.max_entries, 5000U);
    const auto& plain = configuration.models.at(0).cache;
    EXPECT_EQ(plain.semantic.most, policy::CacheTier::semantic);
    EXPECT_EQ(plain.scope, policy::SharingScope::key);
    const auto& own = configuration.models.at(1).cache;
    EXPECT_FALSE(own.coalesce);
    EXPECT_TRUE(own.store_fallbacks);
    EXPECT_EQ(own.scope, policy::SharingScope::team);
    EXPECT_DOUBLE_EQ(own.max_temperature, 0.7);
    EXPECT_FALSE(own.exact.enabled);
    EXPECT_EQ(own.exact.ttl, std::chrono::seconds(30));
    EXPECT_EQ(own.semantic.most, policy::CacheTier::signature);
    EXPECT_EQ(own.semantic.ttl, std::chrono::hours(2));
    EXPECT_DOUBLE_EQ(own.semantic.threshold, 0.9);
}

TEST(Cache, StandsAsDocumentedWhereNothingIsSaid) {
    const auto configuration = accepted(sound);
    EXPECT_TRUE(configuration.cache.coalesce);
    EXPECT_DOUBLE_EQ(configuration.cache.max_temperature, 0);
    EXPECT_TRUE(configuration.cache.exact.enabled);
    EXPECT_EQ(configuration.cache.exact.ttl, std::chrono::minutes(10));
    EXPECT_EQ(configuration.cache.semantic.most, policy::CacheTier::none);
    EXPECT_EQ(configuration.cache_bounds.max_size, std::size_t{256} << 20U);
    EXPECT_EQ(configuration.cache_bounds.max_entries, 100'000U);
}

TEST(RoutingVersion, ChangesWithWhatMayChangeTheAnswerOnly) {
    const auto version = [](const std::string& yaml) { return accepted(yaml).routing_version; };
    const std::string with_key = sound + "keys: [{name: a, value: secret-of-sixteen-or-more}]\n";
    EXPECT_EQ(version(sound), version(with_key));
    EXPECT_EQ(version(sound), version(sound + "cache: {exact: {ttl: 1m}}\n"));
    EXPECT_NE(version(sound), version(sound + "routes: [{name: r, when: {model: x}, use: chat}]\n"));
}

TEST(RoutingVersion, ChangesWithWhatIsShownToNobody) {
    const auto version = [](const std::string& header, const std::string& key) {
        const auto loaded = test::load(
            "auth: {required: false}\nproviders: {acme: {kind: openai, base_url: "
            "\"https://acme.example/v1\", api_keys: [\"${KEY}\"], "
            "headers: {x-deployment: \"" +
                header + "\"}}}\nmodels: {chat: {targets: [{provider: acme, model: m}]}}\n",
            {{"KEY", key}, {"COLOUR", "blue"}});
        EXPECT_TRUE(loaded.configuration) << loaded.report("file");
        return loaded.configuration ? loaded.configuration->routing_version : Digest{};
    };
    EXPECT_EQ(version("blue", "k1"), version("${COLOUR}", "k1"));
    EXPECT_NE(version("blue", "k1"), version("green", "k1"));
    EXPECT_NE(version("blue", "k1"), version("blue", "k2"));
}

}  // namespace
}  // namespace gatehouse::config
