#include "dialect/provider_error.hpp"
#include "dialect/wait_hint.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using Headers = std::vector<std::pair<const char*, const char*>>;

// Sun, 06 Nov 1994 08:49:37 GMT
const WallTime then = WallTime(std::chrono::seconds(784'111'777));

Problem decode(int status, std::string_view body,
               const Headers& headers = {{"content-type", "application/json"}}) {
    wire::ResponseHead head;
    head.status = status;
    for (const auto& [name, value] : headers) {
        head.fields.add(name, value);
    }
    return decode_error(head, body, then);
}

std::string error(std::string_view code, std::string_view message = "m", std::string_view type = "t") {
    return R"({"error":{"message":")" + std::string(message) + R"(","type":")" + std::string(type) +
           R"(","param":"p","code":")" + std::string(code) + R"("}})";
}

void expect(const Problem& problem, ProblemKind kind, Retry retry) {
    EXPECT_EQ(problem.kind(), kind) << problem.message() << " became " << name_of(problem.kind());
    EXPECT_EQ(problem.retry(), retry) << problem.message();
}

TEST(ErrorClass, follows_the_status) {
    expect(decode(400, error("x")), ProblemKind::upstream_rejected, Retry::no);
    expect(decode(413, error("x")), ProblemKind::upstream_rejected, Retry::no);
    expect(decode(422, error("x")), ProblemKind::upstream_rejected, Retry::no);
    expect(decode(418, error("x")), ProblemKind::upstream_rejected, Retry::no);
    expect(decode(401, error("x")), ProblemKind::upstream_credentials, Retry::other_credential);
    expect(decode(403, error("x")), ProblemKind::upstream_credentials, Retry::other_credential);
    expect(decode(402, error("x")), ProblemKind::upstream_quota, Retry::other_credential);
    expect(decode(404, error("x")), ProblemKind::upstream_not_found, Retry::elsewhere);
    expect(decode(429, error("x")), ProblemKind::upstream_rate_limited, Retry::same_place);
    expect(decode(503, error("x")), ProblemKind::upstream_overloaded, Retry::same_place);
    expect(decode(529, error("x")), ProblemKind::upstream_overloaded, Retry::same_place);
    for (const int status : {408, 409, 500, 502, 504, 520, 599}) {
        expect(decode(status, error("x")), ProblemKind::upstream_failed, Retry::same_place);
    }
    expect(decode(302, ""), ProblemKind::upstream_redirect, Retry::elsewhere);
    expect(decode(204, ""), ProblemKind::upstream_protocol, Retry::same_place);
}

TEST(ErrorClass, looks_at_code_and_type_before_the_status) {
    expect(decode(429, error("insufficient_quota")), ProblemKind::upstream_quota, Retry::other_credential);
    expect(decode(429, error("x", "m", "insufficient_quota")), ProblemKind::upstream_quota,
           Retry::other_credential);
    expect(decode(429, error("billing_hard_limit_reached")), ProblemKind::upstream_quota,
           Retry::other_credential);
    expect(decode(400, error("context_length_exceeded")), ProblemKind::context_length, Retry::no);
    expect(decode(400, error("content_filter")), ProblemKind::content_policy, Retry::no);
    expect(decode(400, error("invalid_prompt")), ProblemKind::content_policy, Retry::no);
    expect(decode(400, error("moderation_blocked")), ProblemKind::content_policy, Retry::no);
    expect(decode(400, error("invalid_api_key")), ProblemKind::upstream_credentials, Retry::other_credential);
    expect(decode(400, error("model_not_found")), ProblemKind::upstream_not_found, Retry::elsewhere);
    expect(decode(500, error("x", "m", "Overloaded")), ProblemKind::upstream_overloaded, Retry::same_place);
}

