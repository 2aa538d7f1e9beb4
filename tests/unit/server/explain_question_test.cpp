#include "gatehouse/server/explain.hpp"

#include <gtest/gtest.h>

namespace gatehouse::server {
namespace {

TEST(ExplainQuestion, ABareRequestIsAChat) {
    const std::string body = R"({"model":"m", "messages":[],"key":7,"headers":"x"})";
    const auto question = read_explain_question(body);
    ASSERT_TRUE(question);
    EXPECT_EQ(question->path, "/v1/chat/completions");
    EXPECT_EQ(question->body, body);
    EXPECT_EQ(question->key, "");
    EXPECT_EQ(question->fields.size(), 0U);
}

TEST(ExplainQuestion, ARequestMayComeWithItsEndpointKeyAndHeaders) {
    const auto question = read_explain_question(
        R"({"headers":{"X-Region":"eu"},"request": {"model": "m"} ,"endpoint":"/v1/messages","key":"k"})");
    ASSERT_TRUE(question);
    EXPECT_EQ(question->path, "/v1/messages");
    EXPECT_EQ(question->key, "k");
    EXPECT_EQ(question->body, R"({"model": "m"})") << "its bytes are kept";
    EXPECT_EQ(question->fields.find("x-region"), "eu");
}

TEST(ExplainQuestion, WhatIsWrongIsNamed) {
    const auto key = read_explain_question(R"({"key":7,"request":{}})");
    ASSERT_FALSE(key);
    EXPECT_EQ(key.problem().kind(), ProblemKind::invalid_type);
    EXPECT_EQ(key.problem().param(), "key");
    const auto headers = read_explain_question(R"({"request":{},"headers":{"a":1}})");
    ASSERT_FALSE(headers);
    EXPECT_EQ(headers.problem().param(), "headers");
    EXPECT_EQ(read_explain_question("{").problem().kind(), ProblemKind::invalid_json);
}

}  // namespace
}  // namespace gatehouse::server
