#include "server/rate_fields.hpp"

#include <gtest/gtest.h>

namespace gatehouse::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(RateFields, SayTheTimeAsOpenAiDoes) {
    EXPECT_EQ(reset_text(milliseconds(0)), "0s");
    EXPECT_EQ(reset_text(milliseconds(120)), "120ms");
    EXPECT_EQ(reset_text(seconds(1)), "1s");
    EXPECT_EQ(reset_text(milliseconds(1'500)), "1.5s");
    EXPECT_EQ(reset_text(milliseconds(59'999)), "59.999s");
    EXPECT_EQ(reset_text(minutes(6)), "6m0s");
    EXPECT_EQ(reset_text(hours(1) + minutes(2) + milliseconds(3'050)), "1h2m3.05s");
    EXPECT_EQ(reset_text(hours(1)), "1h0m0s");
}

TEST(RateFields, AreThereOnlyForLimitsThatAre) {
    telemetry::Trail trail;
    std::string block;
    append_rate_fields(block, trail, chat::Vendor::openai, WallTime{});
    EXPECT_EQ(block, "");
    trail.request_rate = telemetry::RateNote{600, 599, milliseconds(100)};
    append_rate_fields(block, trail, chat::Vendor::openai, WallTime{});
    EXPECT_EQ(block,
              "x-ratelimit-limit-requests: 600\r\nx-ratelimit-remaining-requests: 599\r\n"
              "x-ratelimit-reset-requests: 100ms\r\n");
}

TEST(RateFields, SayWhatNeverComesBackWithoutATime) {
    telemetry::Trail trail;
    trail.token_rate = telemetry::RateNote{0, 0, std::nullopt};
    std::string block;
    append_rate_fields(block, trail, chat::Vendor::gemini, WallTime{});
    EXPECT_EQ(block, "x-ratelimit-limit-tokens: 0\r\nx-ratelimit-remaining-tokens: 0\r\n");
}

TEST(RateFields, SpeakAnthropicsWordsToItsClientsToo) {
    telemetry::Trail trail;
    trail.token_rate = telemetry::RateNote{1'000, 10, milliseconds(59'400)};
    trail.budget_warning = "key=a, used=80%";
    std::string block;
    append_rate_fields(block, trail, chat::Vendor::anthropic, WallTime(seconds(1'790'000'000)));
    EXPECT_EQ(block,
              "x-ratelimit-limit-tokens: 1000\r\nx-ratelimit-remaining-tokens: 10\r\n"
              "x-ratelimit-reset-tokens: 59.4s\r\n"
              "anthropic-ratelimit-tokens-limit: 1000\r\nanthropic-ratelimit-tokens-remaining: 10\r\n"
              "anthropic-ratelimit-tokens-reset: 2026-09-21T14:14:20Z\r\n"
              "x-gatehouse-budget-warning: key=a, used=80%\r\n");
}

}  // namespace
}  // namespace gatehouse::server