TEST(ErrorClass, looks_at_the_message_last_and_without_case) {
    expect(decode(400, error("x", "This model's MAXIMUM context length is 5")), ProblemKind::context_length,
           Retry::no);
    expect(decode(400, error("x", "API key not valid. Please pass a valid API key.")),
           ProblemKind::upstream_credentials, Retry::other_credential);
    expect(decode(500, error("x", "The engine is currently overloaded")), ProblemKind::upstream_overloaded,
           Retry::same_place);
    expect(decode(404, error("x", "no context window here")), ProblemKind::upstream_not_found,
           Retry::elsewhere);
}

/// An error as Anthropic says it.
std::string anthropic_error(std::string_view type, std::string_view message = "m",
                            std::string_view details = "null") {
    return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":")" +
           std::string(message) + R"(","details":)" + std::string(details) + R"(},"request_id":"req_1"})";
}

TEST(AnthropicError, follows_its_status) {
    expect(decode(400, anthropic_error("invalid_request_error")), ProblemKind::upstream_rejected, Retry::no);
    expect(decode(401, anthropic_error("authentication_error")), ProblemKind::upstream_credentials,
           Retry::other_credential);
    expect(decode(402, anthropic_error("billing_error")), ProblemKind::upstream_quota,
           Retry::other_credential);
    expect(decode(403, anthropic_error("permission_error")), ProblemKind::upstream_credentials,
           Retry::other_credential);
    expect(decode(404, anthropic_error("not_found_error", "model: claude-x")),
           ProblemKind::upstream_not_found, Retry::elsewhere);
    expect(decode(409, anthropic_error("conflict_error")), ProblemKind::upstream_failed, Retry::same_place);
    expect(decode(413, anthropic_error("request_too_large")), ProblemKind::upstream_rejected, Retry::no);
    expect(decode(429, anthropic_error("rate_limit_error")), ProblemKind::upstream_rate_limited,
           Retry::same_place);
    expect(decode(500, anthropic_error("api_error")), ProblemKind::upstream_failed, Retry::same_place);
    expect(decode(504, anthropic_error("timeout_error")), ProblemKind::upstream_failed, Retry::same_place);
    expect(decode(529, anthropic_error("overloaded_error")), ProblemKind::upstream_overloaded,
           Retry::same_place);
}

TEST(AnthropicError, is_known_by_its_type_where_no_status_came) {
    const auto in_stream = [](std::string_view type) { return problem_of_event(anthropic_error(type)); };
    expect(in_stream("overloaded_error"), ProblemKind::upstream_overloaded, Retry::same_place);
    expect(in_stream("rate_limit_error"), ProblemKind::upstream_rate_limited, Retry::same_place);
    expect(in_stream("billing_error"), ProblemKind::upstream_quota, Retry::other_credential);
    expect(in_stream("authentication_error"), ProblemKind::upstream_credentials, Retry::other_credential);
    expect(in_stream("permission_error"), ProblemKind::upstream_credentials, Retry::other_credential);
    expect(in_stream("not_found_error"), ProblemKind::upstream_not_found, Retry::elsewhere);
    expect(in_stream("invalid_request_error"), ProblemKind::upstream_rejected, Retry::no);
    expect(in_stream("request_too_large"), ProblemKind::upstream_rejected, Retry::no);
    expect(in_stream("api_error"), ProblemKind::upstream_failed, Retry::same_place);
    expect(in_stream("timeout_error"), ProblemKind::upstream_failed, Retry::same_place);
    expect(problem_of_event(
               anthropic_error("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum")),
           ProblemKind::context_length, Retry::no);
}

