#include "gatehouse/policy/answer_guard.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace gatehouse::policy {
namespace {

GuardVerdict verdict(std::string_view one, std::string_view other) {
    return guard_check(GuardFeatures(one), GuardFeatures(other));
}

TEST(AnswerGuard, AcceptsRewordings) {
    const std::vector<std::pair<const char*, const char*>> same = {
        {"Where can I buy a used car?", "Where can you purchase a used automobile?"},
        {"What does GDP mean?", "What is the meaning of GDP?"},
        {"How do I sort a list in Python?", "How to sort a list using python"},
        {"Who is the president of the United States?", "who is the president of the US"},
        {"Is it safe to eat raw eggs?", "is it really safe to eat raw eggs"},
        {"Give me a list of rivers in Peru", "List rivers in Peru"},
        {"How do I set up a mail server?", "How can I configure a mail server?"},
    };
    for (const auto& [one, other] : same) {
        const auto found = verdict(one, other);
        EXPECT_TRUE(found) << one << ": " << name_of(found.refusal);
        EXPECT_EQ(found.match, GuardMatch::reworded) << one;
    }
    EXPECT_EQ(verdict("What is a GPU?", "what's a gpu").match, GuardMatch::same_words);
}

TEST(AnswerGuard, NamesWhatTellsQuestionsApart) {
    using Refusal = GuardRefusal;
    const std::vector<std::tuple<Refusal, const char*, const char*>> pairs = {
        {Refusal::not_comparable, "Why?", "Why?"},
        {Refusal::language, "What is the capital of Peru?", "Was ist die Hauptstadt von Peru?"},
        {Refusal::other_language, "Wie weit ist es nach Rom?", "Wie weit ist es nach Bonn?"},
        {Refusal::quoted_text, "Translate \"a cat\" to French", "Translate \"the cat\" to French"},
        {Refusal::code, "What does `ls -l` do?", "What does `ls -a` do?"},
        {Refusal::address, "What is on https://example.com/a?", "What is on https://example.com/b?"},
        {Refusal::number, "List 5 rivers in Peru", "List 6 rivers in Peru"},
        {Refusal::unit, "How long is 5 miles?", "How long is 5 feet?"},
        {Refusal::sign, "What is 5 + 3 in maths?", "What is 5 * 3 in maths?"},
        {Refusal::negation, "Which foods contain iron?", "Which foods do not contain iron?"},
        {Refusal::question_word, "When did Tesla die?", "Where did Tesla die?"},
        {Refusal::person, "What is my user name?", "What is your user name?"},
        {Refusal::time, "Is the shop open today?", "Is the shop open tomorrow?"},
        {Refusal::mood, "Should I stop the server?", "Must I stop the server?"},
        {Refusal::opposite, "How do I enable the log?", "How do I disable the log?"},
        {Refusal::quantity, "Are all snakes deaf?", "Are some snakes deaf?"},
        {Refusal::particle, "What can I see from the tower?", "What can I see in the tower?"},
        {Refusal::name, "What is the capital of Peru?", "What is the capital of Chad?"},
        {Refusal::content_word, "What is the capital of Peru?", "What is the population of Peru?"},
        {Refusal::helper_word, "Who is the king of Norway?", "Who was the king of Norway?"},
        {Refusal::word_order, "Can cats chase dogs?", "Can dogs chase cats?"},
    };
    std::set<std::string_view> names;
    for (const auto& [refusal, one, other] : pairs) {
        EXPECT_EQ(name_of(verdict(one, other).refusal), name_of(refusal)) << one;
        EXPECT_EQ(name_of(verdict(other, one).refusal), name_of(refusal)) << one;
        names.insert(name_of(refusal));
    }
    EXPECT_EQ(names.size(), guard_refusal_count - 1) << "each reason is met once";
}

TEST(AnswerGuard, CountsNegations) {
    EXPECT_EQ(verdict("Is it true that I can not lose?", "Is it not true that I can not lose?").refusal,
              GuardRefusal::negation);
}

TEST(AnswerGuard, FoldsNoSynonymsWhereWordsAreTheTopic) {
    EXPECT_FALSE(verdict("What does cheap mean?", "What does inexpensive mean?"));
    EXPECT_FALSE(verdict("What is a synonym of big?", "What is a synonym of large?"));
    EXPECT_FALSE(verdict("How do you spell physician?", "How do you spell doctor?"));
    EXPECT_FALSE(verdict("Is a film a movie to you?", "Is a movie a film to you?"));
    EXPECT_FALSE(verdict("Where is the Body Shop in Leeds?", "Where is the Body Store in Leeds?"));
}

TEST(AnswerGuard, TakesNoWordForOneThatItMeansOnlySometimes) {
    EXPECT_FALSE(verdict("What is the present tax rate?", "What is the gift tax rate?"));
    EXPECT_FALSE(verdict("Which tablet is best for seniors?", "Which pill is best for seniors?"));
    EXPECT_FALSE(verdict("How do I pick a lock?", "How do I choose a lock?"));
    EXPECT_FALSE(verdict("Is 70 an odd number?", "Is 70 a weird number?"));
    EXPECT_TRUE(verdict("How do I fix a flat bike tire?", "How do I repair a flat bike tyre?"));
}

TEST(AnswerGuard, KeepsMeaningsFromDefinitions) {
    EXPECT_FALSE(verdict("What is the meaning of life?", "What is the definition of life?"));
    EXPECT_FALSE(verdict("What does literally mean?", "What does basically mean?"));
    EXPECT_TRUE(verdict("What is the definition of entropy?", "Define entropy"));
    EXPECT_TRUE(verdict("What does entropy mean?", "What is the meaning of entropy?"));
}

TEST(AnswerGuard, TakesWithForInOnlyWhereALanguageIsTheTool) {
    EXPECT_TRUE(verdict("How do I sort a list with Python?", "How do I sort a list in Python?"));
    EXPECT_TRUE(verdict("Write a web server using Go", "Write a web server in Go"));
    EXPECT_FALSE(verdict("How do I compete with React?", "How do I compete in React?"));
    EXPECT_TRUE(verdict("Write a web server with Go", "Write a web server in Go"));
    EXPECT_FALSE(verdict("Can I replace Java with Kotlin?", "Can I replace Java in Kotlin?"));
    EXPECT_FALSE(verdict("How do I replace macros with Python?", "How do I replace macros in Python?"));
}

TEST(AnswerGuard, KeepsAnEntrySmall) {
    const GuardFeatures features("How many tablespoons of butter do I need for a cake for twelve people?");
    EXPECT_TRUE(features.is_comparable());
    EXPECT_LE(features.memory(), 160U);
}

}  // namespace
}  // namespace gatehouse::policy
