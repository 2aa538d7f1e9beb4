// Shapes: unknown keys, types, units, bounds, references; with their places.
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
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Check, SoundConfigurationHasNoFindings) {
    EXPECT_THAT(errors_in(sound), IsEmpty());
    EXPECT_THAT(warnings_in(sound), IsEmpty());
}

TEST(Check, UnknownKeyNamesTheNearestOne) {
    EXPECT_THAT(errors_in(sound + "server:\n  lissten: 127.0.0.1:80\n"),
                ElementsAre("5:3: unknown key `lissten` in `server`; did you mean `listen`?"));
    EXPECT_THAT(errors_in(sound + "modles: {}\n"),
                ElementsAre("4:1: unknown key `modles`; did you mean `models`?"));
    EXPECT_THAT(errors_in(sound + "server: {tls: {certificate: a, key: b, zzzzzz: c}}\n"),
                ElementsAre("4:40: unknown key `zzzzzz` in `server.tls`; known: `certificate`, `key`"));
    EXPECT_THAT(errors_in(sound + "<<: {a: b}\n"), ElementsAre(HasSubstr("4:1: unknown key `<<`")));
}

TEST(Check, AllErrorsComeAtOnceInTheOrderOfTheFile) {
    EXPECT_THAT(
        errors_in("server:\n"
                  "  drain: 30\n"
                  "  lanes: many\n"
                  "  limits: {body: 32MB, json_depth: 0}\n"
                  "providers:\n"
                  "  sim: {kind: simulatd}\n"
                  "models:\n"
                  "  chat: {targets: [{provider: simm, model: chat}], fallbacks: [caht]}\n"
                  "keys:\n"
                  "  - {name: a}\n"),
        ElementsAre(
            "2:10: `server.drain`: expected a duration with a unit (250ms, 30s, 10m, 24h, 30d), found `30`",
            "3:10: `server.lanes`: expected a whole number (600, 5k, 2M), or auto, found `many`",
            "4:18: `server.limits.body`: expected a size with a unit (512B, 16KiB, 32MiB, 1GiB), found "
            "`32MB`",
            "4:36: `server.limits.json_depth`: `0` is below the least allowed, 1",
            "6:15: `providers.sim.kind`: expected one of openai, anthropic, gemini, simulated, local, found "
            "`simulatd`; did you mean `simulated`?",
            "8:31: unknown provider `simm`; did you mean `sim`?",
            "8:64: unknown model `caht`; did you mean `chat`?",
            "10:5: `keys[0]` needs either `value` or `hash`"));
}

TEST(Check, WrongKindOfValueSaysWhatWasFound) {
    EXPECT_THAT(errors_in(sound + "server: [a]\n"),
                ElementsAre("4:9: `server`: expected a mapping, found a list"));
    EXPECT_THAT(errors_in(sound + "server: {drain: {a: b}}\n"),
                ElementsAre(HasSubstr("4:17: `server.drain`: expected a duration with a unit")));
    EXPECT_THAT(errors_in(sound + "keys: {a: b}\n"),
                ElementsAre("4:7: `keys`: expected a list of mappings, found a mapping"));
    EXPECT_THAT(errors_in(sound + "server: {drain: }\n"), ElementsAre(HasSubstr("found nothing")));
    EXPECT_THAT(errors_in(sound + "telemetry: {metrics: {enabled: yes}}\n"),
                ElementsAre("4:32: `telemetry.metrics.enabled`: expected true or false, found `yes`"));
    EXPECT_THAT(errors_in(sound + "telemetry: {metrics: {enabled: \"true\"}}\n"),
                ElementsAre(HasSubstr("expected true or false")));
}

TEST(Check, SectionWithoutContentIsAbsent) {
    EXPECT_THAT(errors_in(sound + "server:\nkeys:\ntelemetry: ~\nroutes:\n"), IsEmpty());
    EXPECT_THAT(warnings_in(sound + "server:\nkeys:\ntelemetry: ~\nroutes:\n"), IsEmpty());
}

