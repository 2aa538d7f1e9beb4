#include "server/debug_report.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::server {
namespace {

using nlohmann::json;

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
    const auto report = json::parse(debug_object(trail()));
    EXPECT_EQ(report["route"], "cheap \"one\"");
    ASSERT_EQ(report["attempts"].size(), 2U);
    EXPECT_EQ(report["attempts"][0]["why"], "first");
    EXPECT_EQ(report["attempts"][0]["problem"], "upstream_failed");
    EXPECT_EQ(report["attempts"][0]["ms"], 12);
    EXPECT_EQ(report["attempts"][1]["problem"], nullptr);
}

TEST(DebugReportTest, BecomesTheLastMemberOfAnObject) {
    const auto body = json::parse(with_debug_object("{\"id\":\"x\"}\n", trail()));
    EXPECT_EQ(body["id"], "x");
    EXPECT_EQ(body["gatehouse"]["model"], "small");
    EXPECT_EQ(json::parse(with_debug_object("{ }", trail())).size(), 1U);
}

TEST(DebugReportTest, LeavesAloneWhatIsNoObject) {
    EXPECT_EQ(with_debug_object("[1]", trail()), "[1]");
    EXPECT_EQ(with_debug_object("", trail()), "");
    EXPECT_EQ(with_debug_object("  ", trail()), "  ");
}

TEST(DebugReportTest, IsOneCommentOfAStream) {
    const auto comment = debug_comment(trail());
    EXPECT_TRUE(comment.starts_with(": gatehouse {"));
    EXPECT_TRUE(comment.ends_with("}\n\n"));
    EXPECT_EQ(comment.find('\n'), comment.size() - 2);
}

}  // namespace
}  // namespace gatehouse::server
