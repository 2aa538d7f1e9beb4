// Probabilities of tokens, from Gemini's form and the chat dialect's into that of each client.
#include "dialect/logprobs.hpp"

#include "dialect/translation_parts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace gatehouse::dialect {
namespace {

using testing::HasSubstr;

const std::string in_gemini_words =
    R"({"topCandidates":[{"candidates":[{"token":"H\u00e9","logProbability":-0.25},{"token":"Yo","logProbability":-2.5}]}],)"
    R"("chosenCandidates":[{"token":"H\u00e9","tokenId":7,"logProbability":-0.25}]})";
const std::string in_chat_words =
    "{\"token\":\"H\xC3\xA9\",\"logprob\":-0.25,\"bytes\":[72,195,169],\"top_logprobs\":["
    "{\"token\":\"H\xC3\xA9\",\"logprob\":-0.25,\"bytes\":[72,195,169]},"
    "{\"token\":\"Yo\",\"logprob\":-2.5,\"bytes\":[89,111]}]}";

struct Shown {
    std::string whole;
    std::string stream;
};

using MakeWriter = std::unique_ptr<ReplyWriter> (*)(const ReplyIdentity&);

Shown show(std::unique_ptr<ReplyReader> reader, std::string_view body, MakeWriter make) {
    ReplyIdentity identity;
    identity.id = "r";
    identity.model = "m";
    const auto events = reader->whole(body);
    if (!events) {
        ADD_FAILURE() << events.problem().message();
        return {};
    }
    Shown shown;
    shown.whole = make(identity)->whole(*events, reader->usage());
    const auto writer = make(identity);
    writer->write(*events, shown.stream);
    writer->end(reader->usage(), shown.stream);
    return shown;
}

Shown of_gemini(MakeWriter make) {
    return show(
        gemini_reader({}, "call_"),
        R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Hé"}]},"finishReason":"STOP","index":0,)"
        R"("logprobsResult":)" +
            in_gemini_words + "}]}",
        make);
}

Shown of_chat(MakeWriter make) {
    return show(
        openai_chat_reader({}, "call_"),
        "{\"id\":\"c\",\"model\":\"up\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"H\xC3\xA9\"},\"logprobs\":{\"content\":[\n " +
            in_chat_words + "\n],\"refusal\":null},\"finish_reason\":\"stop\"}]}",
        make);
}

TEST(Logprobs, AreSaidInEitherForm) {
    EXPECT_EQ(chat_logprobs(in_gemini_words), in_chat_words);
    EXPECT_EQ(chat_logprobs(gemini_logprobs(in_chat_words)), in_chat_words);
    EXPECT_EQ(chat_logprobs(""), "");
    EXPECT_EQ(chat_logprobs(R"({"chosenCandidates":[7]})"),
              R"({"token":"","logprob":0.0,"bytes":[],"top_logprobs":[]})");
    EXPECT_EQ(gemini_logprobs("torn"), R"({"topCandidates":[],"chosenCandidates":[]})");
}

TEST(Logprobs, OfGeminiReachAChatClient) {
    const auto shown = of_gemini(openai_chat_writer);
    const auto expected =
        R"("logprobs":{"content":[)" + in_chat_words + R"(],"refusal":null},"finish_reason":)";
    EXPECT_THAT(shown.whole, HasSubstr(expected + R"("stop")"));
    EXPECT_THAT(shown.stream, HasSubstr(R"("delta":{},)" + expected + "null"));
}

TEST(Logprobs, OfChatReachAGeminiClient) {
    const auto shown = of_chat(gemini_writer);
    const auto expected = R"("logprobsResult":)" + gemini_logprobs(in_chat_words);
    EXPECT_THAT(shown.whole, HasSubstr(expected));
    EXPECT_THAT(shown.stream, HasSubstr(expected));
}

TEST(Logprobs, ReachAResponsesClientWithTheText) {
    for (const auto& shown : {of_chat(responses_writer), of_gemini(responses_writer)}) {
        const auto expected = R"("logprobs":[)" + in_chat_words + "]";
        EXPECT_THAT(shown.whole, HasSubstr(expected));
        EXPECT_THAT(shown.stream, HasSubstr(expected));
        EXPECT_EQ(shown.stream.find("\n "), std::string::npos) << "one line for each event";
    }
}

TEST(Logprobs, HaveNoPlaceInAMessage) {
    EXPECT_EQ(of_gemini(anthropic_writer).whole.find("logprob"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::dialect
