// Recorded exchanges with Anthropic (tests/golden/anthropic) through the neutral form and back: what a client
// said is what the provider would get, and what the provider answered is what the client gets.
#include "dialect/translation_parts.hpp"
#include "told.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <fstream>
#include <string>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::json;

Json load(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/anthropic/" + path);
    return Json::parse(file, nullptr, false);
}

chat::ModelFacts facts_of(const Json& said) {
    chat::ModelFacts facts;
    facts.sampling = said.value("sampling", false);
    facts.prefill = said.value("prefill", false);
    facts.thinking.enabled = said.value("enabled", false);
    facts.thinking.adaptive = said.value("adaptive", false);
    facts.thinks_by_default = said.value("thinks_by_default", false);
    for (const auto& effort : said.value("efforts", Json::array())) {
        facts.efforts.push_back(chat::effort_named(effort.get<std::string>()).value_or(chat::Effort::unsaid));
    }
    return facts;
}

/// What is said anyway without being written: how thoughts are shown, where that is the default.
Json plain(Json body) {
    if (body.contains("thinking")) {
        body["thinking"].erase("display");
    }
    return body;
}

TEST(AnthropicClientGolden, loses_nothing_that_a_client_said) {
    const auto requests = load("requests.json");
    ASSERT_GT(requests.size(), 20U);
    for (const auto& request : requests) {
        SCOPED_TRACE(request["name"].get<std::string>());
        const auto facts = facts_of(request["facts"]);
        TranslateOptions options;
        options.model = "claude";
        options.facts = &facts;
        options.strict = true;  // nothing may be lost
        const auto& said = request["anthropic"];
        const auto conversation = read_anthropic(said.dump());
        ASSERT_TRUE(conversation) << conversation.problem().message();
        const auto written = write_anthropic(*conversation, said.value("stream", false), options);
        ASSERT_TRUE(written) << written.problem().message();
        EXPECT_EQ(plain(Json::parse(written->body, nullptr, false)), plain(said));
    }
}

TEST(AnthropicClientRoundTrip, takes_thoughts_to_anthropic_only_if_they_are_from_there) {
    const auto with_thoughts = [](std::string_view signature) {
        const auto said = read_anthropic(R"({"max_tokens":9,"messages":[{"role":"user","content":"a"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"","signature":")" +
                                         std::string(signature) + R"("},{"type":"text","text":"b"}]},
            {"role":"user","content":"c"}]})");
        chat::ModelFacts facts;
        facts.thinks_by_default = true;
        TranslateOptions options;
        options.model = "claude";
        options.facts = &facts;
        return write_anthropic(*said, false, options)->body;
    };
    EXPECT_NE(with_thoughts("EqQB").find(R"("signature":"EqQB")"), std::string::npos);
    EXPECT_EQ(with_thoughts("gh1.openai.cw==").find("thinking"), std::string::npos);
    EXPECT_NE(with_thoughts("gh1.anthropic.cw==").find(R"("signature":"s")"), std::string::npos);
}

TEST(AnthropicClientRoundTrip, thinks_freely_where_the_model_can) {
    const auto said = read_anthropic(
        R"({"max_tokens":9000,"thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"a"}]})");
    TranslateOptions options;
    options.strict = true;
    chat::ModelFacts facts;
    options.facts = &facts;
    const auto thinking = [&] {
        const auto written = write_anthropic(*said, false, options);
        return Json::parse(written ? written->body : "{}", nullptr, false)["thinking"].dump();
    };
    EXPECT_EQ(thinking(), "null");
    facts.thinking.enabled = true;
    EXPECT_EQ(thinking(), R"({"budget_tokens":4500,"display":"summarized","type":"enabled"})");
    facts.thinking.adaptive = true;
    EXPECT_EQ(thinking(), R"({"display":"summarized","type":"adaptive"})");
}

/// The answer of one recorded exchange, read and written again for a client of Anthropic's.
Told told_again(const Json& body, Told& before) {
    const auto reader = anthropic_reader(ReplyMap{});
    const auto text = body.dump();
    const auto events = reader->whole(text);
    EXPECT_TRUE(events);
    hear(before, *events);
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = before.model;
    identity.show_reasoning = true;
    identity.origin = chat::Vendor::anthropic;
    const auto whole = anthropic_writer(identity)->whole(*events, reader->usage());
    EXPECT_TRUE(Json::accept(whole)) << whole;
    std::string stream;
    const auto writer = anthropic_writer(identity);
    for (const auto& event : *events) {
        writer->write(std::span(&event, 1), stream);
    }
    writer->end(reader->usage(), stream);

    Told of_whole;
    const auto again = anthropic_reader(ReplyMap{});
    hear(of_whole, *again->whole(whole));
    auto of_stream = hear_stream(*anthropic_reader(ReplyMap{}), std::array{std::string_view(stream)});
    EXPECT_TRUE(of_stream.complete);
    of_stream.complete = false;
    of_stream.kinds = of_whole.kinds;  // a stream has an empty text where a whole answer has no block
    // A citation comes when its passage is over: in a stream it is on all that the block has said.
    EXPECT_EQ(of_stream.citations.size(), of_whole.citations.size());
    of_stream.citations = of_whole.citations;
    EXPECT_EQ(of_stream, of_whole);
    return of_whole;
}

TEST(AnthropicClientGolden, says_an_answer_as_it_was_said) {
    std::size_t replies = 0;
    for (const auto& expected : load("expected.json")) {
        if (!expected.contains("reply")) {
            continue;
        }
        SCOPED_TRACE(expected["fixture"].get<std::string>());
        ++replies;
        const auto file = load("fixtures/" + expected["fixture"].get<std::string>() + ".json");
        const auto& body =
            expected["exchange"].is_null()
                ? file["body"]
                : file["exchanges"][expected["exchange"].get<std::size_t>()]["response"]["body"];
        Told before;
        const auto after = told_again(body, before);
        EXPECT_EQ(after.id, "msg_X");
        EXPECT_EQ(after.text, before.text);
        EXPECT_EQ(after.reasoning, before.reasoning);
        EXPECT_EQ(after.signatures, before.signatures);
        EXPECT_EQ(after.redacted, before.redacted);
        EXPECT_EQ(after.calls, before.calls);
        EXPECT_EQ(after.refusal, before.refusal);
        EXPECT_EQ(after.finish, before.finish);
        std::erase_if(before.citations, [](const auto& citation) {
            return !citation.starts_with(R"({"type":"url_citation")");  // of a document: no form
        });
        EXPECT_EQ(after.citations, before.citations);
    }
    EXPECT_GT(replies, 20U);
}

}  // namespace
}  // namespace gatehouse::dialect
