#include "pipeline/shared_call.hpp"

#include "pipeline/call_account.hpp"
#include "pipeline/call_place.hpp"
#include "support/event_loop.hpp"
#include "support/eventually.hpp"

#include "gatehouse/net/lane.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using Look = SharedCall::Reader::Look;
using test::run_on;

SharedCall::Piece piece(std::string_view text, chat::DeltaKind kind = chat::DeltaKind::content) {
    SharedCall::Piece made;
    made.bytes = std::make_unique<char[]>(text.size());
    std::copy(text.begin(), text.end(), made.bytes.get());
    made.run.push_back({kind, std::string_view(made.bytes.get(), text.size())});
    made.size = text.size();
    return made;
}

std::string text_of(const SharedCall::Reader& reader) {
    std::string text;
    for (const auto& delta : reader.run()) {
        text += delta.bytes;
    }
    return text;
}

struct SharedCallTest : testing::Test {
    std::shared_ptr<SharedCall> call(SharedCallLimits limits = {}) {
        return std::make_shared<SharedCall>(lane, limits, kept);
    }
    net::Lane lane;
    telemetry::Trail trail;
    std::shared_ptr<KeptBytes> kept = std::make_shared<KeptBytes>(std::size_t{1} << 20U);
};

TEST_F(SharedCallTest, EveryReaderGetsAllFromTheBeginning) {
    const auto shared = call();
    const auto first = shared->join(lane);
    shared->append(piece("one "));
    EXPECT_EQ(first->look(), Look::pieces);
    EXPECT_EQ(text_of(*first), "one ");
    EXPECT_EQ(first->look(), Look::nothing_yet);
    shared->append(piece("two "));
    const auto late = shared->join(lane);
    ASSERT_NE(late, nullptr);
    EXPECT_EQ(late->look(), Look::pieces);
    EXPECT_EQ(text_of(*late), "one two ") << "what is there leaves in one piece";
    shared->end(Outcome{}, trail);
    EXPECT_EQ(first->look(), Look::pieces);
    EXPECT_EQ(text_of(*first), "two ");
    for (const auto& reader : {first.get(), late.get()}) {
        EXPECT_EQ(reader->look(), Look::ended);
        EXPECT_TRUE(reader->ending()->outcome);
    }
    EXPECT_EQ(shared->join(lane), nullptr) << "it is over";
}

TEST_F(SharedCallTest, NobodyJoinsOnceAllOfTheReplyIsThere) {
    for (const auto kind : {chat::DeltaKind::whole, chat::DeltaKind::end}) {
        const auto shared = call();
        const auto first = shared->join(lane);
        const auto second = shared->join(lane);
        shared->append(piece("all", kind));
        EXPECT_EQ(shared->join(lane), nullptr) << "the call is over but for what the gateway wants to know";
        for (const auto& reader : {first.get(), second.get()}) {
            ASSERT_EQ(reader->look(), Look::pieces);
            EXPECT_EQ(text_of(*reader), "all");
        }
    }
}

TEST_F(SharedCallTest, NobodyJoinsPastTheBoundAndWhoIsThereStays) {
    const auto shared = call({10, 20, 100});
    const auto first = shared->join(lane);
    shared->append(piece("0123456789"));
    const auto late = shared->join(lane);
    ASSERT_NE(late, nullptr);
    shared->append(piece("x"));
    EXPECT_EQ(shared->join(lane), nullptr);
    for (const auto& reader : {first.get(), late.get()}) {
        ASSERT_EQ(reader->look(), Look::pieces);
        EXPECT_EQ(text_of(*reader), "0123456789x");
    }
}

TEST_F(SharedCallTest, WhoFallsBehindByMoreThanIsKeptEndsAlone) {
    const auto shared = call({5, 10, 100});
    const auto slow = shared->join(lane);
    const auto quick = shared->join(lane);
    for (const std::string_view text : {"01234567", "89012345", "67890123"}) {
        shared->append(piece(text));
        ASSERT_EQ(quick->look(), Look::pieces);
        EXPECT_EQ(text_of(*quick), text);
    }
    EXPECT_EQ(slow->look(), Look::fell_behind);
    EXPECT_EQ(quick->look(), Look::nothing_yet);
}

TEST_F(SharedCallTest, AllCallsTogetherKeepNoMoreThanTheBound) {
    kept = std::make_shared<KeptBytes>(std::size_t{100});
    const auto one = call();
    const auto other = call();
    auto reader = one->join(lane);
    const auto others = other->join(lane);
    one->append(piece(std::string(60, 'x')));
    other->append(piece(std::string(40, 'x')));
    EXPECT_EQ(kept->sum(), 100U);
    EXPECT_NE(one->join(lane), nullptr) << "there is room";
    ASSERT_EQ(reader->look(), Look::pieces);
    one->append(piece("y"));
    EXPECT_EQ(one->join(lane), nullptr);
    EXPECT_EQ(kept->sum(), 41U) << "what its reader has is gone";
    ASSERT_EQ(reader->look(), Look::pieces);
    EXPECT_EQ(text_of(*reader), "y");
    EXPECT_NE(other->join(lane), nullptr) << "it has not gone on";
}

