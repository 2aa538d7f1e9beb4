// The error table of docs/api.md, row by row.
#include "server/problem_response.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::server {
namespace {

struct Row {
    ProblemKind kind;
    int status;
    std::string_view type;
    std::string_view code;
    bool again;  // may the client's library retry by itself
};

constexpr std::string_view invalid = "invalid_request_error";

const std::vector<Row> rows{
    {ProblemKind::bad_framing, 400, invalid, "bad_request", false},
    {ProblemKind::request_timeout, 408, invalid, "request_timeout", true},
    {ProblemKind::uri_too_long, 414, invalid, "uri_too_long", false},
    {ProblemKind::headers_too_large, 431, invalid, "headers_too_large", false},
    {ProblemKind::expectation_failed, 417, invalid, "expectation_failed", false},
    {ProblemKind::http_version, 505, invalid, "http_version_not_supported", false},
    {ProblemKind::not_found, 404, invalid, "not_found", false},
    {ProblemKind::method_not_allowed, 405, invalid, "method_not_allowed", false},
    {ProblemKind::invalid_api_key, 401, "authentication_error", "invalid_api_key", false},
    {ProblemKind::unsupported_media_type, 415, invalid, "unsupported_media_type", false},
    {ProblemKind::request_too_large, 413, invalid, "request_too_large", false},
    {ProblemKind::invalid_json, 400, invalid, "invalid_json", false},
    {ProblemKind::missing_parameter, 400, invalid, "missing_required_parameter", false},
    {ProblemKind::invalid_type, 400, invalid, "invalid_type", false},
    {ProblemKind::invalid_value, 400, invalid, "invalid_value", false},
    {ProblemKind::unsupported_parameter, 400, invalid, "unsupported_parameter", false},
    {ProblemKind::model_not_allowed, 403, "permission_error", "model_not_allowed", false},
    {ProblemKind::rate_limited, 429, "rate_limit_error", "rate_limit_exceeded", false},
    {ProblemKind::budget_spent, 429, "insufficient_quota", "insufficient_quota", false},
    {ProblemKind::price_unknown, 403, "permission_error", "price_unknown", false},
    {ProblemKind::permission_denied, 403, "permission_error", "permission_denied", false},
    {ProblemKind::model_not_found, 404, invalid, "model_not_found", false},
    {ProblemKind::overloaded, 503, "server_error", "overloaded", true},
    {ProblemKind::shutting_down, 503, "server_error", "shutting_down", true},
    {ProblemKind::not_ready, 503, "server_error", "not_ready", true},
    {ProblemKind::internal, 500, "server_error", "internal_error", true},
    {ProblemKind::upstream_connect, 502, "upstream_error", "upstream_error", true},
    {ProblemKind::upstream_tls, 502, "upstream_error", "upstream_error", false},
    {ProblemKind::upstream_redirect, 502, "upstream_error", "upstream_error", false},
    {ProblemKind::upstream_timeout, 504, "upstream_error", "upstream_timeout", true},
    {ProblemKind::upstream_lost, 502, "upstream_error", "upstream_error", true},
    {ProblemKind::upstream_protocol, 502, "upstream_error", "upstream_error", true},
    {ProblemKind::upstream_overloaded, 502, "upstream_error", "upstream_error", true},
    {ProblemKind::upstream_failed, 502, "upstream_error", "upstream_error", true},
    {ProblemKind::upstream_rate_limited, 429, "upstream_error", "upstream_rate_limited", true},
    {ProblemKind::upstream_quota, 502, "upstream_error", "upstream_credentials_rejected", false},
    {ProblemKind::upstream_credentials, 502, "upstream_error", "upstream_credentials_rejected", false},
    {ProblemKind::upstream_not_found, 404, invalid, "model_not_found", false},
    {ProblemKind::upstream_rejected, 400, invalid, "", false},
    {ProblemKind::context_length, 400, invalid, "context_length_exceeded", false},
    {ProblemKind::content_policy, 400, invalid, "content_filter", false},
    {ProblemKind::invalid_configuration, 400, invalid, "invalid_configuration", false},
};

TEST(ProblemResponse, FollowsTheTable) {
    for (const auto& row : rows) {
        const Problem problem(row.kind, "why");
        const auto view = view_of(problem);
        EXPECT_EQ(view.status, row.status) << name_of(row.kind);
        EXPECT_EQ(view.type, row.type) << name_of(row.kind);
        EXPECT_EQ(view.code, row.code) << name_of(row.kind);
        EXPECT_EQ(view.message, "why");
        std::string fields;
        append_problem_fields(fields, problem);
        EXPECT_EQ(fields.find("x-should-retry: false") == std::string::npos, row.again) << name_of(row.kind);
    }
}

TEST(ProblemResponse, TellsHowLongToWaitInBothForms) {
    std::string fields;
    append_problem_fields(
        fields,
        Problem(ProblemKind::upstream_rate_limited, "slow down").with_wait(std::chrono::milliseconds(1500)));
    EXPECT_EQ(fields, "retry-after: 2\r\nretry-after-ms: 1500\r\n");
}

TEST(ProblemResponse, ALimitThatEndsMayBeTriedAgain) {
    std::string fields;
    append_problem_fields(fields,
                          Problem(ProblemKind::rate_limited, "").with_wait(std::chrono::milliseconds(1'200)));
    EXPECT_EQ(fields, "retry-after: 2\r\nretry-after-ms: 1200\r\n");
}

TEST(ProblemResponse, SaysLimitsInTheWordsOfEveryVendor) {
    const Problem spent(ProblemKind::budget_spent, "");
    EXPECT_EQ(view_of(spent, chat::Vendor::anthropic).type, "rate_limit_error");
    EXPECT_EQ(view_of(spent, chat::Vendor::gemini).type, "RESOURCE_EXHAUSTED");
    const Problem unpriced(ProblemKind::price_unknown, "");
    EXPECT_EQ(view_of(unpriced, chat::Vendor::anthropic).type, "permission_error");
    EXPECT_EQ(view_of(unpriced, chat::Vendor::gemini).type, "PERMISSION_DENIED");
}

TEST(ProblemResponse, StopsTheSdksFromWaitingLongerThanAMinute) {
    std::string fields;
    append_problem_fields(
        fields, Problem(ProblemKind::upstream_rate_limited, "later").with_wait(std::chrono::minutes(2)));
    EXPECT_NE(fields.find("x-should-retry: false\r\n"), std::string::npos);
}

TEST(ProblemResponse, ShowsTheProvidersCodeOnlyWhereTheRequestIsAtFault) {
    const auto rejected = Problem(ProblemKind::upstream_rejected, "no").with_code("invalid_image");
    EXPECT_EQ(view_of(rejected).code, "invalid_image");
    const auto failed = Problem(ProblemKind::upstream_failed, "no").with_code("secret_internals");
    EXPECT_EQ(view_of(failed).code, "upstream_error");
}

TEST(ProblemResponse, KeepsAProvidersQuota429) {
    const auto quota = Problem(ProblemKind::upstream_quota, "spent").with_status(429);
    EXPECT_EQ(view_of(quota).status, 429);
    std::string fields;
    append_problem_fields(fields, quota);
    EXPECT_EQ(fields, "x-should-retry: false\r\n");
}

TEST(ProblemResponse, SaysWhoseFaultItWas) {
    using telemetry::RequestOutcome;
    EXPECT_EQ(outcome_of(Problem(ProblemKind::invalid_json, "")), RequestOutcome::refused);
    EXPECT_EQ(outcome_of(Problem(ProblemKind::upstream_lost, "")), RequestOutcome::upstream_error);
    EXPECT_EQ(outcome_of(Problem(ProblemKind::internal, "")), RequestOutcome::internal_error);
    EXPECT_EQ(outcome_of(Problem(ProblemKind::client_gone, "")), RequestOutcome::client_closed);
}

}  // namespace
}  // namespace gatehouse::server