TEST(AnthropicError, of_length_and_money_is_told_from_a_bad_request) {
    expect(decode(400, anthropic_error("invalid_request_error", "prompt is too long: 3 tokens > 2 maximum")),
           ProblemKind::context_length, Retry::no);
    expect(decode(400, anthropic_error("invalid_request_error",
                                       "input length and `max_tokens` exceed context limit: 3 + 2 > 4")),
           ProblemKind::context_length, Retry::no);
    expect(decode(400, anthropic_error("invalid_request_error",
                                       "Your credit balance is too low to access the Anthropic API.")),
           ProblemKind::upstream_quota, Retry::other_credential);
    expect(decode(400, anthropic_error("invalid_request_error",
                                       "You have reached your specified API usage limits.")),
           ProblemKind::upstream_quota, Retry::other_credential);
}

TEST(AnthropicError, details_say_that_a_429_is_a_spend_limit) {
    const auto spent = decode(
        429, anthropic_error("rate_limit_error", "m", R"({"error_code":"enforced_spend_limit_reached"})"));
    expect(spent, ProblemKind::upstream_quota, Retry::other_credential);
    EXPECT_EQ(spent.code(), "enforced_spend_limit_reached");
    expect(decode(403, anthropic_error("permission_error", "m", R"({"error_code":"organization_on_hold"})")),
           ProblemKind::upstream_quota, Retry::other_credential);
    // Google's are a list, and say nothing here.
    expect(
        decode(429, anthropic_error("rate_limit_error", "m", R"([{"error_code":"organization_on_hold"}])")),
        ProblemKind::upstream_rate_limited, Retry::same_place);
}

TEST(ErrorWords, keep_message_code_param_and_status_of_the_provider) {
    const auto problem = decode(400, error("unsupported_parameter", "Use something else"));
    EXPECT_EQ(problem.message(), "Use something else");
    EXPECT_EQ(problem.code(), "unsupported_parameter");
    EXPECT_EQ(problem.param(), "p");
    EXPECT_EQ(problem.upstream_status(), 400);
}

TEST(ErrorWords, are_found_in_every_known_shape) {
    for (const char* body :
         {R"({"error":{"message":"the words"}})", R"({"error":"the words"})",
          R"([{"error":{"message":"the words"}}])",
          R"({"object":"error","message":"the words","code":40003})", R"({"detail":"the words"})",
          R"({"type":"error","error":{"type":"x","message":"the words"},"request_id":"r"})",
          R"({"message":"outer","error":{"message":"the words","param":null,"code":null}})",
          R"({"error":{"message":"the words"},"message":"outer"})",
          R"({"error":{"code":400,"message":"the words","status":"INVALID_ARGUMENT"}})"}) {
        EXPECT_EQ(decode(400, body).message(), "the words") << body;
        EXPECT_EQ(decode(400, body).code(), "") << body;
    }
}

TEST(ErrorWords, of_a_body_that_is_no_json_name_status_and_media_type_only) {
    EXPECT_EQ(decode(503, "<html>secret</html>", {{"content-type", "text/html; charset=utf-8"}}).message(),
              "upstream returned 503 (text/html)");
    EXPECT_EQ(decode(500, "", {}).message(), "upstream returned 500 (no content type)");
    EXPECT_EQ(decode(500, "x", {{"content-type", "a b\"<c>"}}).message(),
              "upstream returned 500 (unknown content type)");
    for (const char* body :
         {"{", "null", "[]", "[1]", "{}", R"({"error":null})", R"({"error":{"message":5}})",
          R"({"detail":[{"msg":"x"}]})", R"({"error":{"message":"x"}}x)"}) {
        EXPECT_EQ(decode(502, body).message(), "upstream returned 502 (application/json)") << body;
    }
}

TEST(ErrorWords, show_no_secrets) {
    const auto problem =
        decode(401, error("invalid_api_key", "Incorrect API key provided: sk-abc123. See docs."));
    EXPECT_EQ(problem.message(), "Incorrect API key provided: ***. See docs.");
    EXPECT_EQ(decode(400, error("a sentence is no code")).code(), "");
    EXPECT_EQ(decode(400, error("sk-live-1234567890")).code(), "***");
}

