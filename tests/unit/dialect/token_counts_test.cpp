#include "gatehouse/dialect/token_counts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

std::string in_short(chat::Endpoint endpoint, std::string body) {
    chat::Request request;
    request.endpoint = endpoint;
    request.original.bytes = std::move(body);
    const auto found = countable_of(request);
    if (!found) {
        return found.problem().message();
    }
    return found->text + "|" + std::to_string(found->messages) + "|" + std::to_string(found->tools) + "|" +
           std::to_string(found->media);
}

TEST(TokenCounts, HoldAllThatAnthropicsClientSays) {
    EXPECT_EQ(
        in_short(
            chat::Endpoint::count_message_tokens,
            R"({"model":"m","system":"be brief","tools":[{"name":"f","input_schema":{"type":"object"}}],)"
            R"("messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image",)"
            R"("source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]})"),
        "be brief\nhi\nf\n{\"type\":\"object\"}\n|2|1|1");
}

TEST(TokenCounts, HoldAllThatGooglesClientSays) {
    const std::string contents = R"("contents":[{"role":"user","parts":[{"text":"hi"}]}])";
    EXPECT_EQ(in_short(chat::Endpoint::count_content_tokens, "{" + contents + "}"), "hi\n|1|0|0");
    EXPECT_EQ(in_short(chat::Endpoint::count_content_tokens,
                       R"({"generateContentRequest":{"model":"models/m",)" + contents + "}}"),
              "hi\n|1|0|0");
}

TEST(TokenCounts, AreToldInTheClientsWords) {
    EXPECT_EQ(token_count_body(chat::Endpoint::count_message_tokens, 12), R"({"input_tokens":12})");
    EXPECT_EQ(token_count_body(chat::Endpoint::count_content_tokens, 12), R"({"totalTokens":12})");
    EXPECT_EQ(token_count_body(chat::Endpoint::count_response_tokens, 12),
              R"({"object":"response.input_tokens","input_tokens":12})");
}

}  // namespace
}  // namespace gatehouse::dialect
