#include "gatehouse/policy/question_signature.hpp"

#include "gatehouse/core/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {
namespace {

std::string signature(std::string_view text) {
    return question_signature(text).text;
}

bool same(std::string_view one, std::string_view other) {
    return signature(one) == signature(other);
}

TEST(QuestionSignature, FoldsWhatIsTrivial) {
    EXPECT_EQ(signature("What is the capital of France?"), "what is capital of france");
    for (const auto* const text :
         {"what is the capital of france", "WHAT IS THE CAPITAL OF FRANCE", "What's the capital of France??",
          "What\xe2\x80\x99s  the capital\n of France",
          "Could you please tell me what the capital of France is?",
          "Hi, what is the capital of France? Thanks!", "Please tell me: what is the capital of France?"}) {
        EXPECT_EQ(signature(text), "what is capital of france") << text;
    }
}

TEST(QuestionSignature, TakesGenericSubjectsForOne) {
    const auto asked = signature("How do I reset my router password?");
    EXPECT_EQ(asked, "how to reset one's router password");
    EXPECT_EQ(signature("how do you reset your router password"), asked);
    EXPECT_EQ(signature("How can one reset one's router password?"), asked);
    EXPECT_NE(signature("How do I reset your router password?"), asked);
    EXPECT_NE(signature("How do they reset their router password?"), asked);
    EXPECT_NE(signature("How do you feel about tax?"), signature("How do I feel about tax?"));
    EXPECT_NE(signature("Why do you need my address?"), signature("Why do I need my address?"));
}

TEST(QuestionSignature, UnifiesNumbers) {
    EXPECT_TRUE(same("How many ounces are in twenty-one cups?", "How many ounces are in 21 cups?"));
    EXPECT_TRUE(same("What is one hundred and five percent of 1,000?", "What is 105% of a thousand?"));
    EXPECT_TRUE(same("Can I get a loan of $5 million?", "Can I get a loan of 5,000,000 dollars?"));
    EXPECT_TRUE(same("What is the 3rd planet?", "What is the third planet?"));
    EXPECT_TRUE(same("How far is 5km from the shop?", "How far is 5 kilometers from the shop?"));
    EXPECT_FALSE(same("Is two hundred and three hundred more?", "Is 203 hundred more?"));
    EXPECT_FALSE(same("What is new in version 3.1?", "What is new in version 3.10?"));
    EXPECT_FALSE(same("What is new in version 3.1?", "What is new in version 31?"));
    EXPECT_FALSE(same("How long does 5 Mb take to download?", "How long does 5 MB take to download?"));
    EXPECT_FALSE(same("Is -5 degrees cold for a garden?", "Is 5 degrees cold for a garden?"));
    EXPECT_FALSE(same("What is 5 - 3 in school maths?", "What is 5 + 3 in school maths?"));
}

TEST(QuestionSignature, KeepsWhatMatters) {
    const std::vector<std::pair<const char*, const char*>> different = {
        {"How do I get from Paris to Rome?", "How do I get from Rome to Paris?"},
        {"Does this drug work for children?", "Doesn't this drug work for children?"},
        {"Who is the president of France?", "Who was the president of France?"},
        {"Should I take aspirin with milk?", "Can I take aspirin with milk?"},
        {"What is the largest lake in Canada?", "What are the largest lakes in Canada?"},
        {"What does web hosting cost?", "What does a web host cost?"},
        {"What is the US trade policy?", "What is us trade policy?"},
        {"How do you say please in French?", "How do you say thank you in French?"},
        {"What is the plural of mouse in English?", "What is the plural of mice in English?"},
        {"Is there few water on Mars?", "Is there a few water on Mars?"},
        {"Does vitamin A help the skin?", "Does vitamin help the skin?"},
        {"Translate \"I have two cats\" to French", "Translate \"I have 2 cats\" to French"},
        {"What does `ls -l` print?", "What does `ls -L` print?"},
        {"What is on https://example.com/A today?", "What is on https://example.com/a today?"},
        {"Is C++ older than Java?", "Is C# older than Java?"},
    };
    for (const auto& [one, other] : different) {
        EXPECT_NE(signature(one), signature(other)) << one;
        EXPECT_FALSE(signature(one).empty()) << one;
    }
}

TEST(QuestionSignature, ComparesIdentifiersAsWritten) {
    EXPECT_FALSE(same("When is addUsers called in Rust?", "When is addUser called in Rust?"));
    EXPECT_FALSE(same("When is AddUser called in Rust?", "When is addUser called in Rust?"));
    EXPECT_FALSE(same("AddUsers is slow, why is that?", "AddUser is slow, why is that?"));
    EXPECT_FALSE(same("What is in items[0] at the start?", "What is in item[0] at the start?"));
    const auto of_item = signature("What is in items[0] at the start?");
    EXPECT_EQ(signature(of_item), of_item);
    EXPECT_TRUE(
        same("How do I reset an iPhone to factory state?", "how do i reset an iphone to factory state"));
}

TEST(QuestionSignature, TellsAKnownThingFromItsKind) {
    EXPECT_FALSE(same("What is the exchange rate?", "What is an exchange rate?"));
    EXPECT_TRUE(same("What is a black hole?", "What is black hole?"));
    EXPECT_TRUE(same("What is the exchange rate of the yen?", "What is exchange rate of yen?"));
}

TEST(QuestionSignature, TellsOneWantedThingFromSeveral) {
    EXPECT_FALSE(same("Recommend a book about whales", "Recommend books about whales"));
    EXPECT_TRUE(same("Recommend a book about whales", "Recommend a book about a whale"));
    EXPECT_TRUE(same("Explain a black hole to me", "Explain black holes to me"));
}

TEST(QuestionSignature, TellsWhoDoesFromWhatIsDone) {
    EXPECT_FALSE(same("What do animals hunt at night?", "What animals hunt at night?"));
    EXPECT_TRUE(same("How do animals hunt at night?", "Tell me how animals hunt at night"));
}

TEST(QuestionSignature, KnowsWhatIsAskedAboutTheAssistant) {
    EXPECT_FALSE(same("What languages can you speak?", "What languages can I speak?"));
    EXPECT_TRUE(same("What meals can you cook in Peru?", "What meals can I cook in Peru?"));
}

TEST(QuestionSignature, LetsAHyphenEndANumber) {
    EXPECT_FALSE(same("What do fifty two-year bonds yield?", "What do 52 year bonds yield?"));
    EXPECT_FALSE(same("Is a hundred two-euro coins heavy?", "Is 102 euro coins heavy?"));
    EXPECT_TRUE(same("What do fifty-two bonds yield?", "What do 52 bonds yield?"));
    EXPECT_FALSE(same("How long is 5' in cm?", "How long is 5 in cm?"));
}

TEST(QuestionSignature, FoldsQuestionMarksOfOtherLanguages) {
    EXPECT_EQ(signature("Wann ist morgen Markt?"), signature("wann ist morgen Markt"));
    EXPECT_EQ(signature("\xc2\xbfQu\xc3\xa9 dijo el juez?"), signature("qu\xc3\xa9 dijo el juez"));
    EXPECT_EQ(signature("\xc2\xbfPuedo pagar ma\xc3\xb1"
                        "ana?"),
              signature("puedo pagar ma\xc3\xb1"
                        "ana?"));
    EXPECT_NE(signature("Darf man hier parken?"), signature("Darf man hier parken"));
    EXPECT_NE(signature("Was hier fehlt, ist Geld?"), signature("Was hier fehlt, ist Geld."));
    EXPECT_NE(signature("Qui vivra, verra ?"), signature("Qui vivra, verra"));
    EXPECT_EQ(signature("\xc2\xbfQu\xc3\xa9 es esto, juez?"), signature("Qu\xc3\xa9 es esto, juez?"));
    EXPECT_NE(signature("Wie geht das? Du kommst morgen?"), signature("Wie geht das? Du kommst morgen."));
}

TEST(QuestionSignature, LeavesOtherLanguagesAlone) {
    EXPECT_EQ(signature("  Wie sp\xc3\xa4t  ist es in Berlin? "), "wie sp\xc3\xa4t ist es in Berlin");
    EXPECT_EQ(signature("Sag \xe2\x80\x9eguten Tag\xe2\x80\x9c auf Englisch."),
              "sag \xe2\x80\x9eguten Tag\xe2\x80\x9c auf Englisch");
    EXPECT_NE(signature("K\xc3\xb6nnen Sie mir helfen?"), signature("K\xc3\xb6nnen sie mir helfen?"));
    EXPECT_NE(signature("Tu viens demain avec moi ?"), signature("Tu viens demain avec moi"));
    // "What is the weather in Tokyo today", a question mark of either width; and tomorrow.
    const auto today = signature("今日の東京の天気は？");
    EXPECT_EQ(signature("今日の東京の天気は?"), today);
    EXPECT_EQ(signature(" 今日の東京の天気は？　"), today);
    EXPECT_NE(signature("明日の東京の天気は？"), today);
}

/// At least one text for each rule that folds, and for what stays as it is.
constexpr auto texts_of_all_rules = std::to_array<std::string_view>({
    "What is the capital of France?",
    "WHAT'S THE CAPITAL OF FRANCE??",
    "Could you please tell me what the capital of France is?",
    "Hi, please tell me: why is the sky blue? Thanks!",
    "How do I reset my router password?",
    "How can one reset one's router password?",
    "How do you feel about tax?",
    "What languages can you speak?",
    "What meals can you cook in Peru?",
    "Is it possible to freeze cooked rice?",
    "How many ounces are in twenty-one cups?",
    "What is one hundred and five percent of 1,000?",
    "Can I get a loan of $5 million?",
    "What is the 3rd planet?",
    "How far is 5km from the shop?",
    "Is -5 degrees cold for a garden?",
    "What do fifty two-year bonds yield?",
    "What is 5 - 3 in school maths?",
    "How long is 5' in cm?",
    "Why does colour fade in sunlight?",
    "What do wolves and mice eat?",
    "Which news goods make the best gifts?",
    "What is the largest lake in Canada?",
    "What are the largest lakes in Canada?",
    "Recommend a book about whales",
    "Recommend books about whales",
    "Explain black holes to me",
    "What is the exchange rate?",
    "What is an exchange rate?",
    "Does vitamin A help the skin?",
    "What is the US trade policy?",
    "What is us trade policy?",
    "Is an apple from Apple?",
    "What is the plural of mouse in English?",
    "What does honestly mean?",
    "Do animals hunt at night?",
    "Tell me how animals hunt at night",
    "Does this drug not work for children?",
    "Doesn't this drug work for children?",
    "When is addUsers called in Rust?",
    "What is in items[0] at the start?",
    "Translate \"I have two cats\" to French",
    "What does `ls -l` print?",
    "What is on https://example.com/A today?",
    "Is C++ older than Java & C#?",
    "Is 4! more than node.js or AT&T?",
    "Wie sp\xc3\xa4t  ist es in Berlin? ",
    "Wer wagt, gewinnt?",
    "Qui est le roi de Norv\xc3\xa8ge ?",
    "\xc2\xbfPuedo pagar hoy?",
    "Tu viens demain avec moi ?",
    "今日の東京の天気は？",
    "Какая погода в Москве?",
    "Why?",
    "Fix the loop for x in list:\n    print x",
});

TEST(QuestionSignature, IsWhatItWasUnderTheSameVersionOfTheRules) {
    std::string all;
    for (const auto text : texts_of_all_rules) {
        all += signature(text);
        all += '\n';
    }
    const auto pinned = std::string(signature_rules) + to_hex(sha256(all));
    EXPECT_EQ(pinned, "3 c77592fde27b67cdfcb74e63286309670c29cc01b971c7fd90fee37b04b4a72e")
        << "Signatures have changed: raise signature_rules in question_signature.hpp, and pin both here.\n"
        << all;
}

TEST(QuestionSignature, RefusesWhatItCannotRead) {
    const auto why = [](std::string_view text) { return question_signature(text).refusal; };
    EXPECT_EQ(why(""), SignatureRefusal::too_few_words);
    EXPECT_EQ(why("Why?"), SignatureRefusal::too_few_words);
    EXPECT_EQ(why("What is it?"), SignatureRefusal::too_few_words);
    EXPECT_EQ(why("How do you work?"), SignatureRefusal::too_few_words);
    EXPECT_EQ(why("What is a broken \xff byte?"), SignatureRefusal::unreadable);
    EXPECT_EQ(why(std::string_view("What is a zero\0 byte?", 21)), SignatureRefusal::unreadable);
    EXPECT_EQ(why("Explain the code if (a == b) { return; }"), SignatureRefusal::unmarked_code);
    EXPECT_EQ(why("Fix the loop for x in list:\n    print x"), SignatureRefusal::layout);
    EXPECT_EQ(why("What is the capital of France? " + std::string(question_text_limit, 'a')),
              SignatureRefusal::too_long);
    for (const auto refusal : {SignatureRefusal::unreadable, SignatureRefusal::layout}) {
        EXPECT_FALSE(name_of(refusal).empty());
    }
}

}  // namespace
}  // namespace gatehouse::policy
