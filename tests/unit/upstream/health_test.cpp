#include "gatehouse/upstream/health.hpp"

#include "support/hand_clock.hpp"

#include <gtest/gtest.h>

#include <array>

namespace gatehouse::upstream {
namespace {

using policy::CallReason;
using std::chrono::minutes;
using std::chrono::seconds;
using Verdict = policy::CircuitBreaker::Verdict;

Problem rate_limited(std::optional<Milliseconds> wait = std::nullopt) {
    Problem problem(ProblemKind::upstream_rate_limited, "", Retry::same_place);
    problem = std::move(problem).with_status(429);
    return wait ? std::move(problem).with_wait(*wait) : std::move(problem);
}

Problem refused(int status) {
    return Problem(ProblemKind::upstream_credentials, "", Retry::other_credential).with_status(status);
}

struct HealthTest : testing::Test {
    CallInFlight begin(TargetHealth& called, CallReason reason = CallReason::first) {
        return called.begin(resilience, keys, reason, clock);
    }
    void fail(TargetHealth& called, const Problem& problem) { begin(called).failed(problem); }
    policy::TargetStanding standing(const TargetHealth& asked) {
        return asked.standing(resilience, keys, clock.now(), 0.5);
    }

    test::HandClock clock;
    Resilience resilience;
    std::array<Digest, 2> keys{sha256("one"), sha256("two")};
    HealthBoard board;
    std::shared_ptr<TargetHealth> target{board.of("acme", "small")};
    std::shared_ptr<TargetHealth> sibling{board.of("acme", "big")};
    std::shared_ptr<TargetHealth> stranger{board.of("other", "small")};
};

TEST_F(HealthTest, IsOneForEverybodyWhoAsks) {
    EXPECT_EQ(board.of("acme", "small"), target);
    EXPECT_NE(board.of("acme", "big"), target);
}

TEST_F(HealthTest, ARateLimitParksTheCredentialForItsModelOnly) {
    fail(*target, rate_limited(seconds(20)));
    EXPECT_EQ(begin(*target).credential(), 1U);
    EXPECT_EQ(begin(*sibling).credential(), 0U);
    clock.advance(seconds(20));
    EXPECT_EQ(begin(*target).credential(), 0U);
}

TEST_F(HealthTest, ALaterHintExtendsTheParkingAndASoonerOneDoesNotEndIt) {
    fail(*target, rate_limited(seconds(20)));
    target->begin(resilience, std::span(keys).first(1), CallReason::last_resort, clock)
        .failed(rate_limited(seconds(1)));
    clock.advance(seconds(19));
    EXPECT_EQ(begin(*target).credential(), 1U);
    clock.advance(seconds(1));
    EXPECT_EQ(begin(*target).credential(), 0U);
}

TEST_F(HealthTest, AHintOfNoWaitAtAllParksForAMoment) {
    fail(*target, rate_limited(Milliseconds(0)));
    EXPECT_EQ(begin(*target).credential(), 1U);
    fail(*target, refused(401).with_wait(Milliseconds(0)));
    EXPECT_FALSE(standing(*target).has_credential);
    EXPECT_EQ(standing(*target).free_at, clock.now() + Milliseconds(250));
    clock.advance(Milliseconds(250));
    EXPECT_EQ(begin(*target).credential(), 0U);
}

TEST_F(HealthTest, ARefusedCredentialIsParkedForEveryModelOfItsProvider) {
    fail(*target, refused(401));
    EXPECT_EQ(begin(*target).credential(), 1U);
    EXPECT_EQ(begin(*sibling).credential(), 1U);
    EXPECT_EQ(begin(*stranger).credential(), 0U);
    clock.advance(minutes(1));
    EXPECT_EQ(begin(*sibling).credential(), 0U);
}

TEST_F(HealthTest, A403ParksForTheModelOnly) {
    fail(*target, refused(403));
    EXPECT_EQ(begin(*target).credential(), 1U);
    EXPECT_EQ(begin(*sibling).credential(), 0U);
}

TEST_F(HealthTest, WithEveryCredentialParkedTheOneThatIsFreeFirstIsTaken) {
    fail(*target, rate_limited(seconds(20)));
    fail(*target, rate_limited(seconds(10)));
    const auto now = standing(*target);
    EXPECT_FALSE(now.has_credential);
    EXPECT_EQ(now.free_at, clock.now() + seconds(10));
    EXPECT_EQ(begin(*target, CallReason::last_resort).credential(), 1U);
}

TEST_F(HealthTest, WithoutAHintTheParkingGrowsUntilAnAnswerComes) {
    const auto only = std::span(keys).first(1);
    const auto refuse = [&] {
        target->begin(resilience, only, CallReason::first, clock).failed(rate_limited());
    };
    const auto parked_for = [&] {
        const auto until = target->standing(resilience, only, clock.now(), 0.5).free_at;
        return until ? std::chrono::duration_cast<seconds>(*until - clock.now()) : seconds(0);
    };
    refuse();
    EXPECT_EQ(parked_for(), seconds(1));
    clock.advance(seconds(1));
    refuse();
    EXPECT_EQ(parked_for(), seconds(2));
    clock.advance(seconds(2));
    target->begin(resilience, only, CallReason::first, clock).succeeded(AnswerForm::whole, Milliseconds(5));
    refuse();
    EXPECT_EQ(parked_for(), seconds(1));
}

TEST_F(HealthTest, OnlyFailuresOfTheTargetCountAgainstIt) {
    for (int i = 0; i < 10; ++i) {
        fail(*target, rate_limited(seconds(1)));
        fail(*target, Problem(ProblemKind::upstream_rejected, "").with_status(400));
        begin(*target);  // nobody awaited it
    }
    EXPECT_EQ(standing(*target).breaker, Verdict::call);
    for (int i = 0; i < 5; ++i) {
        fail(*target, Problem(ProblemKind::upstream_failed, "", Retry::same_place).with_status(500));
    }
    EXPECT_EQ(standing(*target).breaker, Verdict::leave);
    EXPECT_EQ(standing(*sibling).breaker, Verdict::call);
}

TEST_F(HealthTest, AClientThatLeavesSoonSaysNothingAndOneThatWaitedLongDoes) {
    for (int i = 0; i < 10; ++i) {
        begin(*target);
    }
    EXPECT_EQ(target->report(resilience, clock.now()).failures, 0);
    for (int i = 0; i < 5; ++i) {
        const auto hanging = begin(*target);
        clock.advance(std::chrono::minutes(2));
    }
    EXPECT_EQ(standing(*target).breaker, Verdict::leave);
}

TEST_F(HealthTest, APromptTargetIsKnownToHangSooner) {
    for (int i = 0; i < 40; ++i) {
        begin(*target).succeeded(AnswerForm::whole, Milliseconds(50));
    }
    const auto failures = [&] { return target->report(resilience, clock.now()).failures; };
    {
        const auto hanging = begin(*target);
        clock.advance(seconds(9));
    }
    EXPECT_EQ(failures(), 0);
    {
        const auto hanging = begin(*target);
        clock.advance(seconds(11));
    }
    EXPECT_EQ(failures(), 1);
}

TEST_F(HealthTest, AProbeThatAnswersNeedNotEndToBeGood) {
    for (int i = 0; i < 5; ++i) {
        fail(*target, Problem(ProblemKind::upstream_failed, "", Retry::same_place).with_status(500));
    }
    clock.advance(seconds(15));
    auto probe = begin(*target);
    EXPECT_EQ(target->report(resilience, clock.now()).state, policy::BreakerState::half_open);
    probe.answering();
    EXPECT_EQ(target->report(resilience, clock.now()).state, policy::BreakerState::recovering);
    probe.failed(Problem(ProblemKind::upstream_lost, "", Retry::same_place));
    const auto report = target->report(resilience, clock.now());
    EXPECT_EQ(report.failures, 1);
    EXPECT_EQ(report.load.in_flight, 0);
}

TEST_F(HealthTest, ACallThatIsGivenUpFreesItsPlace) {
    for (int i = 0; i < 5; ++i) {
        fail(*target, Problem(ProblemKind::upstream_failed, "", Retry::same_place).with_status(500));
    }
    clock.advance(seconds(15));
    auto probe = begin(*target);
    clock.advance(std::chrono::minutes(5));
    probe.give_up();
    EXPECT_EQ(standing(*target).breaker, Verdict::probe);
}

TEST_F(HealthTest, AnAnnouncedEndOfALimitParksTheCredentialAheadOfIt) {
    auto call = begin(*target);
    call.exhausted_for(seconds(30));
    call.succeeded(AnswerForm::whole, Milliseconds(5));
    EXPECT_EQ(begin(*target).credential(), 1U);
}

TEST_F(HealthTest, CountsCallsInFlightHoweverTheyEnd) {
    {
        auto one = begin(*target);
        auto two = begin(*target);
        auto moved = std::move(two);
        EXPECT_EQ(target->load(clock.now()).in_flight, 2);
        one.succeeded(AnswerForm::stream, Milliseconds(40));
    }
    const auto load = target->load(clock.now());
    EXPECT_EQ(load.in_flight, 0);
    EXPECT_EQ(load.first_token, Milliseconds(40));
    EXPECT_EQ(load.whole, std::nullopt);
}

TEST_F(HealthTest, TheRetryBudgetIsTakenBeforeTheWait) {
    int taken = 0;
    while (target->take_retry(resilience, clock.now())) {
        ++taken;
    }
    EXPECT_EQ(taken, 10);
    EXPECT_FALSE(standing(*target).may_retry);
}

TEST_F(HealthTest, ReportsWhatIsUsedOrInTroubleAndForgetsTheRest) {
    board.of("acme", "once asked for");
    EXPECT_EQ(board.report(resilience, clock.now()).size(), 3U);
    auto failing = board.of("acme", "failing");
    for (int i = 0; i < 5; ++i) {
        fail(*failing, Problem(ProblemKind::upstream_connect, "", Retry::same_place));
    }
    failing.reset();
    const auto reports = board.report(resilience, clock.now());
    ASSERT_EQ(reports.size(), 4U);
    EXPECT_EQ(reports[1].model, "failing");
    EXPECT_EQ(reports[1].state, policy::BreakerState::open);
    EXPECT_EQ(reports[1].opens_again_in, seconds(15));
}

TEST_F(HealthTest, AnOrderReachesItsTargetOrNobody) {
    EXPECT_TRUE(board.order("acme", "small", policy::BreakerOrder::open));
    EXPECT_EQ(standing(*target).breaker, Verdict::leave);
    EXPECT_FALSE(board.order("acme", "none", policy::BreakerOrder::open));
}

TEST_F(HealthTest, KeepsABoundedNumberOfTargets) {
    board.of("acme", "ordered")->order(policy::BreakerOrder::open);
    for (std::size_t i = 0; i < HealthBoard::most_targets + 100; ++i) {
        ASSERT_NE(board.of("acme", "model " + std::to_string(i)), nullptr);
    }
    EXPECT_EQ(board.of("acme", "small"), target) << "what somebody uses stays";
    EXPECT_TRUE(board.order("acme", "ordered", policy::BreakerOrder::open)) << "an order stays too";
}

}  // namespace
}  // namespace gatehouse::upstream
