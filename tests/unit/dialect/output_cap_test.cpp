// A limit of the output that is written into the body of a client that named none, or lessened there.
#include "gatehouse/dialect/output_cap.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

chat::Request read(chat::Endpoint endpoint, std::string body) {
    chat::Request request;
    const auto vendor = chat::vendor_of(endpoint);
    auto decoded = dialect_of(vendor).decode_request(endpoint, std::move(body), {});
    EXPECT_TRUE(decoded) << decoded.problem().message();
    return std::move(*decoded);
}

std::string capped(chat::Endpoint endpoint, std::string body,
                   ChatCap chat_cap = ChatCap::max_completion_tokens) {
    auto request = read(endpoint, std::move(body));
    cap_output(request, 500, chat_cap);
    return request.original.bytes;
}

TEST(OutputCap, StandsInFrontOfAChat) {
    const std::string body = R"({ "model":"m","messages":[{"role":"user","content":"Hi"}]})";
    EXPECT_EQ(capped(chat::Endpoint::chat_completions, body),
              R"({"max_completion_tokens":500, "model":"m","messages":[{"role":"user","content":"Hi"}]})");
    EXPECT_EQ(capped(chat::Endpoint::chat_completions, body, ChatCap::max_tokens),
              R"({"max_tokens":500, "model":"m","messages":[{"role":"user","content":"Hi"}]})");
}

TEST(OutputCap, TakesThePlaceOfANull) {
    EXPECT_EQ(
        capped(chat::Endpoint::chat_completions,
               R"({"max_completion_tokens":null,"model":"m","messages":[{"role":"user","content":"Hi"}]})"),
        R"({"max_completion_tokens":500,"model":"m","messages":[{"role":"user","content":"Hi"}]})");
}

TEST(OutputCap, HasANameInEveryDialect) {
    EXPECT_EQ(capped(chat::Endpoint::responses, R"({"model":"m","input":"Hi"})"),
              R"({"max_output_tokens":500,"model":"m","input":"Hi"})");
    EXPECT_EQ(capped(chat::Endpoint::completions, R"({"model":"m","prompt":"Hi"})"),
              R"({"max_tokens":500,"model":"m","prompt":"Hi"})");
    EXPECT_EQ(capped(chat::Endpoint::embeddings, R"({"model":"m","input":"Hi"})"),
              R"({"model":"m","input":"Hi"})")
        << "no answer to limit";
}

TEST(OutputCap, IsASettingOfGeminis) {
    const std::string contents = R"("contents":[{"parts":[{"text":"Hi"}]}])";
    const auto cap = [&](const std::string& before) {
        return capped(chat::Endpoint::generate_content, "{" + before + contents + "}");
    };
    EXPECT_EQ(cap(""), R"({"generationConfig":{"maxOutputTokens":500},)" + contents + "}");
    EXPECT_EQ(cap(R"("generationConfig":{},)"),
              R"({"generationConfig":{"maxOutputTokens":500},)" + contents + "}");
    EXPECT_EQ(cap(R"("generation_config":{"temperature":1},)"),
              R"({"generation_config":{"maxOutputTokens":500,"temperature":1},)" + contents + "}");
    EXPECT_EQ(cap(R"("generationConfig":{"maxOutputTokens":null},)"),
              R"({"generationConfig":{"maxOutputTokens":500},)" + contents + "}");
    EXPECT_EQ(cap(R"("generationConfig":null,)"),
              R"({"generationConfig":{"maxOutputTokens":500},)" + contents + "}");
}

std::string at(const chat::Request& request, wire::ByteRange range) {
    return request.original.bytes.substr(range.begin, range.size());
}

TEST(OutputCap, WhatWasFoundInTheBodyIsStillFound) {
    auto request = read(chat::Endpoint::chat_completions,
                        R"({"messages":[{"role":"user","content":"Hi"}],"max_tokens":null,"stream":true,)"
                        R"("stream_options":{"include_usage":false},"model":"m"})");
    request.original.size = request.original.bytes.size();
    for (const auto cap : {ChatCap::max_tokens, ChatCap::max_completion_tokens}) {
        cap_output(request, 123'456, cap);
        EXPECT_EQ(at(request, request.original.model), R"("m")");
        EXPECT_EQ(at(request, request.original.stream_options), R"({"include_usage":false})");
        EXPECT_EQ(at(request, request.original.include_usage), "false");
        EXPECT_EQ(request.original.object_begin, 1U);
        EXPECT_EQ(*request.original.size, request.original.bytes.size());
    }
    EncodeOptions options;
    options.model = "real";
    std::string sent;
    for (const auto piece : dialect_of(chat::Vendor::openai).encode_request(request, options).pieces) {
        sent += piece;
    }
    EXPECT_EQ(sent,
              R"({"max_completion_tokens":123456,"messages":[{"role":"user","content":"Hi"}],)"
              R"("max_tokens":123456,"stream":true,"stream_options":{"include_usage":true},"model":"real"})");
}

/// With 90 tokens less to say; "none": nothing is left.
std::string lessened(chat::Endpoint endpoint, std::string body) {
    auto request = read(endpoint, std::move(body));
    return lessen_output_cap(request, 90) ? request.original.bytes : "none";
}

TEST(ALessenedOutputCap, IsWhatTheClientAskedForWithoutWhatWasSaid) {
    using chat::Endpoint;
    const std::string chat = R"("model":"m","messages":[{"role":"user","content":"Hi"}]})";
    EXPECT_EQ(lessened(Endpoint::chat_completions, R"({"max_tokens":100,)" + chat),
              R"({"max_tokens":10,)" + chat);
    EXPECT_EQ(
        lessened(Endpoint::chat_completions, R"({"max_tokens":1000,"max_completion_tokens":null,)" + chat),
        R"({"max_tokens":910,"max_completion_tokens":null,)" + chat);
    EXPECT_EQ(lessened(Endpoint::messages, R"({"max_tokens": 91,)" + chat), R"({"max_tokens": 1,)" + chat);
    EXPECT_EQ(lessened(Endpoint::messages, R"({"max_tokens":90,)" + chat), "none");
    EXPECT_EQ(lessened(Endpoint::chat_completions, "{" + chat), "{" + chat) << "nobody limits it";
    EXPECT_EQ(lessened(Endpoint::chat_completions, R"({"max_tokens":100,"max_completion_tokens":9,)" + chat),
              "none")
        << "the smaller one counts";
    EXPECT_EQ(lessened(Endpoint::responses, R"({"model":"m","input":"Hi","max_output_tokens":100})"),
              R"({"model":"m","input":"Hi","max_output_tokens":10})");
    for (const std::string config : {"generationConfig", "generation_config"}) {
        for (const std::string name : {"maxOutputTokens", "max_output_tokens"}) {
            const auto body = [&](const std::string& limit) {
                return R"({"contents":[{"parts":[{"text":"Hi"}]}],")" + config + R"(":{"temperature":1,")" +
                       name + "\":" + limit + "}}";
            };
            EXPECT_EQ(lessened(Endpoint::generate_content, body("100")), body("10"));
            EXPECT_EQ(lessened(Endpoint::generate_content, body("9")), "none");
        }
    }
}

}  // namespace
}  // namespace gatehouse::dialect