TEST(Check, BoundsAreReportedInTheUnitOfTheKey) {
    EXPECT_THAT(errors_in(sound + "server: {limits: {header: 2MiB}}\n"),
                ElementsAre("4:27: `server.limits.header`: `2MiB` is above the most allowed, 1MiB"));
    EXPECT_THAT(errors_in(sound + "server: {limits: {idle_timeout: 0ms}}\n"),
                ElementsAre("4:33: `server.limits.idle_timeout`: `0ms` is below the least allowed, 1ms"));
    EXPECT_THAT(errors_in(sound + "server: {drain: 400d}\n"),
                ElementsAre("4:17: `server.drain`: `400d` is above the most allowed, 365d"));
    EXPECT_THAT(errors_in(sound + "hedge: {max_share: 101%}\n"),
                ElementsAre("4:20: `hedge.max_share`: `101%` is above the most allowed, 100%"));
    EXPECT_THAT(errors_in(sound + "cache: {semantic: {threshold: 1.01}}\n"),
                ElementsAre("4:31: `cache.semantic.threshold`: `1.01` is above the most allowed, 1"));
    EXPECT_THAT(errors_in(sound + "cache: {semantic: {threshold: 1}}\n"), IsEmpty());
}

TEST(Check, MissingKeysAreNamed) {
    EXPECT_THAT(errors_in(sound + "server:\n  tls: {key: k}\n"),
                ElementsAre("5:8: `server.tls`: `certificate` is missing"));
    EXPECT_THAT(errors_in("auth: {required: false}\nproviders: {a: {}}\n"),
                ElementsAre("2:16: `providers.a`: `kind` is missing"));
}

TEST(Check, SecretsComeFromTheEnvironmentAndFromFiles) {
    const Loaded loaded =
        load(sound + "keys:\n  - {name: a, value: \"${A_KEY}\"}\n  - {name: b, value: \"${file:b.txt}\"}\n",
             {{"A_KEY", "from-environment"}}, {{"b.txt", "from-file\r\n"}});
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_EQ(loaded.configuration->keys[0].hash, sha256("from-environment"));
    EXPECT_EQ(loaded.configuration->keys[1].hash, sha256("from-file"));
    EXPECT_THAT(loaded.warnings, IsEmpty());
}

TEST(Check, TextWhereASecretCouldStandIsNotRepeated) {
    for (const std::string& misplaced :
         {std::string("keys: canary\n"), std::string("keys: [canary]\n"),
          std::string("keys: [{name: a, hash: canary}]\n"), std::string("storage: {url: [canary]}\n"),
          std::string("storage: canary\n"), std::string("jobs: canary\n")}) {
        EXPECT_THAT(errors_in(sound + misplaced), testing::Not(IsEmpty())) << misplaced;
        EXPECT_THAT(load(sound + misplaced).report("f"), Not(HasSubstr("canary"))) << misplaced;
    }
    for (const char* provider : {"{kind: openai, api_keys: canary}", "{kind: openai, api_keys: [[canary]]}",
                                 "{kind: openai, headers: canary}", "canary"}) {
        const Loaded loaded =
            load("auth: {required: false}\nproviders: {p: " + std::string(provider) + "}\n");
        EXPECT_FALSE(loaded.configuration) << provider;
        EXPECT_THAT(loaded.report("f"), Not(HasSubstr("canary"))) << provider;
    }
    EXPECT_THAT(errors_in(sound + "server: {drain: thirty}\n"), ElementsAre(HasSubstr("found `thirty`")));
}

TEST(Check, UnsetReferenceIsAnErrorThatNamesIt) {
    EXPECT_THAT(errors_in(sound + "keys:\n  - {name: a, value: \"${A_KEY}\"}\n"),
                ElementsAre("5:22: `keys[0].value`: environment variable `A_KEY` is not set"));
    EXPECT_THAT(errors_in(sound + "keys:\n  - {name: a, value: \"${A_KEY}\"}\n", {{"A_KEY", ""}}),
                ElementsAre("5:22: `keys[0].value`: environment variable `A_KEY` is empty"));
    EXPECT_THAT(errors_in(sound + "keys:\n  - {name: a, value: \"${file:/x}\"}\n"),
                ElementsAre("5:22: `keys[0].value`: file `/x` cannot be read"));
    EXPECT_THAT(errors_in(sound + "jobs: {webhook_secret: \"${W}\"}\n"),
                ElementsAre("4:24: `jobs.webhook_secret`: environment variable `W` is not set"));
}

TEST(Check, MalformedReferenceIsAnError) {
    EXPECT_THAT(errors_in(sound + "keys:\n  - {name: a, value: \"${A KEY}\"}\n"),
                ElementsAre(HasSubstr("`A KEY` is not the name of an environment variable")));
    EXPECT_THAT(errors_in(sound + "keys:\n  - {name: a, value: \"${A\"}\n"),
                ElementsAre(HasSubstr("`${` without `}`")));
    EXPECT_THAT(errors_in(sound + "keys:\n  - {name: a, value: \"${file:}\"}\n"),
                ElementsAre(HasSubstr("names no file")));
    EXPECT_THAT(errors_in(sound + "keys:\n  - {name: a, value: \"${A}\"}\n", {{"A", "two\nlines"}}),
                ElementsAre(HasSubstr("holds a line break")));
}

