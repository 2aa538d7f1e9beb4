// Recorded answers that cite, carried from their provider's words into those of other vendors' clients.
#include "dialect/translation_parts.hpp"
#include "json/json_value.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using test::JsonValue;
using test::parsed;

JsonValue recorded(const std::string& fixture) {
    return JsonValue::golden(fixture + ".json")["exchanges"][0]["response"]["body"];
}

using MakeWriter = std::unique_ptr<ReplyWriter> (*)(const ReplyIdentity& identity);

/// The answer as it reaches a client.
JsonValue carried(ReplyReader& from, const JsonValue& body, MakeWriter to, chat::Vendor origin) {
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    identity.origin = origin;
    const auto text = body.dump();
    const auto events = from.whole(text);
    if (!events) {
        ADD_FAILURE() << events.problem().message();
        return {};
    }
    return parsed(to(identity)->whole(*events, from.usage()));
}

std::string joined_text(const JsonValue& blocks) {
    std::string out;
    for (const auto& block : blocks.elements()) {
        out += block["text"].is_string() ? block["text"].text() : std::string();
    }
    return out;
}

std::vector<JsonValue> pages_of(const JsonValue& support, const JsonValue& grounding) {
    std::vector<JsonValue> pages;
    for (const auto& index : support["groundingChunkIndices"].elements()) {
        pages.push_back(grounding["groundingChunks"][static_cast<std::size_t>(index.integer())]);
    }
    return pages;
}

TEST(GoldenCitations, OfGeminiComeBackToItsClientsAsTheyWere) {
    const auto body = recorded("gemini/fixtures/web-search-grounding");
    const ReplyMap map;
    const auto reader = gemini_reader(map, "c_");
    const auto told = carried(*reader, body, gemini_writer, chat::Vendor::gemini);
    const auto before = body["candidates"][0]["groundingMetadata"];
    const auto after = told["candidates"][0]["groundingMetadata"];
    ASSERT_GT(before["groundingSupports"].size(), 3U);
    ASSERT_EQ(after["groundingSupports"].size(), before["groundingSupports"].size());
    for (std::size_t i = 0; i < before["groundingSupports"].size(); ++i) {
        const auto expected = before["groundingSupports"][i];
        const auto support = after["groundingSupports"][i];
        EXPECT_EQ(support["segment"], expected["segment"].without("text")) << i;
        EXPECT_EQ(pages_of(support, after), pages_of(expected, before)) << i;
    }
}

TEST(GoldenCitations, OfGeminiAreOnThePassagesOfAnthropicsBlocks) {
    const auto body = recorded("gemini/fixtures/web-search-grounding");
    const ReplyMap map;
    const auto reader = gemini_reader(map, "c_");
    const auto told = carried(*reader, body, anthropic_writer, chat::Vendor::gemini);
    const auto candidate = body["candidates"][0];
    EXPECT_EQ(joined_text(told["content"]), joined_text(candidate["content"]["parts"]));
    std::size_t citations = 0;
    std::vector<std::string> passages;
    for (const auto& block : told["content"].elements()) {
        citations += block["citations"].size();
        if (!block["citations"].is_null()) {
            passages.push_back(block["text"].text());
        }
    }
    std::size_t expected = 0;
    for (const auto& support : candidate["groundingMetadata"]["groundingSupports"].elements()) {
        expected += support["groundingChunkIndices"].size();
        const auto words = support["segment"]["text"].text();
        EXPECT_TRUE(std::any_of(passages.begin(), passages.end(), [&](const std::string& passage) {
            return passage.find(words) != std::string::npos;
        })) << words;
    }
    EXPECT_EQ(citations, expected);
    ASSERT_FALSE(passages.empty());
    EXPECT_EQ(candidate["groundingMetadata"]["groundingSupports"][0]["segment"]["text"], passages.front());
}

TEST(GoldenCitations, OfAnthropicSpanTheirBlocksForGeminisClients) {
    const auto body = recorded("anthropic/fixtures/web-search-result");
    const auto reader = anthropic_reader({});
    const auto told = carried(*reader, body, gemini_writer, chat::Vendor::anthropic)["candidates"][0];
    const auto text = joined_text(told["content"]["parts"]);
    std::vector<std::string> expected;
    for (const auto& block : body["content"].elements()) {
        for (const auto& citation : block["citations"].elements()) {
            expected.push_back(citation["url"].text() + " " + block["text"].text());
        }
    }
    ASSERT_FALSE(expected.empty());
    std::vector<std::string> cited;
    for (const auto& source : told["citationMetadata"]["citationSources"].elements()) {
        const auto begin = static_cast<std::size_t>(source["startIndex"].integer());
        const auto end = static_cast<std::size_t>(source["endIndex"].integer());
        cited.push_back(source["uri"].text() + " " + text.substr(begin, end - begin));
    }
    EXPECT_EQ(cited, expected);
}

TEST(GoldenCitations, OfDocumentsStandByThemselvesForChatClients) {
    const auto body = recorded("anthropic/fixtures/citations-text");
    const auto reader = anthropic_reader({});
    const auto told = carried(*reader, body, openai_chat_writer, chat::Vendor::anthropic);
    std::vector<JsonValue> expected;
    for (const auto& block : body["content"].elements()) {
        for (auto& citation : block["citations"].elements()) {
            expected.push_back(citation);
        }
    }
    ASSERT_FALSE(expected.empty());
    const auto message = told["choices"][0]["message"];
    EXPECT_EQ(message["citations"].elements(), expected);
    EXPECT_EQ(message["annotations"], parsed("[]"));
}

}  // namespace
}  // namespace gatehouse::dialect
