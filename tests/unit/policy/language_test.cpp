#include "gatehouse/policy/language.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::policy {
namespace {

TEST(Language, OfASentenceIsTold) {
    const std::vector<std::pair<std::string_view, std::string_view>> sentences = {
        {"de", "Wie lange dauert es, bis mein Paket ankommt?"},
        {"en", "Write a function that sorts a list of numbers."},
        {"fr", "Quelle est la capitale de la France et pourquoi ?"},
        {"es", "¿Cuál es la capital de España?"},
        {"it", "Qual è la capitale d'Italia e quanti abitanti ha?"},
        {"pt", "Qual é a capital do Brasil e quantos habitantes tem?"},
        {"nl", "Wat is de hoofdstad van Nederland?"},
        {"pl", "Jaka jest stolica Polski i ile ma mieszkańców?"},
        {"ru", "Пожалуйста, кратко изложи этот текст."},
        {"uk", "Будь ласка, стисло виклади цей текст."},
        {"tr", "Türkiye'nin başkenti neresidir ve nüfusu kaçtır?"},
        {"ja", "この文章を要約してください。"},
        {"ko", "이 글을 요약해 주세요."},
        {"zh", "请总结这段文字。"},
        {"zh", "請總結這段文字，謝謝。"},
        {"he", "אנא סכם את הטקסט הזה."}};
    for (const auto& [language, text] : sentences) {
        EXPECT_EQ(detect_language(text), language) << text;
    }
}

TEST(Language, OfWhatIsNoneIsNotGuessed) {
    for (const std::string_view text : {"", "Hallo", "12345 67890", R"({"a": [1,2,3]})", "ls -la | grep foo",
                                        "asdf qwer zxcv", "\xff\xfe nonsense", "\xF0\x9F\x91\x8D"}) {
        EXPECT_EQ(detect_language(text), "") << text;
    }
}

TEST(Language, CodesAreInOrder) {
    EXPECT_TRUE(std::is_sorted(known_languages().begin(), known_languages().end()));
    EXPECT_EQ(std::adjacent_find(known_languages().begin(), known_languages().end()),
              known_languages().end());
}

}  // namespace
}  // namespace gatehouse::policy
