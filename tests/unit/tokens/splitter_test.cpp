#include "tokens/splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::tokens {
namespace {

using testing::ElementsAre;
using Pieces = std::vector<std::string>;

Pieces split(SplitPattern pattern, std::string_view text) {
    Splitter splitter(pattern, text);
    Pieces pieces;
    for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
        pieces.emplace_back(piece);
    }
    return pieces;
}

Pieces o200k(std::string_view text) {
    return split(SplitPattern::o200k, text);
}

Pieces cl100k(std::string_view text) {
    return split(SplitPattern::cl100k, text);
}

TEST(Splitter, HasNoPieceForNoText) {
    EXPECT_TRUE(o200k("").empty());
    EXPECT_TRUE(cl100k("").empty());
}

TEST(Splitter, GivesAWordTheSpaceBeforeIt) {
    EXPECT_THAT(o200k("the  big   end  "), ElementsAre("the", " ", " big", "  ", " end", "  "));
    EXPECT_EQ(cl100k("the  big   end  "), o200k("the  big   end  "));
}

TEST(Splitter, GivesAWordAnySignBeforeIt) {
    EXPECT_THAT(o200k("(word\tword\xC2\xA0word"), ElementsAre("(word", "\tword", "\xC2\xA0word"));
    EXPECT_THAT(o200k("((word"), ElementsAre("((", "word"));
    EXPECT_THAT(o200k("\nword"), ElementsAre("\n", "word"));
    EXPECT_THAT(o200k("1word"), ElementsAre("1", "word"));
}

TEST(Splitter, CutsNumbersAfterThreeDigits) {
    EXPECT_THAT(o200k("1234567 8"), ElementsAre("123", "456", "7", " ", "8"));
    EXPECT_THAT(o200k("\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4"),
                ElementsAre("\xD9\xA1\xD9\xA2\xD9\xA3", "\xD9\xA4"));
}

TEST(Splitter, KeepsContractionsAtTheirWordInTheNewerEncoding) {
    EXPECT_THAT(o200k("don't I'LL we'Re he'd"), ElementsAre("don't", " I'LL", " we'Re", " he'd"));
    EXPECT_THAT(o200k("it'x it'"), ElementsAre("it", "'x", " it", "'"));
}

TEST(Splitter, CutsContractionsOffInTheOlderEncoding) {
    EXPECT_THAT(cl100k("don't I'LL"), ElementsAre("don", "'t", " I", "'LL"));
    EXPECT_THAT(cl100k("'sand 'lama"), ElementsAre("'s", "and", " '", "lama"));
}

TEST(Splitter, TakesTheLongSForAnSInContractions) {
    EXPECT_THAT(o200k("it'\xC5\xBF"), ElementsAre("it'\xC5\xBF"));
    EXPECT_THAT(cl100k("it'\xC5\xBF"), ElementsAre("it", "'\xC5\xBF"));
}

TEST(Splitter, CutsWhereCapitalsBeginInTheNewerEncoding) {
    EXPECT_THAT(o200k("camelCaseWord"), ElementsAre("camel", "Case", "Word"));
    EXPECT_THAT(o200k("HTTPServer XML"), ElementsAre("HTTPServer", " XML"));
    EXPECT_THAT(cl100k("camelCaseWord"), ElementsAre("camelCaseWord"));
}

TEST(Splitter, GivesBackCapitalsBehindTheLastCaselessLetter) {
    EXPECT_THAT(o200k("AB\xE4\xB8\xAD"
                      "CD"),
                ElementsAre("AB\xE4\xB8\xAD", "CD"));
    EXPECT_THAT(o200k("AB\xE4\xB8\xAD"
                      "CDe"),
                ElementsAre("AB\xE4\xB8\xAD"
                            "CDe"));
}

TEST(Splitter, TakesAMarkForAPrefixOrForAWord) {
    EXPECT_THAT(o200k("\xCC\x81"
                      "abc"),
                ElementsAre("\xCC\x81"
                            "abc"));
    EXPECT_THAT(o200k("\xCC\x81"
                      "ABC"),
                ElementsAre("\xCC\x81", "ABC"));
    EXPECT_THAT(o200k("!\xCC\x81!"), ElementsAre("!\xCC\x81", "!"));
    EXPECT_THAT(o200k("a\xCC\x81"
                      "b"),
                ElementsAre("a\xCC\x81"
                            "b"));
    EXPECT_THAT(cl100k("a\xCC\x81"
                       "b"),
                ElementsAre("a",
                            "\xCC\x81"
                            "b"));
}

