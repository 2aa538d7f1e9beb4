#include "gatehouse/net/resolver.hpp"

#include "support/event_loop.hpp"
#include "support/eventually.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/unless.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace gatehouse::net {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::run_on;
using Addresses = std::vector<std::string>;

TEST(Resolver, GivesAnAddressBackWithoutALookUp) {
    Lane lane;
    std::atomic<int> look_ups{0};
    Resolver resolver(30s, [&look_ups](const std::string&) {
        ++look_ups;
        return Result<Addresses>(Addresses());
    });
    EXPECT_EQ(*run_on(lane, resolver.resolve(lane, "192.0.2.7")), Addresses({"192.0.2.7"}));
    EXPECT_EQ(*run_on(lane, resolver.resolve(lane, "2001:db8::1")), Addresses({"2001:db8::1"}));
    EXPECT_EQ(look_ups, 0);
}

TEST(Resolver, FindsLocalhostThroughTheSystem) {
    Lane lane;
    Resolver resolver;
    const auto found = run_on(lane, resolver.resolve(lane, "localhost"));
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->empty());
}

TEST(Resolver, AsksOnceWhileTheAnswerIsFresh) {
    Lane lane;
    std::atomic<int> look_ups{0};
    Resolver resolver(1h, [&look_ups](const std::string&) {
        ++look_ups;
        return Result<Addresses>(Addresses({"192.0.2.1"}));
    });
    EXPECT_TRUE(run_on(lane, resolver.resolve(lane, "a.example")));
    EXPECT_TRUE(run_on(lane, resolver.resolve(lane, "a.example")));
    EXPECT_EQ(look_ups, 1);
}

TEST(Resolver, KeepsTheOldAnswerWhenANewLookUpFails) {
    Lane lane;
    std::atomic<int> look_ups{0};
    Resolver resolver(0ms, [&look_ups](const std::string&) -> Result<Addresses> {
        if (++look_ups == 1) {
            return Addresses({"192.0.2.1"});
        }
        return Problem(ProblemKind::upstream_connect, "no such name");
    });
    EXPECT_TRUE(run_on(lane, resolver.resolve(lane, "a.example")));
    EXPECT_TRUE(eventually([&] { return resolver.known("a.example") && look_ups >= 3; }));
    EXPECT_EQ(resolver.known("a.example"), Addresses({"192.0.2.1"}));
}

TEST(Resolver, TakesTheNewAnswerOnceTheOldOneIsPastItsTime) {
    Lane lane;
    std::atomic<int> look_ups{0};
    Resolver resolver(0ms, [&look_ups](const std::string&) {
        return Result<Addresses>(Addresses({++look_ups == 1 ? "192.0.2.1" : "192.0.2.2"}));
    });
    EXPECT_TRUE(run_on(lane, resolver.resolve(lane, "a.example")));
    EXPECT_TRUE(eventually([&] { return resolver.known("a.example") == Addresses({"192.0.2.2"}); }));
}

TEST(Resolver, ReportsANameThatDoesNotResolve) {
    Lane lane;
    Resolver resolver(30s, [](const std::string&) {
        return Result<Addresses>(Problem(ProblemKind::upstream_connect, "no such name"));
    });
    const auto found = run_on(lane, resolver.resolve(lane, "nowhere.example"));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.problem().kind(), ProblemKind::upstream_connect);
}

/// Holds every look-up until it is opened.
struct Gate {
    void pass() {
        std::unique_lock lock(mutex);
        opened.wait(lock, [this] { return open; });
    }
    void let_through() {
        const std::lock_guard lock(mutex);
        open = true;
        opened.notify_all();
    }
    std::mutex mutex;
    std::condition_variable opened;
    bool open{false};
};

TEST(Resolver, LetsACancelledCallerLeaveAtOnceWhileTheLookUpGoesOn) {
    Gate gate;
    Resolver resolver(30s, [&gate](const std::string&) {
        gate.pass();
        return Result<Addresses>(Addresses({"192.0.2.1"}));
    });
    {
        Lane lane;
        const auto soon = lane.clock().now() + 5ms;
        EXPECT_FALSE(
            run_on(lane, unless(resolver.resolve(lane, "slow.example"), lane.clock().sleep_until(soon))));
    }
    gate.let_through();
    EXPECT_TRUE(eventually([&resolver] { return resolver.known("slow.example").has_value(); }));
}

TEST(Resolver, OutlivesALaneThatEndsWhileALookUpRuns) {
    Gate gate;
    Resolver resolver(30s, [&gate](const std::string&) {
        gate.pass();
        return Result<Addresses>(Addresses({"192.0.2.1"}));
    });
    {
        Lane lane;
        lane.post([] {});
        const auto waits = [](Resolver& names, Lane& on) -> Task<void> {
            const auto found = co_await names.resolve(on, "slow.example");
            static_cast<void>(found);
        };
        lane.spawn(waits(resolver, lane));
        lane.context().poll();
    }
    gate.let_through();
    EXPECT_TRUE(eventually([&resolver] { return resolver.known("slow.example").has_value(); }));
}

}  // namespace
}  // namespace gatehouse::net
