// What a request holds, in the words of each vendor's clients.
#include "gatehouse/dialect/request_traits.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/token_counts.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

chat::RequestTraits traits(Endpoint endpoint, std::string body) {
    chat::Request request;
    request.endpoint = endpoint;
    request.original.bytes = std::move(body);
    return traits_of(request);
}

std::string held(const chat::RequestTraits& found) {
    std::string words;
    for (std::size_t i = 0; i < chat::content_count; ++i) {
        const auto content = static_cast<chat::Content>(i);
        if (found.contents.has(content)) {
            words += words.empty() ? "" : " ";
            words += name_of(content);
        }
    }
    return words;
}

TEST(RequestTraits, OfAChat) {
    const auto found = traits(
        Endpoint::chat_completions,
        R"({"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[)"
        R"({"type":"text","text":"Was ist das?"},{"type":"image_url","image_url":{"url":"data:image/png;)"
        R"(base64,AAAA"}}]},{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",)"
        R"("function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"1",)"
        R"("content":"found"}],"tools":[{"type":"function","function":{"name":"f","description":"finds",)"
        R"("parameters":{"type":"object"}}}],"response_format":{"type":"json_schema","json_schema":)"
        R"({"name":"s","schema":{"type":"object"}}},"max_tokens":700,"max_completion_tokens":500,)"
        R"("metadata":{"task":"extraction","n":3}})");
    EXPECT_EQ(held(found), "image tools schema");
    EXPECT_EQ(found.text,
              "Be brief.\nWas ist das?\nf\n{\"a\":1}\nfound\nf\nfinds\n{\"type\":\"object\"}\n"
              "{\"type\":\"object\"}\n");
    EXPECT_EQ(found.messages, 4);
    EXPECT_EQ(found.tools, 1);
    EXPECT_EQ(found.media, 1);
    EXPECT_EQ(found.user_text, "Was ist das?");
    EXPECT_EQ(found.max_tokens, 700) << "the larger of the two: either may be the one that is obeyed";
    EXPECT_EQ(found.metadata, (std::map<std::string, std::string>{{"task", "extraction"}}));
}

TEST(RequestTraits, OfAChatWithSoundAndAFile) {
    const auto found = traits(
        Endpoint::chat_completions,
        R"({"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}},)"
        R"({"type":"file","file":{"file_data":"data:application/pdf;base64,AA"}}],"role":"user"}],)"
        R"("response_format":{"type":"json_object"},"max_tokens":null,"tools":[]})");
    EXPECT_EQ(held(found), "audio file");
    EXPECT_EQ(found.media, 2);
    EXPECT_EQ(found.max_tokens, std::nullopt);
    EXPECT_EQ(found.user_text, "");
}

TEST(RequestTraits, OfMessages) {
    const auto found = traits(
        Endpoint::messages,
        R"({"model":"m","max_tokens":100,"system":[{"type":"text","text":"Be brief."}],"messages":[)"
        R"({"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"tool_use","id":"1",)"
        R"("name":"look","input":{"text":"x"}}]},{"role":"user","content":[{"type":"tool_result",)"
        R"("tool_use_id":"1","content":[{"type":"text","text":"seen"},{"type":"image","source":)"
        R"({"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"document","source":)"
        R"({"type":"text","media_type":"text/plain","data":"a page"}},{"type":"text","text":"well?"}]}],)"
        R"("tools":[{"name":"look","input_schema":{"type":"object"}}],"metadata":{"user_id":"u1"},)"
        R"("output_config":{"format":{"type":"json_schema","schema":{"a":1}}}})");
    EXPECT_EQ(held(found), "image file tools schema");
    EXPECT_EQ(found.text,
              "Be brief.\nhi\nlook\n{\"text\":\"x\"}\nseen\na page\nwell?\nlook\n{\"type\":\"object\"}\n"
              "{\"a\":1}\n");
    EXPECT_EQ(found.messages, 4);
    EXPECT_EQ(found.media, 2);
    EXPECT_EQ(found.user_text, "well?") << "what a tool found is not what the user says";
    EXPECT_EQ(found.max_tokens, 100);
    EXPECT_EQ(found.metadata.at("user_id"), "u1");
}

