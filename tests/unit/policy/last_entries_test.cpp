#include "gatehouse/policy/last_entries.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

TEST(LastEntries, ForgetTheOldest) {
    LastEntries last(2);
    EXPECT_TRUE(last.add(1));
    EXPECT_TRUE(last.add(2));
    EXPECT_FALSE(last.add(1)) << "it stays the oldest";
    EXPECT_TRUE(last.contains(1));
    EXPECT_TRUE(last.add(3));
    EXPECT_FALSE(last.contains(1));
    EXPECT_TRUE(last.contains(2));
    EXPECT_TRUE(last.contains(3));
    EXPECT_EQ(last.size(), 2U);
}

TEST(LastEntries, MayBeNone) {
    LastEntries last(0);
    EXPECT_FALSE(last.add(1));
    EXPECT_EQ(last.size(), 0U);
}

}  // namespace
}  // namespace gatehouse::policy
