#include "gatehouse/policy/failover.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace gatehouse::policy {
namespace {

using std::chrono::seconds;
using Verdict = CircuitBreaker::Verdict;

struct FailoverTest : testing::Test {
    void plan(std::size_t targets) {
        standings.assign(targets, TargetStanding{});
        failover.emplace(retry, all_open, targets, now);
    }
    NextStep next(double draw = 0.5) {
        auto step = failover->next(standings, now, draw);
        asked = step.call ? step.call->target : asked;
        return step;
    }
    /// The target of the next call and why; {-1, stop reason} if there is none.
    std::pair<int, std::string_view> call() {
        const auto step = next();
        return step.call ? std::pair(static_cast<int>(step.call->target), name_of(step.call->reason))
                         : std::pair(-1, std::string_view("stop"));
    }
    void fail(ProblemKind kind = ProblemKind::upstream_failed, Retry again = Retry::same_place,
              std::optional<Milliseconds> wait = std::nullopt) {
        Problem problem(kind, "", again);
        if (wait) {
            problem = std::move(problem).with_wait(*wait);
        }
        failover->failed(asked, problem, 1, now);
    }
    using Expected = std::pair<int, std::string_view>;

    RetryOptions retry;
    AllOpen all_open{AllOpen::try_one};
    Instant now{std::chrono::hours(100)};
    std::vector<TargetStanding> standings;
    std::optional<Failover> failover;
    std::size_t asked{0};
};

TEST_F(FailoverTest, GoesThroughTheTargetsInOrderAtOnceThenRetriesTheFirst) {
    plan(2);
    EXPECT_EQ(call(), Expected(0, "first"));
    fail();
    const auto second = next();
    ASSERT_TRUE(second.call);
    EXPECT_EQ(second.call->target, 1U);
    EXPECT_EQ(second.call->at, now);
    fail();
    const auto third = next();
    ASSERT_TRUE(third.call);
    EXPECT_EQ(third.call->target, 0U);
    EXPECT_EQ(third.call->reason, CallReason::retry);
    EXPECT_EQ(third.call->at, now + Milliseconds(125));
}

TEST_F(FailoverTest, MakesNoMoreCallsThanAllowed) {
    plan(1);
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(next().call) << i;
        fail();
    }
    const auto last = next();
    EXPECT_FALSE(last.call);
    EXPECT_EQ(last.stop, StopReason::attempts);
}

TEST_F(FailoverTest, CountsCallsThatOneTryMadeItself) {
    plan(1);
    next();
    failover->failed(0, Problem(ProblemKind::upstream_failed, "", Retry::same_place), 4, now);
    EXPECT_EQ(next().stop, StopReason::attempts);
}

TEST_F(FailoverTest, StartsNothingAfterTheDeadline) {
    plan(2);
    next();
    now += retry.deadline;
    fail();
    const auto step = next();
    EXPECT_FALSE(step.call);
    EXPECT_EQ(step.stop, StopReason::deadline);
}

TEST_F(FailoverTest, TheClientsOwnDeadlineIsOneToo) {
    plan(2);
    failover->narrow_deadline(now + seconds(5));
    next();
    now += seconds(5);
    fail();
    EXPECT_EQ(next().stop, StopReason::deadline);
}

TEST_F(FailoverTest, PassesOverATargetThatIsLeftAlone) {
    plan(2);
    standings[0].breaker = Verdict::leave;
    EXPECT_EQ(call(), Expected(1, "first"));
}

TEST_F(FailoverTest, ProbesATargetInItsOrdinaryPlace) {
    plan(2);
    standings[0].breaker = Verdict::probe;
    EXPECT_EQ(call(), Expected(0, "first"));
}

TEST_F(FailoverTest, PrefersOthersToARecoveringTargetButHasIt) {
    plan(2);
    standings[0].breaker = Verdict::hold_back;
    EXPECT_EQ(call(), Expected(1, "first"));
    fail();
    EXPECT_EQ(call(), Expected(0, "next_target"));
}