TEST(RequestTraits, OfAResponse) {
    const auto found = traits(
        Endpoint::responses,
        R"({"model":"m","instructions":"Be brief.","input":[{"role":"user","content":[{"type":"input_text",)"
        R"("text":"what?"},{"type":"input_image","image_url":"https://a/b.png"},{"type":"input_file",)"
        R"("file_id":"f1"}]},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},)"
        R"({"type":"function_call_output","call_id":"1","output":"found"},{"type":"reasoning","summary":)"
        R"([{"type":"summary_text","text":"hm"}]}],"tools":[{"type":"web_search"}],"text":{"format":)"
        R"({"type":"json_schema","name":"s","schema":{"a":1}}},"max_output_tokens":9,)"
        R"("metadata":{"task":"t"}})");
    EXPECT_EQ(held(found), "image file tools schema");
    EXPECT_EQ(found.text, "Be brief.\nwhat?\nf\n{}\nfound\nhm\n{\"a\":1}\n");
    EXPECT_EQ(found.user_text, "what?");
    EXPECT_EQ(found.max_tokens, 9);
    EXPECT_EQ(found.metadata.at("task"), "t");
    EXPECT_EQ(traits(Endpoint::responses, R"({"input":"Hallo"})").user_text, "Hallo");
}

TEST(RequestTraits, OfGeneratedContent) {
    const std::string inside =
        R"("systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[)"
        R"({"text":"what?"},{"inlineData":{"mimeType":"image/png","data":"AA"}},{"file_data":{"mime_type":)"
        R"("audio/wav","file_uri":"u"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":)"
        R"({"a":1}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"b":2}}}]}],)"
        R"("tools":[{"functionDeclarations":[{"name":"f","description":"finds","parameters":{"c":3}}]}],)"
        R"("generationConfig":{"maxOutputTokens":7,"responseSchema":{"d":4}}})";
    for (const auto& found :
         {traits(Endpoint::generate_content, "{" + inside),
          traits(Endpoint::count_content_tokens, R"({"generateContentRequest":{)" + inside + "}")}) {
        EXPECT_EQ(held(found), "image audio tools schema");
        EXPECT_EQ(found.text,
                  "Be brief.\nwhat?\nf\n{\"a\":1}\nf\n{\"b\":2}\nf\nfinds\n{\"c\":3}\n{\"d\":4}\n");
        EXPECT_EQ(found.messages, 4);
        EXPECT_EQ(found.user_text, "what?");
        EXPECT_EQ(found.max_tokens, 7);
    }
}

TEST(RequestTraits, OfTextsAndTokensToBeEmbeddedOrJudged) {
    EXPECT_EQ(traits(Endpoint::embeddings, R"({"model":"m","input":["a","b"]})").text, "a\nb\n");
    EXPECT_EQ(traits(Endpoint::embeddings, R"({"model":"m","input":[[1,2],[3]]})").token_ids, 3);
    EXPECT_EQ(traits(Endpoint::completions, R"({"prompt":[1,2,3,4],"max_tokens":5})").token_ids, 4);
    EXPECT_EQ(traits(Endpoint::completions, R"({"prompt":"Once","max_tokens":5})").max_tokens, 5);
    const auto judged =
        traits(Endpoint::moderations,
               R"({"input":[{"type":"text","text":"x"},{"type":"image_url","image_url":{}}]})");
    EXPECT_EQ(judged.text, "x\n");
    EXPECT_EQ(held(judged), "image");
    EXPECT_EQ(traits(Endpoint::embed_content, R"({"content":{"parts":[{"text":"a"}]}})").text, "a\n");
    EXPECT_EQ(
        traits(Endpoint::batch_embed_contents,
               R"({"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]})")
            .text,
        "a\nb\n");
    EXPECT_EQ(traits(Endpoint::images_generations, R"({"prompt":"a cat","response_format":"b64_json"})").text,
              "a cat\n");
}

