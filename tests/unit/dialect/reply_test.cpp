#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

Result<WholeReply> read(Endpoint endpoint, std::string_view body, std::string& edited,
                        std::string_view rename = {}) {
    return openai().decode_reply(endpoint, body, RelayOptions{true, rename}, edited);
}

void expect_kind(Endpoint endpoint, std::string_view body, ProblemKind kind, Retry retry) {
    std::string edited;
    const auto reply = read(endpoint, body, edited);
    ASSERT_FALSE(reply) << body;
    EXPECT_EQ(reply.problem().kind(), kind) << body << ": " << reply.problem().message();
    EXPECT_EQ(reply.problem().retry(), retry) << body;
}

chat::Usage usage_of(const std::string& usage) {
    std::string edited;
    const std::string body = R"({"choices":[],"usage":)" + usage + "}";
    const auto reply = read(Endpoint::chat_completions, body, edited);
    EXPECT_TRUE(reply);
    return reply ? reply->usage : chat::Usage{};
}

TEST(WholeReply, passes_untouched) {
    const std::string body =
        R"({ "choices" : [ {"index":0,"message":{"content":"x"},"finish_reason":"stop"} , {"finish_reason":"length"} ],"model":"m-1"})";
    std::string edited;
    const auto reply = read(Endpoint::chat_completions, body, edited);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->bytes.data(), body.data());
    EXPECT_EQ(reply->bytes.size(), body.size());
    EXPECT_EQ(reply->finish_reason, "stop");
    EXPECT_FALSE(reply->usage.known);
}

TEST(WholeReply, shows_the_asked_model_when_told_to) {
    const std::string body = R"({"model" : "up-2025", "choices":[{"model":"inner"}]})";
    std::string edited;
    const auto reply = read(Endpoint::chat_completions, body, edited, "asked");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->bytes, R"({"model" : "asked", "choices":[{"model":"inner"}]})");
}

TEST(WholeReply, is_not_copied_when_the_model_is_right_already) {
    const std::string body = R"({"model":"asked","choices":[]})";
    std::string edited;
    const auto reply = read(Endpoint::chat_completions, body, edited, "asked");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->bytes.data(), body.data());
}

TEST(WholeReply, must_be_an_answer_of_its_endpoint) {
    for (const char* body : {"", "<html>", "[]", "null", "{}", R"({"choices":null})", R"({"choices":{}})",
                             R"({"choices":[]}x)", R"({"choices":[)", R"({"data":[]})"}) {
        expect_kind(Endpoint::chat_completions, body, ProblemKind::upstream_protocol, Retry::same_place);
    }
    expect_kind(Endpoint::embeddings, R"({"choices":[]})", ProblemKind::upstream_protocol, Retry::same_place);
    expect_kind(Endpoint::responses, R"({"id":"x"})", ProblemKind::upstream_protocol, Retry::same_place);
    expect_kind(Endpoint::moderations, R"({"results":5})", ProblemKind::upstream_protocol, Retry::same_place);
    expect_kind(Endpoint::images_generations, R"({"created":5})", ProblemKind::upstream_protocol,
                Retry::same_place);
    expect_kind(Endpoint::audio_transcriptions, R"({"text":null})", ProblemKind::upstream_protocol,
                Retry::same_place);
    expect_kind(Endpoint::audio_speech, R"({"text":"x"})", ProblemKind::upstream_protocol, Retry::same_place);
}

TEST(WholeReply, is_accepted_for_every_endpoint_that_answers_in_json) {
    std::string edited;
    EXPECT_TRUE(read(Endpoint::completions, R"({"choices":[{"text":"x","finish_reason":"stop"}]})", edited));
    EXPECT_TRUE(read(Endpoint::embeddings, R"({"data":[]})", edited));
    EXPECT_TRUE(read(Endpoint::responses, R"({"object":"response","error":null})", edited));
    EXPECT_TRUE(read(Endpoint::moderations, R"({"results":[]})", edited));
    EXPECT_TRUE(read(Endpoint::images_generations, R"({"data":[]})", edited));
    EXPECT_TRUE(read(Endpoint::audio_translations, R"({"text":""})", edited));
}

TEST(WholeReply, with_invalid_utf8_is_no_answer) {
    expect_kind(Endpoint::chat_completions, "{\"choices\":[\"\xff\"]}", ProblemKind::upstream_protocol,
                Retry::same_place);
}