TEST_F(FailoverTest, TriesTheTargetWhosePauseEndsFirstOnceWhenAllAreLeftAlone) {
    plan(2);
    standings[0].breaker = standings[1].breaker = Verdict::leave;
    standings[0].free_at = now + seconds(9);
    standings[1].free_at = now + seconds(3);
    EXPECT_EQ(call(), Expected(1, "last_resort"));
    fail();
    const auto step = next();
    EXPECT_FALSE(step.call);
    EXPECT_EQ(step.stop, StopReason::nothing_left);
}

TEST_F(FailoverTest, ALastResortThatCouldNotBeCalledIsNone) {
    plan(2);
    standings[0].breaker = standings[1].breaker = Verdict::leave;
    standings[0].free_at = now + seconds(3);
    standings[1].free_at = now + seconds(9);
    EXPECT_EQ(call(), Expected(0, "last_resort"));
    standings[0].has_room = false;  // others were quicker
    EXPECT_EQ(call(), Expected(1, "last_resort"));
    fail();
    standings[0].has_room = true;
    EXPECT_FALSE(next().call) << "one that was called is enough";
}

TEST_F(FailoverTest, FailsFastWhenTheOperatorWantsItSo) {
    all_open = AllOpen::fail;
    plan(2);
    standings[0].breaker = standings[1].breaker = Verdict::leave;
    standings[0].free_at = now + seconds(9);
    standings[1].free_at = now + seconds(3);
    const auto step = next();
    EXPECT_FALSE(step.call);
    EXPECT_EQ(step.stop, StopReason::all_open);
    EXPECT_EQ(step.wait, seconds(3));
}

TEST_F(FailoverTest, DoesNotRetryATargetThatHasBeenLeftAloneSince) {
    plan(1);
    next();
    fail();
    standings[0].breaker = Verdict::leave;
    EXPECT_EQ(next().stop, StopReason::nothing_left);
}

TEST_F(FailoverTest, DoesNotRetryBeyondTheTargetsBudget) {
    plan(1);
    next();
    fail();
    standings[0].may_retry = false;
    EXPECT_FALSE(next().call);
}

TEST_F(FailoverTest, TakesTheNextCredentialBeforeTheNextTarget) {
    plan(2);
    next();
    fail(ProblemKind::upstream_credentials, Retry::other_credential);
    EXPECT_EQ(call(), Expected(0, "next_credential"));
    fail(ProblemKind::upstream_rate_limited);
    standings[0].has_credential = false;
    EXPECT_EQ(call(), Expected(1, "next_target"));
}

TEST_F(FailoverTest, TheLastCallIsAnotherTargetsHoweverManyCredentialsThereAre) {
    plan(2);
    for (const auto& expected :
         {Expected(0, "first"), Expected(0, "next_credential"), Expected(0, "next_credential")}) {
        EXPECT_EQ(call(), expected);
        fail(ProblemKind::upstream_rate_limited);
    }
    standings[1].breaker = Verdict::leave;
    EXPECT_EQ(call(), Expected(0, "next_credential")) << "nobody else may be asked";
    standings[1].breaker = Verdict::call;
    EXPECT_EQ(call(), Expected(1, "next_target"));
}

TEST_F(FailoverTest, ARefusedCredentialIsNotTriedAgainWhereItIsTheOnlyOne) {
    plan(1);
    next();
    fail(ProblemKind::upstream_credentials, Retry::other_credential);
    standings[0].has_credential = false;
    EXPECT_EQ(next().stop, StopReason::nothing_left);
}

TEST_F(FailoverTest, WaitsForTheHintOfARateLimitWhereThereIsNothingElse) {
    plan(1);
    next();
    fail(ProblemKind::upstream_rate_limited, Retry::same_place, seconds(7));
    standings[0].has_credential = false;
    standings[0].free_at = now + seconds(7);
    const auto step = next();
    ASSERT_TRUE(step.call);
    EXPECT_EQ(step.call->at, now + seconds(7));
}