TEST(RequestTraits, OfAFormOnlyThatItBringsSound) {
    chat::Request request;
    request.endpoint = Endpoint::audio_transcriptions;
    request.original.content_type = "multipart/form-data; boundary=x";
    request.original.bytes = "--x\r\n";
    const auto found = traits_of(request);
    EXPECT_EQ(held(found), "audio");
    EXPECT_EQ(found.text, "");
}

TEST(RequestTraits, WhatIsNotKnownIsPassedOver) {
    const auto found =
        traits(Endpoint::chat_completions,
               R"({"messages":[{"role":"user","content":[{"type":"video_url","video_url":{}},)"
               R"("odd",7,null,[["x"]]]},3,null,{}],"tools":7,"metadata":[1],"max_tokens":1.5,)"
               R"("response_format":"x","text":[],"input":{"a":1},"system":null})");
    EXPECT_EQ(held(found), "");
    EXPECT_EQ(found.text, "odd\n");
    EXPECT_EQ(found.max_tokens, std::nullopt);
}

TEST(RequestTraits, WhatTheUserSaidFirstIsBoundedAndCutBetweenCharacters) {
    std::string text;
    while (text.size() < 3 * chat::most_first_text) {
        text += "\xE2\x82\xAC";  // three bytes
    }
    const auto found =
        traits(Endpoint::chat_completions, R"({"messages":[{"role":"user","content":")" + text +
                                               R"("},{"role":"assistant","content":"yes?"},)"
                                               R"({"role":"user","content":"go on"}]})");
    EXPECT_EQ(found.first_text, text.substr(0, chat::most_first_text / 3 * 3));
    EXPECT_EQ(found.user_text, "go on");
    EXPECT_EQ(found.user_turns, 2);
}

TEST(RequestTraits, MetadataIsBounded) {
    std::string body = R"({"metadata":{)";
    for (int i = 0; i < 100; ++i) {
        body += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"v\"";
    }
    EXPECT_EQ(traits(Endpoint::chat_completions, body + "}}").metadata.size(), 64U);
}

Endpoint endpoint_of(const std::string& url) {
    if (url.find("/messages") != std::string::npos) {
        return Endpoint::messages;
    }
    if (url.find("enerateContent") != std::string::npos) {
        return Endpoint::generate_content;
    }
    return url.find("/responses") != std::string::npos ? Endpoint::responses : Endpoint::chat_completions;
}

/// The strict readers and this one read the same recorded requests: what can be counted must agree.
TEST(RequestTraits, AgreeWithTheReadersOfConversationsAboutRecordedRequests) {
    int compared = 0;
    for (const std::string vendor : {"openai", "anthropic", "gemini"}) {
        const auto folder = std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/" + vendor + "/fixtures";
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::ifstream file(entry.path());
            const auto recorded = nlohmann::json::parse(file, nullptr, false);
            for (const auto& exchange : recorded.value("exchanges", nlohmann::json::array())) {
                const auto body = exchange.value("/request/body"_json_pointer, nlohmann::json());
                if (!body.is_object()) {
                    continue;
                }
                chat::Request request;
                request.endpoint = endpoint_of(exchange["request"].value("url", ""));
                request.original.bytes = body.dump();
                const auto strict = countable_of(request);
                if (!strict) {
                    continue;
                }
                const auto found = traits_of(request);
                SCOPED_TRACE(entry.path().filename().string());
                EXPECT_EQ(found.contents.has(chat::Content::tools), body.contains("tools"));
                EXPECT_GE(static_cast<std::size_t>(found.media), strict->media);
                EXPECT_GE(found.text.size() + 16, strict->text.size());
                ++compared;
            }
        }
    }
    EXPECT_GT(compared, 100);
}

