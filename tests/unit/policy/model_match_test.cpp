#include "gatehouse/policy/model_match.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

TEST(ModelPattern, AnExactNameMatchesOnlyItself) {
    const ModelPattern name("gpt-5-mini");
    EXPECT_FALSE(name.is_pattern());
    EXPECT_EQ(name.literal_length(), 10U);
    EXPECT_EQ(name.match("gpt-5-mini"), "");
    EXPECT_FALSE(name.match("gpt-5-mini-2"));
    EXPECT_FALSE(name.match("gpt-5-min"));
    EXPECT_FALSE(name.match("GPT-5-mini"));
}

TEST(ModelPattern, TheStarStandsForAnyTextAlsoEmptyOrWithSlashes) {
    const ModelPattern pattern("claude/*");
    EXPECT_TRUE(pattern.is_pattern());
    EXPECT_EQ(pattern.literal_length(), 7U);
    EXPECT_EQ(pattern.match("claude/"), "");
    EXPECT_EQ(pattern.match("claude/opus"), "opus");
    EXPECT_EQ(pattern.match("claude/eu/opus"), "eu/opus");
    EXPECT_FALSE(pattern.match("claude"));
    EXPECT_FALSE(pattern.match("my-claude/opus"));
}

TEST(ModelPattern, TheStarMayStandFirstOrInTheMiddleOrAlone) {
    EXPECT_EQ(ModelPattern("*-mini").match("gpt-5-mini"), "gpt-5");
    EXPECT_EQ(ModelPattern("gpt-*-preview").match("gpt-6-preview"), "6");
    EXPECT_FALSE(ModelPattern("gpt-*-preview").match("gpt-6-preview-2"));
    EXPECT_EQ(ModelPattern("*").match("anything"), "anything");
    EXPECT_EQ(ModelPattern("*").match(""), "");
}

TEST(ModelPattern, TheTwoPartsNeverShareText) {
    const ModelPattern pattern("ab*ba");
    EXPECT_FALSE(pattern.match("aba"));
    EXPECT_EQ(pattern.match("abba"), "");
    EXPECT_EQ(pattern.match("ab-ba"), "-");
}

TEST(ModelAllowList, AllowsWhatAnyEntryMatchesAndNothingElse) {
    const ModelAllowList list({"gpt-5-mini", "claude/*"});
    EXPECT_TRUE(list.allows("gpt-5-mini"));
    EXPECT_TRUE(list.allows("claude/haiku"));
    EXPECT_FALSE(list.allows("gpt-5"));
    EXPECT_FALSE(list.allows(""));
}

TEST(ModelAllowList, AnEmptyListAllowsNothing) {
    EXPECT_FALSE(ModelAllowList({}).allows("gpt-5-mini"));
}

}  // namespace
}  // namespace gatehouse::policy