TEST(ErrorWords, are_cut_to_500_characters) {
    std::string message;
    for (int i = 0; i < 400; ++i) {
        message += "w\u00e4 ";
    }
    const auto shown = decode(400, error("x", message)).message();
    EXPECT_EQ(shown, message.substr(0, shown.size()));
    EXPECT_EQ(shown.size(), 500U + 167U);
}

Milliseconds wait_of(const Headers& headers, int status = 429, std::string_view body = "") {
    return decode(status, body, headers).wait().value_or(Milliseconds(-1));
}

TEST(WaitHint, prefers_milliseconds_to_seconds_to_limits) {
    EXPECT_EQ(wait_of({{"retry-after-ms", "820"}, {"retry-after", "1"}}), Milliseconds(820));
    EXPECT_EQ(wait_of({{"retry-after", "1.5"},
                       {"x-ratelimit-remaining-requests", "0"},
                       {"x-ratelimit-reset-requests", "9s"}}),
              Milliseconds(1500));
    EXPECT_EQ(wait_of({{"retry-after-ms", "soon"}, {"retry-after", "2"}}), Milliseconds(2000));
}

TEST(WaitHint, reads_dates_against_the_given_clock) {
    EXPECT_EQ(wait_of({{"retry-after", "Sun, 06 Nov 1994 08:49:40 GMT"}}), Milliseconds(3000));
    EXPECT_EQ(wait_of({{"retry-after", "Sun, 06 Nov 1994 08:49:36 GMT"}}), Milliseconds(-1));
    EXPECT_EQ(wait_of({{"retry-after", "Sun, 31 Feb 1994 08:49:36 GMT"}}), Milliseconds(-1));
}

TEST(WaitHint, ignores_negative_broken_and_absurd_values) {
    for (const char* value : {"-1", "", "x", "1e9", "86401", "nan", "inf", "1 2", "0x5", ".5", "5."}) {
        EXPECT_EQ(wait_of({{"retry-after", value}}), Milliseconds(-1)) << value;
    }
    EXPECT_EQ(wait_of({{"retry-after", "0"}}), Milliseconds(0));
}

