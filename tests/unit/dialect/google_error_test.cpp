// Errors as Google words them: the status alone does not tell a bad key from a bad request, nor a limit of a
// minute from one of a day.
#include "dialect/provider_error.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

Problem decode(int status, std::string_view body) {
    wire::ResponseHead head;
    head.status = status;
    head.fields.add("content-type", "application/json; charset=UTF-8");
    return problem_of_answer(head, body, WallTime());
}

std::string error(int code, std::string_view status, std::string_view message = "m",
                  std::string_view details = "") {
    return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":")" + std::string(message) +
           R"(","status":")" + std::string(status) + R"(","details":[)" + std::string(details) + "]}}";
}

std::string quota(std::string_view id, std::string_view delay) {
    return R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":")" +
           std::string(id) + R"("}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")" +
           std::string(delay) + R"("})";
}

void expect(const Problem& problem, ProblemKind kind, Retry retry) {
    EXPECT_EQ(name_of(problem.kind()), name_of(kind)) << problem.message();
    EXPECT_EQ(problem.retry(), retry) << problem.message();
}

TEST(GoogleError, follows_its_status) {
    expect(decode(400, error(400, "INVALID_ARGUMENT")), ProblemKind::upstream_rejected, Retry::no);
    expect(decode(400, error(400, "FAILED_PRECONDITION", "User location is not supported")),
           ProblemKind::upstream_rejected, Retry::no);
    expect(decode(401, error(401, "UNAUTHENTICATED")), ProblemKind::upstream_credentials,
           Retry::other_credential);
    expect(decode(403, error(403, "PERMISSION_DENIED")), ProblemKind::upstream_credentials,
           Retry::other_credential);
    expect(decode(404, error(404, "NOT_FOUND")), ProblemKind::upstream_not_found, Retry::elsewhere);
    expect(decode(429, error(429, "RESOURCE_EXHAUSTED")), ProblemKind::upstream_rate_limited,
           Retry::same_place);
    expect(decode(499, error(499, "CANCELLED")), ProblemKind::upstream_failed, Retry::same_place);
    expect(decode(500, error(500, "INTERNAL")), ProblemKind::upstream_failed, Retry::same_place);
    expect(decode(503, error(503, "UNAVAILABLE")), ProblemKind::upstream_overloaded, Retry::same_place);
    expect(decode(504, error(504, "DEADLINE_EXCEEDED")), ProblemKind::upstream_failed, Retry::same_place);
}

TEST(GoogleError, of_a_bad_key_is_found_in_the_details) {
    const std::string details =
        R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"x"})";
    expect(decode(400, error(400, "INVALID_ARGUMENT", "words that may change", details)),
           ProblemKind::upstream_credentials, Retry::other_credential);
}

TEST(GoogleError, of_a_quota_per_day_is_no_rate_limit) {
    const std::string_view words = "You exceeded your current quota, please check your plan.";
    const auto minute =
        decode(429, error(429, "RESOURCE_EXHAUSTED", words, quota("RequestsPerMinutePerProject", "34.4s")));
    expect(minute, ProblemKind::upstream_rate_limited, Retry::same_place);
    EXPECT_EQ(minute.wait(), std::chrono::milliseconds(34'400));
    const auto day = decode(
        429, error(429, "RESOURCE_EXHAUSTED", words, quota("RequestsPerDayPerProject-FreeTier", "9s")));
    expect(day, ProblemKind::upstream_quota, Retry::other_credential);
    EXPECT_FALSE(day.wait());
}

TEST(GoogleError, about_billing_is_a_matter_of_quota) {
    expect(decode(400, error(400, "FAILED_PRECONDITION", "Please enable billing on project 1")),
           ProblemKind::upstream_quota, Retry::other_credential);
}

TEST(GoogleError, about_too_long_a_prompt_is_recognised) {
    expect(decode(400, error(400, "INVALID_ARGUMENT",
                             "The input token count (9) exceeds the maximum number of tokens allowed (8).")),
           ProblemKind::context_length, Retry::no);
}

TEST(GoogleError, waits_as_long_as_its_message_says_when_there_are_no_details) {
    EXPECT_EQ(decode(429, error(429, "RESOURCE_EXHAUSTED", "Please retry in 1.5s.")).wait(),
              std::chrono::milliseconds(1'500));
}

TEST(GoogleError, in_an_array_counts_as_its_first_element) {
    const auto body = "[" + error(503, "UNAVAILABLE", "The model is overloaded.") + "\r\n,\r\n{}]";
    expect(decode(503, body), ProblemKind::upstream_overloaded, Retry::same_place);
    expect(problem_of_event(body), ProblemKind::upstream_overloaded, Retry::same_place);
    EXPECT_EQ(problem_of_event(body).message(), "The model is overloaded.");
    EXPECT_EQ(problem_of_event(body).upstream_status(), 503);
}

TEST(GoogleError, with_details_of_odd_shapes_is_still_read) {
    for (const std::string_view details :
         {R"(1,null,"x")", R"({"violations":{"quotaId":"PerDay"}})", R"({"violations":[1,{"quotaId":2}]})",
          R"({"retryDelay":34,"reason":null})", R"({"retryDelay":"-3s"})", R"({"retryDelay":"soon"})"}) {
        const auto problem = decode(429, error(429, "RESOURCE_EXHAUSTED", "m", details));
        expect(problem, ProblemKind::upstream_rate_limited, Retry::same_place);
        EXPECT_FALSE(problem.wait()) << details;
    }
}

}  // namespace
}  // namespace gatehouse::dialect
