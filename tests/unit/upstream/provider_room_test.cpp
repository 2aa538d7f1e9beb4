#include "gatehouse/upstream/provider_room.hpp"

#include "support/hand_clock.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace gatehouse::upstream {
namespace {

using std::chrono::seconds;

struct ProviderRoomTest : testing::Test {
    std::optional<RoomHold> take(std::int64_t tokens = 0) { return room.take(limits, tokens, clock); }
    bool is_full(std::int64_t tokens = 0) { return room.full(limits, tokens, clock.now()).has_value(); }

    test::HandClock clock;
    policy::LimitOptions limits;
    ProviderRoom room;
};

TEST_F(ProviderRoomTest, HasNoEndWithoutLimits) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(take(1'000'000));
    }
    EXPECT_FALSE(is_full());
}

TEST_F(ProviderRoomTest, PlacesAreFreeWhenTheHoldEnds) {
    limits.concurrency = 1;
    {
        const auto held = take();
        ASSERT_TRUE(held);
        EXPECT_FALSE(take());
        EXPECT_TRUE(is_full());
    }
    EXPECT_FALSE(is_full());
    auto first = take();
    const RoomHold moved = std::move(*first);
    first.reset();
    EXPECT_TRUE(is_full()) << "held by the other";
}

TEST_F(ProviderRoomTest, RequestsComeBackWithTime) {
    limits.requests_per_minute = 2;
    EXPECT_TRUE(take());
    EXPECT_TRUE(take());
    EXPECT_FALSE(take());
    const auto full = room.full(limits, 0, clock.now());
    ASSERT_TRUE(full);
    EXPECT_EQ(full->free_at, clock.now() + seconds(30));
    clock.advance(seconds(30));
    EXPECT_TRUE(take());
}

TEST_F(ProviderRoomTest, TokensAreTakenByTheEstimateAndSettled) {
    limits.tokens_per_minute = 100;
    auto held = take(80);
    ASSERT_TRUE(held);
    EXPECT_TRUE(is_full(30));
    held->used(10);
    EXPECT_FALSE(is_full(90));
    held.reset();
    EXPECT_FALSE(is_full(90));
    EXPECT_TRUE(is_full(91));
    const auto never = room.full(limits, 101, clock.now());
    ASSERT_TRUE(never);
    EXPECT_FALSE(never->free_at);
}

TEST_F(ProviderRoomTest, ACallThatIsNotMadeUsesNothing) {
    limits = {1, 100, 1};
    auto held = take(80);
    ASSERT_TRUE(held);
    EXPECT_TRUE(is_full());
    held->unused();
    EXPECT_FALSE(is_full(100));
    auto next = take(100);
    ASSERT_TRUE(next);
    held->unused();
    held.reset();
    EXPECT_TRUE(is_full()) << "it is given back once";
}

TEST_F(ProviderRoomTest, ZeroIsNoRoomEver) {
    limits.requests_per_minute = 0;
    const auto full = room.full(limits, 0, clock.now());
    ASSERT_TRUE(full);
    EXPECT_FALSE(full->free_at);
    EXPECT_FALSE(take());
}

TEST_F(ProviderRoomTest, FollowsTheFile) {
    limits.requests_per_minute = 2;
    EXPECT_TRUE(take());
    EXPECT_TRUE(take());
    limits.requests_per_minute = 3;
    EXPECT_TRUE(take());
    EXPECT_FALSE(take());
    limits.requests_per_minute.reset();
    EXPECT_TRUE(take());
}

}  // namespace
}  // namespace gatehouse::upstream
