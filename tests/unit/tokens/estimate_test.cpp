#include "gatehouse/tokens/estimate.hpp"

#include "tokens/text_shape.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::tokens {
namespace {

std::shared_ptr<const Encoding> bytes_only(SplitPattern pattern) {
    std::vector<std::string> tokens;
    for (int byte = 0; byte < 256; ++byte) {
        tokens.emplace_back(1, static_cast<char>(byte));
    }
    auto made = make_encoding(pattern, std::move(tokens));
    EXPECT_TRUE(made);
    return *std::move(made);
}

Encodings both() {
    return {bytes_only(SplitPattern::o200k), bytes_only(SplitPattern::cl100k)};
}

TEST(ModelFamily, IsReadFromTheModelsName) {
    const std::vector<std::pair<const char*, ModelFamily>> names{
        {"gpt-4o", ModelFamily::o200k},
        {"gpt-4o-mini-2024-07-18", ModelFamily::o200k},
        {"chatgpt-4o-latest", ModelFamily::o200k},
        {"gpt-4.1-nano", ModelFamily::o200k},
        {"gpt-4.5-preview", ModelFamily::o200k},
        {"gpt-5.1", ModelFamily::o200k},
        {"openai/gpt-oss-120b", ModelFamily::o200k},
        {"o1", ModelFamily::o200k},
        {"o4-mini", ModelFamily::o200k},
        {"ft:gpt-4o-mini:acme::x/y", ModelFamily::o200k},
        {"gpt-4", ModelFamily::cl100k},
        {"GPT-4-turbo", ModelFamily::cl100k},
        {"gpt-4-32k", ModelFamily::cl100k},
        {"gpt-3.5-turbo", ModelFamily::cl100k},
        {"gpt-35-turbo", ModelFamily::cl100k},
        {"text-embedding-3-small", ModelFamily::cl100k},
        {"text-embedding-ada-002", ModelFamily::cl100k},
        {"claude-3-5-sonnet-20241022", ModelFamily::claude},
        {"claude-sonnet-4-20250514", ModelFamily::claude},
        {"claude-opus-4-6", ModelFamily::claude},
        {"claude-opus-4-7", ModelFamily::claude_newer},
        {"claude-opus-4.8", ModelFamily::claude_newer},
        {"claude-sonnet-4-6", ModelFamily::claude},
        {"claude-sonnet-5", ModelFamily::claude_newer},
        {"claude-sonnet-5-20260930", ModelFamily::claude_newer},
        {"eu.anthropic.claude-opus-4-6-v1:0", ModelFamily::claude},
        {"anthropic/claude-opus-4-7", ModelFamily::claude_newer},
        {"claude-haiku-4-5@20251001", ModelFamily::claude},
        {"claude-latest", ModelFamily::claude_newer},
        {"models/gemini-2.5-pro", ModelFamily::gemini},
        {"gemma-3-27b-it", ModelFamily::gemini},
        {"text-embedding-004", ModelFamily::gemini},
        {"mistral-large", ModelFamily::other},
        {"ollama", ModelFamily::other},
        {"o", ModelFamily::other},
        {"", ModelFamily::other},
    };
    for (const auto& [name, family] : names) {
        EXPECT_EQ(family_of(name), family) << name;
    }
}

TEST(TokenCounter, IsExactOnlyWithTheModelsOwnEncoding) {
    const TokenCounter counter(both());
    EXPECT_TRUE(counter.estimate(ModelFamily::o200k, "four").exact);
    EXPECT_EQ(counter.estimate(ModelFamily::o200k, "four").count, TokenCount(4));
    EXPECT_TRUE(counter.estimate(ModelFamily::cl100k, "four").exact);
    EXPECT_FALSE(counter.estimate(ModelFamily::claude, "four").exact);
    EXPECT_FALSE(counter.estimate(ModelFamily::gemini, "four").exact);
    EXPECT_FALSE(counter.estimate(ModelFamily::other, "four").exact);

    const TokenCounter lacks_one({nullptr, bytes_only(SplitPattern::cl100k)});
    EXPECT_FALSE(lacks_one.estimate(ModelFamily::o200k, "four").exact);
    EXPECT_TRUE(lacks_one.estimate(ModelFamily::cl100k, "four").exact);
}

TEST(TokenCounter, MultipliesTheCountOfTheNewerEncodingForOthers) {
    const TokenCounter counter(both());
    const auto estimate = counter.estimate(ModelFamily::claude, std::string(1000, 'a'));
    EXPECT_EQ(estimate.base, TokenCount(1000));
    EXPECT_NEAR(static_cast<double>(estimate.count.value()),
                1000 * counter.factor(ModelFamily::claude, Script::latin), 1);
}

TEST(TokenCounter, StartsNewerClaudesAThirdAboveOlder) {
    const TokenCounter counter;
    for (const auto script : {Script::latin, Script::cjk, Script::other}) {
        EXPECT_NEAR(
            counter.factor(ModelFamily::claude_newer, script) / counter.factor(ModelFamily::claude, script),
            1.3, 0.02);
    }
}

TEST(TokenCounter, LearnsTheProvidersRatio) {
    TokenCounter counter(both());
    const std::string text(4000, 'a');
    for (int times = 0; times < 100; ++times) {
        counter.learn(ModelFamily::claude, counter.estimate(ModelFamily::claude, text), TokenCount(5600));
    }
    EXPECT_NEAR(counter.factor(ModelFamily::claude, Script::latin), 1.4, 0.01);
    EXPECT_NEAR(static_cast<double>(counter.estimate(ModelFamily::claude, text).count.value()), 5600, 50);
}

TEST(TokenCounter, LearnsForOneFamilyAndScriptOnly) {
    TokenCounter counter(both());
    const TokenCounter fresh(both());
    const auto chinese =
        counter.estimate(ModelFamily::gemini, std::string(200, 'x') + std::string(900, '\xE4'));
    ASSERT_EQ(chinese.script, Script::cjk);
    counter.learn(ModelFamily::gemini, chinese, TokenCount(1400));
    EXPECT_NE(counter.factor(ModelFamily::gemini, Script::cjk),
              fresh.factor(ModelFamily::gemini, Script::cjk));
    EXPECT_EQ(counter.factor(ModelFamily::gemini, Script::latin),
              fresh.factor(ModelFamily::gemini, Script::latin));
    EXPECT_EQ(counter.factor(ModelFamily::claude, Script::cjk),
              fresh.factor(ModelFamily::claude, Script::cjk));
}

TEST(TokenCounter, LetsNoSingleReportMoveTheFactorFar) {
    TokenCounter counter(both());
    const double before = counter.factor(ModelFamily::claude, Script::latin);
    counter.learn(ModelFamily::claude, counter.estimate(ModelFamily::claude, std::string(9000, 'a')),
                  TokenCount(27000));
    EXPECT_GT(counter.factor(ModelFamily::claude, Script::latin), before);
    EXPECT_LE(counter.factor(ModelFamily::claude, Script::latin), before + 0.1 * (3.0 - before) + 1e-6);
}

TEST(TokenCounter, LearnsNothingFromReportsThatAreNotAboutTheText) {
    TokenCounter counter(both());
    const double before = counter.factor(ModelFamily::claude, Script::latin);
    const auto estimate = counter.estimate(ModelFamily::claude, std::string(1000, 'a'));
    for (const std::int64_t reported : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{1},
                                        std::int64_t{4000}, std::numeric_limits<std::int64_t>::max()}) {
        counter.learn(ModelFamily::claude, estimate, TokenCount(reported));
    }
    counter.learn(ModelFamily::claude, counter.estimate(ModelFamily::claude, "too short"), TokenCount(12));
    counter.learn(ModelFamily::o200k, counter.estimate(ModelFamily::o200k, std::string(1000, 'a')),
                  TokenCount(1500));
    EXPECT_EQ(counter.factor(ModelFamily::claude, Script::latin), before);
    EXPECT_EQ(counter.factor(ModelFamily::o200k, Script::latin), 1.0);
}

