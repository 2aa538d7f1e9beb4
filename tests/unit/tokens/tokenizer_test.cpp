#include "gatehouse/tokens/tokenizer.hpp"

#include "tokens/merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::tokens {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The 256 bytes and then `more`: its first has the id 256.
std::vector<std::string> vocabulary(const std::vector<std::string>& more) {
    std::vector<std::string> tokens;
    for (int byte = 0; byte < 256; ++byte) {
        tokens.emplace_back(1, static_cast<char>(byte));
    }
    tokens.insert(tokens.end(), more.begin(), more.end());
    return tokens;
}

std::shared_ptr<const Encoding> encoding_of(const std::vector<std::string>& more) {
    auto made = make_encoding(SplitPattern::o200k, vocabulary(more));
    EXPECT_TRUE(made);
    return *std::move(made);
}

std::string rank_file(unsigned char pattern, const std::vector<std::string>& tokens) {
    std::string bytes = "GHRANKS1";
    bytes += static_cast<char>(pattern);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes += static_cast<char>(tokens.size() >> shift & 255U);
    }
    for (const auto& token : tokens) {
        bytes += static_cast<char>(token.size());
        bytes += token;
    }
    return bytes;
}

std::string why_not(const std::string& bytes) {
    const auto read = read_encoding(bytes);
    return read ? "" : read.problem().message();
}

/// Merging as its definition says it: the slow, plain way.
std::vector<TokenId> merged_plainly(const RankTable& table, std::string_view piece) {
    std::vector<std::string> parts;
    for (const char c : piece) {
        parts.emplace_back(1, c);
    }
    for (;;) {
        TokenId lowest = RankTable::none;
        std::size_t place = 0;
        for (std::size_t at = 0; at + 1 < parts.size(); ++at) {
            if (const auto rank = table.find(parts[at] + parts[at + 1]); rank < lowest) {
                lowest = rank;
                place = at;
            }
        }
        if (lowest == RankTable::none) {
            break;
        }
        parts[place] += parts[place + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(place) + 1);
    }
    std::vector<TokenId> ids;
    for (const auto& part : parts) {
        ids.push_back(table.find(part));
    }
    return ids;
}

TEST(Encoding, LooksAPieceUpWholeBeforeItMerges) {
    // Merging cannot reach "abc": neither "ab" nor "bc" is a token.
    EXPECT_THAT(encoding_of({"abc"})->encode("abc abc"), ElementsAre(256, ' ', 'a', 'b', 'c'));
}

TEST(Encoding, MergesTheLowestRankFirst) {
    EXPECT_THAT(encoding_of({"bc", "ab"})->encode("abcd"), ElementsAre('a', 256, 'd'));
    EXPECT_THAT(encoding_of({"ab", "bc"})->encode("abcd"), ElementsAre(256, 'c', 'd'));
}

TEST(Encoding, MergesTheLeftmostOfEqualRanks) {
    EXPECT_THAT(encoding_of({"aa"})->encode("aaa"), ElementsAre(256, 'a'));
}

TEST(Encoding, MergesNothingOverTheEndOfAPiece) {
    EXPECT_THAT(encoding_of({"ab"})->encode("a b1ab"), ElementsAre('a', ' ', 'b', '1', 256));
}

TEST(Encoding, CountsWhatItEncodes) {
    const auto encoding = encoding_of({"the", " the", "th"});
    const std::string text = "the the thx 12345 \n\n " + std::string(300, 'a');
    EXPECT_EQ(encoding->count(text), encoding->encode(text).size());
    EXPECT_EQ(encoding->count(""), 0U);
}

TEST(Encoding, TakesSpecialTokensForText) {
    const auto encoding = encoding_of({});
    EXPECT_EQ(encoding->count("<|endoftext|>"), 13U);
}

TEST(Encoding, GivesTheSameBytesBack) {
    const auto encoding = encoding_of({"the", "\xE4\xB8", "\xE4\xB8\xAD"});
    std::string text = "the \xE4\xB8\xAD\xE4\xB8\xFF";
    text += '\0';
    const auto back = encoding->decode(encoding->encode(text));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, text);
}

TEST(Encoding, RefusesToDecodeAnUnknownId) {
    const std::vector<TokenId> ids{'a', 256};
    const auto back = encoding_of({})->decode(ids);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.problem().kind(), ProblemKind::invalid_value);
    EXPECT_THAT(back.problem().message(), HasSubstr("256"));
}

TEST(RankTable, FindsTokensOfEveryLength) {
    std::vector<std::string> tokens = vocabulary({});
    std::mt19937 random(1);
    for (std::size_t length = 2; length <= 255; ++length) {
        std::string token;
        for (std::size_t at = 0; at < length; ++at) {
            token += static_cast<char>(random() % 256);
        }
        tokens.push_back(token);
    }
    const RankTable table(tokens);
    for (TokenId id = 0; id < tokens.size(); ++id) {
        EXPECT_EQ(table.find(tokens[id]), id);
        EXPECT_EQ(table.bytes(id), tokens[id]);
        auto changed = tokens[id];
        changed.back() = static_cast<char>(changed.back() ^ 1);
        EXPECT_NE(table.find(changed), id);
    }
    EXPECT_EQ(table.find(""), RankTable::none);
    EXPECT_EQ(table.find(std::string(256, 'a')), RankTable::none);
}

