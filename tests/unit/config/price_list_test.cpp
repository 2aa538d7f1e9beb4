// The price list: the one that is built in says what it must, a file adds to it, and faults have their place.
#include "config/price_list.hpp"

#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace gatehouse::config {
namespace {

using policy::Likeness;
using policy::ModelCatalog;
using policy::Vendor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<const ModelCatalog> catalog_with(const std::string& list) {
    const Loaded loaded = test::load(test::sound + "prices: p.yaml\n", {}, {{"p.yaml", list}});
    EXPECT_TRUE(loaded.configuration) << loaded.report("gatehouse.yaml");
    return loaded.configuration ? loaded.configuration->catalog : nullptr;
}

std::shared_ptr<const ModelCatalog> built_in() {
    const Loaded loaded = test::load(test::sound);
    EXPECT_TRUE(loaded.configuration) << loaded.report("gatehouse.yaml");
    return loaded.configuration ? loaded.configuration->catalog : nullptr;
}

/// What the loader says of a price list, `file:line:column: ...` one a line.
std::string faults_of(const std::string& list) {
    const Loaded loaded = test::load(test::sound + "prices: p.yaml\n", {}, {{"p.yaml", list}});
    EXPECT_FALSE(loaded.configuration);
    return loaded.report("gatehouse.yaml");
}

std::string read_file(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/" + path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(BuiltInPriceList, IsTheShippedFileWithoutFaults) {
    EXPECT_EQ(built_in_price_list(), read_file("config/prices.yaml"));
    Findings findings;
    const auto parts = read_price_list(std::string(built_in_price_list()), {}, findings);
    EXPECT_THAT(test::lines_of(findings.take_errors()), IsEmpty());
    EXPECT_THAT(test::lines_of(findings.take_warnings()), IsEmpty());
    EXPECT_GT(parts.entries.size(), 105U);
    EXPECT_FALSE(parts.as_of.empty());
}

TEST(BuiltInPriceList, EveryModelHasAPriceAndAFamilyToFallBackTo) {
    const auto catalog = built_in();
    ASSERT_TRUE(catalog);
    for (const auto& entry : catalog->entries()) {
        if (entry.name.find('*') == std::string::npos) {
            ASSERT_TRUE(entry.prices.known()) << entry.name;
            EXPECT_TRUE(entry.prices.at(WallTime{}, TokenCount(1))->input) << entry.name;
            EXPECT_TRUE(entry.context_window) << entry.name;
        }
    }
    EXPECT_EQ(catalog->find(Vendor::anthropic, "claude-next-9").likeness, Likeness::family);
    EXPECT_EQ(catalog->find(Vendor::gemini, "gemini-9").likeness, Likeness::family);
    EXPECT_EQ(catalog->find(Vendor::openai, "gpt-9").likeness, Likeness::family);
    EXPECT_EQ(catalog->find(Vendor::openai, "some-llama").likeness, Likeness::family);
}

TEST(BuiltInPriceList, PricesAreExact) {
    const auto catalog = built_in();
    ASSERT_TRUE(catalog);
    const auto* haiku = catalog->find(Vendor::anthropic, "claude-haiku-5-5").entry;
    const auto* usual = haiku->prices.at(WallTime{}, TokenCount(100'000));
    EXPECT_EQ(usual->input, PicoUsd(100'000));
    EXPECT_EQ(usual->cache_write, PicoUsd(125'000));
    EXPECT_EQ(haiku->prices.at(WallTime{}, TokenCount(100'001))->output, PicoUsd(2'500'000));
    const auto* argon = catalog->find(Vendor::gemini, "gemini-4-argon").entry;
    const WallTime december{std::chrono::seconds(1'796'083'200)};  // 2026-12-01T00:00:00Z
    EXPECT_EQ(argon->prices.at(december - std::chrono::seconds(1), TokenCount(1))->output,
              PicoUsd(10'000'000));
    EXPECT_EQ(argon->prices.at(december, TokenCount(1))->output, PicoUsd(20'000'000));
    EXPECT_EQ(argon->max_output_whole, 32'768);
    EXPECT_EQ(catalog->find(Vendor::anthropic, "claude-opus-5-5").entry->multipliers.fast, 2'000'000);
    EXPECT_EQ(catalog->find(Vendor::anthropic, "claude-opus-5-5").entry->multipliers.batch, 500'000);
}

TEST(BuiltInPriceList, KnowsHowModelsOfOpenAiAreAsked) {
    const auto catalog = built_in();
    ASSERT_TRUE(catalog);
    const auto facts = [&](const char* name) -> const auto& { return catalog->facts(Vendor::openai, name); };
    EXPECT_TRUE(facts("gpt-4.1").newer_fields && facts("gpt-5.1").newer_fields &&
                facts("gpt-9").newer_fields);
    EXPECT_TRUE(facts("o3-mini").newer_fields && facts("gpt-3.5-turbo").newer_fields);
    EXPECT_FALSE(facts("some-llama").newer_fields) << "other servers know the older fields alone";
    EXPECT_TRUE(facts("gpt-5-pro").responses_only && facts("gpt-5.3-codex").responses_only);
    EXPECT_TRUE(facts("o3-deep-research").responses_only && facts("o1-pro").responses_only);
    const auto searches = [&](const char* name) {
        return catalog->find(policy::Vendor::openai, name).entry->searches;
    };
    EXPECT_TRUE(searches("gpt-4o-search-preview") && searches("o3-deep-research-2025-06-26"));
    EXPECT_FALSE(searches("gpt-5"));
    EXPECT_FALSE(facts("gpt-5").responses_only || facts("some-llama").responses_only);
    EXPECT_FALSE(facts("gpt-5.6-sol").tools_with_reasoning);
    EXPECT_TRUE(facts("gpt-5.5").tools_with_reasoning && facts("some-llama").tools_with_reasoning);
}

TEST(BuiltInPriceList, KnowsHowEachGenerationOfClaudeIsAsked) {
    const auto catalog = built_in();
    ASSERT_TRUE(catalog);
    const auto facts = [&](const char* name) -> const auto& {
        return catalog->facts(Vendor::anthropic, name);
    };
    using chat::Effort;

    const auto& haiku = facts("claude-haiku-4-5-20251001");
    EXPECT_TRUE(haiku.thinking.enabled && haiku.sampling && haiku.prefill && haiku.output_schema);
    EXPECT_FALSE(haiku.both_sampling || haiku.thinks_by_default || haiku.later_system);
    EXPECT_THAT(haiku.efforts, IsEmpty());
    EXPECT_EQ(haiku.max_output, 64'000);
    EXPECT_THAT(haiku.media, ElementsAre("text", "image", "pdf"));

    EXPECT_THAT(facts("claude-opus-4-5").efforts, ElementsAre(Effort::low, Effort::medium, Effort::high));
    const auto& opus46 = facts("claude-opus-4-6");
    EXPECT_THAT(opus46.efforts, ElementsAre(Effort::low, Effort::medium, Effort::high, Effort::max));
    EXPECT_TRUE(opus46.thinking.adaptive && opus46.thinking.enabled && opus46.sampling);
    EXPECT_FALSE(opus46.prefill);
    const auto& opus47 = facts("claude-opus-4-7");
    EXPECT_FALSE(opus47.thinking.enabled || opus47.sampling || opus47.later_system ||
                 opus47.thinks_by_default);
    EXPECT_TRUE(facts("claude-opus-4-8").later_system);
    EXPECT_TRUE(facts("claude-opus-5").thinking.enabled && facts("claude-opus-5").forced_tool);
    const auto& opus55 = facts("claude-opus-5-5");
    EXPECT_TRUE(opus55.thinks_by_default);
    EXPECT_FALSE(opus55.forced_tool || opus55.thinking.disabled || opus55.thinking.enabled);
    EXPECT_TRUE(facts("claude-sonnet-5-5").thinking.between_tools);
    EXPECT_FALSE(facts("claude-sonnet-5-5").forced_tool);
    EXPECT_TRUE(facts("claude-haiku-5-5").forced_tool && facts("claude-haiku-5-5").thinking.disabled);
    EXPECT_EQ(facts("claude-opus-4-20250514").max_output, 32'000);
    EXPECT_TRUE(facts("claude-opus-4-20250514").both_sampling);
    EXPECT_FALSE(facts("claude-3-haiku").thinking.enabled);
}

TEST(BuiltInPriceList, KnowsHowEachGenerationOfGeminiIsAsked) {
    const auto catalog = built_in();
    ASSERT_TRUE(catalog);
    const auto facts = [&](const char* name) -> const auto& { return catalog->facts(Vendor::gemini, name); };
    using chat::Effort;

    EXPECT_FALSE(facts("gemini-2.0-flash-001").json_schemas);
    const auto& pro25 = facts("gemini-2.5-pro");
    EXPECT_EQ(pro25.budget_range, (std::pair<std::int64_t, std::int64_t>{128, 32'768}));
    EXPECT_FALSE(pro25.penalties || pro25.schema_with_tools || pro25.call_ids || pro25.signatures_required);
    const auto& flash3 = facts("models/gemini-3-flash-preview");
    EXPECT_EQ(flash3.efforts.front(), Effort::minimal);
    EXPECT_TRUE(flash3.signatures_required && flash3.call_ids && flash3.sampling && flash3.schema_with_tools);
    EXPECT_EQ(facts("gemini-3.7-flash").efforts.front(), Effort::low);
    EXPECT_EQ(facts("gemini-flash-latest").efforts.front(), Effort::low);
    EXPECT_EQ(facts("gemini-3-pro").efforts.front(), Effort::low);
    const auto& neon = facts("gemini-4-neon");
    EXPECT_EQ(neon.efforts.back(), Effort::xhigh);
    EXPECT_FALSE(neon.sampling || neon.penalties || neon.several_choices || neon.prefill);
    EXPECT_EQ(neon.least_output, 1024);
    EXPECT_EQ(facts("gemini-4-argon").efforts.back(), Effort::high);
    EXPECT_FALSE(facts("gemma-4-31b-it").system_instruction);
    EXPECT_THAT(facts("gemma-3-27b-it").efforts, IsEmpty());
}

TEST(PriceList, ReplacesWhatItSaysOfAModelAndKeepsTheRest) {
    const auto catalog = catalog_with(
        "models:\n"
        "  anthropic:\n"
        "    claude-haiku-4-5: {price: {input: \"0.9\", output: \"4\"}, facts: {prefill: false}}\n");
    ASSERT_TRUE(catalog);
    const auto* entry = catalog->find(Vendor::anthropic, "claude-haiku-4-5").entry;
    EXPECT_EQ(entry->prices.at(WallTime{}, TokenCount(1))->input, PicoUsd(900'000));
    EXPECT_EQ(entry->prices.at(WallTime{}, TokenCount(1))->cached_input, std::nullopt);
    EXPECT_FALSE(entry->facts.prefill);
    EXPECT_TRUE(entry->facts.sampling);
    EXPECT_EQ(entry->context_window, 200'000);
    EXPECT_EQ(catalog->as_of(), built_in()->as_of());
}

TEST(PriceList, AddsAModelWithTheFactsOfItsFamily) {
    const auto catalog = catalog_with(
        "as_of: \"2027-01-01\"\n"
        "multipliers: {gemini: {batch: \"0.25\"}}\n"
        "models: {gemini: {gemini-4-xenon: {price: {input: 7}, efforts: [low, max], max_output: 1k}}}\n");
    ASSERT_TRUE(catalog);
    const auto found = catalog->find(Vendor::gemini, "gemini-4-xenon");
    EXPECT_EQ(found.likeness, Likeness::exact);
    EXPECT_EQ(found.entry->prices.at(WallTime{}, TokenCount(1))->input, PicoUsd(7'000'000));
    EXPECT_EQ(found.entry->facts.least_output, 1024);
    EXPECT_EQ(found.entry->facts.max_output, 1000);
    EXPECT_THAT(found.entry->facts.efforts, ElementsAre(chat::Effort::low, chat::Effort::max));
    EXPECT_EQ(found.entry->multipliers.batch, 250'000);
    EXPECT_EQ(catalog->as_of(), "2027-01-01");
}

TEST(PriceList, AnEmptyFileChangesNothing) {
    const auto catalog = catalog_with("");
    ASSERT_TRUE(catalog);
    EXPECT_EQ(catalog->entries().size(), built_in()->entries().size());
}

TEST(PriceList, ThatCannotBeReadIsAnErrorOfTheConfiguration) {
    EXPECT_THAT(test::errors_in(test::sound + "prices: gone.yaml\n"),
                ElementsAre(HasSubstr("4:9: `prices`: `gone.yaml` cannot be read")));
}

TEST(PriceList, SaysEveryFaultWithItsFileAndPlace) {
    EXPECT_THAT(
        faults_of("models:\n  openai:\n    m: {prise: {}}\n"),
        HasSubstr("p.yaml:3:9: error: unknown key `prise` in `models.openai.m`; did you mean `price`?"));
    EXPECT_THAT(faults_of("models: {openai: {m: {price: {input: cheap}}}}\n"),
                HasSubstr("p.yaml:1:38: error: `models.openai.m.price.input`: expected a decimal number"));
    EXPECT_THAT(faults_of("models: {openai: {m: {price: {input: -1}}}}\n"), HasSubstr("p.yaml:1:38: error:"));
    EXPECT_THAT(faults_of("models: {openai: {m: {price: {input: 0.0000001}}}}\n"),
                HasSubstr("p.yaml:1:38: error:"));
    EXPECT_THAT(faults_of("models: {acme: {}}\n"), HasSubstr("p.yaml:1:10: error: unknown key `acme`"));
    EXPECT_THAT(faults_of("- x\n"), HasSubstr("p.yaml:1:1: error: a price list is a mapping"));
    EXPECT_THAT(faults_of("models: [\n"), HasSubstr("p.yaml:"));
    EXPECT_THAT(faults_of("models: {openai: {\"a*b*\": {}}}\n"), HasSubstr("a family has one `*`"));
    EXPECT_THAT(faults_of("models: {openai: {\"a*\": {price: {input: 1}}}}\n"),
                HasSubstr("a family has no price"));
    EXPECT_THAT(faults_of("models: {openai: {m: {efforts: [high, low]}}}\n"),
                HasSubstr("p.yaml:1:39: error: model `m`: efforts stand in ascending order"));
    EXPECT_THAT(faults_of("models: {openai: {m: {efforts: [loud]}}}\n"), HasSubstr("expected one of none"));
    EXPECT_THAT(faults_of("models: {gemini: {m: {budget_range: [9, 1]}}}\n"),
                HasSubstr("`budget_range` is [least, most]"));
    EXPECT_THAT(faults_of("models: {gemini: {m: {budget_range: [9]}}}\n"),
                HasSubstr("`budget_range` is [least, most]"));
    EXPECT_THAT(faults_of("models: {openai: {m: {tiers: [{above: 9, price: {input: 1}}]}}}\n"),
                HasSubstr("`tiers` stands beside a `price`"));
    EXPECT_THAT(faults_of("models: {openai: {m: {price: {input: 1}, tiers: [{above: 9, price: {input: 1}},"
                          " {above: 9, price: {input: 2}}]}}}\n"),
                HasSubstr("tiers stand in ascending order"));
}

}  // namespace
}  // namespace gatehouse::config
