#include "config/nearest.hpp"

#include <gtest/gtest.h>

namespace gatehouse::config {
namespace {

TEST(EditDistance, CountsASwapOfNeighboursOnce) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("listen", "listen"), 0U);
    EXPECT_EQ(edit_distance("lisetn", "listen"), 1U);
    EXPECT_EQ(edit_distance("listn", "listen"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, NamesNothingThatIsFarAway) {
    EXPECT_EQ(nearest("lissten", {"drain", "listen", "lanes"}), "listen");
    EXPECT_EQ(nearest("whatever", {"drain", "listen", "lanes"}), std::nullopt);
    EXPECT_EQ(nearest("x", {}), std::nullopt);
}

TEST(Suggestion, ListsWhatIsKnownWhenNothingIsNear) {
    EXPECT_EQ(suggestion("lissten", {"listen"}), "; did you mean `listen`?");
    EXPECT_EQ(suggestion("zzz", {"listen", "lanes"}), "; known: `listen`, `lanes`");
    EXPECT_EQ(suggestion("zzz", {}), "; none is defined");
}

}  // namespace
}  // namespace gatehouse::config