TEST(RankTable, TellsTokensThatEndInZerosApart) {
    const RankTable table(
        vocabulary({std::string("a\0", 2), std::string("a\0\0", 3), std::string("a\0\0\0\0", 5)}));
    EXPECT_EQ(table.find(std::string("a\0", 2)), 256U);
    EXPECT_EQ(table.find(std::string("a\0\0", 3)), 257U);
    EXPECT_EQ(table.find(std::string("a\0\0\0", 4)), RankTable::none);
    EXPECT_EQ(table.find(std::string("a\0\0\0\0", 5)), 258U);
}

TEST(Merge, MergesLongAndShortPiecesAsTheDefinitionSays) {
    std::mt19937 random(7);
    std::vector<std::string> more;
    while (more.size() < 60) {
        std::string token;
        for (auto left = 2 + random() % 5; left > 0; --left) {
            token += static_cast<char>('a' + random() % 3);
        }
        if (std::find(more.begin(), more.end(), token) == more.end()) {
            more.push_back(token);
        }
    }
    const RankTable table(vocabulary(more));
    for (std::size_t size = 1; size < 150; ++size) {
        std::string piece;
        for (std::size_t at = 0; at < size; ++at) {
            piece += static_cast<char>('a' + random() % 3);
        }
        std::vector<TokenId> ids;
        merge_piece(table, piece, ids);
        EXPECT_EQ(ids, merged_plainly(table, piece)) << piece;
    }
}

/// Counted in steps, not in time: four times the piece may take about four times the steps.
TEST(Merge, TakesStepsInProportionToThePiece) {
    std::vector<std::string> more;
    for (std::size_t length = 2; length <= 128; length *= 2) {
        more.emplace_back(length, 'a');
    }
    more.insert(more.end(), {"ab", "ba", "abab", "aab"});
    const RankTable table(vocabulary(more));
    for (const std::string unit : {"a", "ab", "aab", "x", "abx"}) {
        for (const std::size_t size : {4'096U, 16'384U}) {
            std::string piece;
            while (piece.size() < size) {
                piece += unit;
            }
            std::vector<TokenId> ids;
            EXPECT_LE(merge_piece(table, piece, ids), 8 * piece.size()) << unit << " * " << size;
        }
    }
}

TEST(Merge, TakesFewStepsForShortPieces) {
    const RankTable table(vocabulary({"aa", "aaaa"}));
    std::vector<TokenId> ids;
    EXPECT_LE(merge_piece(table, std::string(64, 'a'), ids), 64U * 64U * 2U);
}

TEST(RankFile, IsReadWithItsPattern) {
    const auto read = read_encoding(rank_file(1, vocabulary({"ab"})));
    ASSERT_TRUE(read);
    EXPECT_EQ((*read)->pattern(), SplitPattern::cl100k);
    EXPECT_EQ((*read)->size(), 257U);
    EXPECT_THAT((*read)->encode("abab's"), ElementsAre(256, 256, '\'', 's'));
}

TEST(RankFile, IsRefusedUnlessItIsWholeAndRight) {
    const auto good = rank_file(2, vocabulary({"ab"}));
    EXPECT_EQ(why_not(good), "");
    EXPECT_THAT(why_not(""), HasSubstr("no rank file"));
    EXPECT_THAT(why_not("GHRANKS2" + good.substr(8)), HasSubstr("no rank file"));
    EXPECT_THAT(why_not(good + "x"), HasSubstr("goes on"));
    EXPECT_THAT(why_not(rank_file(3, vocabulary({}))), HasSubstr("pattern"));
    EXPECT_THAT(why_not(rank_file(2, vocabulary({"ab", "ab"}))), HasSubstr("twice"));
    EXPECT_THAT(why_not(rank_file(2, vocabulary({"", "abc"}))), HasSubstr("empty"));
    EXPECT_THAT(why_not(rank_file(2, {"a", "b"})), HasSubstr("lacks"));
}

TEST(RankFile, IsRefusedWhereverItIsCut) {
    const auto good = rank_file(2, vocabulary({"ab"}));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_NE(why_not(good.substr(0, size)), "") << size;
    }
}

TEST(RankFile, IsLoadedFromItsPath) {
    const auto path = std::filesystem::path(testing::TempDir()) / "gatehouse_tokens_test.ranks";
    std::ofstream(path, std::ios::binary) << rank_file(2, vocabulary({"ab"}));
    const auto loaded = load_encoding(path);
    EXPECT_TRUE(loaded);
    std::ofstream(path, std::ios::binary) << "something else";
    const auto refused = load_encoding(path);
    std::filesystem::remove(path);
    const auto missing = load_encoding(path);

    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.problem().message(), HasSubstr(path.string()));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.problem().kind(), ProblemKind::invalid_configuration);
    EXPECT_THAT(missing.problem().message(), HasSubstr(path.string()));
    EXPECT_FALSE(load_encoding(testing::TempDir())) << "a directory";
}

}  // namespace
}  // namespace gatehouse::tokens
