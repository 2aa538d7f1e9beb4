#include "vector/pieces.hpp"

#include "vector/normal_form.hpp"

#include <gtest/gtest.h>

namespace gatehouse::vector {
namespace {

using Ids = std::vector<PieceId>;

struct VocabularyTest : testing::Test {
    // Ids:                            0         1          2            3          4          5           6
    const std::vector<Piece> pieces{{"?", 0},
                                    {"<s>", 0},
                                    {"\u2581", -2},
                                    {"a", -3},
                                    {"b", -3},
                                    {"ab", -4},
                                    {"\u2581ab", -5},
                                    // 7         8
                                    {"abbb", -4},
                                    {"\u00E9", -3}};
    const Vocabulary vocabulary{pieces, 2};
    Ids ids(std::string_view text) const { return vocabulary.cut(text).ids; }
};

TEST_F(VocabularyTest, TakesThePiecesWithTheHighestSum) {
    EXPECT_EQ(ids("ab"), (Ids{6}));  // -5 instead of -2 - 4
    EXPECT_EQ(ids("ba"), (Ids{2, 4, 3}));
    EXPECT_EQ(ids("aab"), (Ids{2, 3, 5}));
    EXPECT_EQ(ids("abb"), (Ids{6, 4}));
    EXPECT_EQ(ids("abbb"), (Ids{2, 7}));  // -6 instead of -11
}

TEST_F(VocabularyTest, WritesSpacesAsTheVocabularyDoes) {
    EXPECT_EQ(ids("ab ab"), (Ids{6, 6}));
    EXPECT_EQ(ids(" "), (Ids{2, 2}));
    EXPECT_EQ(ids(""), (Ids{}));
}

TEST_F(VocabularyTest, MakesOneOfNeighboursWithoutAPiece) {
    const auto cut = vocabulary.cut("xyza\u4E2D\u4E2D");
    EXPECT_EQ(cut.ids, (Ids{2, 0, 3, 0}));
    EXPECT_EQ(cut.unknown_characters, 5U);
    EXPECT_EQ(cut.characters, 6U);
}

TEST_F(VocabularyTest, NeverMatchesReservedPieces) {
    EXPECT_EQ(ids("<s>"), (Ids{2, 0}));
    EXPECT_EQ(ids("?"), (Ids{2, 0}));
}

TEST_F(VocabularyTest, CutsBetweenCharactersOnly) {
    EXPECT_EQ(ids("\u00E9"), (Ids{2, 8}));
    EXPECT_EQ(ids("\u00E8"), (Ids{2, 0}));  // shares its first byte with a piece
}

TEST_F(VocabularyTest, GetsOverAPlaceThatNoPieceEndsAt) {
    const std::vector<Piece> gappy{{"?", 0}, {"\u2581", -1}, {"xyz", -3}};
    EXPECT_EQ(Vocabulary(gappy, 1).cut("xq").ids, (Ids{1, 0}));
}

TEST_F(VocabularyTest, TakesTheLaterOfTwoPiecesAlike) {
    const std::vector<Piece> twice{{"?", 0}, {"\u2581", -1}, {"a", -9}, {"a", -2}};
    EXPECT_EQ(Vocabulary(twice, 1).cut("a").ids, (Ids{1, 3}));
}

TEST(NormalForm, ComposesAndUnfoldsCompatibilityCharacters) {
    EXPECT_EQ(normal_form("plain"), "plain");
    EXPECT_EQ(normal_form("e\u0301"), "\u00E9");
    EXPECT_EQ(normal_form("\uFB01ne \u00BD \uFF21\u00A0b"), "fine 1\u20442 A b");
    EXPECT_EQ(normal_form("\uD55C\uAE00"), "\uD55C\uAE00");
}

TEST(NormalForm, MakesSpacesOfLineEndsAndTabs) {
    EXPECT_EQ(normal_form("a\tb\r\nc"), "a b  c");
}

TEST(NormalForm, ReplacesWhatIsNoUtf8) {
    EXPECT_EQ(normal_form("a\xFF"
                          "b\xC3"),
              "a\uFFFDb\uFFFD");
    EXPECT_EQ(normal_form(std::string_view("a\0b\xC3\xA9", 5)), std::string_view("a\0b\xC3\xA9", 5));
    EXPECT_EQ(normal_form("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
}

}  // namespace
}  // namespace gatehouse::vector
