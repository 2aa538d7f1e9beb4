#include "gatehouse/policy/key_check.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace gatehouse::policy {
namespace {

using namespace std::chrono_literals;

struct KeyRingTest : testing::Test {
    KeyRingTest() {
        Caller search;
        search.name = "team-search";
        ring.add(sha256("gh-search"), std::make_shared<const Caller>(search));
        Caller trial;
        trial.name = "trial";
        trial.expires = expiry;
        ring.add(sha256("gh-trial"), std::make_shared<const Caller>(trial));
    }

    Result<std::shared_ptr<const Caller>> present(std::vector<std::string_view> keys,
                                                  bool required = true) const {
        PresentedKeys presented;
        presented.values = std::move(keys);
        return ring.identify(presented, required, now);
    }

    void expect_refused(const Result<std::shared_ptr<const Caller>>& result) const {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.problem().kind(), ProblemKind::invalid_api_key);
        EXPECT_EQ(result.problem().message(), "Missing or invalid API key.");
        EXPECT_EQ(result.problem().param(), "");
        EXPECT_EQ(result.problem().code(), "");
    }

    const WallTime expiry{1'800'000'000s};
    WallTime now = expiry - 1s;
    KeyRing ring;
};

TEST_F(KeyRingTest, AKnownKeyIsItsCaller) {
    const auto caller = present({"gh-search"});
    ASSERT_TRUE(caller);
    EXPECT_EQ((*caller)->name, "team-search");
    EXPECT_EQ(ring.size(), 2U);
    EXPECT_FALSE(ring.empty());
}

TEST_F(KeyRingTest, MissingUnknownAndExpiredCannotBeToldApart) {
    expect_refused(present({}));
    expect_refused(present({"gh-searcH"}));
    expect_refused(present({"gh-search "}));
    now = expiry;
    expect_refused(present({"gh-trial"}));
}

TEST_F(KeyRingTest, AChangedRingLeavesTheOneItWasMadeFromAlone) {
    Caller other;
    other.name = "other";
    other.admin = true;
    for (int i = 0; i < 1000; ++i) {  // so that every part of the ring has some
        ring.add(sha256("gh-" + std::to_string(i)), std::make_shared<const Caller>());
    }
    const auto more = ring.with(sha256("gh-other"), std::make_shared<const Caller>(other));
    const auto less = more->without(sha256("gh-search"));
    EXPECT_EQ(ring.size(), 1002U);
    EXPECT_EQ(more->size(), 1003U);
    EXPECT_EQ(less->size(), 1002U);
    expect_refused(present({"gh-other"}));
    EXPECT_TRUE(present({"gh-search"}));
    EXPECT_FALSE(ring.has_admin());
    EXPECT_TRUE(less->has_admin());
    EXPECT_EQ(less->named("other")->name, "other");
    EXPECT_EQ(less->named("team-search"), nullptr);
    EXPECT_EQ(less->without(sha256("gh-nobody"))->size(), 1002U);
    KeyRing both;
    both.add_all(*less);
    both.add_all(ring);
    EXPECT_EQ(both.size(), 1003U);
}

TEST_F(KeyRingTest, AKeyThatMayBeUnreadIsNotCalledInvalid) {
    ring.incomplete();
    const auto unknown = present({"gh-other"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.problem().kind(), ProblemKind::storage_unavailable);
    EXPECT_TRUE(present({"gh-search"}));
    EXPECT_EQ((*present({"gh-other"}, false))->name, "anonymous");
    expect_refused(present({}));
    now = expiry;
    expect_refused(present({"gh-trial"}));
}

TEST_F(KeyRingTest, AKeyWhoseCallerCannotBeReadIsNotCalledInvalid) {
    EXPECT_TRUE(ring.is_complete());
    ring.add_unreadable(sha256("gh-lost"));
    EXPECT_FALSE(ring.is_complete());
    const auto lost = present({"gh-lost"});
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.problem().kind(), ProblemKind::storage_unavailable);
    EXPECT_EQ((*present({"gh-lost"}, false))->name, "anonymous");
    expect_refused(present({"gh-other"}));
    EXPECT_FALSE(ring.has_admin());
    EXPECT_EQ(ring.named("lost"), nullptr);
    EXPECT_TRUE(ring.without(sha256("gh-lost"))->is_complete());
    ring.incomplete();
    EXPECT_FALSE(ring.without(sha256("gh-lost"))->is_complete());
}

TEST_F(KeyRingTest, AKeyLivesUntilTheMomentOfItsExpiry) {
    ASSERT_TRUE(present({"gh-trial"}));
    now = expiry;
    EXPECT_FALSE(present({"gh-trial"}));
    EXPECT_TRUE(present({"gh-search"}));
}

TEST_F(KeyRingTest, TheSameKeyThroughTwoDoorsIsOneKey) {
    const auto caller = present({"gh-search", "gh-search"});
    ASSERT_TRUE(caller);
    EXPECT_EQ((*caller)->name, "team-search");
}

TEST_F(KeyRingTest, TwoDifferentKeysAreRefusedWhicheverOfThemIsKnown) {
    for (const bool required : {true, false}) {
        const auto result = present({"gh-search", "gh-other"}, required);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.problem().kind(), ProblemKind::invalid_value);
        EXPECT_EQ(result.problem().message().find("gh-"), std::string::npos);
    }
    EXPECT_FALSE(present({"gh-search", "gh-search", "gh-trial"}));
}

TEST_F(KeyRingTest, AnotherSchemeCountsAsNoKey) {
    PresentedKeys presented;
    presented.malformed = true;
    expect_refused(ring.identify(presented, true, now));
    presented.values = {"gh-search"};
    expect_refused(ring.identify(presented, true, now));
}

TEST_F(KeyRingTest, WithoutRequiredKeysAStrangerIsAnonymousAndAKnownCallerKeepsItsName) {
    for (const auto& keys : {std::vector<std::string_view>{}, std::vector<std::string_view>{"gh-unknown"}}) {
        const auto caller = present(keys, false);
        ASSERT_TRUE(caller);
        EXPECT_EQ((*caller)->name, "anonymous");
        EXPECT_FALSE((*caller)->admin);
        EXPECT_TRUE((*caller)->debug) << "every listener is loopback then";
    }
    const auto known = present({"gh-search"}, false);
    ASSERT_TRUE(known);
    EXPECT_EQ((*known)->name, "team-search");
}

TEST_F(KeyRingTest, AHashOfTheEmptyTextOpensNothing) {
    ring.add(sha256(""), std::make_shared<const Caller>());
    expect_refused(present({}));
}

}  // namespace
}  // namespace gatehouse::policy
