#include "policy/question_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::policy {
namespace {

/// One of each kind that is told from words; without a blank in it, it is one piece.
TEST(QuestionText, LeavesAddressesInOnePiece) {
    for (const std::string_view address :
         {"ann@example.com", "-l", "--long", "/etc", "~/notes", "./run", "../up", "src/core/clock",
          "ftp://host", "www.example.com", "C:\\temp", "snake_case", "https://example.com/a?b=c#d", "a-b/c/d",
          "Ann.B@c.de"}) {
        const std::string text = "Is " + std::string(address) + " there?";
        const auto cut = cut_text(text);
        ASSERT_EQ(cut.pieces.size(), 3U) << text;
        EXPECT_EQ(cut.pieces[1].kind, PieceKind::address) << text;
        EXPECT_EQ(cut.pieces[1].text, address);
    }
}

TEST(QuestionText, TakesNoAddressForOneThatIsNone) {
    for (const std::string_view word : {"and/or", "@home", "a@b", "-5", "--", "w", "wwwhat", "/"}) {
        for (const auto& piece : cut_text("Is " + std::string(word) + " there?").pieces) {
            EXPECT_NE(piece.kind, PieceKind::address) << word;
        }
    }
}

}  // namespace
}  // namespace gatehouse::policy
