#include "gatehouse/policy/answer_agreement.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::policy {
namespace {

TEST(AnswerAgreement, TheSameWordsAreTheSameAnswer) {
    EXPECT_EQ(agreement_of("The sky is blue.", "The sky is blue."), Agreement::same);
    EXPECT_EQ(agreement_of("The sky is blue.", "the sky\n is BLUE."), Agreement::same);
    EXPECT_EQ(agreement_of("It is a 1,000 m run: **hard**.", "It is the 1000 m run, \"hard\"!"),
              Agreement::same);
    EXPECT_EQ(agreement_of("1. Boil it.\n2. Eat it.", "Boil it.\nEat it."), Agreement::same);
}

TEST(AnswerAgreement, TheirOrderCounts) {
    EXPECT_EQ(agreement_of("Alice is taller than Bob.", "Bob is taller than Alice."), Agreement::unclear);
    EXPECT_EQ(agreement_of("Go from Rome to Paris.", "Go from Paris to Rome."), Agreement::unclear);
}

TEST(AnswerAgreement, NothingIsTheSameWithAWordMore) {
    EXPECT_EQ(agreement_of("You can take both of them together.", "You can not take both of them together."),
              Agreement::unclear);
    EXPECT_EQ(
        agreement_of("To reset your password, open the page.", "To reset your username, open the page."),
        Agreement::unclear);
}

TEST(AnswerAgreement, AnotherNumberInAShortAnswerIsAnotherAnswer) {
    EXPECT_EQ(agreement_of("It has 12 moons.", "It has 13 moons."), Agreement::different);
    EXPECT_EQ(agreement_of("It is -5 degrees", "It is 5 degrees"), Agreement::different);
    EXPECT_EQ(agreement_of("1.5 litres", "15 litres"), Agreement::different);
    EXPECT_EQ(agreement_of("It takes 5-10 days.", "It takes 5\u201310 days."), Agreement::unclear);
}

TEST(AnswerAgreement, SoIsAnotherName) {
    EXPECT_EQ(agreement_of("The capital of Australia is Canberra.", "The capital of Austria is Vienna."),
              Agreement::different);
    EXPECT_EQ(agreement_of("It is in Paris.", "It is in Paris, France, by the river."), Agreement::unclear);
}

TEST(AnswerAgreement, AYesIsNoNo) {
    EXPECT_EQ(agreement_of("Yes, you can take both of them.", "No, you can not take both of them."),
              Agreement::different);
}

TEST(AnswerAgreement, HardlyAWordInCommonIsAnotherAnswer) {
    EXPECT_EQ(agreement_of("bread is made of flour and water", "Boil eggs for seven minutes"),
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

TEST(AnswerAgreement, LongTextsAreTheSameOrUnclear) {
    const std::string beginning(agreement_window, 'a');
    EXPECT_EQ(agreement_of(beginning + " one thing", beginning + " another"), Agreement::unclear);
    EXPECT_EQ(agreement_of(beginning + " one thing", beginning + " one thing"), Agreement::same);
}

}  // namespace
}  // namespace gatehouse::policy
