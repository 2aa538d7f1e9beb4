// What one provider's dialect can say and another's cannot: nothing of it is lost without a word.
#include "gatehouse/dialect/translation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class NamedLosses : public testing::Test {
protected:
    NamedLosses() {
        facts_.newer_fields = true;
        facts_.efforts = {chat::Effort::low, chat::Effort::high};
    }

    Result<std::unique_ptr<Translation>> ask(Endpoint client, Endpoint to, const std::string& body) {
        chat::Request request;
        request.endpoint = client;
        request.original.bytes = body;
        TranslateOptions options;
        options.model = "up";
        options.facts = &facts_;
        options.strict = strict_;
        return translate(request, to, options);
    }

    /// `param: message`
    std::string refusal(Endpoint client, Endpoint to, const std::string& body) {
        const auto asked = ask(client, to, body);
        return asked ? "none" : asked.problem().param() + ": " + asked.problem().message();
    }

    std::string sent(Endpoint client, Endpoint to, const std::string& body) {
        const auto asked = ask(client, to, body);
        dropped_ = asked ? (*asked)->dropped() : std::vector<std::string>();
        return asked ? std::string((*asked)->body()) : asked.problem().message();
    }

    chat::ModelFacts facts_;
    bool strict_{false};
    std::vector<std::string> dropped_;
};

constexpr auto chats = Endpoint::chat_completions;

TEST_F(NamedLosses, AMarkForTheCacheThatOpenaiDoesNotHeedIsNamedOrRefused) {
    const std::string marked = R"({"max_tokens":9,"system":[{"type":"text","text":"s",)"
                               R"("cache_control":{"type":"ephemeral"}}],)"
                               R"("messages":[{"role":"user","content":"a"}]})";
    const std::string tool = R"({"messages":[{"role":"user","content":"a"}],"tools":[{"type":"function",)"
                             R"("cache_control":{"type":"ephemeral"},"function":{"name":"f"}}]})";
    const std::string plain = R"({"max_tokens":9,"messages":[{"role":"user","content":"a"}]})";
    for (const auto to : {chats, Endpoint::responses}) {
        EXPECT_THAT(sent(Endpoint::messages, to, marked), Not(HasSubstr("cache_control")));
        EXPECT_THAT(dropped_, testing::Contains("cache_control"));
        sent(Endpoint::messages, to, plain);
        EXPECT_THAT(dropped_, Not(testing::Contains("cache_control")));
    }
    sent(chats, Endpoint::responses, tool);
    EXPECT_THAT(dropped_, ElementsAre("cache_control"));
    strict_ = true;
    EXPECT_THAT(refusal(Endpoint::messages, chats, marked), testing::StartsWith("cache_control: "));
}

TEST_F(NamedLosses, AnAnswerThatIsNotKeptAsWishedIsNamed) {
    const std::string kept = R"({"messages":[{"role":"user","content":"a"}],"store":true})";
    const std::string loose = R"({"messages":[{"role":"user","content":"a"}],"store":false})";
    for (const auto to : {Endpoint::messages, Endpoint::generate_content, Endpoint::responses}) {
        sent(chats, to, kept);
        EXPECT_THAT(dropped_, ElementsAre("store"));
        sent(chats, to, loose);
        EXPECT_THAT(dropped_, IsEmpty());
    }
    EXPECT_THAT(sent(chats, Endpoint::responses, kept), HasSubstr(R"("store":false)"));
}

TEST_F(NamedLosses, WhatBothOfOpenaisWaysHaveIsNotLostBetweenThem) {
    const std::string body = R"({"messages":[{"role":"user","content":"a"}],"metadata":{"a":"b"},)"
                             R"("prompt_cache_retention":"24h","prompt_cache_options":{"mode":"explicit"},)"
                             R"("prompt_cache_key":"k","prediction":{"type":"content","content":"x"}})";
    const auto out = sent(chats, Endpoint::responses, body);
    EXPECT_THAT(dropped_, ElementsAre("prediction"));
    EXPECT_THAT(out, HasSubstr(R"("metadata":{"a":"b"})"));
    EXPECT_THAT(out, HasSubstr(R"("prompt_cache_retention":"24h")"));
    EXPECT_THAT(out, HasSubstr(R"("prompt_cache_options":{"mode":"explicit"})"));
    facts_.newer_fields = false;
    EXPECT_THAT(sent(chats, Endpoint::responses, body), Not(HasSubstr("metadata")));
    EXPECT_THAT(dropped_, testing::Contains("metadata"));
}

TEST_F(NamedLosses, WhatNobodyButGeminiWatchesIsRefused) {
    const std::string video = R"({"contents":[{"parts":[{"text":"a"},{"fileData":{"mimeType":"video/mp4",)"
                              R"("fileUri":"https://example.org/a.mp4"}}]}]})";
    for (const auto to : {Endpoint::messages, chats, Endpoint::responses}) {
        EXPECT_THAT(refusal(Endpoint::generate_content, to, video), testing::StartsWith("contents[0]: "));
    }
    const std::string pdf = R"({"contents":[{"parts":[{"text":"a"},{"fileData":{"mimeType":)"
                            R"("application/pdf","fileUri":"https://example.org/a.pdf"}}]}]})";
    EXPECT_EQ(refusal(Endpoint::generate_content, Endpoint::messages, pdf), "none");
    const std::string heic = R"({"contents":[{"parts":[{"text":"a"},{"fileData":{"mimeType":)"
                             R"("image/heic","fileUri":"https://example.org/a.heic"}}]}]})";
    EXPECT_THAT(refusal(Endpoint::generate_content, Endpoint::messages, heic),
                testing::StartsWith("contents[0]: "));
}

TEST_F(NamedLosses, ACacheIsWarmedWithoutAnAnswerByAnthropicAlone) {
    const std::string body = R"({"max_tokens":0,"messages":[{"role":"user","content":"a"}]})";
    for (const auto to : {chats, Endpoint::responses, Endpoint::generate_content}) {
        EXPECT_THAT(refusal(Endpoint::messages, to, body),
                    testing::StartsWith("max_tokens: Unsupported `max_tokens`: "));
    }
    EXPECT_THAT(sent(Endpoint::messages, Endpoint::messages, body), HasSubstr(R"("max_tokens":0)"));
}

TEST_F(NamedLosses, ANameOfADocumentIsNamedWhereGeminiHasNoPlaceForIt) {
    sent(chats, Endpoint::generate_content,
         R"({"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf",)"
         R"("file_data":"data:application/pdf;base64,QQ=="}}]}]})");
    EXPECT_THAT(dropped_, ElementsAre("file.filename"));
    sent(Endpoint::messages, Endpoint::generate_content,
         R"({"max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","title":"T",)"
         R"("source":{"type":"text","media_type":"text/plain","data":"a"}}]}]})");
    EXPECT_THAT(dropped_, ElementsAre("document.title"));
}

}  // namespace
}  // namespace gatehouse::dialect
