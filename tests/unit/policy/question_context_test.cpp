#include "gatehouse/policy/question_context.hpp"

#include "policy/question_words.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>

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

struct OpeningWord {
    std::string_view word, sentence;
};

/// Each is found by its word alone.
constexpr auto opening_words_said = std::to_array<OpeningWord>({
    {"another", "Tell me another story"},
    {"random", "Give me a random number"},
    {"randomly", "Pick a river in Peru randomly"},
    {"surprise", "Surprise me with a fact"},
    {"something", "Tell me something new about Lima"},
    {"anything", "Does the menu have anything else?"},
    {"flip", "Flip a coin"},
    {"toss", "Toss a coin"},
    {"roll", "Roll two dice"},
    {"today", "Which shops are open today?"},
    {"tonight", "Which bars are open tonight?"},
    {"tomorrow", "Does it rain in Oslo tomorrow?"},
    {"yesterday", "Who won the race yesterday?"},
    {"currently", "Who is currently king of Norway?"},
    {"current", "Who is the current king of Norway?"},
    {"latest", "What is the latest version of Python?"},
    {"recent", "Name a recent film about whales"},
    {"recently", "Which films came out recently?"},
    {"nowadays", "How do people travel nowadays?"},
    {"now", "What is on TV right now?"},
    {"this", "Which films come out this week?"},
    {"last", "Who won the cup last year?"},
    {"next", "Which films come out next week?"},
    {"past", "What sold best in the past month?"},
    {"coming", "Who plays on the coming weekend?"},
    {"so", "How many goals so far?"},
    {"up", "Is the map of Lima up to date?"},
    {"time", "What time is it in Tokyo?"},
    {"day", "What day is it in Tokyo?"},
    {"date", "What date is it in Tokyo?"},
    {"year", "What year is it in Thailand?"},
    {"month", "Which month is it in Iran?"},
    {"at", "Who leads the league at the moment?"},
});

std::set<std::string> listed_openings() {
    std::set<std::string> listed;
    for (const auto& list : word_lists()) {
        if ((list.kinds & WordKind::opens_context) != 0) {
            std::istringstream words{std::string(list.words)};
            listed.insert(std::istream_iterator<std::string>(words), {});
        }
    }
    return listed;
}

/// What stands in the source as `is(i, {…})` where one of the listed words is asked for.
std::set<std::string> openings_in_source() {
    std::ifstream file(GATEHOUSE_SOURCE_DIR "/src/policy/question_context.cpp");
    const std::string source(std::istreambuf_iterator<char>(file), {});
    std::set<std::string> found;
    for (const auto& [from, to] :
         {std::pair("bool is_of_the_moment()", "private:"), std::pair("bool is_moment(", "bool is_span(")}) {
        const auto begin = source.find(from);
        const auto end = source.find(to, std::min(begin, source.size()));
        if (end == std::string::npos) {
            ADD_FAILURE() << from << " is not there, or " << to;
            return {};
        }
        const auto body = source.substr(begin, end - begin);
        static const std::regex test(R"(is\(i, \{([^}]*)\}\))");
        static const std::regex quoted(R"re("([a-z]+)")re");
        for (auto each = std::sregex_iterator(body.begin(), body.end(), test); each != std::sregex_iterator();
             ++each) {
            const auto words = each->str(1);
            for (auto word = std::sregex_iterator(words.begin(), words.end(), quoted);
                 word != std::sregex_iterator(); ++word) {
                found.insert(word->str(1));
            }
        }
    }
    return found;
}

TEST(QuestionContext, EveryWordThatItKnowsIsListedAndTheOtherWayRound) {
    std::set<std::string> said;
    for (const auto& [word, sentence] : opening_words_said) {
        said.emplace(word);
        const auto found = not_cacheable(sentence, EarlierTurns::some);
        EXPECT_TRUE(found == NotCacheable::moment || found == NotCacheable::fresh_answer) << sentence;
    }
    EXPECT_EQ(listed_openings(), said) << "each has its sentence here";
    EXPECT_EQ(listed_openings(), openings_in_source())
        << "only the listed ones are looked at in question_context.cpp";
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
