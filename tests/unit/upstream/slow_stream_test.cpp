// Streams that begin too slowly: what is held back, when it goes out, and when the call is given up.
#include "scripted_caller.hpp"
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/upstream/attempt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

std::string event(const std::string& data) {
    return "data: " + data + "\n\n";
}

std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return event(R"({"id":"c","model":"up","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" +
                 finish + "}]}");
}

const std::string opening = chunk(R"({"role":"assistant","content":""})");
const std::string ten = chunk(R"({"content":"ten bytes."})");
const std::string finish = chunk("{}", R"("stop")");
const std::string end = event("[DONE]");

const std::string message_start = event(
    R"({"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"up","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}})");
const std::string block_start =
    event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
const std::string piece =
    event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ten bytes."}})");

struct Others : StandIns {
    std::optional<Instant> replaceable_until() override {
        ++asked;
        return until;
    }
    std::optional<Instant> until{never};
    int asked{0};
};

/// Five tokens, twenty bytes, a second, over three seconds: six of the pieces above.
struct SlowStreamTest : testing::Test {
    SlowStreamTest() {
        ProviderOptions options;
        options.name = "acme";
        options.base_url = "http://127.0.0.1:1/v1";
        target.provider = *Provider::make(std::move(options));
        target.model = "up";
        target.slow_stream = policy::SlowStreamOptions{5, seconds(3)};
        terms.others = &others;
        caller.answer.fields = {{"content-type", "text/event-stream"}};
        caller.answer.clock = &clock;
    }
    Result<Answer> attempt() {
        auto request = dialect::openai().decode_request(
            chat::Endpoint::chat_completions,
            R"({"model":"up","stream":true,"messages":[{"role":"user","content":"hi"}]})",
            wire::JsonLimits{});
        Callers callers(clock, caller, nullptr);
        one.emplace(callers, target, trail, terms);
        return test::run(one->run(*request, sink));
    }
    void speak_anthropic() {
        ProviderOptions options;
        options.name = "claude";
        options.kind = ProviderKind::anthropic;
        options.base_url = "http://127.0.0.1:1";
        target.provider = *Provider::make(std::move(options));
    }
    void answer(std::vector<std::string> pieces, std::vector<Milliseconds> waits) {
        caller.answer.pieces = std::move(pieces);
        caller.answer.waits = std::move(waits);
    }

    test::HandClock clock;
    test::ScriptedCaller caller;
    test::RecordingSink sink;
    telemetry::Trail trail;
    Target target;
    Others others;
    AttemptTerms terms;
    std::optional<Attempt> one;
};

TEST_F(SlowStreamTest, IsGivenUpBeforeAnythingWasSent) {
    answer({opening, ten, ten, ten}, {seconds(0), seconds(1), seconds(1), seconds(5)});
    const auto ended = attempt();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.problem().kind(), ProblemKind::upstream_timeout);
    EXPECT_EQ(ended.problem().retry(), Retry::same_place) << "slow is better than nothing";
    EXPECT_THAT(ended.problem().message(), HasSubstr("less than 5 tokens a second"));
    EXPECT_TRUE(sink.pushes.empty());
    EXPECT_TRUE(one->can_be_repeated());
    EXPECT_EQ(trail.attempts.back().took, seconds(4)) << "one second to the first content, then three";
}

TEST_F(SlowStreamTest, ABitThatComesWhenTheTimeIsOverSavesNothing) {
    answer({opening, ten, ten, ten}, {seconds(0), seconds(0), milliseconds(2990), milliseconds(10)});
    ASSERT_FALSE(attempt());
    EXPECT_TRUE(sink.pushes.empty());
}

TEST_F(SlowStreamTest, WhatIsQuickGoesOutAsSoonAsThatIsKnown) {
    answer({opening, ten, ten + ten, ten + ten + ten, ten, finish + end}, {});
    ASSERT_TRUE(attempt());
    ASSERT_EQ(sink.pushes.size(), 3U);
    EXPECT_EQ(sink.pushes[0], opening + ten + ten + ten + ten + ten + ten);
    EXPECT_EQ(sink.pushes[1], ten);
    EXPECT_EQ(sink.text, opening + ten + ten + ten + ten + ten + ten + ten + finish + end);
    EXPECT_TRUE(sink.content);
}

