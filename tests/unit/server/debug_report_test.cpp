#include "server/debug_report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::server {
namespace {

using nlohmann::json;

const Instant now{std::chrono::hours(1)};

telemetry::Trail trail() {
    telemetry::Trail trail;
    trail.request_id = "req-1";
    trail.route = "cheap \"one\"";
    trail.model = "small";
    trail.attempts = {{"openai", "gpt", "first", 500, ProblemKind::upstream_failed, Milliseconds(12)},
                      {"claude", "haiku", "next_target", 200, std::nullopt, Milliseconds(40)}};
    return trail;
}

TEST(DebugReportTest, TellsTheRuleAndEveryAttempt) {
    const auto report = json::parse(debug_object(trail(), now));
    EXPECT_EQ(report["route"], "cheap \"one\"");
    ASSERT_EQ(report["attempts"].size(), 2U);
    EXPECT_EQ(report["attempts"][0]["why"], "first");
    EXPECT_EQ(report["attempts"][0]["problem"], "upstream_failed");
    EXPECT_EQ(report["attempts"][0]["ms"], 12);
    EXPECT_EQ(report["attempts"][1]["problem"], nullptr);
}

TEST(DebugReportTest, TheAttemptThatIsAnsweringHasNotFailed) {
    auto answering = trail();
    answering.attempts[1].problem = ProblemKind::cancelled;  // what it is unless somebody says how it ended
    answering.attempts[1].began = now - Milliseconds(70);
    const auto report = json::parse(debug_object(answering, now));
    EXPECT_EQ(report["attempts"][1]["problem"], nullptr);
    EXPECT_EQ(report["attempts"][1]["ms"], 70);
}

TEST(DebugReportTest, TellsTheClassWhereOneWasAskedFor) {
    auto asked = trail();
    EXPECT_FALSE(json::parse(debug_object(asked, now)).contains("class"));
    asked.class_scores = {{"simple", 0.25}, {"code", 0.7449}};
    auto report = json::parse(debug_object(asked, now));
    EXPECT_EQ(report["class"], nullptr) << "none was clear";
    EXPECT_EQ(report["class_probability"], nullptr);
    EXPECT_EQ(report["class_scores"], json({{"simple", 0.25}, {"code", 0.74}}));
    asked.prompt_class = "code";
    asked.class_probability = 0.7449;
    report = json::parse(debug_object(asked, now));
    EXPECT_EQ(report["class"], "code");
    EXPECT_EQ(report["class_probability"], 0.74);
}

TEST(DebugReportTest, BecomesTheLastMemberOfAnObject) {
    const auto body = json::parse(with_debug_object("{\"id\":\"x\"}\n", trail(), now));
    EXPECT_EQ(body["id"], "x");
    EXPECT_EQ(body["gatehouse"]["model"], "small");
    EXPECT_EQ(json::parse(with_debug_object("{ }", trail(), now)).size(), 1U);
}

TEST(DebugReportTest, LeavesAloneWhatIsNoObject) {
    EXPECT_EQ(with_debug_object("[1]", trail(), now), "[1]");
    EXPECT_EQ(with_debug_object("", trail(), now), "");
    EXPECT_EQ(with_debug_object("  ", trail(), now), "  ");
}

TEST(DebugReportTest, IsOneCommentOfAStream) {
    const auto comment = debug_comment(trail(), now);
    EXPECT_TRUE(comment.starts_with(": gatehouse {"));
    EXPECT_TRUE(comment.ends_with("}\n\n"));
    EXPECT_EQ(comment.find('\n'), comment.size() - 2);
}

}  // namespace
}  // namespace gatehouse::server
