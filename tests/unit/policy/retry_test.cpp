#include "gatehouse/policy/retry.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

const Instant start{std::chrono::hours(100)};

Consequence of(ProblemKind kind, Retry retry = Retry::same_place, int status = 0) {
    return consequence_of(Problem(kind, "", retry).with_status(status));
}

TEST(ConsequenceTest, AFailureOfTheProviderIsTriedAgainThereAndElsewhereAndCounts) {
    for (const auto kind :
         {ProblemKind::upstream_connect, ProblemKind::upstream_timeout, ProblemKind::upstream_lost,
          ProblemKind::upstream_protocol, ProblemKind::upstream_overloaded, ProblemKind::upstream_failed}) {
        const auto consequence = of(kind);
        EXPECT_TRUE(consequence.same_target) << name_of(kind);
        EXPECT_TRUE(consequence.next_target) << name_of(kind);
        EXPECT_FALSE(consequence.next_credential) << name_of(kind);
        EXPECT_EQ(consequence.blame, Blame::target) << name_of(kind);
    }
}

TEST(ConsequenceTest, TlsRedirectsAndTotalTimeoutsAreOnlyTriedElsewhere) {
    for (const auto kind :
         {ProblemKind::upstream_tls, ProblemKind::upstream_redirect, ProblemKind::upstream_timeout}) {
        const auto consequence = of(kind, Retry::elsewhere);
        EXPECT_FALSE(consequence.same_target) << name_of(kind);
        EXPECT_TRUE(consequence.next_target) << name_of(kind);
        EXPECT_EQ(consequence.blame, Blame::target) << name_of(kind);
    }
}

TEST(ConsequenceTest, ARateLimitParksTheCredentialForThatModel) {
    const auto consequence = of(ProblemKind::upstream_rate_limited, Retry::same_place, 429);
    EXPECT_TRUE(consequence.same_target);
    EXPECT_TRUE(consequence.next_target);
    EXPECT_TRUE(consequence.next_credential);
    EXPECT_EQ(consequence.blame, Blame::credential_here);
}

TEST(ConsequenceTest, ARefusedCredentialIsParkedEverywhereAndA403ForItsModel) {
    const auto unauthorized = of(ProblemKind::upstream_credentials, Retry::other_credential, 401);
    EXPECT_EQ(unauthorized.blame, Blame::credential);
    EXPECT_TRUE(unauthorized.next_credential);
    EXPECT_FALSE(unauthorized.same_target);
    EXPECT_TRUE(unauthorized.next_target);
    EXPECT_EQ(of(ProblemKind::upstream_credentials, Retry::other_credential, 403).blame,
              Blame::credential_here);
    EXPECT_EQ(of(ProblemKind::upstream_quota, Retry::other_credential, 429).blame, Blame::credential);
}

TEST(ConsequenceTest, AnUnknownModelIsOnlyTriedElsewhereAndCountsForNothing) {
    const auto consequence = of(ProblemKind::upstream_not_found, Retry::elsewhere, 404);
    EXPECT_FALSE(consequence.same_target);
    EXPECT_TRUE(consequence.next_target);
    EXPECT_EQ(consequence.blame, Blame::nobody);
}

TEST(ConsequenceTest, AFaultOfTheRequestIsFinal) {
    for (const auto kind : {ProblemKind::upstream_rejected, ProblemKind::client_gone, ProblemKind::cancelled,
                            ProblemKind::unsupported_parameter, ProblemKind::internal}) {
        const auto consequence = of(kind, Retry::no, 400);
        EXPECT_FALSE(consequence.same_target || consequence.next_target || consequence.next_credential)
            << name_of(kind);
        EXPECT_EQ(consequence.blame, Blame::nobody) << name_of(kind);
    }
}

TEST(ConsequenceTest, LengthAndPolicyHaveListsOfTheirOwn) {
    EXPECT_EQ(of(ProblemKind::context_length, Retry::no, 400).special, SpecialFallback::context_length);
    EXPECT_EQ(of(ProblemKind::content_policy, Retry::no, 400).special, SpecialFallback::content_policy);
    EXPECT_FALSE(of(ProblemKind::context_length, Retry::no, 400).next_target);
}

TEST(BackoffTest, IsAShareOfADoublingThatIsCapped) {
    RetryOptions options;
    options.backoff_base = Milliseconds(100);
    options.backoff_cap = Milliseconds(1'000);
    EXPECT_EQ(backoff(options, 0, 0.5), Milliseconds(50));
    EXPECT_EQ(backoff(options, 1, 0.5), Milliseconds(100));
    EXPECT_EQ(backoff(options, 2, 0.5), Milliseconds(200));
    EXPECT_EQ(backoff(options, 9, 0.5), Milliseconds(500));
    EXPECT_EQ(backoff(options, 1'000'000, 0.5), Milliseconds(500));
    EXPECT_EQ(backoff(options, 3, 0.0), Milliseconds(0));
}

TEST(ParkingTest, LastsLongerTheMoreOftenARateLimitIsMet) {
    const auto time = [](int refusals) { return parking_time(ProblemKind::upstream_rate_limited, refusals); };
    EXPECT_EQ(time(1), std::chrono::seconds(1));
    EXPECT_EQ(time(3), std::chrono::seconds(4));
    EXPECT_EQ(time(100), std::chrono::seconds(32));
    EXPECT_GT(parking_time(ProblemKind::upstream_quota, 1),
              parking_time(ProblemKind::upstream_credentials, 1));
}

TEST(RetryBudgetTest, AllowsTenAndAShareOfTheFirstCallsOfTenSeconds) {
    const RetryOptions options;
    RetryBudget budget;
    for (int i = 0; i < 100; ++i) {
        budget.first_call(start);
    }
    int allowed = 0;
    while (budget.allows(options, start)) {
        budget.retry(start);
        ++allowed;
    }
    EXPECT_EQ(allowed, 30);
    EXPECT_FALSE(budget.allows(options, start + std::chrono::seconds(9)));
    EXPECT_TRUE(budget.allows(options, start + std::chrono::seconds(10)));
}

TEST(RetryBudgetTest, ForgetsSecondsThatCameRoundAgain) {
    const RetryOptions options;
    RetryBudget budget;
    for (int second = 0; second < 25; ++second) {
        budget.retry(start + std::chrono::seconds(second));
    }
    EXPECT_FALSE(budget.allows(options, start + std::chrono::seconds(24)));
    EXPECT_TRUE(budget.allows(options, start + std::chrono::seconds(25)));
}

}  // namespace
}  // namespace gatehouse::policy
