#include "gatehouse/policy/prompt_features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace gatehouse::policy {
namespace {

bool same(const PromptFeatures& a, const PromptFeatures& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.place == y.place && x.value == y.value; });
}

std::string text_of(std::size_t size, char first) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) {
        text += first;
        text += std::to_string(i * 7919);
        text += ' ';
    }
    text.resize(size);
    return text;
}

TEST(PromptFeatures, StandInOrderEachPlaceOnceAndWithinTheirRange) {
    for (const auto& text : {std::string("Write a function that sorts a list."), text_of(20'000, 'a'),
                             std::string(5'000, 'x'), std::string("?")}) {
        const auto features = features_of(text);
        ASSERT_FALSE(features.empty());
        for (std::size_t i = 0; i < features.size(); ++i) {
            EXPECT_LT(features[i].place, prompt_places);
            EXPECT_TRUE(features[i].value > 0 && features[i].value <= 2.5F) << features[i].value;
            EXPECT_TRUE(i == 0 || features[i - 1].place < features[i].place);
        }
    }
}

TEST(PromptFeatures, AreTheSameForTheSameTextAndOthersForAnother) {
    EXPECT_TRUE(
        same(features_of("What is the capital of Peru?"), features_of("What is the capital of Peru?")));
    EXPECT_FALSE(same(features_of("What is the capital of Peru?"), features_of("Prove that 7 is prime.")));
}

TEST(PromptFeatures, OfAnyBytesAreNumbers) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    for (const auto& text : {std::string(), std::string("\0\0", 2), all, std::string("\xC3"),
                             std::string("\xED\xA0\x80"), std::string(10'000, '\xFF')}) {
        const auto features = features_of(text);
        EXPECT_TRUE(std::all_of(features.begin(), features.end(),
                                [](const auto& feature) { return std::isfinite(feature.value); }));
    }
}

/// What decides may stand at either end or in between, with a long text pasted around it.
TEST(PromptFeatures, ReadHeadMiddleAndTailOfALongTextAndNoMore) {
    const auto filler = text_of(10'000, 'q');
    const auto plain = features_of(filler);
    for (const std::size_t seen : {std::size_t{10}, filler.size() / 2, filler.size() - 30}) {
        auto text = filler;
        text.replace(seen, 15, "integral theorem");
        text.resize(filler.size());
        EXPECT_FALSE(same(features_of(text), plain)) << seen;
    }
    auto unseen = filler;
    unseen.replace(prompt_window + 200, 16, "integral theorem");
    EXPECT_TRUE(same(features_of(unseen), plain));
}

TEST(PromptFeatures, KnowWordsOfAKindWhateverStandsAroundThem) {
    const auto place_of_last = [](const PromptFeatures& features) {
        return std::count_if(features.begin(), features.end(),
                             [](const auto& feature) { return feature.place >= prompt_buckets; });
    };
    EXPECT_GT(place_of_last(features_of("kubectl segfault esp32")),
              place_of_last(features_of("walking seagulls aspen")));
}

}  // namespace
}  // namespace gatehouse::policy
