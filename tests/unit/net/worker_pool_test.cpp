#include "gatehouse/net/worker_pool.hpp"

#include "support/event_loop.hpp"
#include "support/eventually.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/unless.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

namespace gatehouse::net {
namespace {

using test::eventually;
using test::run_on;

/// A job that waits until it is let go.
struct Gate {
    std::promise<void> open;
    std::shared_future<void> opened{open.get_future()};
    std::atomic<int> entered{0};

    auto job() {
        return [this] {
            ++entered;
            opened.wait();
            return 1;
        };
    }
};

void turn(Lane& lane) {
    lane.context().restart();
    lane.context().poll();
}

Task<void> keep(WorkerPool& pool, Gate& gate, std::optional<Result<int>>& into) {
    auto job = gate.job();
    auto outcome = co_await pool.run(std::move(job));
    into.emplace(std::move(outcome));
}

TEST(WorkerPool, GivesWhatTheJobReturnsOnTheCallersLane) {
    Lane lane;
    WorkerPool pool;
    const auto ran = run_on(lane, pool.run([] { return std::this_thread::get_id(); }));
    ASSERT_TRUE(ran);
    EXPECT_NE(*ran, std::this_thread::get_id());
}

TEST(WorkerPool, TellsAJobThatThrowsAsAProblem) {
    Lane lane;
    WorkerPool pool;
    const auto ran = run_on(lane, pool.run([]() -> int { throw std::runtime_error("broken"); }));
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.problem().kind(), ProblemKind::internal);
    EXPECT_EQ(*run_on(lane, pool.run([] { return 7; })), 7);
}

TEST(WorkerPool, RefusesMoreThanMayWait) {
    Lane lane;
    Gate gate;
    WorkerPoolOptions options;
    options.queue = 1;
    WorkerPool pool(options);
    std::optional<Result<int>> running;
    std::optional<Result<int>> waiting;
    lane.spawn(keep(pool, gate, running));
    ASSERT_TRUE(eventually([&] {
        turn(lane);
        return gate.entered == 1;
    }));
    lane.spawn(keep(pool, gate, waiting));
    turn(lane);
    const auto refused = run_on(lane, pool.run([] { return 3; }));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.problem().kind(), ProblemKind::overloaded);
    gate.open.set_value();
    ASSERT_TRUE(eventually([&] {
        turn(lane);
        return running && waiting;
    }));
    EXPECT_TRUE(*running);
    EXPECT_TRUE(*waiting);
}

TEST(WorkerPool, DoesWhatNobodyWaitsFor) {
    std::atomic<int> done{0};
    WorkerPool pool;
    EXPECT_TRUE(pool.post([] { throw std::runtime_error("broken"); }));
    EXPECT_TRUE(pool.post([&done] { ++done; }));
    EXPECT_TRUE(eventually([&] { return done == 1; }));
}

TEST(WorkerPool, DoesNotTakeMoreThanMayWait) {
    Gate gate;
    WorkerPoolOptions options;
    options.queue = 1;
    WorkerPool pool(options);
    ASSERT_TRUE(pool.post(gate.job()));
    ASSERT_TRUE(eventually([&] { return gate.entered == 1; }));
    EXPECT_TRUE(pool.post([] {}));
    EXPECT_FALSE(pool.post([] {}));
    gate.open.set_value();
}

Task<void> at_once() {
    co_return;
}

Task<void> wait_for(WorkerPool& pool, std::function<int()> job) {
    const auto ran = co_await pool.run(std::move(job));
    ADD_FAILURE() << "was to be cancelled, and ran: " << static_cast<bool>(ran);
}

TEST(WorkerPool, LetsACancelledCallerGoAndLeavesItsJobOut) {
    Lane lane;
    Gate gate;
    std::atomic<int> begun{0};
    {
        WorkerPool pool;
        std::optional<Result<int>> running;
        lane.spawn(keep(pool, gate, running));
        ASSERT_TRUE(eventually([&] {
            turn(lane);
            return gate.entered == 1;
        }));
        run_on(lane, first_of(wait_for(pool, [&begun] { return ++begun; }), at_once()));
        gate.open.set_value();
        ASSERT_TRUE(eventually([&] {
            turn(lane);
            return running.has_value();
        }));
        EXPECT_EQ(*run_on(lane, pool.run([] { return 5; })), 5);  // behind the one that was left out
    }
    EXPECT_EQ(begun, 0);
}

}  // namespace
}  // namespace gatehouse::net
