// What a provider cannot honour is named to each client in its own words.
#include "gatehouse/dialect/translation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

/// `param: message` of the refusal by `to`, in strict mode.
std::string refusal(Endpoint client, Endpoint to, std::string body) {
    chat::Request request;
    request.endpoint = client;
    request.original.bytes = std::move(body);
    chat::ModelFacts facts;
    facts.sampling = false;
    TranslateOptions options;
    options.model = "up";
    options.facts = &facts;
    options.strict = true;
    const auto translation = translate(request, to, options);
    return translation ? "none" : translation.problem().param() + ": " + translation.problem().message();
}

/// What `to` cannot honour, where it may be left out.
std::string dropped(Endpoint client, Endpoint to, std::string body) {
    chat::Request request;
    request.endpoint = client;
    request.original.bytes = std::move(body);
    chat::ModelFacts facts;
    facts.max_output = 100;
    facts.sampling = false;
    facts.efforts = {chat::Effort::low, chat::Effort::medium};
    TranslateOptions options;
    options.model = "up";
    options.facts = &facts;
    const auto translation = translate(request, to, options);
    if (!translation) {
        return translation.problem().message();
    }
    std::string names;
    for (const auto& name : (*translation)->dropped()) {
        names += (names.empty() ? "" : " ") + name;
    }
    return names;
}

constexpr std::string_view link = "the model cannot fetch this link";

TEST(ClientWords, APlaceInTheHistoryIsNamedAsTheClientKnowsIt) {
    EXPECT_EQ(refusal(Endpoint::responses, Endpoint::generate_content,
                      R"({"input":[{"role":"user","content":"a"},{"role":"user","content":[
                          {"type":"input_image","image_url":"http://x/a"}]}]})"),
              "input[1]: Unsupported `input[1]`: " + std::string(link) + ".");
    EXPECT_EQ(refusal(Endpoint::chat_completions, Endpoint::generate_content,
                      R"({"messages":[{"role":"user","content":[
                          {"type":"image_url","image_url":{"url":"http://x/a"}}]}]})"),
              "messages[0]: Unsupported `messages[0]`: " + std::string(link) + ".");
    EXPECT_EQ(refusal(Endpoint::generate_content, Endpoint::messages,
                      R"({"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]},
                          {"parts":[{"inlineData":{"mimeType":"audio/wav","data":"QQ=="}}]}]})"),
              "contents[2]: Unsupported `contents[2]`: Claude takes no audio.");
    EXPECT_EQ(refusal(Endpoint::responses, Endpoint::messages, R"({"input":"  "})"),
              "input: `input` holds nothing that could be answered.");
}

TEST(ClientWords, ASettingIsNamedAsTheClientKnowsIt) {
    EXPECT_EQ(refusal(Endpoint::responses, Endpoint::messages,
                      R"({"input":"a","include":["message.output_text.logprobs"]})"),
              "include: Unsupported `include`: Claude gives no probabilities.");
    EXPECT_EQ(
        refusal(Endpoint::responses, Endpoint::chat_completions,
                R"({"input":"a","reasoning":{"effort":"high"}})"),
        "reasoning.effort: Unsupported `reasoning.effort`: the provider of this model cannot honour it.");
    EXPECT_EQ(refusal(Endpoint::generate_content, Endpoint::messages,
                      R"({"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"candidateCount":2}})"),
              "generationConfig.candidateCount: Unsupported `generationConfig.candidateCount`: Claude gives "
              "one answer.");
    EXPECT_EQ(refusal(Endpoint::responses, Endpoint::messages, R"({"input":"a","top_logprobs":2})"),
              "top_logprobs: Unsupported `top_logprobs`: Claude gives no probabilities.");
    EXPECT_EQ(refusal(Endpoint::messages, Endpoint::chat_completions,
                      R"({"max_tokens":9,"messages":[{"role":"user","content":"a"}],"temperature":0.5})"),
              "temperature: Unsupported `temperature`: the provider of this model cannot honour it.");
}

TEST(ClientWords, WhatIsDroppedOfAnAnthropicRequestIsNamedAsAnthropicDoes) {
    const std::string begin = R"({"max_tokens":999,"messages":[{"role":"user","content":"a"}],)";
    EXPECT_EQ(dropped(Endpoint::messages, Endpoint::generate_content,
                      begin + R"("metadata":{"user_id":"u"},"tools":[{"name":"f","input_schema":{}}],)"
                              R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true}})"),
              "max_tokens metadata.user_id tool_choice.disable_parallel_tool_use");
    EXPECT_EQ(dropped(Endpoint::messages, Endpoint::chat_completions,
                      begin + R"("output_config":{"effort":"high"}})"),
              "max_tokens output_config.effort");
    EXPECT_EQ(dropped(Endpoint::messages, Endpoint::chat_completions,
                      begin + R"("thinking":{"type":"adaptive"},"output_config":{"effort":"high"}})"),
              "max_tokens thinking");
}

TEST(ClientWords, WhatIsDroppedOfAGeminiRequestIsNamedAsGeminiDoes) {
    EXPECT_EQ(dropped(Endpoint::generate_content, Endpoint::messages,
                      R"({"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"maxOutputTokens":999,)"
                      R"("presencePenalty":0.5,"seed":7,"topK":3,)"
                      R"("thinkingConfig":{"thinkingLevel":"HIGH"}}})"),
              "generationConfig.maxOutputTokens generationConfig.presencePenalty generationConfig.seed "
              "generationConfig.thinkingConfig generationConfig.topK");
}

TEST(ClientWords, WhatIsDroppedOfAResponsesRequestIsNamedAsResponsesDoes) {
    EXPECT_EQ(dropped(Endpoint::responses, Endpoint::generate_content,
                      R"({"input":"a","max_output_tokens":999,"reasoning":{"effort":"xhigh"},)"
                      R"("text":{"verbosity":"low"},"user":"u"})"),
              "max_output_tokens reasoning.effort text.verbosity user");
}

TEST(ClientWords, WhatIsDroppedOfAChatRequestKeepsItsNames) {
    EXPECT_EQ(dropped(Endpoint::chat_completions, Endpoint::messages,
                      R"({"messages":[{"role":"user","content":"a"}],"max_tokens":999,"seed":7,)"
                      R"("verbosity":"low"})"),
              "max_completion_tokens seed verbosity");
}

}  // namespace
}  // namespace gatehouse::dialect