TEST(Check, ReferenceInAUrlMayBeAPartOfIt) {
    const Loaded loaded = load(
        "auth: {required: false}\n"
        "providers: {p: {kind: openai, base_url: \"https://${HOST}/v1/\"}}\n"
        "models: {m: {targets: [{provider: p, model: m}]}}\n",
        {{"HOST", "llm.internal"}});
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_EQ(loaded.configuration->providers[0].base_url, "https://llm.internal/v1");
}

TEST(Check, ReferenceElsewhereIsAnError) {
    EXPECT_THAT(
        errors_in(sound + "server: {admin_hosts: [\"${HOST}\"]}\n", {{"HOST", "x"}}),
        ElementsAre(
            "4:24: `server.admin_hosts[0]`: references work in secrets, header values and URLs only"));
}

TEST(Check, LiteralSecretIsAcceptedWithAWarningThatDoesNotShowIt) {
    const Loaded loaded = load(sound + "keys: [{name: a, value: canary-secret}]\n");
    ASSERT_TRUE(loaded.configuration);
    EXPECT_THAT(
        test::lines_of(loaded.warnings),
        ElementsAre(
            "4:25: `keys[0].value`: a secret written out in the file; better is ${NAME} or ${file:PATH}"));
}

TEST(Check, ErrorsNeverShowASecret) {
    const Loaded loaded = load(
        "providers: {p: {kind: openai, api_keys: [{canary: canary}], headers: {X-Key: \"canary ${\"}}}\n"
        "keys: [{name: a, value: \"canary canary\"}, {name: b, value: canary, hash: canary}]\n");
    EXPECT_FALSE(loaded.configuration);
    EXPECT_GE(loaded.errors.size(), 3U);
    for (const Finding& finding : loaded.errors) {
        if (finding.text.find("keys[1].hash") ==
            std::string::npos) {  // a malformed hash is shown: it is no secret
            EXPECT_THAT(finding.text, Not(HasSubstr("canary"))) << finding.text;
        }
    }
}

TEST(Check, FeatureNotBuiltWarnsOncePerKey) {
    EXPECT_THAT(
        warnings_in(sound + "jobs: {workers: 4, result_ttl: 1d}\n"
                            "telemetry: {log: {bodies: all}, otlp: {endpoint: \"http://127.0.0.1:4318\"}}\n"
                            "rag: {top_k: 3}\n"),
        ElementsAre("4:1: `jobs` is accepted but not built yet and has no effect",
                    "5:27: `telemetry.log.bodies`: `all` is accepted but not built yet and has no effect",
                    "5:33: `telemetry.otlp` is accepted but not built yet and has no effect",
                    "6:1: `rag` is accepted but not built yet and has no effect"));
}

TEST(Check, ValuesThatAskForNothingNewDoNotWarn) {
    EXPECT_THAT(warnings_in("auth: {required: false}\n"
                            "providers: {sim: {kind: simulated}}\n"
                            "models: {chat: {strategy: ordered, targets: [{provider: sim, model: chat}]}}\n"
                            "telemetry: {log: {bodies: off, level: debug, format: text}}\n"),
                IsEmpty());
}

TEST(Check, LongAndUnprintableTextIsShortenedInMessages) {
    const auto errors = errors_in(sound + "server: {drain: \"" + std::string(500, 'x') + "\\r\\n\"}\n");
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_LT(errors[0].size(), 250U);
    EXPECT_THAT(errors_in(sound + "server: {drain: \"a\\r\\nb\"}\n"), ElementsAre(HasSubstr("found `a  b`")));
}

TEST(Report, IsOneLineAFindingWithItsPlace) {
    const Loaded loaded = load("server: {drain: 3}\n");
    EXPECT_EQ(loaded.report("g.yaml"),
              "g.yaml:1:17: error: `server.drain`: expected a duration with a unit (250ms, 30s, 10m, 24h, "
              "30d), found `3`\n"
              "g.yaml: warning: no keys, but `auth.required` is true: every request is refused with 401\n"
              "g.yaml: warning: no models: every request is answered with model_not_found\n");
}

}  // namespace
}  // namespace gatehouse::config