TEST_F(SharedCallTest, WhatACallKeptGoesWithIt) {
    auto shared = call();
    auto reader = shared->join(lane);
    shared->append(piece("text"));
    EXPECT_EQ(kept->sum(), 4U);
    reader.reset();
    shared.reset();
    EXPECT_EQ(kept->sum(), 0U);
}

TEST_F(SharedCallTest, OnePieceLongerThanAllThatIsKeptReachesEverybody) {
    const auto shared = call({5, 10, 100});
    const auto first = shared->join(lane);
    const auto second = shared->join(lane);
    const std::string text(1'000, 'x');
    shared->append(piece(text));
    for (const auto& reader : {first.get(), second.get()}) {
        ASSERT_EQ(reader->look(), Look::pieces);
        EXPECT_EQ(text_of(*reader), text);
    }
}

Task<void> note_when_free(SharedCall& shared, bool& is_free) {
    co_await shared.wait_for_readers();
    is_free = true;
}

TEST_F(SharedCallTest, TheFurthestReaderPacesTheCall) {
    const auto shared = call({1'000, 1'000, 10});
    const auto stalled = shared->join(lane);
    auto quick = shared->join(lane);
    shared->append(piece("0123456789"));
    bool is_free = false;
    run_on(lane, note_when_free(*shared, is_free));
    EXPECT_TRUE(is_free) << "so much ahead it may be";
    is_free = false;
    shared->append(piece("x"));
    lane.spawn(note_when_free(*shared, is_free));
    lane.context().poll();
    EXPECT_FALSE(is_free);
    ASSERT_EQ(quick->look(), Look::pieces);
    lane.context().poll();
    EXPECT_FALSE(is_free) << "given, and not taken yet";
    EXPECT_EQ(quick->look(), Look::nothing_yet);
    lane.context().restart();
    lane.context().poll();
    EXPECT_TRUE(is_free);
    quick.reset();
    is_free = false;
    lane.spawn(note_when_free(*shared, is_free));
    lane.context().restart();
    lane.context().poll();
    EXPECT_FALSE(is_free) << "the stalled one is the furthest now";
    lane.stop();
    lane.context().restart();
    lane.run();
}

Task<void> note_when_abandoned(SharedCall& shared, bool& is_abandoned) {
    co_await shared.abandoned();
    is_abandoned = true;
}

TEST_F(SharedCallTest, TheLastToLeaveAbandonsIt) {
    const auto shared = call();
    bool is_abandoned = false;
    lane.spawn(note_when_abandoned(*shared, is_abandoned));
    auto first = shared->join(lane);
    auto second = shared->join(lane);
    first.reset();
    lane.context().poll();
    EXPECT_FALSE(is_abandoned);
    second.reset();
    EXPECT_EQ(shared->join(lane), nullptr);
    lane.context().restart();
    lane.context().poll();
    EXPECT_TRUE(is_abandoned);
}

/// A lane with a thread of its own.
struct ThreadedLane {
    ThreadedLane() : thread([this] { lane.run(); }) {}
    ~ThreadedLane() {
        lane.stop();
        thread.join();
    }
    net::Lane lane;
    std::thread thread;
};

constexpr int pieces = 400;

Task<void> make_call(std::shared_ptr<SharedCall> shared, std::string& said, std::atomic<bool>& over) {
    for (int i = 0; i < pieces; ++i) {
        const auto text = std::to_string(i) + ' ';
        said += text;
        shared->append(piece(text));
        co_await shared->wait_for_readers();
    }
    shared->end(Outcome{}, telemetry::Trail());
    over = true;
}

/// Reads until the end, or leaves after so many looks.
Task<void> read_all(std::unique_ptr<SharedCall::Reader> reader, int looks, std::string& heard,
                    std::atomic<int>& gone) {
    while (looks-- != 0) {
        const auto look = reader->look();
        if (look == Look::ended) {
            break;
        }
        if (look == Look::nothing_yet) {
            co_await reader->wait();
        } else {
            heard += text_of(*reader);
        }
    }
    reader.reset();
    ++gone;
}

TEST(SharedCallThreads, ReadersOfSeveralLanesComeAndGoAndHearTheSame) {
    constexpr std::size_t lane_count = 3;
    constexpr std::size_t readers = 60;
    std::string said;
    std::vector<std::string> heard(readers);
    std::atomic<int> gone{0};
    std::atomic<bool> over{false};
    std::array<ThreadedLane, lane_count> lanes;
    const auto shared = std::make_shared<SharedCall>(
        lanes[0].lane, SharedCallLimits{std::size_t{1} << 20U, std::size_t{1} << 20U, 64},
        std::make_shared<KeptBytes>(std::size_t{1} << 20U));
    for (std::size_t i = 0; i < readers; ++i) {
        auto& lane = lanes[i % lane_count].lane;
        auto reader = std::make_shared<std::unique_ptr<SharedCall::Reader>>(shared->join(lane));
        ASSERT_NE(*reader, nullptr);
        const int looks = i % 4 == 3 ? static_cast<int>(i) : -1;
        lane.post([&lane, reader, looks, &text = heard[i], &gone] {
            lane.spawn(read_all(std::move(*reader), looks, text, gone));
        });
    }
    lanes[0].lane.post([&] { lanes[0].lane.spawn(make_call(shared, said, over)); });
    ASSERT_TRUE(test::eventually([&] { return gone == readers && over; }, test::watchdog));
    for (std::size_t i = 0; i < readers; ++i) {
        const bool left = i % 4 == 3;
        EXPECT_EQ(heard[i], left ? said.substr(0, heard[i].size()) : said) << i;
    }
}

TEST(CoalescingTableThreads, OneOfManyOpensTheCall) {
    constexpr std::size_t lane_count = 3;
    constexpr std::size_t rounds = 200;
    CoalescingTable table;
    std::array<ThreadedLane, lane_count> lanes;
    const Digest key = sha256("the same");
    for (std::size_t round = 0; round < rounds; ++round) {
        std::atomic<std::size_t> opened{0};
        std::array<std::unique_ptr<CallPlace>, lane_count> places;
        std::atomic<std::size_t> joined{0};
        for (std::size_t i = 0; i < lane_count; ++i) {
            auto& lane = lanes[i].lane;
            lane.post([&, i] {
                places[i] = table.join(key, lane);
                opened += places[i]->opens() ? 1 : 0;
                ++joined;
            });
        }
        ASSERT_TRUE(test::eventually([&] { return joined == lane_count; }));
        ASSERT_EQ(opened, 1U);
        EXPECT_EQ(table.size(), 1U);
        EXPECT_EQ(table.readers(), lane_count);
        const auto shared = places[0]->call();
        if (round % 2 == 0) {
            table.remove(key, *shared);
            EXPECT_EQ(table.size(), 0U);
        }
    }
    EXPECT_EQ(table.readers(), 0U);
}

TEST(CoalescingTable, ACallThatNobodyBeginsEndsForWhoeverWaits) {
    net::Lane lane;
    CoalescingTable table;
    const Digest key = sha256("the same");
    auto opener = table.join(key, lane);
    const auto follower = table.join(key, lane);
    ASSERT_TRUE(opener->opens());
    ASSERT_FALSE(follower->opens());
    EXPECT_EQ(follower->reader().look(), Look::nothing_yet);
    opener.reset();
    EXPECT_EQ(table.size(), 0U);
    ASSERT_EQ(follower->reader().look(), Look::ended);
    EXPECT_EQ(follower->reader().ending()->outcome.problem().kind(), ProblemKind::internal);
}

TEST(CoalescingTable, IsBounded) {
    net::Lane lane;
    CoalescingTable table({16});
    std::vector<std::unique_ptr<CallPlace>> places;
    for (int i = 0; i < 1'000; ++i) {
        places.push_back(table.join(sha256(std::to_string(i)), lane));
    }
    EXPECT_EQ(table.size(), 16U);
    EXPECT_EQ(table.readers(), 16U);
    EXPECT_EQ(places.back(), nullptr);
}

TEST(CallAccount, ThePayersTrailIsClosedWhenTheCostIsKnown) {
    telemetry::Trail opener;
    opener.request_id = "the-first";
    CallAccount account(opener);
    std::vector<telemetry::Trail> closed;
    const auto close = [&](telemetry::Trail&& trail) { closed.push_back(std::move(trail)); };
    account.trail().attempts.push_back({"up", "real", "first", 200, {}});
    account.trail().attempts[0].cost = PicoUsd(7);
    opener.outcome = telemetry::RequestOutcome::client_closed;
    account.close_with(std::move(opener), close);
    EXPECT_TRUE(closed.empty());
    telemetry::add_up_cost(account.trail());
    account.settle();
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].request_id, "the-first");
    EXPECT_EQ(closed[0].outcome, telemetry::RequestOutcome::client_closed);
    EXPECT_EQ(closed[0].cost, PicoUsd(7));
    EXPECT_EQ(closed[0].attempts.size(), 1U);
    account.close_with(telemetry::Trail(), close);
    EXPECT_EQ(closed.size(), 2U) << "at once, when it is known already";
}

TEST(CallAccount, AFollowerIsToldWhatItSaved) {
    telemetry::Trail call;
    call.attempts.push_back({"up", "real", "first", 200, {}});
    call.cost = PicoUsd(5);
    call.saved = PicoUsd(2);
    call.provider = "up";
    telemetry::Trail follower;
    tell_follower(call, follower);
    EXPECT_EQ(follower.cost, PicoUsd(0));
    EXPECT_EQ(follower.saved, PicoUsd(7));
    EXPECT_TRUE(follower.attempts.empty());
    EXPECT_EQ(follower.cache, "coalesced");
    EXPECT_EQ(follower.provider, "up");
}

}  // namespace
}  // namespace gatehouse::pipeline
