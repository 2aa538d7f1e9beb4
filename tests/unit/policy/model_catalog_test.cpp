// The catalog's look-up: exact, without platform and date, by the longest known name, by family; never a
// failure.
#include "gatehouse/policy/model_catalog.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

ModelEntry entry(Vendor vendor, std::string name) {
    ModelEntry made;
    made.vendor = vendor;
    made.name = std::move(name);
    return made;
}

CatalogParts parts() {
    CatalogParts made;
    for (const char* name : {"gpt-4", "gpt-4o", "gpt-4o-2024-05-13", "gpt-5", "gpt-5-mini", "gpt-*", "*"}) {
        made.entries.push_back(entry(Vendor::openai, name));
    }
    for (const char* name :
         {"claude-opus-5", "claude-3-haiku-20240307", "claude-haiku-4-5", "claude-*", "claude-3-*"}) {
        made.entries.push_back(entry(Vendor::anthropic, name));
    }
    for (const char* name : {"gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-*"}) {
        made.entries.push_back(entry(Vendor::gemini, name));
    }
    return made;
}

struct Asked {
    Vendor vendor;
    const char* name;
    const char* found;
    Likeness likeness;
};

class Names : public testing::TestWithParam<Asked> {};

TEST_P(Names, MeetTheirEntry) {
    const ModelCatalog catalog(parts());
    const Asked& asked = GetParam();
    const KnownModel model = catalog.find(asked.vendor, asked.name);
    ASSERT_NE(model.entry, nullptr) << asked.name;
    EXPECT_EQ(model.entry->name, asked.found) << asked.name;
    EXPECT_EQ(model.likeness, asked.likeness) << asked.name;
    EXPECT_EQ(model.entry->vendor, asked.vendor);
    EXPECT_EQ(&catalog.facts(asked.vendor, asked.name), &model.entry->facts);
}

INSTANTIATE_TEST_SUITE_P(
    ModelCatalog, Names,
    testing::Values(
        Asked{Vendor::openai, "gpt-5", "gpt-5", Likeness::exact},
        Asked{Vendor::openai, "gpt-4o-2024-05-13", "gpt-4o-2024-05-13", Likeness::exact},
        Asked{Vendor::openai, "gpt-4o-2024-11-20", "gpt-4o", Likeness::same},
        Asked{Vendor::openai, "openai/gpt-5-mini", "gpt-5-mini", Likeness::same},
        Asked{Vendor::openai, "ft:gpt-4o-2024-05-13:org::id", "gpt-4o-2024-05-13", Likeness::prefix},
        Asked{Vendor::openai, "gpt-5-mini-high", "gpt-5-mini", Likeness::prefix},
        Asked{Vendor::openai, "gpt-4-0613", "gpt-4", Likeness::prefix},
        Asked{Vendor::openai, "gpt-5.7", "gpt-*", Likeness::family},
        Asked{Vendor::openai, "gpt-5-7", "gpt-*", Likeness::family},
        Asked{Vendor::openai, "llama3:8b", "*", Likeness::family},
        Asked{Vendor::openai, "", "*", Likeness::family}, Asked{Vendor::openai, "-", "*", Likeness::family},
        Asked{Vendor::anthropic, "claude-haiku-4-5-20251001", "claude-haiku-4-5", Likeness::same},
        Asked{Vendor::anthropic, "claude-haiku-4-5@20251001", "claude-haiku-4-5", Likeness::same},
        Asked{Vendor::anthropic, "us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5",
              Likeness::same},
        Asked{Vendor::anthropic, "anthropic.claude-opus-5-v1", "claude-opus-5", Likeness::same},
        Asked{Vendor::anthropic, "claude-3-haiku", "claude-3-haiku-20240307", Likeness::same},
        Asked{Vendor::anthropic, "claude-haiku-4-5@default", "claude-haiku-4-5", Likeness::prefix},
        Asked{Vendor::anthropic, "claude-opus-5-7", "claude-*", Likeness::family},
        Asked{Vendor::anthropic, "claude-3-opus-20240229", "claude-3-*", Likeness::family},
        Asked{Vendor::gemini, "models/gemini-2.5-flash", "gemini-2.5-flash", Likeness::same},
        Asked{Vendor::gemini, "publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash",
              Likeness::same},
        Asked{Vendor::gemini, "gemini-2.5-flash-lite-preview-06-17", "gemini-2.5-flash-lite",
              Likeness::prefix},
        Asked{Vendor::gemini, "gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash", Likeness::prefix},
        Asked{Vendor::gemini, "gemini-9-radon", "gemini-*", Likeness::family}));

