// What calls cost: a table of bills that were worked out by hand, in millionths of a millionth of a dollar,
// and what else holds of costs.
#include "gatehouse/policy/cost.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace gatehouse::policy {

using chat::Service;
using chat::Usage;

/// What is to be paid, and to whom.
struct BillCase {
    std::string name;
    ModelEntry model;
    Usage usage;
    std::optional<std::int64_t> expected;  // PicoUsd; nothing: not known
};

void PrintTo(const BillCase& about, std::ostream* out) {
    *out << about.name;
}

namespace {

constexpr WallTime today{std::chrono::seconds(1'790'000'000)};

PicoUsd price(std::int64_t pico) {
    return PicoUsd(pico);
}

ModelEntry priced(TokenPrices standard, std::vector<PriceTier> tiers = {}) {
    PriceSheet sheet;
    sheet.standard = standard;
    sheet.tiers = std::move(tiers);
    ModelEntry entry;
    entry.prices = ModelPrices({std::move(sheet)});
    return entry;
}

/// $0.25 for a million tokens, $0.025 from the cache, $2 out; half of it in batches and at leisure.
ModelEntry mini() {
    TokenPrices p;
    p.input = price(250'000);
    p.cached_input = price(25'000);
    p.output = price(2'000'000);
    auto entry = priced(p);
    entry.multipliers.batch = 500'000;
    entry.multipliers.flex = 500'000;
    return entry;
}

/// $2, $0.2, $2.5 written, $12 out; above 272,000 tokens $4, $0.4, $5, $18. Priority costs double.
ModelEntry six() {
    TokenPrices p;
    p.input = price(2'000'000);
    p.cached_input = price(200'000);
    p.cache_write = price(2'500'000);
    p.output = price(12'000'000);
    TokenPrices tall;
    tall.input = price(4'000'000);
    tall.cached_input = price(400'000);
    tall.cache_write = price(5'000'000);
    tall.output = price(18'000'000);
    auto entry = priced(p, {{TokenCount(272'000), tall}});
    entry.multipliers.priority = 2'000'000;
    return entry;
}

/// $4, $0.2, $5 and $8 written, $20 out; half in batches, double in haste.
ModelEntry opus() {
    TokenPrices p;
    p.input = price(4'000'000);
    p.cached_input = price(200'000);
    p.cache_write = price(5'000'000);
    p.cache_write_1h = price(8'000'000);
    p.output = price(20'000'000);
    auto entry = priced(p);
    entry.multipliers.batch = 500'000;
    entry.multipliers.fast = 2'000'000;
    return entry;
}

/// Prices that do not come out even.
ModelEntry odd() {
    TokenPrices p;
    p.input = price(33'333);
    p.output = price(66'667);
    auto entry = priced(p);
    entry.multipliers.batch = 500'000;
    return entry;
}

/// $2, $0.2, $3 for sound, $12 out; above 200,000 tokens $4 and $18, and nothing is said of the cache.
ModelEntry gemini() {
    TokenPrices p;
    p.input = price(2'000'000);
    p.cached_input = price(200'000);
    p.input_audio = price(3'000'000);
    p.output = price(12'000'000);
    TokenPrices tall;
    tall.input = price(4'000'000);
    tall.output = price(18'000'000);
    return priced(p, {{TokenCount(200'000), tall}});
}

/// $0.2, $0.45 for pictures, $6.5 for sound, $12 for video; there is no output.
ModelEntry embedding() {
    TokenPrices p;
    p.input = price(200'000);
    p.input_image = price(450'000);
    p.input_audio = price(6'500'000);
    p.input_video = price(12'000'000);
    return priced(p);
}

/// $2.5 and $10 for text, $40 and $80 for sound, $30 for what is drawn.
ModelEntry voice() {
    TokenPrices p;
    p.input = price(2'500'000);
    p.input_audio = price(40'000'000);
    p.output = price(10'000'000);
    p.output_audio = price(80'000'000);
    p.output_image = price(30'000'000);
    return priced(p);
}

ModelEntry dear() {
    TokenPrices p;
    p.input = price(1'000'000'000'000);
    return priced(p);
}

template <class Fill>
Usage used(Fill fill) {
    Usage usage;
    usage.known = true;
    fill(usage);
    return usage;
}

std::vector<BillCase> bills() {
    std::vector<BillCase> bills;
    // 0
    bills.push_back({"nothing_used", mini(), used([](Usage& u) { static_cast<void>(u); }), 0});
    // 1 * 250'000
    bills.push_back({"one_token_in", mini(), used([](Usage& u) { u.input = TokenCount(1); }), 250'000});
    // 1 * 2'000'000
    bills.push_back({"one_token_out", mini(), used([](Usage& u) { u.output = TokenCount(1); }), 2'000'000});
    // 12 * 250'000 + 34 * 2'000'000
    bills.push_back({"plain_chat", mini(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.output = TokenCount(34);
                     }),
                     71'000'000});
    // 100 * 250'000 + 1'024 * 25'000 + 50 * 2'000'000
    bills.push_back({"cached", mini(), used([](Usage& u) {
                         u.input = TokenCount(100);
                         u.cached_input = TokenCount(1'024);
                         u.output = TokenCount(50);
                     }),
                     150'600'000});
    // 4'096 * 25'000 + 1 * 2'000'000
    bills.push_back({"all_cached", mini(), used([](Usage& u) {
                         u.cached_input = TokenCount(4'096);
                         u.output = TokenCount(1);
                     }),
                     104'400'000});
    // 20 * 250'000 + (10 + 640) * 2'000'000
    bills.push_back({"reasoning_is_output", mini(), used([](Usage& u) {
                         u.input = TokenCount(20);
                         u.output = TokenCount(10);
                         u.reasoning = TokenCount(640);
                     }),
                     1'305'000'000});
    // (12 * 250'000 + 34 * 2'000'000) / 2
    bills.push_back({"flex_is_half", mini(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.output = TokenCount(34);
                         u.service = Service::flex;
                     }),
                     35'500'000});
    // (12 * 250'000 + 34 * 2'000'000) / 2
    bills.push_back({"batch_is_half", mini(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.output = TokenCount(34);
                         u.service = Service::batch;
                     }),
                     35'500'000});
    // a price is not known
    bills.push_back({"priority_without_a_price", mini(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.output = TokenCount(34);
                         u.service = Service::priority;
                     }),
                     std::nullopt});
    // a price is not known
    bills.push_back({"a_way_nobody_knows", mini(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.output = TokenCount(34);
                         u.service = Service::other;
                     }),
                     std::nullopt});
    // (10 + 85) * 250'000 + 5 * 2'000'000
    bills.push_back({"pictures_cost_what_text_does", mini(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.input_image = TokenCount(85);
                         u.output = TokenCount(5);
                     }),
                     33'750'000});
    // a price is not known
    bills.push_back({"sound_without_a_price", mini(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.input_audio = TokenCount(85);
                         u.output = TokenCount(5);
                     }),
                     std::nullopt});
    // a price is not known
    bills.push_back({"spoken_answer_without_a_price", mini(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.output_audio = TokenCount(85);
                     }),
                     std::nullopt});
    // a price is not known
    bills.push_back({"drawn_answer_without_a_price", mini(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.output_image = TokenCount(1'290);
                     }),
                     std::nullopt});
    // 10 * 2'000'000 + 2'000 * 2'500'000 + 5 * 12'000'000
    bills.push_back({"written_to_the_cache", six(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.cache_write = TokenCount(2'000);
                         u.output = TokenCount(5);
                     }),
                     5'080'000'000});
    // 10 * 2'000'000 + 2'000 * (2 * 2'000'000) + 5 * 12'000'000
    bills.push_back({"written_for_long_without_a_price", six(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.cache_write_1h = TokenCount(2'000);
                         u.output = TokenCount(5);
                     }),
                     8'080'000'000});
    // (10 + 2'000) * 250'000 + 5 * 2'000'000
    bills.push_back({"written_where_writing_has_no_price", mini(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.cache_write = TokenCount(2'000);
                         u.output = TokenCount(5);
                     }),
                     512'500'000});
    // 2'000 * 250'000
    bills.push_back({"written_for_long_where_writing_has_no_price", mini(),
                     used([](Usage& u) { u.cache_write_1h = TokenCount(2'000); }), 500'000'000});
    // 272'000 * 2'000'000 + 100 * 12'000'000
    bills.push_back({"on_the_edge_of_the_tier", six(), used([](Usage& u) {
                         u.input = TokenCount(272'000);
                         u.output = TokenCount(100);
                     }),
                     545'200'000'000});
    // 272'001 * 4'000'000 + 100 * 18'000'000
    bills.push_back({"one_above_the_tier", six(), used([](Usage& u) {
                         u.input = TokenCount(272'001);
                         u.output = TokenCount(100);
                     }),
                     1'089'804'000'000});
    // 1 * 4'000'000 + 272'000 * 400'000 + 100 * 18'000'000
    bills.push_back({"cached_tokens_count_for_the_tier", six(), used([](Usage& u) {
                         u.input = TokenCount(1);
                         u.cached_input = TokenCount(272'000);
                         u.output = TokenCount(100);
                     }),
                     110'604'000'000});
    // 1 * 4'000'000 + 272'000 * 5'000'000 + 100 * 18'000'000
    bills.push_back({"written_tokens_count_for_the_tier", six(), used([](Usage& u) {
                         u.input = TokenCount(1);
                         u.cache_write = TokenCount(272'000);
                         u.output = TokenCount(100);
                     }),
                     1'361'804'000'000});
    // 1'000 * 2'000'000 + 300'000 * 12'000'000
    bills.push_back({"output_does_not_count_for_the_tier", six(), used([](Usage& u) {
                         u.input = TokenCount(1'000);
                         u.output = TokenCount(300'000);
                     }),
                     3'602'000'000'000});
    // 2 * (272'001 * 4'000'000 + 100 * 18'000'000)
    bills.push_back({"priority_of_the_tier", six(), used([](Usage& u) {
                         u.input = TokenCount(272'001);
                         u.output = TokenCount(100);
                         u.service = Service::priority;
                     }),
                     2'179'608'000'000});
    // 12 * 4'000'000 + 300 * 5'000'000 + 1'024 * 200'000 + (50 + 30) * 20'000'000
    bills.push_back({"worked_example", opus(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.cache_write = TokenCount(300);
                         u.cached_input = TokenCount(1'024);
                         u.output = TokenCount(50);
                         u.reasoning = TokenCount(30);
                     }),
                     3'352'800'000});
    // 3 * 4'000'000 + 456 * 5'000'000 + 789 * 8'000'000 + 9 * 20'000'000
    bills.push_back({"both_lifetimes", opus(), used([](Usage& u) {
                         u.input = TokenCount(3);
                         u.cache_write = TokenCount(456);
                         u.cache_write_1h = TokenCount(789);
                         u.output = TokenCount(9);
                     }),
                     8'784'000'000});
    // 2 * (12 * 4'000'000 + 80 * 20'000'000)
    bills.push_back({"fast_is_double", opus(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.output = TokenCount(80);
                         u.service = Service::fast;
                     }),
                     3'296'000'000});
    // (12 * 4'000'000 + 1'024 * 200'000 + 7 * 8'000'000 + 80 * 20'000'000) / 2
    bills.push_back({"batch_with_cache", opus(), used([](Usage& u) {
                         u.input = TokenCount(12);
                         u.cached_input = TokenCount(1'024);
                         u.cache_write_1h = TokenCount(7);
                         u.output = TokenCount(80);
                         u.service = Service::batch;
                     }),
                     954'400'000});
    // 0
    bills.push_back({"refused_before_a_word", opus(), used([](Usage& u) {
                         u.input = TokenCount(18);
                         u.output = TokenCount(5);
                         u.unbilled = true;
                     }),
                     0});
    // 33'333 / 2 = 16'666.5
    bills.push_back({"half_a_pico_is_a_whole_one", odd(), used([](Usage& u) {
                         u.input = TokenCount(1);
                         u.service = Service::batch;
                     }),
                     16'667});
    // (1 * 33'333 + 1 * 66'667) / 2
    bills.push_back({"rounded_once_not_by_kind", odd(), used([](Usage& u) {
                         u.input = TokenCount(1);
                         u.output = TokenCount(1);
                         u.service = Service::batch;
                     }),
                     50'000});
    // 1'000'000 * 33'333 + 3 * 66'667
    bills.push_back({"six_decimals", odd(), used([](Usage& u) {
                         u.input = TokenCount(1'000'000);
                         u.output = TokenCount(3);
                     }),
                     33'333'200'001});
    // 312 * 2'000'000 + 1'024 * 200'000 + (50 + 30) * 12'000'000
    bills.push_back({"short_prompt_of_a_tiered_model", gemini(), used([](Usage& u) {
                         u.input = TokenCount(312);
                         u.cached_input = TokenCount(1'024);
                         u.output = TokenCount(50);
                         u.reasoning = TokenCount(30);
                     }),
                     1'788'800'000});
    // (100'000 + 150'000) * 4'000'000 + 50 * 18'000'000
    bills.push_back({"tier_without_a_cached_price", gemini(), used([](Usage& u) {
                         u.input = TokenCount(100'000);
                         u.cached_input = TokenCount(150'000);
                         u.output = TokenCount(50);
                     }),
                     1'000'900'000'000});
    // 10 * 2'000'000 + 750 * 3'000'000 + 20 * 12'000'000
    bills.push_back({"sound_in", gemini(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.input_audio = TokenCount(750);
                         u.output = TokenCount(20);
                     }),
                     2'510'000'000});
    // (10 + 258) * 2'000'000 + 20 * 12'000'000
    bills.push_back({"video_costs_what_text_does", gemini(), used([](Usage& u) {
                         u.input = TokenCount(10);
                         u.input_video = TokenCount(258);
                         u.output = TokenCount(20);
                     }),
                     776'000'000});
    // 100 * 200'000 + 258 * 450'000 + 32 * 6'500'000 + 66 * 12'000'000
    bills.push_back({"embedding_of_everything", embedding(), used([](Usage& u) {
                         u.input = TokenCount(100);
                         u.input_image = TokenCount(258);
                         u.input_audio = TokenCount(32);
                         u.input_video = TokenCount(66);
                     }),
                     1'136'100'000});
    // a price is not known
    bills.push_back({"embedding_that_says_something", embedding(), used([](Usage& u) {
                         u.input = TokenCount(100);
                         u.output = TokenCount(1);
                     }),
                     std::nullopt});
    // 20 * 2'500'000 + 400 * 40'000'000 + 30 * 10'000'000 + 600 * 80'000'000
    bills.push_back({"speech_to_speech", voice(), used([](Usage& u) {
                         u.input = TokenCount(20);
                         u.input_audio = TokenCount(400);
                         u.output = TokenCount(30);
                         u.output_audio = TokenCount(600);
                     }),
                     64'350'000'000});
    // 20 * 2'500'000 + 1'290 * 30'000'000
    bills.push_back({"drawn", voice(), used([](Usage& u) {
                         u.input = TokenCount(20);
                         u.output_image = TokenCount(1'290);
                     }),
                     38'750'000'000});
    // 1'000'000'000'000 * 1'000'000'000'000 is more than that: the most that fits
    bills.push_back({"dearer_than_a_pico_usd_holds", dear(),
                     used([](Usage& u) { u.input = TokenCount(1'000'000'000'000); }),
                     9'223'372'036'854'775'807});
    return bills;
}

Rates rates_of(const ModelEntry& model) {
    return {&model.prices, &model.multipliers};
}

std::optional<std::int64_t> pico(const std::optional<PicoUsd>& cost) {
    return cost ? std::optional(cost->value()) : std::nullopt;
}

class Bills : public testing::TestWithParam<BillCase> {};

TEST_P(Bills, ComeToTheLastDigit) {
    const auto& bill = GetParam();
    EXPECT_EQ(pico(cost_of(bill.usage, rates_of(bill.model), today)), bill.expected);
}

TEST_P(Bills, AreNoMoreThanTheWorstCase) {
    const auto& bill = GetParam();
    const MostTokens most{bill.usage.prompt(), bill.usage.completion(), true};
    const auto worst = worst_case(most, rates_of(bill.model), today);
    if (bill.expected && worst) {
        EXPECT_GE(worst->value(), *bill.expected);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Bills, testing::ValuesIn(bills()),
                         [](const testing::TestParamInfo<BillCase>& info) { return info.param.name; });

TEST(Cost, IsNotKnownWhereUsageIsNot) {
    const auto model = mini();
    Usage usage;
    usage.input = TokenCount(5);
    EXPECT_EQ(cost_of(usage, rates_of(model), today), std::nullopt);
    usage.known = true;
    EXPECT_EQ(cost_of(usage, {}, today), std::nullopt);
    EXPECT_EQ(pico(cost_of(usage, rates_of(model), today)), 1'250'000);
}

TEST(Cost, IsThatOfTheSheetThatHolds) {
    const auto change = today + std::chrono::hours(1);
    PriceSheet now;
    now.standard.input = price(10);
    PriceSheet later;
    later.from = change;
    later.standard.input = price(7);
    const ModelPrices prices({later, now});
    const Rates rates{&prices, nullptr};
    const auto usage = used([](Usage& u) { u.input = TokenCount(100); });
    EXPECT_EQ(pico(cost_of(usage, rates, today)), 1'000);
    EXPECT_EQ(pico(cost_of(usage, rates, change - std::chrono::seconds(1))), 1'000);
    EXPECT_EQ(pico(cost_of(usage, rates, change)), 700);
    // What is reserved now may be spent then; what is over is over.
    EXPECT_EQ(pico(worst_case({TokenCount(100), TokenCount(0)}, rates, today)), 1'000);
    EXPECT_EQ(pico(worst_case({TokenCount(100), TokenCount(0)}, rates, change)), 700);
}

TEST(Cost, WorstCaseTakesTheDearestOfEverything) {
    // Above the tier, written to the cache for the longer time (twice $4), priority: (100 x $8 + 10 x $18)
    // x 2.
    const auto tall = six();
    EXPECT_EQ(pico(worst_case({TokenCount(100), TokenCount(10)}, rates_of(tall), today)), 1'960'000'000);
    // Text alone: $2 above all; with media, sound.
    const auto speaks = voice();
    EXPECT_EQ(pico(worst_case({TokenCount(10), TokenCount(10)}, rates_of(speaks), today)), 125'000'000);
    EXPECT_EQ(pico(worst_case({TokenCount(10), TokenCount(10), true}, rates_of(speaks), today)),
              1'200'000'000);
    // A model without writing has no dearer input than its own.
    const auto small = mini();
    EXPECT_EQ(pico(worst_case({TokenCount(4), TokenCount(1)}, rates_of(small), today)), 3'000'000);
}

TEST(Cost, WorstCaseNeedsThePricesOfWhatMayCome) {
    const auto vectors = embedding();
    EXPECT_EQ(pico(worst_case({TokenCount(10), TokenCount(0)}, rates_of(vectors), today)), 2'000'000);
    EXPECT_EQ(worst_case({TokenCount(10), TokenCount(1)}, rates_of(vectors), today), std::nullopt);
    EXPECT_EQ(worst_case({TokenCount(10), TokenCount(1)}, {}, today), std::nullopt);
    EXPECT_EQ(worst_case({TokenCount(10), TokenCount(1)}, rates_of(ModelEntry{}), today), std::nullopt);
}

ModelCatalog catalog_of(std::vector<std::string> names) {
    CatalogParts parts;
    parts.multipliers[0].batch = 500'000;
    std::int64_t pico = 1;
    for (auto& name : names) {
        TokenPrices p;
        p.input = price(pico++);
        auto entry = priced(p);
        entry.name = std::move(name);
        parts.entries.push_back(std::move(entry));
    }
    return ModelCatalog(std::move(parts));
}

std::optional<std::int64_t> of_one_token(const Rates& rates) {
    return pico(cost_of(used([](Usage& u) { u.input = TokenCount(1); }), rates, today));
}

TEST(Rates, AreThoseOfTheModelThatAnswered) {
    const ModelCatalog catalog = catalog_of({"small", "large"});
    const TargetRates rates(catalog, Vendor::openai, "small", nullptr);
    EXPECT_EQ(of_one_token(rates.asked()), 1);
    EXPECT_EQ(of_one_token(rates.of("")), 1);
    EXPECT_EQ(of_one_token(rates.of("large")), 2);
    EXPECT_EQ(of_one_token(rates.of("large-2026-08-07")), 2) << "dated";
    EXPECT_EQ(of_one_token(rates.of("openai/large")), 2) << "as a platform says it";
    EXPECT_EQ(of_one_token(rates.of("nobody-knows")), 1) << "then by the name that was asked for";
}

TEST(Rates, AreNoGuesses) {
    const ModelCatalog catalog = catalog_of({"small"});
    EXPECT_EQ(of_one_token(TargetRates(catalog, Vendor::openai, "small-turbo", nullptr).asked()),
              std::nullopt);
    EXPECT_EQ(of_one_token(TargetRates(catalog, Vendor::openai, "ft:small:acme", nullptr).asked()),
              std::nullopt);
    EXPECT_EQ(of_one_token(TargetRates(catalog, Vendor::anthropic, "small", nullptr).asked()), std::nullopt);
    EXPECT_EQ(of_one_token(TargetRates().of("small")), std::nullopt);
}

TEST(Rates, OfTheTargetComeFirst) {
    const ModelCatalog catalog = catalog_of({"small", "large"});
    PriceSheet sheet;
    sheet.standard.input = price(77);
    const ModelPrices own({sheet});
    const TargetRates rates(catalog, Vendor::openai, "unlisted", &own);
    EXPECT_EQ(of_one_token(rates.asked()), 77);
    EXPECT_EQ(of_one_token(rates.of("large")), 77);
    // The vendor's own word on batches holds all the same: 38.5, rounded up.
    const auto batch = used([](Usage& u) {
        u.input = TokenCount(1);
        u.service = Service::batch;
    });
    EXPECT_EQ(pico(cost_of(batch, rates.of("large"), today)), 39);
}

TEST(Rates, OfAReplyInPartsAreThoseOfEachPart) {
    const ModelCatalog catalog = catalog_of({"small", "large"});
    const TargetRates rates(catalog, Vendor::openai, "small", nullptr);
    const auto tokens = [](std::int64_t count, bool unbilled) {
        return used([&](Usage& u) {
            u.input = TokenCount(count);
            u.unbilled = unbilled;
        });
    };
    auto usage = tokens(5, false);
    EXPECT_EQ(pico(rates.cost_of(usage, "large", today)), 10);
    usage.parts = std::make_shared<const std::vector<chat::UsagePart>>(std::vector<chat::UsagePart>{
        {"small", tokens(100, false)}, {"small", tokens(1'000, true)}, {"", tokens(3, false)}});
    // 100 x 1, nothing for what was refused, 3 x 2 of the one that answered.
    EXPECT_EQ(pico(rates.cost_of(usage, "large", today)), 106);
}

TEST(Rates, OfWhatIsFreeAreZeroForEverything) {
    const auto usage = used([](Usage& u) {
        for (auto* kind :
             {&u.input, &u.cached_input, &u.cache_write, &u.cache_write_1h, &u.input_image, &u.input_audio,
              &u.input_video, &u.output, &u.reasoning, &u.output_audio, &u.output_image}) {
            *kind = TokenCount(1'000'000);
        }
    });
    EXPECT_EQ(pico(cost_of(usage, TargetRates::free().of("any"), today)), 0);
}

TEST(Usage, SumsAreOfDisjointParts) {
    const auto usage = used([](Usage& u) {
        u.input = TokenCount(1);
        u.cached_input = TokenCount(2);
        u.cache_write = TokenCount(4);
        u.cache_write_1h = TokenCount(8);
        u.input_image = TokenCount(16);
        u.input_audio = TokenCount(32);
        u.input_video = TokenCount(64);
        u.output = TokenCount(128);
        u.reasoning = TokenCount(256);
        u.output_audio = TokenCount(512);
        u.output_image = TokenCount(1'024);
    });
    EXPECT_EQ(usage.prompt().value(), 127);
    EXPECT_EQ(usage.fresh().value(), 113);
    EXPECT_EQ(usage.written().value(), 12);
    EXPECT_EQ(usage.completion().value(), 1'920);
    EXPECT_EQ(usage.said().value(), 1'664);
}

}  // namespace
}  // namespace gatehouse::policy
