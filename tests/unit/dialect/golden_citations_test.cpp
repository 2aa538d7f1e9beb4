// Recorded answers that cite, carried from their provider's words into those of other vendors' clients.
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

Json recorded(const std::string& fixture) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/" + fixture + ".json");
    const auto all = Json::parse(file, nullptr, false);
    return all["exchanges"][0]["response"]["body"];
}

Json carried(ReplyReader& from, const Json& body,
             std::unique_ptr<ReplyWriter> (*to)(const ReplyIdentity& identity), chat::Vendor origin) {
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
    return Json::parse(to(identity)->whole(*events, from.usage()), nullptr, false);
}

std::string joined_text(const Json& blocks) {
    std::string out;
    for (const auto& block : blocks) {
        out += block.value("text", std::string());
    }
    return out;
}

TEST(GoldenCitations, OfGeminiComeBackToItsClientsAsTheyWere) {
    const auto body = recorded("gemini/fixtures/web-search-grounding");
    const ReplyMap map;
    const auto reader = gemini_reader(map, "c_");
    const auto told = carried(*reader, body, gemini_writer, chat::Vendor::gemini);
    auto expected = body["candidates"][0]["groundingMetadata"]["groundingSupports"];
    ASSERT_GT(expected.size(), 3U);
    const auto& grounding = told["candidates"][0]["groundingMetadata"];
    const auto& was = body["candidates"][0]["groundingMetadata"]["groundingChunks"];
    ASSERT_EQ(grounding["groundingSupports"].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto& support = grounding["groundingSupports"][i];
        expected[i]["segment"].erase("text");
        EXPECT_EQ(support["segment"], expected[i]["segment"]) << i;
        std::vector<Json> pages;
        std::vector<Json> pages_before;
        for (const auto& index : support["groundingChunkIndices"]) {
            pages.push_back(grounding["groundingChunks"][index.get<std::size_t>()]);
        }
        for (const auto& index : expected[i]["groundingChunkIndices"]) {
            pages_before.push_back(was[index.get<std::size_t>()]);
        }
        EXPECT_EQ(pages, pages_before) << i;
    }
}

TEST(GoldenCitations, OfGeminiAreOnThePassagesOfAnthropicsBlocks) {
    const auto body = recorded("gemini/fixtures/web-search-grounding");
    const ReplyMap map;
    const auto reader = gemini_reader(map, "c_");
    const auto told = carried(*reader, body, anthropic_writer, chat::Vendor::gemini);
    const auto& candidate = body["candidates"][0];
    EXPECT_EQ(joined_text(told["content"]), joined_text(candidate["content"]["parts"]));
    std::size_t citations = 0;
    std::vector<std::string> passages;
    for (const auto& block : told["content"]) {
        if (!block["citations"].is_null()) {
            citations += block["citations"].size();
            passages.push_back(block["text"]);
        }
    }
    std::size_t expected = 0;
    for (const auto& support : candidate["groundingMetadata"]["groundingSupports"]) {
        expected += support["groundingChunkIndices"].size();
        const auto words = support["segment"]["text"].get<std::string>();
        EXPECT_TRUE(std::any_of(passages.begin(), passages.end(), [&](const std::string& passage) {
            return passage.find(words) != std::string::npos;
        })) << words;
    }
    EXPECT_EQ(citations, expected);
    EXPECT_EQ(passages.front(),
              candidate["groundingMetadata"]["groundingSupports"][0]["segment"]["text"].get<std::string>());
}

TEST(GoldenCitations, OfAnthropicSpanTheirBlocksForGeminisClients) {
    const auto body = recorded("anthropic/fixtures/web-search-result");
    const auto reader = anthropic_reader({});
    const auto told = carried(*reader, body, gemini_writer, chat::Vendor::anthropic)["candidates"][0];
    const auto text = joined_text(told["content"]["parts"]);
    std::vector<std::string> expected;
    for (const auto& block : body["content"]) {
        for (const auto& citation : block.value("citations", Json::array())) {
            expected.push_back(citation["url"].get<std::string>() + " " + block["text"].get<std::string>());
        }
    }
    ASSERT_FALSE(expected.empty());
    std::vector<std::string> cited;
    for (const auto& source : told["citationMetadata"]["citationSources"]) {
        const auto begin = source.value("startIndex", std::size_t{0});
        cited.push_back(source["uri"].get<std::string>() + " " +
                        text.substr(begin, source["endIndex"].get<std::size_t>() - begin));
    }
    EXPECT_EQ(cited, expected);
}

TEST(GoldenCitations, OfDocumentsStandByThemselvesForChatClients) {
    const auto body = recorded("anthropic/fixtures/citations-text");
    const auto reader = anthropic_reader({});
    const auto told = carried(*reader, body, openai_chat_writer, chat::Vendor::anthropic);
    Json expected = Json::array();
    for (const auto& block : body["content"]) {
        for (const auto& citation : block.value("citations", Json::array())) {
            expected.push_back(citation);
        }
    }
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(told["choices"][0]["message"]["citations"], expected);
    EXPECT_EQ(told["choices"][0]["message"]["annotations"], Json::array());
}

}  // namespace
}  // namespace gatehouse::dialect
