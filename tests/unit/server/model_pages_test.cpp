#include "server/model_pages.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::server {
namespace {

std::vector<ShownModel> models_named(const std::vector<std::string>& names) {
    std::vector<ShownModel> models;
    for (const auto& name : names) {
        models.push_back({name, "p", {}, {}});
    }
    return models;
}

/// The ids or names of a page in their order, and what tells of a next one.
std::string told(const std::string& page) {
    std::string out;
    for (const std::string key : {"\"id\":\"", "\"name\":\"models/"}) {
        for (auto at = page.find(key); at != std::string::npos; at = page.find(key, at + 1)) {
            out += page.substr(at + key.size(), page.find('"', at + key.size()) - at - key.size()) + " ";
        }
    }
    out += page.find("\"has_more\":true") != std::string::npos ? "more" : "";
    const auto token = page.find("nextPageToken");
    return out + (token == std::string::npos ? "" : page.substr(token));
}

TEST(ModelPages, SpeakTheClientsWords) {
    const std::vector<ShownModel> models{{"a", "sim", 1000, 50}};
    EXPECT_EQ(
        models_page(models, chat::Vendor::openai, ""),
        R"({"object":"list","data":[{"id":"a","object":"model","created":1767225600,"owned_by":"sim"}]})");
    EXPECT_EQ(models_page(models, chat::Vendor::anthropic, ""),
              R"({"data":[{"type":"model","id":"a","display_name":"a","created_at":"2026-01-01T00:00:00Z",)"
              R"("max_input_tokens":1000,"max_tokens":50}],"has_more":false,"first_id":"a","last_id":"a"})");
    EXPECT_EQ(model_body({"a", "sim", {}, {}}, chat::Vendor::gemini),
              R"({"name":"models/a","displayName":"a","supportedGenerationMethods":["generateContent",)"
              R"("streamGenerateContent","countTokens","embedContent","batchEmbedContents"]})");
    EXPECT_EQ(models_page({}, chat::Vendor::anthropic, ""),
              R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
}

TEST(ModelPages, TurnAsAnthropicsClientsTurnThem) {
    const auto models = models_named({"a", "b", "c", "d", "e"});
    const auto page = [&](std::string_view query) {
        return told(models_page(models, chat::Vendor::anthropic, query));
    };
    EXPECT_EQ(page(""), "a b c d e ");
    EXPECT_EQ(page("limit=2"), "a b more");
    EXPECT_EQ(page("limit=2&after_id=b"), "c d more");
    EXPECT_EQ(page("limit=2&after_id=d"), "e ");
    EXPECT_EQ(page("limit=2&before_id=e"), "c d more");
    EXPECT_EQ(page("limit=2&before_id=b"), "a ");
    EXPECT_EQ(page("limit=0&after_id=zz"), "a b c d e ");
}

TEST(ModelPages, TurnAsGooglesClientsTurnThem) {
    const auto models = models_named({"a", "b", "c"});
    const auto page = [&](std::string_view query) {
        return told(models_page(models, chat::Vendor::gemini, query));
    };
    EXPECT_EQ(page(""), "a b c ");
    EXPECT_EQ(page("pageSize=2"), "a b nextPageToken\":\"b\"}");
    EXPECT_EQ(page("pageSize=2&pageToken=b"), "c ");
    EXPECT_EQ(page("pageSize=x&pageToken=zz"), "a b c ");
}

}  // namespace
}  // namespace gatehouse::server