TEST(ModelCatalog, GivesTheDefaultsForWhatNobodyKnows) {
    const ModelCatalog catalog(parts());
    const KnownModel model = catalog.find(Vendor::gemini, "tunedModels/mine");
    EXPECT_EQ(model.entry, nullptr);
    EXPECT_EQ(model.likeness, Likeness::unknown);
    const chat::ModelFacts& facts = catalog.facts(Vendor::gemini, "tunedModels/mine");
    EXPECT_FALSE(facts.max_output);
    EXPECT_FALSE(facts.sampling);
    EXPECT_TRUE(facts.forced_tool);

    const ModelCatalog empty;
    EXPECT_EQ(empty.find(Vendor::openai, "gpt-5").likeness, Likeness::unknown);
}

TEST(ModelCatalog, KeepsVendorsApart) {
    const ModelCatalog catalog(parts());
    EXPECT_EQ(catalog.find(Vendor::anthropic, "gpt-5").likeness, Likeness::unknown);
    EXPECT_EQ(vendor_named("gemini"), Vendor::gemini);
    EXPECT_EQ(vendor_named("acme"), std::nullopt);
    EXPECT_EQ(name_of(Vendor::anthropic), "anthropic");
}

TEST(ModelCatalog, LetsTheLaterOfTwoEntriesCount) {
    CatalogParts twice;
    twice.entries = {entry(Vendor::openai, "m"), entry(Vendor::openai, "m")};
    twice.entries[1].context_window = 7;
    EXPECT_EQ(ModelCatalog(std::move(twice)).find(Vendor::openai, "m").entry->context_window, 7);
}

TEST(ModelCatalog, FillsMultipliersFromTheVendor) {
    CatalogParts made;
    made.entries = {entry(Vendor::openai, "m"), entry(Vendor::gemini, "g")};
    made.entries[0].multipliers.priority = 2'000'000;
    made.entries[0].multipliers.flex = 400'000;
    made.multipliers[0].batch = 500'000;
    made.multipliers[0].flex = 500'000;
    const ModelCatalog catalog(std::move(made));
    const Multipliers& own = catalog.find(Vendor::openai, "m").entry->multipliers;
    EXPECT_EQ(own.batch, 500'000);
    EXPECT_EQ(own.flex, 400'000);
    EXPECT_EQ(own.priority, 2'000'000);
    EXPECT_EQ(own.fast, std::nullopt);
    EXPECT_EQ(catalog.find(Vendor::gemini, "g").entry->multipliers.batch, std::nullopt);
}

TokenPrices input(std::int64_t value) {
    TokenPrices prices;
    prices.input = PicoUsd(value);
    return prices;
}

TEST(ModelPrices, TakeTheTierOfThePromptAndTheSheetOfTheDay) {
    const WallTime change{std::chrono::hours(1000)};
    const ModelPrices prices(std::vector<PriceSheet>{
        {change, input(10), {}},
        {WallTime::min(), input(1), {{TokenCount(200), input(3)}, {TokenCount(100), input(2)}}}});
    const WallTime before = change - std::chrono::seconds(1);
    EXPECT_EQ(prices.at(before, TokenCount(100))->input, PicoUsd(1));
    EXPECT_EQ(prices.at(before, TokenCount(101))->input, PicoUsd(2));
    EXPECT_EQ(prices.at(before, TokenCount(201))->input, PicoUsd(3));
    EXPECT_EQ(prices.at(change, TokenCount(201))->input, PicoUsd(10));
    EXPECT_EQ(ModelPrices().at(change, TokenCount(1)), nullptr);
    EXPECT_EQ(ModelPrices({{change, input(10), {}}}).at(before, TokenCount(1)), nullptr);
    EXPECT_FALSE(ModelPrices().known());
}

}  // namespace
}  // namespace gatehouse::policy
