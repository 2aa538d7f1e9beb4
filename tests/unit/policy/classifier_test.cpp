#include "gatehouse/policy/classifier.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace gatehouse::policy {
namespace {

using std::chrono::minutes;

Classifier built_in(double threshold) {
    return Classifier(*ClassTable::read(built_in_class_table()), threshold);
}

TEST(Classifier, AbstainsBelowTheThreshold) {
    PromptVerdict verdict;
    verdict.best = PromptClass::math;
    verdict.probabilities = {0, 0, 0, 0.3, 0.7, 0};
    EXPECT_FALSE(built_in(0.71).counted(verdict));
    const auto found = built_in(0.7).counted(verdict);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->prompt_class, PromptClass::math);
    EXPECT_EQ(found->probability, 0.7);
}

TEST(Classifier, JudgesByItsTable) {
    const auto classifier = built_in(0.5);
    const auto verdict = classifier.judge("Solve the equation 3x + 5 = 20 for x.");
    EXPECT_EQ(verdict.best, PromptClass::math);
    EXPECT_TRUE(classifier.counted(verdict));
}

struct ConversationClassesTest : testing::Test {
    std::optional<PromptClass> held(std::uint64_t conversation) {
        const auto found = classes.held(conversation, now);
        return found ? std::optional(found->prompt_class) : std::nullopt;
    }
    void remember(std::uint64_t conversation, PromptClass prompt_class) {
        classes.remember(conversation, {prompt_class, 0.9}, now);
    }
    ConversationClasses classes{3};
    Instant now{Instant{} + std::chrono::hours(5)};
};

TEST_F(ConversationClassesTest, AConversationMovesUpAndNeverDown) {
    EXPECT_EQ(held(1), std::nullopt);
    remember(1, PromptClass::simple);
    EXPECT_EQ(held(1), PromptClass::simple);
    remember(1, PromptClass::code);
    remember(1, PromptClass::general);
    EXPECT_EQ(held(1), PromptClass::code);
    remember(1, PromptClass::math);
    EXPECT_EQ(held(1), PromptClass::math) << "among equals the new one";
    remember(1, PromptClass::complex);
    remember(1, PromptClass::code);
    EXPECT_EQ(held(1), PromptClass::complex);
    EXPECT_EQ(held(2), std::nullopt);
}

TEST_F(ConversationClassesTest, TheOneNotHeardOfForTheLongestTimeGoesFirst) {
    remember(1, PromptClass::code);
    remember(2, PromptClass::code);
    remember(3, PromptClass::code);
    remember(1, PromptClass::simple);
    remember(4, PromptClass::code);
    EXPECT_EQ(classes.size(), 3U);
    EXPECT_EQ(held(2), std::nullopt);
    EXPECT_EQ(held(1), PromptClass::code);
    EXPECT_EQ(held(4), PromptClass::code);
}

TEST_F(ConversationClassesTest, AnHourOfSilenceIsForgotten) {
    remember(1, PromptClass::code);
    now += minutes(40);
    remember(2, PromptClass::code);
    now += minutes(20);
    EXPECT_EQ(held(1), PromptClass::code);
    now += minutes(1);
    EXPECT_EQ(held(1), std::nullopt);
    remember(1, PromptClass::simple);
    EXPECT_EQ(held(1), PromptClass::simple) << "what was forgotten does not come back";
    EXPECT_EQ(classes.size(), 2U);
}

TEST_F(ConversationClassesTest, WithoutRoomNothingIsKept) {
    ConversationClasses none(0);
    none.remember(1, {PromptClass::code, 1}, now);
    EXPECT_FALSE(none.held(1, now));
}

TEST(Higher, TakesWhatThereIs) {
    const FoundClass code{PromptClass::code, 0.8};
    EXPECT_FALSE(higher(std::nullopt, std::nullopt));
    EXPECT_EQ(higher(code, std::nullopt)->prompt_class, PromptClass::code);
    EXPECT_EQ(higher(std::nullopt, code)->prompt_class, PromptClass::code);
    EXPECT_EQ(higher(code, FoundClass{PromptClass::simple, 1})->prompt_class, PromptClass::code);
}

}  // namespace
}  // namespace gatehouse::policy
