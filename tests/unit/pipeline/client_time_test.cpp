#include "pipeline/client_time.hpp"

#include "support/silent_sink.hpp"

#include <gtest/gtest.h>

namespace gatehouse::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr Instant now{1h};

struct ClientTimeTest : testing::Test {
    test::SilentSink sink;
    telemetry::Trail trail;
    Exchange x{nullptr, nullptr, {}, sink, trail};
};

TEST_F(ClientTimeTest, AnAidHasAQuarterOfWhatTheClientGives) {
    EXPECT_EQ(aid_until(x, now), Instant::max()) << "it says nothing";
    x.total_timeout = 2s;
    EXPECT_EQ(aid_until(x, now), now + 500ms);
    x.first_token_timeout = 400ms;
    EXPECT_EQ(aid_until(x, now), now + 500ms) << "a whole answer has no first token";
    x.request.stream = true;
    EXPECT_EQ(aid_until(x, now), now + 100ms);
    x.first_token_timeout = 4s;
    EXPECT_EQ(aid_until(x, now), now + 500ms);
    x.total_timeout.reset();
    EXPECT_EQ(aid_until(x, now), now + 1s);
}

TEST_F(ClientTimeTest, WhatWasSpentIsNoLongerThere) {
    take_off(x, now, now + 100ms);
    EXPECT_FALSE(x.total_timeout);
    EXPECT_FALSE(x.first_token_timeout);
    x.total_timeout = 2s;
    x.first_token_timeout = 150ms;
    take_off(x, now, now + 100ms);
    EXPECT_EQ(x.total_timeout, 1'900ms);
    EXPECT_EQ(x.first_token_timeout, 50ms);
    take_off(x, now, now + 100ms);
    EXPECT_EQ(x.first_token_timeout, 1ms) << "none at all would mean that nothing was said";
}

}  // namespace
}  // namespace gatehouse::pipeline