TEST(Splitter, GivesSignsTheLineEndsBehindThem) {
    EXPECT_THAT(o200k(" {\r\n\n x"), ElementsAre(" {\r\n\n", " x"));
    EXPECT_THAT(o200k(";\n/\n//x"), ElementsAre(";\n/\n//", "x"));
    EXPECT_THAT(cl100k(";\n/\n//x"), ElementsAre(";\n", "/\n", "//", "x"));
}

TEST(Splitter, EndsWhiteSpaceAtItsLastLineEnd) {
    EXPECT_THAT(o200k("a \n \n   b"), ElementsAre("a", " \n \n", "  ", " b"));
    EXPECT_THAT(o200k("a\t\t1"), ElementsAre("a", "\t", "\t", "1"));
    EXPECT_THAT(o200k("a \xE3\x80\x80"), ElementsAre("a", " \xE3\x80\x80"));
}

TEST(Splitter, TakesBytesThatAreNoUtf8ForSigns) {
    EXPECT_THAT(o200k("a\xFF\xFE\xC3 b"), ElementsAre("a", "\xFF\xFE\xC3", " b"));
    EXPECT_THAT(o200k("\xED\xA0\x80\xC0\x80\xF4\x90\x80\x80"),
                ElementsAre("\xED\xA0\x80\xC0\x80\xF4\x90\x80\x80"));
    EXPECT_THAT(o200k("\xE4\xB8"), ElementsAre("\xE4\xB8"));
}

TEST(Splitter, ReadsSpecialTokensAsText) {
    EXPECT_THAT(o200k("<|endoftext|>"), ElementsAre("<|", "endoftext", "|>"));
}

TEST(CodePointTable, KnowsTheKindsThatThePatternsAskFor) {
    const auto& table = CodePointTable::get();
    EXPECT_EQ(table.kind('A'), upper);
    EXPECT_EQ(table.kind(0x01C5), upper) << "title case";
    EXPECT_EQ(table.kind(0x00DF), lower);
    EXPECT_EQ(table.kind(0x02B0), caseless) << "modifier letter";
    EXPECT_EQ(table.kind(0x4E2D), caseless);
    EXPECT_EQ(table.kind(0x0301), mark);
    EXPECT_EQ(table.kind(0x2167), number);
    EXPECT_EQ(table.kind(0x0085), space);
    EXPECT_EQ(table.kind('\r'), newline);
    EXPECT_EQ(table.kind(0x1F600), symbol);
    EXPECT_EQ(table.kind(0x10FFFF), symbol);
    EXPECT_EQ(table.ascii_kind('z'), table.kind('z'));
}

/// Work is bounded by a multiple of the text, whatever the text is made of.
TEST(Splitter, LooksAtEachByteAFewTimesOnly) {
    const std::vector<std::string> units{"a",
                                         "A",
                                         " ",
                                         "\n",
                                         "1",
                                         "!",
                                         "/",
                                         "'",
                                         "'s",
                                         "\xCC\x81",
                                         "\xE4\xB8\xAD",
                                         "\t",
                                         "\xCC\x81"
                                         "A",
                                         "A\xE4\xB8\xAD",
                                         " \n",
                                         "!\n",
                                         "aA",
                                         "\xFF",
                                         "' ",
                                         "!A",
                                         "  \n "};
    for (const auto pattern : {SplitPattern::o200k, SplitPattern::cl100k}) {
        for (const auto& first : units) {
            for (const auto& second : units) {
                std::string text;
                for (int times = 0; times < 300; ++times) {
                    text += first;
                }
                for (int times = 0; times < 300; ++times) {
                    text += second;
                }
                Splitter splitter(pattern, text);
                while (!splitter.next().empty()) {
                }
                EXPECT_LE(splitter.work(), 8 * text.size()) << first << " then " << second;
            }
        }
    }
}

}  // namespace
}  // namespace gatehouse::tokens