TEST(WaitHint, takes_the_latest_reset_of_the_limits_that_are_used_up) {
    EXPECT_EQ(wait_of({{"x-ratelimit-remaining-requests", "0"},
                       {"x-ratelimit-reset-requests", "120ms"},
                       {"x-ratelimit-remaining-tokens", "0"},
                       {"x-ratelimit-reset-tokens", "1m6.779s"}}),
              Milliseconds(66'779));
    EXPECT_EQ(wait_of({{"x-ratelimit-remaining-requests", "3"},
                       {"x-ratelimit-reset-requests", "9s"},
                       {"x-ratelimit-remaining-tokens", "0"},
                       {"x-ratelimit-reset-tokens", "1s"}}),
              Milliseconds(1000));
    EXPECT_EQ(wait_of({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "9s"}}, 500),
              Milliseconds(-1));
}

TEST(WaitHint, reads_when_the_used_up_limits_of_anthropic_are_whole_again) {
    EXPECT_EQ(wait_of({{"anthropic-ratelimit-requests-remaining", "0"},
                       {"anthropic-ratelimit-requests-reset", "1994-11-06T08:49:40Z"},
                       {"anthropic-ratelimit-output-tokens-remaining", "0"},
                       {"anthropic-ratelimit-output-tokens-reset", "1994-11-06T08:49:47.5Z"},
                       {"anthropic-ratelimit-tokens-remaining", "0"},
                       {"anthropic-ratelimit-tokens-reset", "soon"},
                       {"anthropic-ratelimit-input-tokens-remaining", "7000"},
                       {"anthropic-ratelimit-input-tokens-reset", "1994-11-06T09:00:00Z"}}),
              Milliseconds(10'500));
    EXPECT_EQ(wait_of({{"retry-after", "17"},
                       {"anthropic-ratelimit-requests-remaining", "0"},
                       {"anthropic-ratelimit-requests-reset", "1994-11-06T08:49:40Z"}}),
              Milliseconds(17'000));
    EXPECT_EQ(wait_of({{"anthropic-ratelimit-requests-remaining", "0"},
                       {"anthropic-ratelimit-requests-reset", "1994-11-06T08:49:36Z"}}),
              Milliseconds(-1));
}

TEST(WaitHint, reads_the_message_as_the_last_resort) {
    EXPECT_EQ(wait_of({}, 429, error("x", "Please try again in 1.2s.")), Milliseconds(1200));
    EXPECT_EQ(wait_of({}, 429, error("x", "Please try again in 20ms. Visit x")), Milliseconds(20));
    EXPECT_EQ(wait_of({}, 429, error("x", "Please try again in 6m0s.")), Milliseconds(360'000));
    EXPECT_EQ(wait_of({}, 429, error("x", "Please Try Again in 20 seconds")), Milliseconds(20'000));
    EXPECT_EQ(wait_of({}, 429, error("x", "Please try again in a while")), Milliseconds(-1));
    EXPECT_EQ(wait_of({{"retry-after", "3"}}, 429, error("x", "try again in 1s")), Milliseconds(3000));
    EXPECT_EQ(wait_of({}, 500, error("x", "try again in 1s")), Milliseconds(-1));
}

TEST(WaitHint, is_dropped_when_the_provider_says_not_to_retry) {
    const auto problem = decode(429, error("x"), {{"retry-after", "1"}, {"x-should-retry", "false"}});
    EXPECT_FALSE(problem.wait());
    EXPECT_EQ(problem.retry(), Retry::elsewhere);
    EXPECT_EQ(decode(401, error("x"), {{"x-should-retry", "false"}}).retry(), Retry::other_credential);
}

TEST(GoDuration, is_read_whole_or_not_at_all) {
    EXPECT_EQ(parse_go_duration("1h2m3.5s"), Milliseconds(3'723'500));
    EXPECT_EQ(parse_go_duration("0s"), Milliseconds(0));
    EXPECT_EQ(parse_go_duration("1.2ms"), Milliseconds(2));
    EXPECT_EQ(parse_go_duration("900us"), Milliseconds(1));
    for (const char* text : {"", "5", "s", "1s2", "-1s", "1 s", "1x", "1.s", "1..2s"}) {
        EXPECT_FALSE(parse_go_duration(text)) << text;
    }
}

TEST(HttpDate, is_read_in_its_one_form) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), then);
    for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
                             "Sun, 06 anF 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                             "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT"}) {
        EXPECT_FALSE(parse_http_date(text)) << text;
    }
}

TEST(Rfc3339, is_read_with_fractions_and_offsets) {
    EXPECT_EQ(parse_rfc3339("1994-11-06T08:49:37Z"), then);
    EXPECT_EQ(parse_rfc3339("1994-11-06t08:49:37.000000z"), then);
    EXPECT_EQ(parse_rfc3339("1994-11-06T09:49:37+01:00"), then);
    EXPECT_EQ(parse_rfc3339("1994-11-06T07:19:37-01:30"), then);
    EXPECT_EQ(parse_rfc3339("1994-11-06T08:49:37.25Z"), then + Milliseconds(250));
    for (const char* text :
         {"", "1994-11-06", "1994-11-06T08:49:37", "1994-11-06 08:49:37Z", "1994-13-06T08:49:37Z",
          "1994-02-30T08:49:37Z", "1994-11-06T24:49:37Z", "1994-11-06T08:49:37.Z", "1994-11-06T08:49:37+1:00",
          "1994-11-06T08-49-37Z", "1994-11-06T08:49:37Zx", "-994-11-06T08:49:37Z"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

TEST(ErrorBody, always_has_its_four_members) {
    EXPECT_EQ(
        openai_error_body({400, "invalid_request_error", "", "", "say \"please\"\n"}),
        R"({"error":{"message":"say \"please\"\n","type":"invalid_request_error","param":null,"code":null}})");
    EXPECT_EQ(openai_error_body({400, "t", "c", "p", "m"}),
              R"({"error":{"message":"m","type":"t","param":"p","code":"c"}})");
}

TEST(ErrorEvent, of_chat_is_a_valid_chunk_and_the_terminator) {
    for (const auto endpoint : {chat::Endpoint::chat_completions, chat::Endpoint::completions}) {
        const auto text =
            openai_error_event(endpoint, {502, "upstream_error", "upstream_error", "", "cut"}, "m\"1");
        wire::SseSplitter splitter;
        ASSERT_TRUE(splitter.feed(text));
        const auto chunk = splitter.next();
        ASSERT_TRUE(chunk);
        const auto json = nlohmann::json::parse(chunk->data, nullptr, false);
        ASSERT_TRUE(json.is_object());
        EXPECT_EQ(json["model"], "m\"1");
        EXPECT_EQ(json["choices"][0]["finish_reason"], "error");
        EXPECT_EQ(json["error"]["message"], "cut");
        EXPECT_TRUE(json["error"]["param"].is_null());
        const auto done = splitter.next();
        ASSERT_TRUE(done);
        EXPECT_EQ(done->data, "[DONE]");
        EXPECT_TRUE(splitter.rest().empty());
    }
}

TEST(ErrorEvent, OfChatGoesOnFromTheChunksBeforeItAndTellsUsage) {
    ChunksSoFar so_far;
    so_far.first = R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":17,"model":"real"})";
    so_far.wants_usage = true;
    so_far.usage.emplace();
    so_far.usage->input = TokenCount(9);
    so_far.usage->output = TokenCount(1);
    so_far.usage->known = true;
    const auto data_of = [&] {
        const auto text =
            openai_error_event(chat::Endpoint::chat_completions, {502, "t", "c", "", "cut"}, "asked", so_far);
        wire::SseSplitter splitter;
        EXPECT_TRUE(splitter.feed(text));
        std::vector<std::string> all;
        while (const auto event = splitter.next()) {
            all.emplace_back(event->data);
        }
        return all;
    };
    const auto told = data_of();
    ASSERT_EQ(told.size(), 3U);
    const auto error = nlohmann::json::parse(told[0]);
    EXPECT_EQ(error["choices"][0]["finish_reason"], "error");
    EXPECT_TRUE(error.contains("usage") && error["usage"].is_null());
    const auto usage = nlohmann::json::parse(told[1]);
    EXPECT_TRUE(usage["choices"].empty());
    EXPECT_EQ(usage["usage"]["prompt_tokens"], 9);
    EXPECT_EQ(usage["usage"]["completion_tokens"], 1);
    for (const auto& chunk : {error, usage}) {
        EXPECT_EQ(chunk["id"], "chatcmpl-1");
        EXPECT_EQ(chunk["created"], 17);
        EXPECT_EQ(chunk["model"], "real");
    }
    EXPECT_EQ(told[2], "[DONE]");
    so_far.usage->known = false;
    EXPECT_EQ(data_of().size(), 2U) << "nobody said";
    so_far.usage->known = true;
    so_far.wants_usage = false;
    EXPECT_EQ(data_of().size(), 2U) << "nobody asked";
    EXPECT_FALSE(nlohmann::json::parse(data_of()[0]).contains("usage"));
}

TEST(ErrorEvent, of_responses_is_named_and_nested) {
    EXPECT_EQ(openai_error_event(chat::Endpoint::responses, {502, "t", "c", "", "m"}, "x"),
              "event: error\ndata: "
              "{\"type\":\"error\",\"error\":{\"message\":\"m\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}"
              "}\n\n");
}

}  // namespace
}  // namespace gatehouse::dialect
