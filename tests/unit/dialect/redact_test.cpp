#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

TEST(Redaction, removes_what_may_be_a_credential) {
    struct Case {
        const char* text;
        const char* shown;
    };
    for (const auto& [text, shown] :
         {Case{"Incorrect API key provided: invalid-key. You can",
               "Incorrect API key provided: ***. You can"},
          Case{"Incorrect API key provided: sk-proj-****ab. You", "Incorrect API key provided: ***. You"},
          Case{"key sk-abc", "key ***"}, Case{"(sk-abc)", "(***)"}, Case{"x=sk-abc", "***"},
          Case{"Authorization: Bearer a.b!c rest", "Authorization: Bearer *** rest"},
          Case{"bearer 'abc'", "bearer '***'"}, Case{"api_key: \"abc\", x", "api_key: \"***\", x"},
          Case{"x-api-key: abc", "x-api-key: ***"}, Case{"/v1?key=abc&x=1", "/v1?key=***&x=1"},
          Case{"access_token=abc", "access_token=***"}, Case{"key=\"abc\"", "key=\"***\""},
          Case{"AIzaSyA-x1", "***"}, Case{"gsk_x1", "***"},
          Case{"id 0123456789abcdef0123456789abcdef here", "id *** here"},
          Case{"Xa1-Xa1-Xa1-Xa1-Xa1-Xa1-Xa1-Xa1-", "***"}, Case{"abcd*****wxyz", "***"}}) {
        EXPECT_EQ(redact(text), shown);
    }
}

TEST(Redaction, leaves_ordinary_words_alone) {
    for (const char* text :
         {"The model `gpt-4o-mini-search-preview-2025-03-11` does not exist",
          "Use 'max_completion_tokens' instead.", "see https://platform.openai.com/account/api-keys.",
          "risk-taking task-force", "max_tokens=5", "messages[2].content",
          "This model's maximum context length is 128000 tokens: 5 over.", "\u00e4\u00f6 \u4f60\u597d",
          "Missing key: x"}) {
        EXPECT_EQ(redact(text), text);
    }
}

TEST(Redaction, leaves_no_control_characters) {
    EXPECT_EQ(redact("a\r\nb\tc\x7f"
                     "d\xc2\x85"
                     "e"),
              "a  b c d e");
}

TEST(Redaction, cuts_at_a_character_and_never_through_a_key) {
    EXPECT_EQ(redact("\u00e4\u00e4\u00e4", 2), "\u00e4\u00e4");
    EXPECT_EQ(redact("ab", 0), "");
    std::string long_text(3'000, 'a');
    for (std::size_t i = 9; i < long_text.size(); i += 10) {
        long_text[i] = ' ';
    }
    // The key straddles the part that is looked at.
    long_text.replace(2'248, 20, " sk-0123456789abcdef");
    const auto shown = redact(long_text, 250);
    EXPECT_EQ(shown.find("sk-"), std::string::npos);
    EXPECT_EQ(shown, long_text.substr(0, 250));
}

}  // namespace
}  // namespace gatehouse::dialect