TEST_F(SlowStreamTest, AShortAnswerThatIsCompleteIsNotSlow) {
    answer({opening, ten, finish + end}, {});
    ASSERT_TRUE(attempt());
    EXPECT_EQ(sink.text, opening + ten + finish + end);
    EXPECT_TRUE(sink.content);
}

TEST_F(SlowStreamTest, WhatBreaksWhileItIsHeldBackCanBeAskedElsewhere) {
    answer({opening, ten}, {});
    caller.answer.end = Problem(ProblemKind::upstream_lost, "cut", Retry::same_place);
    const auto ended = attempt();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.problem().kind(), ProblemKind::upstream_lost);
    EXPECT_TRUE(sink.pushes.empty());
    EXPECT_TRUE(one->can_be_repeated());
}

TEST_F(SlowStreamTest, WithoutAnotherTargetItIsServedAsItComes) {
    answer({opening, ten, ten, finish + end}, {seconds(0), seconds(0), seconds(5), seconds(5)});
    terms.others = nullptr;
    ASSERT_TRUE(attempt());
    EXPECT_EQ(sink.pushes.size(), 3U);
    sink.pushes.clear();
    others.until.reset();
    terms.others = &others;
    ASSERT_TRUE(attempt());
    EXPECT_EQ(sink.pushes.size(), 3U);
    EXPECT_EQ(others.asked, 1);
}

TEST_F(SlowStreamTest, ACallOfAToolIsNoTextThatCrawls) {
    const std::string head = chunk(
        R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]})");
    const std::string arguments = chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})");
    answer({opening, head, arguments, finish + end}, {seconds(0), seconds(1), seconds(5), seconds(5)});
    ASSERT_TRUE(attempt());
    EXPECT_EQ(sink.pushes[0], opening + head);
    sink.pushes.clear();
    answer({opening, ten, head, arguments, finish + end},
           {seconds(0), seconds(1), seconds(1), seconds(9), seconds(0)});
    ASSERT_TRUE(attempt()) << "behind a word of text";
    EXPECT_EQ(sink.pushes[0], opening + ten + head);
}

TEST_F(SlowStreamTest, NorIsAToolBlockOfAnthropics) {
    speak_anthropic();
    const std::string use = event(
        R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})");
    const std::string input = event(
        R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}})");
    const std::string over =
        event(R"({"type":"content_block_stop","index":0})") +
        event(
            R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":3}})") +
        event(R"({"type":"message_stop"})");
    answer({message_start, use, input, over}, {seconds(0), seconds(1), seconds(9), seconds(0)});
    const auto ended = attempt();
    ASSERT_TRUE(ended) << ended.problem().message();
    EXPECT_EQ(sink.pushes.size(), 3U);
}

TEST_F(SlowStreamTest, AnEmptyBlockOfTextDoesNotStartTheTime) {
    speak_anthropic();
    answer({message_start, block_start, piece, piece}, {seconds(0), seconds(0), seconds(20), seconds(5)});
    ASSERT_FALSE(attempt());
    EXPECT_EQ(trail.attempts.back().took, seconds(23));
}

TEST_F(SlowStreamTest, TheTimeAfterTheFirstContentIsWhatTheStrategiesHearOf) {
    answer({opening, ten, ten + ten + ten + ten + ten, finish + end}, {seconds(0), seconds(1), seconds(1)});
    ASSERT_TRUE(attempt());
    EXPECT_EQ(one->first_content_after(), seconds(1));
}

TEST_F(SlowStreamTest, CountsInTheWordsOfEveryClient) {
    speak_anthropic();
    answer({message_start + block_start, piece, piece + piece + piece + piece + piece, piece}, {});
    caller.answer.end = Problem(ProblemKind::upstream_lost, "cut", Retry::same_place);
    ASSERT_FALSE(attempt());
    EXPECT_EQ(sink.pushes.size(), 2U) << sink.text;
    EXPECT_FALSE(one->can_be_repeated());
}

}  // namespace
}  // namespace gatehouse::upstream