TEST(WholeReply, that_is_an_error_object_is_that_error) {
    expect_kind(Endpoint::chat_completions, R"({"error":{"message":"no","code":"rate_limit_exceeded"}})",
                ProblemKind::upstream_rate_limited, Retry::same_place);
    expect_kind(Endpoint::chat_completions, R"({"error":{"message":"no","code":401}})",
                ProblemKind::upstream_credentials, Retry::other_credential);
    expect_kind(Endpoint::chat_completions, R"({"choices":[],"error":"broken"})",
                ProblemKind::upstream_failed, Retry::same_place);
    expect_kind(Endpoint::chat_completions,
                R"({"object":"error","message":"bad","type":"BadRequestError","code":400})",
                ProblemKind::upstream_rejected, Retry::no);
    std::string edited;
    EXPECT_TRUE(read(Endpoint::chat_completions, R"({"choices":[],"error":null})", edited));
}

TEST(WholeReply, of_a_response_that_failed_is_an_answer) {
    std::string edited;
    const auto reply = read(
        Endpoint::responses,
        R"({"object":"response","status":"failed","error":{"code":"server_error","message":"x"}})", edited);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->finish_reason, "failed");
}

TEST(WholeReply, OfAResponseNamesTheOneItGoesOnFrom) {
    const auto shown = [](std::string_view body, Endpoint endpoint = Endpoint::responses) {
        RelayOptions options;
        options.previous_response = "resp_0";
        std::string edited;
        const auto reply = openai().decode_reply(endpoint, body, options, edited);
        EXPECT_TRUE(reply) << body;
        return reply ? std::string(reply->bytes) : std::string();
    };
    EXPECT_EQ(shown(R"( { "output":[{"previous_response_id":1}], "previous_response_id" :null ,"x":1.50} )"),
              R"( { "output":[{"previous_response_id":1}], "previous_response_id" :"resp_0" ,"x":1.50} )");
    EXPECT_EQ(shown(R"( { "output":[]} )"), R"( {"previous_response_id":"resp_0", "output":[]} )");
    EXPECT_EQ(shown(R"({"output":[],"previous_response_id":"resp_0"})"),
              R"({"output":[],"previous_response_id":"resp_0"})");
    EXPECT_EQ(shown(R"({"choices":[]})", Endpoint::chat_completions), R"({"choices":[]})");
}

TEST(Usage, is_split_into_disjoint_numbers) {
    const auto usage = usage_of(
        R"({"prompt_tokens":1336,"completion_tokens":80,"prompt_tokens_details":{"cached_tokens":1024,"cache_write_tokens":300},"completion_tokens_details":{"reasoning_tokens":30}})");
    EXPECT_TRUE(usage.known);
    EXPECT_EQ(usage.input.value(), 12);
    EXPECT_EQ(usage.cached_input.value(), 1024);
    EXPECT_EQ(usage.cache_write.value(), 300);
    EXPECT_EQ(usage.output.value(), 50);
    EXPECT_EQ(usage.reasoning.value(), 30);
    EXPECT_EQ(usage.prompt().value(), 1336);
    EXPECT_EQ(usage.completion().value(), 80);
}

TEST(Usage, of_zero_is_known) {
    EXPECT_TRUE(usage_of(R"({"prompt_tokens":0,"completion_tokens":0})").known);
}

TEST(Usage, that_is_null_or_absent_is_unknown) {
    EXPECT_FALSE(usage_of("null").known);
    EXPECT_FALSE(usage_of("{}").known);
    EXPECT_FALSE(usage_of("[]").known);
    EXPECT_FALSE(usage_of(R"({"total_tokens":5})").known);
}

TEST(Usage, with_a_number_that_cannot_be_is_unknown) {
    for (const char* number :
         {"-1", "1.5", "1e3", "99999999999999999999", "1000000000001", "\"5\"", "true"}) {
        EXPECT_FALSE(usage_of(std::string(R"({"prompt_tokens":5,"completion_tokens":)") + number + "}").known)
            << number;
        EXPECT_FALSE(usage_of(std::string(R"({"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":)") +
                              number + "}}")
                         .known)
            << number;
    }
}

TEST(Usage, keeps_its_sums_when_a_part_is_larger) {
    const auto usage = usage_of(
        R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":4},"completion_tokens_details":{"reasoning_tokens":9}})");
    EXPECT_EQ(usage.prompt().value(), 10);
    EXPECT_EQ(usage.completion().value(), 5);
    EXPECT_EQ(usage.input.value(), 0);
    EXPECT_EQ(usage.output.value(), 0);
}

TEST(Usage, takes_null_details_for_none) {
    const auto usage = usage_of(
        R"({"prompt_tokens":10,"completion_tokens":null,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}})");
    EXPECT_TRUE(usage.known);
    EXPECT_EQ(usage.input.value(), 10);
    EXPECT_EQ(usage.completion().value(), 0);
}

}  // namespace
}  // namespace gatehouse::dialect
