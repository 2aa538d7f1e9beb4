#include "gatehouse/policy/cache_wish.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

using std::chrono::seconds;

CacheWish said(std::string_view field) {
    CacheWish wish;
    add_cache_control(field, wish);
    return wish;
}

TEST(CacheWish, KnowsTheDirectivesOfARequest) {
    EXPECT_TRUE(said("no-cache").no_cache);
    EXPECT_TRUE(said("No-Store").no_store);
    EXPECT_TRUE(said("only-if-cached").only_if_cached);
    EXPECT_EQ(said("max-age=60").max_age, seconds(60));
    EXPECT_EQ(said("max-age=\"60\"").max_age, seconds(60));
    const auto several = said(" max-stale=5 , no-store,,max-age = 7, x=\"y");
    EXPECT_TRUE(several.no_store);
    EXPECT_FALSE(several.no_cache);
    EXPECT_EQ(several.max_age, seconds(7));
}

TEST(CacheWish, PassesOverWhatIsNoAgeAndTakesTheStricterOfTwo) {
    for (const char* field : {"max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=1s"}) {
        EXPECT_FALSE(said(field).max_age) << field;
    }
    EXPECT_EQ(said("max-age=9, max-age=3, max-age=5").max_age, seconds(3));
    EXPECT_EQ(said("max-age=99999999999999999999999").max_age, seconds(std::int64_t{1} << 31U));
}

TEST(CacheWish, SaysWhatMayBeTakenSharedAndKept) {
    EXPECT_TRUE(said("").shares() && said("").takes() && said("").gives());
    EXPECT_FALSE(said("no-cache").shares());
    EXPECT_FALSE(said("no-cache").takes());
    EXPECT_TRUE(said("no-cache").gives()) << "a fresh answer replaces the one that is kept";
    EXPECT_FALSE(said("no-store").shares());
    EXPECT_TRUE(said("no-store").takes());
    EXPECT_FALSE(said("no-store").gives());
    EXPECT_FALSE(said("max-age=0").takes());
    EXPECT_TRUE(said("max-age=0").gives());
    CacheWish off;
    off.most = CacheTier::none;
    EXPECT_FALSE(off.shares() || off.takes() || off.gives());
}

TEST(CacheWish, NarrowsAndNeverWidens) {
    CacheOptions options;
    CacheWish wish;
    EXPECT_EQ(tier_for(options, wish), CacheTier::exact);
    wish.most = CacheTier::semantic;
    EXPECT_EQ(tier_for(options, wish), CacheTier::exact);
    options.semantic.most = CacheTier::semantic;
    EXPECT_EQ(tier_for(options, wish), CacheTier::semantic);
    wish.most = CacheTier::signature;
    EXPECT_EQ(tier_for(options, wish), CacheTier::signature);
    wish.most = CacheTier::none;
    EXPECT_EQ(tier_for(options, wish), CacheTier::none);

    wish.threshold = 0.5;
    EXPECT_DOUBLE_EQ(threshold_for(options, wish), 0.85);
    wish.threshold = 0.95;
    EXPECT_DOUBLE_EQ(threshold_for(options, wish), 0.95);
}

TEST(CacheOptions, AWayOfFindingIncludesThoseBeforeIt) {
    CacheOptions options;
    options.exact.enabled = false;
    EXPECT_EQ(most_allowed(options), CacheTier::none);
    options.semantic.most = CacheTier::signature;
    EXPECT_EQ(most_allowed(options), CacheTier::signature);
}

}  // namespace
}  // namespace gatehouse::policy
