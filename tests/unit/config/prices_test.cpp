// Prices of targets: the operator's own, the list's, none.
#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

using test::errors_in;
using test::load;
using test::warnings_in;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string with_target(const std::string& target) {
    return "auth: {required: false}\n"
           "providers: {up: {kind: openai, api_keys: [\"${K}\"]}, sim: {kind: simulated}}\n"
           "models: {chat: {targets: [" +
           target + "]}}\n";
}

const test::Texts environment{{"K", "sk-1"}};

std::vector<std::string> warned(const std::string& target) {
    return warnings_in(with_target(target), environment);
}

TEST(TargetPrice, IsReadInPicoUsdForOneToken) {
    const auto loaded =
        load(with_target("{provider: up, model: mine, price: {input: \"0.25\", cached_input: \"0.025\", "
                         "cache_write: \"0.3\", output: \"2.00\", output_audio: \"80\"}}"),
             environment);
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_THAT(loaded.warnings, IsEmpty());
    const auto& price = loaded.configuration->models.at(0).targets.at(0).price;
    ASSERT_TRUE(price.known());
    const auto& standard = price.sheets().at(0).standard;
    EXPECT_EQ(standard.input, PicoUsd(250'000));
    EXPECT_EQ(standard.cached_input, PicoUsd(25'000));
    EXPECT_EQ(standard.cache_write, PicoUsd(300'000));
    EXPECT_EQ(standard.output, PicoUsd(2'000'000));
    EXPECT_EQ(standard.output_audio, PicoUsd(80'000'000));
    EXPECT_EQ(standard.input_audio, std::nullopt);
}

TEST(TargetPrice, ThatIsNegativeIsAnError) {
    EXPECT_THAT(errors_in(with_target("{provider: up, model: m, price: {input: \"-1\"}}"), environment),
                ElementsAre(HasSubstr("price.input")));
    EXPECT_THAT(errors_in(with_target("{provider: up, model: m, price: nothing}"), environment),
                ElementsAre(HasSubstr("price")));
    EXPECT_THAT(errors_in("prices: list.yaml\n" + with_target("{provider: sim, model: m}"), environment,
                          {{"list.yaml", "models: {openai: {m: {price: {input: \"-0.5\"}}}}\n"}}),
                ElementsAre(HasSubstr("input")));
}

TEST(TargetPrice, ThatIsNotKnownIsWarnedOf) {
    EXPECT_THAT(warned("{provider: up, model: mystery}"),
                ElementsAre(HasSubstr("the price of model `mystery` at provider `up` is not known")));
    EXPECT_THAT(warned("{provider: up, model: mystery}, {provider: up, model: mystery}").size(), 1)
        << "once for each";
    EXPECT_THAT(warned("{provider: up, model: gpt-5-mini}"), IsEmpty());
    EXPECT_THAT(warned("{provider: up, model: gpt-5-mini-2025-08-07}"), IsEmpty()) << "dated";
    EXPECT_THAT(warned("{provider: up, model: gpt-5-mini-of-our-own}").size(), 1) << "a guess is no price";
    EXPECT_THAT(warned("{provider: up, model: mystery, price: unknown}"), IsEmpty()) << "that is meant";
    EXPECT_THAT(warned("{provider: sim, model: mystery}"), IsEmpty()) << "costs nothing";
}

TEST(TargetPrice, OfHalfOfTheTokensIsWarnedOf) {
    EXPECT_THAT(warned("{provider: up, model: mystery, price: {input: \"1\"}}"),
                ElementsAre(HasSubstr("`price` of model `mystery` has no `output`")));
    EXPECT_THAT(warned("{provider: up, model: mystery, price: {output: \"1\"}}"),
                ElementsAre(HasSubstr("has no `input`")));
    EXPECT_THAT(warned("{provider: up, model: mystery, price: {input: \"1\", output: \"0\"}}"), IsEmpty());
    EXPECT_THAT(warned("{provider: up, model: text-embedding-3-small, price: {input: \"1\"}}"), IsEmpty())
        << "it has no answers that cost";
}

TEST(TargetPrice, ThatIsSaidToBeUnknownIsNotTheListsEither) {
    const auto loaded = load(with_target("{provider: up, model: gpt-5-mini, price: unknown}"), environment);
    ASSERT_TRUE(loaded.configuration);
    EXPECT_TRUE(loaded.configuration->models.at(0).targets.at(0).price_unknown);
    EXPECT_FALSE(loaded.configuration->models.at(0).targets.at(0).price.known());
}

TEST(TargetPrice, OfAListOfOnesOwnCounts) {
    EXPECT_THAT(
        warnings_in("prices: list.yaml\n" + with_target("{provider: up, model: mystery}"), environment,
                    {{"list.yaml", "models: {openai: {mystery: {price: {input: \"1\", output: \"2\"}}}}\n"}}),
        IsEmpty());
}

TEST(TargetPrice, OfWhatAPatternMatchesIsNotKnownYet) {
    EXPECT_THAT(warnings_in("auth: {required: false}\n"
                            "providers: {up: {kind: openai, api_keys: [\"${K}\"]}}\n"
                            "models: {\"up/*\": {targets: [{provider: up, model: \"*\"}]}}\n",
                            environment),
                IsEmpty());
}

TEST(Prices, ATargetWithoutAModelIsAnErrorAndAsksForNoPrice) {
    const auto errors = test::errors_in(
        "auth: {required: false}\n"
        "providers: {up: {kind: openai, base_url: \"http://127.0.0.1:1/v1\"}}\n"
        "models: {m: {targets: [{provider: up}]}}\n");
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_NE(errors[0].find("model"), std::string::npos) << errors[0];
}

}  // namespace
}  // namespace gatehouse::config
