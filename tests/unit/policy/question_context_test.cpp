#include "gatehouse/policy/question_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::policy {
namespace {

NotCacheable alone(std::string_view text) {
    return not_cacheable(text, EarlierTurns::none);
}

TEST(QuestionContext, SeesTextsThatPointAtNothing) {
    for (const auto* const text :
         {"continue", "Yes, please.", "Explain this", "Fix this code", "Summarize the attached document",
          "Translate it to French", "What do you think of that?", "make it shorter", "Rewrite the above",
          "What was your answer?", "As you said, go on", "Answer the following:", "Shorten this for me",
          "go on", "Which of the latter is better?"}) {
        EXPECT_EQ(alone(text), NotCacheable::unseen_context) << text;
    }
}

TEST(QuestionContext, LetsEarlierTurnsBePointedAt) {
    EXPECT_EQ(not_cacheable("Explain this", EarlierTurns::some), NotCacheable::none);
    EXPECT_EQ(not_cacheable("continue", EarlierTurns::some), NotCacheable::none);
}

TEST(QuestionContext, LetsTextsBringTheirOwn) {
    EXPECT_EQ(alone("Translate this to French: \"good morning\""), NotCacheable::none);
    EXPECT_EQ(alone("Explain this: `git rebase -i`"), NotCacheable::none);
    std::string text = "Summarize this:";
    for (int i = 0; i < 30; ++i) {
        text += " word";
    }
    EXPECT_EQ(alone(text), NotCacheable::none);
}

TEST(QuestionContext, SeesTheMoment) {
    for (const auto* const text :
         {"What time is it in Tokyo?", "What is the weather today?", "Who is the current king of Norway?",
          "What is the latest version of Python?", "Which films come out next week?",
          "How many goals so far?", "What is on TV right now?"}) {
        EXPECT_EQ(alone(text), NotCacheable::moment) << text;
        EXPECT_EQ(not_cacheable(text, EarlierTurns::some), NotCacheable::moment) << text;
    }
}

TEST(QuestionContext, SeesThatAFreshAnswerIsWanted) {
    for (const auto* const text : {"Tell me another story", "Give me a random number",
                                   "Surprise me with a fact", "Flip a coin", "Roll a die"}) {
        EXPECT_EQ(alone(text), NotCacheable::fresh_answer) << text;
    }
}

TEST(QuestionContext, LeavesPlainQuestionsAlone) {
    for (const auto* const text :
         {"What is the capital of France?", "Is it safe to eat raw eggs?", "Is it true that cats purr?",
          "How do I change the time zone?", "What is above the clouds of Venus?",
          "How long is a year on Mars?", "What does yes mean in Greek?", "Who was the last king of France?",
          "Wie geht das?", "这是什么意思？", "Which animals that live in Africa can swim?", ""}) {
        EXPECT_EQ(alone(text), NotCacheable::none) << text;
    }
}

TEST(QuestionContext, ReadsTheFrontOfALongText) {
    const std::string text(1 << 20, 'a');
    EXPECT_EQ(alone(text), NotCacheable::none);
}

}  // namespace
}  // namespace gatehouse::policy