TEST(Estimate, AddsUpOverTheTextsOfARequest) {
    Estimate sum;
    EXPECT_TRUE(sum.exact);
    sum += {TokenCount(10), true, TokenCount(10), Script::latin};
    EXPECT_TRUE(sum.exact);
    sum += {TokenCount(30), false, TokenCount(20), Script::cjk};
    sum += {TokenCount(5), false, TokenCount(4), Script::other};
    EXPECT_EQ(sum.count, TokenCount(45));
    EXPECT_EQ(sum.base, TokenCount(34));
    EXPECT_FALSE(sum.exact);
}

TEST(TextShape, SeesTheScriptThatMakesMostTokens) {
    EXPECT_EQ(script_of(""), Script::latin);
    EXPECT_EQ(script_of("Straße, café, 12"), Script::latin);
    EXPECT_EQ(script_of("人人生而自由 (UDHR)"), Script::cjk);
    EXPECT_EQ(script_of("すべての人間は"), Script::cjk);
    EXPECT_EQ(script_of("모든 인간은"), Script::cjk);
    EXPECT_EQ(script_of("Все люди"), Script::other);
    EXPECT_EQ(script_of("मनुष्यों"), Script::other);
    EXPECT_EQ(script_of("😀😀"), Script::latin);
}

/// Counts of tiktoken 1.0.22, o200k_base.
TEST(TextShape, ComesNearTheExactCountInManyScripts) {
    const std::vector<std::pair<std::string, int>> texts{
        {"All human beings are born free and equal in dignity and rights. They are endowed with reason and "
         "conscience and should act towards one another in a spirit of brotherhood.",
         33},
        {"Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und "
         "Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
         38},
        {"Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison "
         "et de conscience.",
         27},
        {"人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。", 37},
        {"すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。", 35},
        {"모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.", 24},
        {"Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и "
         "совестью.",
         28},
        {"يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا.", 29},
        {"सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।", 25},
        {"มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ", 32},
        {"Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.", 31},
        {"for (int i = 0; i < count; ++i) {\n    total += values[i] * 2;\n}\nreturn total;", 30},
    };
    for (const auto& [text, exact] : texts) {
        const auto shaped = static_cast<double>(tokens_by_shape(text));
        EXPECT_GT(shaped, exact * 0.65) << text;
        EXPECT_LT(shaped, exact * 1.5) << text;
    }
}

TEST(TextShape, HasNoTokensForNoText) {
    EXPECT_EQ(tokens_by_shape(""), 0);
    EXPECT_EQ(tokens_by_shape("a"), 1);
}

}  // namespace
}  // namespace gatehouse::tokens