TEST_F(FailoverTest, PassesTheHintOnWhereItIsBeyondTheDeadline) {
    plan(1);
    next();
    fail(ProblemKind::upstream_rate_limited, Retry::same_place, std::chrono::minutes(5));
    standings[0].has_credential = false;
    const auto step = next();
    EXPECT_FALSE(step.call);
    EXPECT_EQ(step.stop, StopReason::deadline);
}

TEST_F(FailoverTest, RetriesWhoeverMayBeCalledSoonest) {
    plan(2);
    next();
    fail(ProblemKind::upstream_rate_limited, Retry::same_place, seconds(7));
    standings[0].has_credential = false;
    standings[0].free_at = now + seconds(7);
    next();
    fail();
    EXPECT_EQ(call(), Expected(1, "retry"));
}

TEST_F(FailoverTest, AFaultOfTheRequestEndsIt) {
    plan(3);
    next();
    fail(ProblemKind::upstream_rejected, Retry::no);
    const auto step = next();
    EXPECT_FALSE(step.call);
    EXPECT_EQ(step.stop, StopReason::final_answer);
}

TEST_F(FailoverTest, ADetourLeavesTheOldTargetsBehind) {
    plan(2);
    next();
    fail(ProblemKind::context_length, Retry::no);
    failover->fall_back_to(1);
    standings.emplace_back();
    EXPECT_EQ(call(), Expected(2, "next_target"));
    fail(ProblemKind::upstream_rejected, Retry::no);
    EXPECT_FALSE(next().call);
}

TEST_F(FailoverTest, PassesOverATargetThatCannotBeAsked) {
    plan(2);
    next();
    failover->cannot_be_asked(asked);
    EXPECT_EQ(call(), Expected(1, "first"));
    failover->cannot_be_asked(asked);
    EXPECT_FALSE(next().call);
    EXPECT_EQ(failover->calls(), 0);
}

TEST_F(FailoverTest, NamesATargetThatMayBeCalledBesideTheFirst) {
    plan(3);
    next();
    standings[1].breaker = Verdict::hold_back;
    EXPECT_EQ(failover->beside(standings, now), 2U);
    standings[2].has_credential = false;
    EXPECT_EQ(failover->beside(standings, now), std::nullopt);
}

TEST_F(FailoverTest, NothingIsBegunBesideAnotherAfterTheDeadline) {
    plan(2);
    next();
    now += retry.deadline;
    EXPECT_EQ(failover->beside(standings, now), std::nullopt);
}

TEST_F(FailoverTest, AFailureOfAPlanLeftBehindDoesNotEndTheDetour) {
    plan(2);
    next();
    fail(ProblemKind::context_length, Retry::no);
    failover->fall_back_to(1);
    standings.emplace_back();
    failover->failed(1, Problem(ProblemKind::context_length, ""), 1, now);
    EXPECT_EQ(call(), Expected(2, "next_target"));
}

TEST_F(FailoverTest, TheCallBesideAnotherIsOneOfThoseAllowed) {
    retry.attempts = 1;
    plan(2);
    next();
    EXPECT_EQ(failover->beside(standings, now), std::nullopt);
    retry.attempts = 2;
    plan(2);
    next();
    EXPECT_EQ(failover->beside(standings, now), 1U);
    failover->failed(1, Problem(ProblemKind::upstream_failed, "", Retry::same_place), 1, now);
    failover->spent(0, 1);
    EXPECT_EQ(next().stop, StopReason::attempts);
}

TEST_F(FailoverTest, ATargetWithoutRoomIsPassedOver) {
    plan(2);
    standings[0].has_room = false;
    EXPECT_EQ(call(), Expected(1, "first"));
    fail();
    // The full one is no last resort; the other is tried again.
    EXPECT_EQ(call(), Expected(1, "retry"));
}

