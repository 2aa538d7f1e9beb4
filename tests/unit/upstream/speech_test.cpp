// Where a provider is asked for the next turn of a conversation.
#include "upstream/speech.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

using chat::Effort;
using chat::Endpoint;
using chat::ModelFacts;
using chat::Vendor;

chat::Request from(Endpoint endpoint, bool tools = false, Effort effort = Effort::unsaid) {
    chat::Request request;
    request.endpoint = endpoint;
    request.offers_tools = tools;
    request.effort = effort;
    return request;
}

constexpr std::array clients{Endpoint::chat_completions, Endpoint::messages, Endpoint::generate_content};

/// As gpt-5.6-sol.
ModelFacts tools_apart() {
    ModelFacts facts;
    facts.efforts = {Effort::none, Effort::low, Effort::max};
    facts.tools_with_reasoning = false;
    return facts;
}

TEST(ConversationAt, IsTheVendorsOwnEndpointWhateverIsKnown) {
    ModelFacts facts;
    facts.responses_only = true;
    for (const auto client : clients) {
        EXPECT_EQ(conversation_at(Vendor::anthropic, &facts, from(client)), Endpoint::messages);
        EXPECT_EQ(conversation_at(Vendor::gemini, &facts, from(client)), Endpoint::generate_content);
    }
}

TEST(ConversationAt, IsResponsesForTheirClientsAndModelsThatExistNowhereElse) {
    ModelFacts facts;
    EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(Endpoint::responses)), Endpoint::responses);
    EXPECT_EQ(conversation_at(Vendor::openai, nullptr, from(Endpoint::responses)), Endpoint::responses);
    for (const auto client : clients) {
        EXPECT_EQ(conversation_at(Vendor::openai, nullptr, from(client, true)), Endpoint::chat_completions);
        EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(client, true)), Endpoint::chat_completions);
        facts.responses_only = true;
        EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(client)), Endpoint::responses);
        facts.responses_only = false;
    }
}

TEST(ConversationAt, IsResponsesForToolsBesideReasoningWhereChatRefusesThem) {
    auto facts = tools_apart();
    for (const auto client : clients) {
        EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(client, true)), Endpoint::responses);
        EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(client)), Endpoint::chat_completions);
        EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(client, true, Effort::none)),
                  Endpoint::chat_completions);
    }
    facts.sampling = true;
    EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(Endpoint::messages, true)),
              Endpoint::chat_completions)
        << "a model that does not reason";
    facts.sampling = false;
    facts.tools_with_reasoning = true;
    EXPECT_EQ(conversation_at(Vendor::openai, &facts, from(Endpoint::messages, true)),
              Endpoint::chat_completions);
}

TEST(ConversationAt, IsResponsesForTheEffortThatOnlyTheyTake) {
    auto facts = tools_apart();
    facts.tools_with_reasoning = true;
    const auto at = [&](Effort effort, Endpoint client = Endpoint::chat_completions) {
        return conversation_at(Vendor::openai, &facts, from(client, false, effort));
    };
    EXPECT_EQ(at(Effort::max), Endpoint::responses);
    EXPECT_EQ(at(Effort::max, Endpoint::messages), Endpoint::responses);
    EXPECT_EQ(at(Effort::xhigh), Endpoint::chat_completions);
    facts.efforts = {Effort::low, Effort::high};
    EXPECT_EQ(at(Effort::max), Endpoint::chat_completions) << "not one of the model's";
}

TEST(Speech, KeepsTheEffortOfAnthropicsClientsThatOnlyResponsesTake) {
    ProviderOptions options;
    options.name = "p";
    options.base_url = "http://127.0.0.1:1/v1";
    auto provider = Provider::make(options);
    ASSERT_TRUE(provider);
    auto facts = tools_apart();
    Target target;
    target.provider = *provider;
    target.model = "gpt";
    target.facts = &facts;
    auto request = dialect::anthropic().decode_request(
        Endpoint::messages,
        R"({"model":"m","max_tokens":99,"output_config":{"effort":"max"},)"
        R"("messages":[{"role":"user","content":"hi"}]})",
        wire::JsonLimits{});
    ASSERT_TRUE(request);
    const auto speech = Speech::make(*request, target, nullptr, nullptr);
    ASSERT_TRUE(speech) << speech.problem().message();
    EXPECT_EQ(speech->path(), "/responses");
    EXPECT_NE(speech->body().front().find(R"("effort":"max")"), std::string_view::npos)
        << speech->body().front();
    EXPECT_TRUE(speech->dropped().empty());
}

TEST(Speech, TranslatesItsOwnVendorsClientsToo) {
    ProviderOptions options;
    options.name = "p";
    options.base_url = "http://127.0.0.1:1/v1";
    auto provider = Provider::make(options);
    ASSERT_TRUE(provider);
    ModelFacts facts;
    Target target;
    target.provider = *provider;
    target.model = "gpt-5-pro";
    target.facts = &facts;
    auto request = from(Endpoint::chat_completions);
    request.model = "m";
    request.original.bytes = R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";
    EXPECT_FALSE(Speech::translates(request, target));
    facts.responses_only = true;
    EXPECT_TRUE(Speech::translates(request, target));
    EXPECT_FALSE(Speech::translates(from(Endpoint::responses), target));
    const auto speech = Speech::make(request, target, nullptr, nullptr);
    ASSERT_TRUE(speech);
    EXPECT_EQ(speech->path(), "/responses");
    ASSERT_EQ(speech->body().size(), 1U);
    EXPECT_NE(speech->body().front().find("\"input\":["), std::string_view::npos);
}

}  // namespace
}  // namespace gatehouse::upstream
