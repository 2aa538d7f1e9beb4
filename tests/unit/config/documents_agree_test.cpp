// The table, the JSON schema, the reference, the shipped files and the full example say the same.
//
// GATEHOUSE_UPDATE_GOLDEN=1 rewrites the schema and the generated part of the reference.
#include "config/schema.hpp"
#include "loading.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace gatehouse::config {
namespace {

using test::lines_of;
using test::load;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string path_of(const std::string& name) {
    return std::string(GATEHOUSE_SOURCE_DIR) + "/" + name;
}

std::string read(const std::string& name) {
    std::ifstream file(path_of(name), std::ios::binary);
    EXPECT_TRUE(file.is_open()) << name;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

bool updating() {
    return std::getenv("GATEHOUSE_UPDATE_GOLDEN") != nullptr;
}

void write(const std::string& name, const std::string& text) {
    std::ofstream file(path_of(name), std::ios::binary);
    file << text;
    ASSERT_TRUE(file.good()) << name;
}

void add_rows(const Shape& shape, const std::string& path, bool built, std::string& rows) {
    for (const Field& field : shape.fields) {
        const std::string below = path.empty() ? field.name : path + "." + field.name;
        const bool here = built && field.built;
        const bool partly = here && !field.shape.later_words.empty();
        const std::string standard = field.required           ? "required"
                                     : field.standard.empty() ? ""
                                                              : fmt::format("`{}`", field.standard);
        rows += fmt::format("| `{}` | {} | {} | {} | {} |\n", below, describe(field.shape), standard,
                            partly ? "partly"
                            : here ? "yes"
                                   : "not yet",
                            field.meaning);
        const Shape* inside = &field.shape;
        std::string inner = below;
        while (inside->item) {
            inner += inside->type == Type::table ? ".*" : "[]";
            inside = inside->item.get();
        }
        add_rows(*inside, inner, here, rows);
    }
}

/// One row for each key, sections apart.
std::string reference() {
    std::string text;
    for (const Field& section : file_schema().fields) {
        Shape only = object({section});
        std::string rows;
        add_rows(only, "", true, rows);
        text +=
            fmt::format("\n### {}\n\n| key | value | default | built | meaning |\n|---|---|---|---|---|\n{}",
                        section.name, rows);
    }
    return text;
}

TEST(Documents, JsonSchemaIsTheGeneratedOne) {
    const std::string schema = json_schema();
    if (updating()) {
        write("config/gatehouse.schema.json", schema);
    }
    EXPECT_EQ(read("config/gatehouse.schema.json"), schema);
}

TEST(Documents, ReferenceHasARowForEveryKey) {
    const std::string begin = "<!-- keys: begin, generated from the table of the loader -->\n";
    const std::string end = "\n<!-- keys: end -->";
    std::string document = read("docs/configuration.md");
    const std::size_t from = document.find(begin);
    const std::size_t until = document.find(end);
    ASSERT_NE(from, std::string::npos);
    ASSERT_NE(until, std::string::npos);
    const std::size_t start = from + begin.size();
    if (updating()) {
        document.replace(start, until - start, reference());
        write("docs/configuration.md", document);
    } else {
        EXPECT_EQ(document.substr(start, until - start), reference());
    }
}

TEST(Documents, DefaultsInTheTableAreTheDefaultsOfTheOptions) {
    // The same file once with nothing in it and once with every default written out.
    const Loaded absent = load(test::sound);
    const Loaded written =
        load(test::sound +
             "server:\n"
             "  listen: 127.0.0.1:8080\n"
             "  admin_listen: 127.0.0.1:9464\n"
             "  limits: {header: 16KiB, body: 32MiB, json_depth: 64, connections: 10000,\n"
             "           connections_per_address: 10000,\n"
             "           header_timeout: 10s, body_timeout: 60s, idle_timeout: 75s, write_timeout: 60s}\n"
             "  keepalive_comment: 15s\n"
             "  commit_after: 30s\n"
             "  drain: 30s\n");
    ASSERT_TRUE(absent.configuration);
    ASSERT_TRUE(written.configuration);
    const server::ServerOptions& a = absent.configuration->server;
    const server::ServerOptions& b = written.configuration->server;
    EXPECT_EQ(a.listen, b.listen);
    EXPECT_EQ(a.admin_listen, b.admin_listen);
    EXPECT_EQ(a.limits.header, b.limits.header);
    EXPECT_EQ(a.limits.body, b.limits.body);
    EXPECT_EQ(a.limits.json_depth, b.limits.json_depth);
    EXPECT_EQ(a.limits.connections, b.limits.connections);
    EXPECT_EQ(a.limits.connections_per_address, b.limits.connections_per_address);
    EXPECT_EQ(a.limits.header_timeout, b.limits.header_timeout);
    EXPECT_EQ(a.limits.body_timeout, b.limits.body_timeout);
    EXPECT_EQ(a.limits.idle_timeout, b.limits.idle_timeout);
    EXPECT_EQ(a.limits.write_timeout, b.limits.write_timeout);
    EXPECT_EQ(a.keepalive_comment, b.keepalive_comment);
    EXPECT_EQ(a.commit_after, b.commit_after);
    EXPECT_EQ(a.drain, b.drain);
}

TEST(Documents, ShippedFileRunsWithoutAnAccountAndSaysWhatItLeavesOut) {
    const Loaded loaded = load(read("config/gatehouse.yaml"));
    ASSERT_TRUE(loaded.configuration) << loaded.report("config/gatehouse.yaml");
    ASSERT_EQ(loaded.warnings.size(), 3U) << loaded.report("config/gatehouse.yaml");
    for (const char* vendor : {"openai", "claude", "gemini"}) {
        EXPECT_THAT(loaded.report("config/gatehouse.yaml"),
                    HasSubstr(std::string("provider `") + vendor + "` is left out"));
    }
    EXPECT_THAT(loaded.warnings[0].text, HasSubstr("environment variable `OPENAI_API_KEY` is not set"));
    EXPECT_FALSE(loaded.configuration->server.auth_required);

    const Loaded with_account =
        load(read("config/gatehouse.yaml"),
             {{"OPENAI_API_KEY", "sk-x"}, {"ANTHROPIC_API_KEY", "sk-y"}, {"GEMINI_API_KEY", "z"}});
    ASSERT_TRUE(with_account.configuration);
    EXPECT_THAT(with_account.warnings, IsEmpty());
    EXPECT_EQ(with_account.configuration->providers.size(), 5U);
}

TEST(Documents, ShippedExamplesHaveNoFindings) {
    const test::Texts environment = {{"OPENAI_API_KEY", "a"}, {"OPERATIONS_KEY", "c"}};
    for (const char* name : {"config/examples/production.yaml", "config/examples/local-models.yaml"}) {
        const Loaded loaded = load(read(name), environment, {{"/run/secrets/team_search_key", "d\n"}});
        EXPECT_TRUE(loaded.configuration) << name;
        EXPECT_EQ(loaded.report(name), "");
    }
}

TEST(Documents, EveryDocumentedKeyLoadsAndWhatIsNotBuiltWarnsOnce) {
    const Loaded loaded = load(read("tests/unit/config/data/every_key.yaml"),
                               {{"OPENAI_API_KEY", "canary-openai"},
                                {"ANTHROPIC_API_KEY", "canary-anthropic"},
                                {"GEMINI_API_KEY", "canary-gemini"},
                                {"TEAM_SEARCH_KEY", "canary-search"},
                                {"WEBHOOK_SECRET", "canary-webhook"}},
                               {{"config/prices.yaml", read("config/prices.yaml")},
                                {"config/classifier.table", read("config/classifier.table")}});
    ASSERT_TRUE(loaded.configuration) << loaded.report("every_key.yaml");
    std::vector<std::string> warnings;
    for (const Finding& warning : loaded.warnings) {
        warnings.push_back(warning.text);
    }
    const auto later = [](const char* key) {
        return fmt::format("`{}` is accepted but not built yet and has no effect", key);
    };
    EXPECT_THAT(
        warnings,
        ElementsAre(later("shared_state"),
                    "the price of model `gemini-3-flash` at provider `gemini` is not known: what its "
                    "requests cost is not told; a `price` of the target or the list under `prices` can "
                    "say it",
                    "the price of model `gemini-3-pro` at provider `gemini` is not known: what its "
                    "requests cost is not told; a `price` of the target or the list under `prices` can "
                    "say it",
                    "no key and no team is named `free-tier`; known: `search`, `team-search`", later("rag"),
                    later("jobs"), later("guardrails"), later("telemetry.otlp")));

    const Configuration& configuration = *loaded.configuration;
    EXPECT_EQ(configuration.data_dir, "./data");
    EXPECT_EQ(configuration.providers.size(), 4U);
    EXPECT_EQ(configuration.models.size(), 8U);
    EXPECT_TRUE(configuration.classifier);
    EXPECT_THAT(configuration.masked, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace gatehouse::config