TEST_F(FailoverTest, WithoutRoomAnywhereNobodyIsCalled) {
    for (const auto open : {AllOpen::try_one, AllOpen::fail}) {
        all_open = open;
        plan(2);
        standings[0].has_room = standings[1].has_room = false;
        standings[0].free_at = now + seconds(9);
        standings[1].free_at = now + seconds(4);
        const auto step = next();
        EXPECT_FALSE(step.call);
        EXPECT_EQ(step.stop, StopReason::no_room);
        EXPECT_EQ(step.wait, seconds(4));
    }
}

TEST_F(FailoverTest, ARetryWaitsForRoom) {
    plan(1);
    next();
    fail();
    standings[0].has_room = false;
    EXPECT_EQ(next().stop, StopReason::nothing_left) << "there never is any";
    standings[0].free_at = now + seconds(7);
    const auto again = next();
    ASSERT_TRUE(again.call);
    EXPECT_EQ(again.call->at, now + seconds(7));
}

TEST_F(FailoverTest, AnEmptyPlanHasNoCall) {
    plan(0);
    EXPECT_FALSE(next().call);
}

TEST_F(FailoverTest, ACallIsReplaceableWhileAnotherTargetAndAnotherCallAreLeft) {
    plan(3);
    EXPECT_EQ(call(), Expected(0, "first"));
    ASSERT_TRUE(failover->stand_in(standings));
    EXPECT_EQ(failover->stand_in(standings)->target, 1U);
    EXPECT_EQ(failover->stand_in(standings)->until, now + retry.deadline);
    ASSERT_TRUE(failover->stand_in(standings, 1));
    EXPECT_EQ(failover->stand_in(standings, 1)->target, 2U) << "the other one has been asked already";
    standings[1].breaker = Verdict::hold_back;
    EXPECT_EQ(failover->stand_in(standings)->target, 2U);
    standings[2].has_credential = false;
    EXPECT_EQ(failover->stand_in(standings)->target, 1U);
    EXPECT_FALSE(failover->stand_in(standings, 1));
    failover->cannot_be_asked(1);
    EXPECT_FALSE(failover->stand_in(standings));
}

TEST_F(FailoverTest, TheLastCallThatIsAllowedIsNotReplaceable) {
    retry.attempts = 2;
    plan(3);
    call();
    fail();
    EXPECT_EQ(call(), Expected(1, "next_target"));
    EXPECT_FALSE(failover->stand_in(standings));
    retry.attempts = 3;
    plan(3);
    call();
    fail();
    call();
    EXPECT_TRUE(failover->stand_in(standings));
    EXPECT_FALSE(failover->stand_in(standings, 2)) << "the one beside it is the last";
}

TEST_F(FailoverTest, AnAnswerIsGoneOnWithByTheNextTargetThatTakesIt) {
    plan(4);
    call();
    failover->spent(0, 1);  // it broke off behind its first content
    EXPECT_FALSE(failover->go_on(standings, now)) << "none declares it";
    standings[0].goes_on = standings[2].goes_on = standings[3].goes_on = true;
    standings[2].breaker = Verdict::leave;
    auto next = failover->go_on(standings, now);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->target, 3U);
    EXPECT_EQ(name_of(next->reason), "continuation");
    failover->spent(3, 1);
    standings[2].breaker = Verdict::hold_back;
    next = failover->go_on(standings, now);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->target, 2U);
    failover->spent(2, 1);
    EXPECT_FALSE(failover->go_on(standings, now)) << "each is asked once, the one that broke off never";
}

TEST_F(FailoverTest, GoingOnCountsAgainstAttemptsAndDeadline) {
    retry.attempts = 2;
    plan(3);
    standings[1].goes_on = standings[2].goes_on = true;
    call();
    failover->spent(0, 1);
    EXPECT_FALSE(failover->go_on(standings, now + retry.deadline));
    ASSERT_TRUE(failover->go_on(standings, now));
    failover->spent(1, 1);
    EXPECT_FALSE(failover->go_on(standings, now));
}

}  // namespace
}  // namespace gatehouse::policy
