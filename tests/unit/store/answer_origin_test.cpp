#include "gatehouse/store/answer_origin.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::store {
namespace {

AnswerOrigin origin_of(const std::string& model) {
    AnswerOrigin origin;
    origin.model = model;
    origin.tags = {{"team", "search"}};
    return origin;
}

TEST(OriginShelf, SharesWhatIsAlike) {
    OriginShelf shelf;
    const auto first = shelf.put(origin_of("a"));
    EXPECT_TRUE(first.made);
    const auto other = shelf.put(origin_of("b"));
    EXPECT_TRUE(other.made);
    EXPECT_NE(first.origin, other.origin);
    const auto again = shelf.put(origin_of("a"));
    EXPECT_FALSE(again.made);
    EXPECT_EQ(again.origin, first.origin);
    auto tagged = origin_of("a");
    tagged.tags.front().second = "support";
    EXPECT_TRUE(shelf.put(tagged).made);
}

TEST(OriginShelf, ForgetsWhatHasNotComeForLongest) {
    OriginShelf shelf;
    shelf.put(origin_of("often"));
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(shelf.put(origin_of(std::to_string(i))).made);
        EXPECT_FALSE(shelf.put(origin_of("often")).made);
    }
    EXPECT_TRUE(shelf.put(origin_of("0")).made);
}

TEST(OriginShelf, TellsWhatAnOriginTakes) {
    const auto small = bytes_of(AnswerOrigin());
    EXPECT_GE(small, sizeof(AnswerOrigin));
    auto tagged = origin_of(std::string(100, 'm'));
    EXPECT_GE(bytes_of(tagged), small + 100 + 2 * sizeof(std::string));
}

}  // namespace
}  // namespace gatehouse::store