TEST(RequestTraits, HowManyAnswersAreAskedFor) {
    EXPECT_EQ(traits(Endpoint::chat_completions, R"({"messages":[]})").answers, 1);
    EXPECT_EQ(traits(Endpoint::chat_completions, R"({"messages":[],"n":3})").answers, 3);
    EXPECT_EQ(traits(Endpoint::completions, R"({"prompt":"a","best_of":5,"n":2})").answers, 5);
    EXPECT_EQ(traits(Endpoint::generate_content, R"({"generationConfig":{"candidateCount":4}})").answers, 4);
    EXPECT_EQ(traits(Endpoint::chat_completions, R"({"messages":[],"n":-3})").answers, 1);
}

TEST(RequestTraits, TheOutputIsLimitedByTheEndpointsOwnWordsOnly) {
    const auto most = [](Endpoint endpoint, const std::string& body) {
        return traits(endpoint, body).max_tokens;
    };
    const std::string all = R"({"max_tokens":1,"max_completion_tokens":2,"max_output_tokens":4,)"
                            R"("generationConfig":{"maxOutputTokens":8,"max_output_tokens":9},)"
                            R"("generateContentRequest":{"max_tokens":16,"generationConfig":)"
                            R"({"maxOutputTokens":17}}})";
    EXPECT_EQ(most(Endpoint::chat_completions, all), 2);
    EXPECT_EQ(most(Endpoint::completions, all), 1);
    EXPECT_EQ(most(Endpoint::messages, all), 1);
    EXPECT_EQ(most(Endpoint::responses, all), 4);
    EXPECT_EQ(most(Endpoint::generate_content, all), 9);
    EXPECT_EQ(most(Endpoint::embeddings, all), std::nullopt);
    EXPECT_EQ(most(Endpoint::chat_completions, R"({"max_tokens":64000,"max_completion_tokens":1})"), 64'000);
    EXPECT_EQ(most(Endpoint::chat_completions, R"({"max_output_tokens":0})"), std::nullopt);
    EXPECT_EQ(
        most(Endpoint::generate_content, R"({"max_tokens":0,"generationConfig":{"maxOutputTokens":64000}})"),
        64'000);
}

TEST(RequestTraits, ZeroIsALimitOnlyWhereTheVendorSaysSo) {
    for (const auto* zero : {"0", "-1"}) {
        const std::string old = std::string(R"({"max_tokens":)") + zero + "}";
        EXPECT_EQ(traits(Endpoint::chat_completions, old).max_tokens, std::nullopt);
        const std::string other = std::string(R"({"max_output_tokens":)") + zero + "}";
        EXPECT_EQ(traits(Endpoint::responses, other).max_tokens, std::nullopt);
        const std::string inside = std::string(R"({"generationConfig":{"maxOutputTokens":)") + zero + "}}";
        EXPECT_EQ(traits(Endpoint::generate_content, inside).max_tokens, std::nullopt);
    }
    EXPECT_EQ(traits(Endpoint::completions, R"({"max_tokens":0})").max_tokens, 0);
    EXPECT_EQ(traits(Endpoint::messages, R"({"max_tokens":0})").max_tokens, 0);
}

TEST(RequestTraits, PromptsThatAreAnsweredForThemselves) {
    const auto prompts = [](const std::string& prompt) {
        return traits(Endpoint::completions, R"({"prompt":)" + prompt + "}").prompts;
    };
    EXPECT_EQ(prompts(R"("a")"), 1);
    EXPECT_EQ(prompts(R"(["a","b","c"])"), 3);
    EXPECT_EQ(prompts("[[1,2],[3]]"), 2);
    EXPECT_EQ(prompts("[1,2,3]"), 0) << "together they are one";
}

}  // namespace
}  // namespace gatehouse::dialect
