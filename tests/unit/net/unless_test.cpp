#include "gatehouse/net/unless.hpp"

#include "support/event_loop.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/signal.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace gatehouse::net {
namespace {

using namespace std::chrono_literals;
using test::run_on;

/// No default constructor, not copyable: what real work returns.
struct Goods {
    explicit Goods(int count) : number(std::make_unique<int>(count)) {}
    std::unique_ptr<int> number;
};

struct Traces {
    bool began{false};
    bool unwound{false};
};

struct Mark {
    explicit Mark(Traces& t) : traces(t) { traces.began = true; }
    ~Mark() { traces.unwound = true; }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;
    Traces& traces;
};

Task<Goods> goods_after(Clock& clock, std::chrono::milliseconds delay, int count, Traces& traces) {
    const Mark mark(traces);
    co_await clock.sleep_until(clock.now() + delay);
    co_return Goods(count);
}

Task<void> wait_for(Clock& clock, std::chrono::milliseconds delay, Traces& traces) {
    const Mark mark(traces);
    co_await clock.sleep_until(clock.now() + delay);
}

Task<void> wait_forever(Traces& traces) {
    const Mark mark(traces);
    Signal never_raised;
    co_await never_raised.wait();
}

Task<Goods> work_forever(Traces& traces) {
    const Mark mark(traces);
    Signal never_raised;
    co_await never_raised.wait();
    co_return Goods(0);
}

Task<Result<int>> answers_when_cancelled(Clock& clock, Result<int> answer) {
    co_await clock.sleep_until(clock.now() + 10s);
    co_return answer;
}

Task<Goods> at_once(int count) {
    co_return Goods(count);
}
Task<void> stop_at_once() {
    co_return;
}

Task<Goods> fail_after(Clock& clock, std::chrono::milliseconds delay) {
    co_await clock.sleep_until(clock.now() + delay);
    throw std::logic_error("a bug");
}

Task<void> race_forever(Traces& a, Traces& b, bool& returned) {
    const std::optional<Goods> result = co_await unless(work_forever(a), wait_forever(b));
    returned = true;
    static_cast<void>(result);
}

TEST(Unless, ReturnsTheWorkThatEndsFirstAndTheStopIsGoneByThen) {
    Lane lane;
    Traces work, stop;
    const auto result = run_on(lane, unless(goods_after(lane.clock(), 1ms, 7, work), wait_forever(stop)));
    ASSERT_TRUE(result);
    EXPECT_EQ(*result->number, 7);
    EXPECT_TRUE(stop.began);
    EXPECT_TRUE(stop.unwound);
}

Task<void> wait_or_return(Signal& never_raised, bool& returned) {
    co_await never_raised.wait(WhenCancelled::returns);
    returned = true;
}

TEST(Unless, AStopThatReturnsWhenItIsCancelledThrowsNothing) {
    Lane lane;
    Traces work;
    Signal never_raised;
    bool returned = false;
    const auto result =
        run_on(lane, unless(goods_after(lane.clock(), 1ms, 7, work), wait_or_return(never_raised, returned)));
    ASSERT_TRUE(result);
    EXPECT_EQ(*result->number, 7);
    EXPECT_TRUE(returned);
}

Task<void> race_with_one_that_returns(Traces& work, Signal& never_raised, bool& returned, bool& went_on) {
    const auto result = co_await unless(work_forever(work), wait_or_return(never_raised, returned));
    went_on = true;
    static_cast<void>(result);
}

TEST(Unless, AnOuterCancellationIsOneThoughTheStopReturns) {
    Lane lane;
    Traces work, timer;
    Signal never_raised;
    bool returned = false;
    bool went_on = false;
    run_on(lane, first_of(race_with_one_that_returns(work, never_raised, returned, went_on),
                          wait_for(lane.clock(), 1ms, timer)));
    EXPECT_TRUE(returned);
    EXPECT_TRUE(work.unwound);
    EXPECT_FALSE(went_on) << "it was cancelled as a whole";
}

TEST(Unless, ReturnsNothingWhenTheStopEndsFirstAndTheWorkIsUnwound) {
    Lane lane;
    Traces work, stop;
    const auto result = run_on(lane, unless(work_forever(work), wait_for(lane.clock(), 1ms, stop)));
    EXPECT_FALSE(result);
    EXPECT_TRUE(work.began);
    EXPECT_TRUE(work.unwound);
}

TEST(Unless, EitherOfTwoReasonsStopsTheWorkAndEndsTheOther) {
    Lane lane;
    for (const bool first_ends : {true, false}) {
        Traces work, ending, waiting;
        auto ends = wait_for(lane.clock(), 1ms, ending);
        auto waits = wait_forever(waiting);
        const auto result = run_on(lane, unless(work_forever(work), std::move(first_ends ? ends : waits),
                                                std::move(first_ends ? waits : ends)));
        EXPECT_FALSE(result);
        EXPECT_TRUE(work.began);
        EXPECT_TRUE(work.unwound);
        EXPECT_TRUE(waiting.began);
        EXPECT_TRUE(waiting.unwound);
    }
}

TEST(Unless, ReturnsTheWorkAndNeitherOfTwoReasonsToStopIsLeft) {
    Lane lane;
    Traces work, stop, other;
    const auto result = run_on(
        lane, unless(goods_after(lane.clock(), 1ms, 7, work), wait_forever(stop), wait_forever(other)));
    ASSERT_TRUE(result);
    EXPECT_EQ(*result->number, 7);
    EXPECT_TRUE(stop.unwound);
    EXPECT_TRUE(other.unwound);
}

TEST(Unless, PrefersTheWorkWhenAllEndInTheSameMoment) {
    Lane lane;
    const auto result = run_on(lane, unless(at_once(3), stop_at_once(), stop_at_once()));
    ASSERT_TRUE(result);
    EXPECT_EQ(*result->number, 3);
}

TEST(Unless, PrefersTheWorkWhenBothEndInTheSameMoment) {
    Lane lane;
    const auto result = run_on(lane, unless(at_once(3), stop_at_once()));
    ASSERT_TRUE(result);
    EXPECT_EQ(*result->number, 3);
}

TEST(Unless, KeepsAValueThatComesAlthoughTheWorkWasCancelled) {
    Lane lane;
    Traces stop;
    const auto result = run_on(lane, unless(answers_when_cancelled(lane.clock(), Result<int>(5)),
                                            wait_for(lane.clock(), 1ms, stop)));
    ASSERT_TRUE(result);
    ASSERT_TRUE(*result);
    EXPECT_EQ(**result, 5);
}

TEST(Unless, DropsTheProblemThatOnlySaysThatTheWorkWasCancelled) {
    Lane lane;
    Traces stop;
    const Problem cancelled(ProblemKind::cancelled, "cancelled");
    const auto result = run_on(lane, unless(answers_when_cancelled(lane.clock(), Result<int>(cancelled)),
                                            wait_for(lane.clock(), 1ms, stop)));
    EXPECT_FALSE(result);
}

TEST(Unless, PassesOnWhatTheWorkThrows) {
    Lane lane;
    Traces stop;
    EXPECT_THROW(run_on(lane, unless(fail_after(lane.clock(), 1ms), wait_forever(stop))), std::logic_error);
    EXPECT_TRUE(stop.unwound);
}

Task<int> goes_on_afterwards(Clock& clock) {
    Traces work, stop;
    const std::optional<Goods> first = co_await unless(work_forever(work), wait_for(clock, 1ms, stop));
    EXPECT_FALSE(first);
    co_await clock.sleep_until(clock.now() + 1ms);
    Traces again;
    const std::optional<Goods> second =
        co_await unless(goods_after(clock, 1ms, 4, again), wait_forever(stop));
    co_return second ? *second->number : 0;
}

TEST(Unless, LeavesTheCallerAbleToAwaitAfterACancelledWork) {
    Lane lane;
    EXPECT_EQ(run_on(lane, goes_on_afterwards(lane.clock())), 4);
}

Task<void> cancelled_from_outside(Clock& clock, Traces& a, Traces& b, bool& returned) {
    Traces timer;
    co_await first_of(race_forever(a, b, returned), wait_for(clock, 1ms, timer));
}

TEST(Unless, AnOuterCancellationReachesBothAndEndsTheCallerToo) {
    Lane lane;
    Traces a, b;
    bool returned = false;
    run_on(lane, cancelled_from_outside(lane.clock(), a, b, returned));
    EXPECT_TRUE(a.unwound);
    EXPECT_TRUE(b.unwound);
    EXPECT_FALSE(returned);
}

TEST(Unless, AnOuterCancellationEndsTheCallerEvenIfTheStopReturnsQuietly) {
    Lane lane;
    Traces a, b, timer;
    bool returned = false;
    const auto inner = [](Clock& clock, Traces& work, Traces& stop, bool& came_back) -> Task<void> {
        const std::optional<Goods> result = co_await unless(work_forever(work), wait_for(clock, 10s, stop));
        came_back = true;
        static_cast<void>(result);
    };
    run_on(lane, first_of(inner(lane.clock(), a, b, returned), wait_for(lane.clock(), 1ms, timer)));
    EXPECT_TRUE(a.unwound);
    EXPECT_TRUE(b.unwound);
    EXPECT_FALSE(returned);
}

TEST(Unless, FreesEverythingWhenTheLaneGoesAwayInTheMiddle) {
    Traces a, b;
    bool returned = false;
    {
        Lane lane;
        lane.spawn(race_forever(a, b, returned));
        lane.context().poll();
        EXPECT_TRUE(a.began);
    }
    EXPECT_TRUE(a.unwound);
    EXPECT_TRUE(b.unwound);
    EXPECT_FALSE(returned);
}

TEST(FirstOf, ReturnsWhenTheFirstHasEndedAndTheOtherIsGone) {
    Lane lane;
    Traces a, b;
    run_on(lane, first_of(wait_forever(a), wait_for(lane.clock(), 1ms, b)));
    EXPECT_TRUE(a.unwound);
    EXPECT_TRUE(b.unwound);
}

}  // namespace
}  // namespace gatehouse::net
