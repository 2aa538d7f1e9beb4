// Requests that Anthropic took (tests/golden/anthropic/requests.json), and the chat requests that say the
// same.
#include "dialect/translation_parts.hpp"
#include "json/json_value.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using test::JsonValue;
using test::parsed;

chat::ModelFacts facts_of(const JsonValue& said) {
    chat::ModelFacts facts;
    facts.sampling = said["sampling"].truth();
    facts.prefill = said["prefill"].truth();
    facts.thinking.enabled = said["enabled"].truth();
    facts.thinking.adaptive = said["adaptive"].truth();
    facts.thinks_by_default = said["thinks_by_default"].truth();
    for (const auto& effort : said["efforts"].texts()) {
        facts.efforts.push_back(chat::effort_named(effort).value_or(chat::Effort::unsaid));
    }
    return facts;
}

TEST(AnthropicGoldenRequest, is_what_anthropic_took) {
    const auto requests = JsonValue::golden("anthropic/requests.json").elements();
    ASSERT_GT(requests.size(), 20U);
    for (const auto& request : requests) {
        SCOPED_TRACE(request["name"].text());
        const auto facts = facts_of(request["facts"]);
        TranslateOptions options;
        options.model = "claude";
        options.facts = &facts;
        options.strict = true;  // nothing may be lost
        const auto body = request["chat"].dump();
        const auto conversation = read_openai_chat(body);
        ASSERT_TRUE(conversation) << conversation.problem().message();
        const auto written = write_anthropic(*conversation, request["chat"]["stream"].truth(), options);
        ASSERT_TRUE(written) << written.problem().message();
        EXPECT_EQ(parsed(written->body).sorted(), request["anthropic"].sorted());
        EXPECT_EQ(written->fields, "anthropic-version: " + request["version"].text() + "\r\n");
    }
}

}  // namespace
}  // namespace gatehouse::dialect
