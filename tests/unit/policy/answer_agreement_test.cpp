#include "gatehouse/policy/answer_agreement.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::policy {
namespace {

TEST(AnswerAgreement, TheSameWordsAreTheSameAnswer) {
    EXPECT_EQ(agreement_of("The sky is blue.", "The sky is blue."), Agreement::same);
    EXPECT_EQ(agreement_of("The sky is blue.", "the sky\n is BLUE."), Agreement::same);
}

TEST(AnswerAgreement, NearlyTheSameWordsWithTheSameNumbersAreToo) {
    EXPECT_EQ(agreement_of("Water boils at 100 degrees Celsius at sea level.",
                           "At sea level, water boils at 100 degrees Celsius."),
              Agreement::same);
}

TEST(AnswerAgreement, AnotherNumberInAShortAnswerIsAnotherAnswer) {
    EXPECT_EQ(agreement_of("It has 12 moons.", "It has 13 moons."), Agreement::different);
    EXPECT_EQ(agreement_of("-5 degrees", "5 degrees"), Agreement::different);
    EXPECT_EQ(agreement_of("1.5 litres", "15 litres"), Agreement::different);
    EXPECT_EQ(agreement_of("1,000 people live there", "1000 people live there"), Agreement::unclear)
        << "written otherwise, and so nearly the same number that nobody should be blamed";
}

TEST(AnswerAgreement, AYesIsNoNo) {
    EXPECT_EQ(agreement_of("Yes, you can take both of them.", "No, you can not take both of them."),
              Agreement::different);
}

TEST(AnswerAgreement, HardlyAWordInCommonIsAnotherAnswer) {
    EXPECT_EQ(agreement_of("Paris is the capital of France.", "Boil eggs for seven minutes"),
              Agreement::different);
}

TEST(AnswerAgreement, WhatNobodyCanTellWithoutReadingIsUnclear) {
    EXPECT_EQ(agreement_of("Use a hash map: look-ups take constant time on average.",
                           "A dictionary is best here, since finding a key takes constant time."),
              Agreement::unclear);
    EXPECT_EQ(agreement_of("", "The sky is blue."), Agreement::unclear);
    EXPECT_EQ(agreement_of("...", "..."), Agreement::unclear);
    EXPECT_EQ(agreement_of("x = a + b", "x = a - b"), Agreement::unclear) << "code differs in its marks";
}

TEST(AnswerAgreement, LongTextsAreReadToABound) {
    const std::string beginning(agreement_window, 'a');
    EXPECT_EQ(agreement_of(beginning + " one thing", beginning + " another"), Agreement::same);
}

}  // namespace
}  // namespace gatehouse::policy
