// Recorded requests to the Responses API (tests/golden/openai) as each other provider gets them.
//
// responses-requests.json says for each exchange what is written, or which field is refused; the fixtures
// keep where they were recorded.
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

Json load(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/openai/" + path);
    return Json::parse(file, nullptr, false);
}

/// What one writer makes of it: the body, with `dropped` if anything was.
template <class Write>
Json written(const chat::Conversation& said, bool stream, Write write) {
    chat::ModelFacts facts;
    facts.efforts = {chat::Effort::low, chat::Effort::medium, chat::Effort::high};
    facts.newer_fields = true;
    TranslateOptions options;
    options.model = "up";
    options.facts = &facts;
    const auto made = write(said, stream, options);
    if (!made) {
        return made.problem().message();
    }
    auto body = Json::parse(made->body, nullptr, false);
    if (!made->dropped.empty()) {
        body["dropped"] = made->dropped;
    }
    return body;
}

TEST(ResponsesClientGolden, EachProviderGetsWhatTheClientSaid) {
    const auto expected = load("responses-requests.json");
    EXPECT_EQ(expected.size(), 18U);
    for (const auto& one : expected) {
        const std::string fixture = one["fixture"];
        const std::size_t exchange = one["exchange"];
        SCOPED_TRACE(fixture + " " + std::to_string(exchange));
        const auto body = load("fixtures/" + fixture + ".json")["exchanges"][exchange]["request"]["body"];
        ASSERT_TRUE(body.is_object());
        const auto said = read_responses(body.dump());
        Json heard{{"fixture", fixture}, {"exchange", exchange}};
        if (said) {
            const bool stream = body.value("stream", false);
            heard["anthropic"] = written(*said, stream, write_anthropic);
            heard["gemini"] = written(*said, stream, write_gemini);
            heard["openai_chat"] = written(*said, stream, write_openai_chat);
        } else {
            heard["refused"] = said.problem().message();
        }
        EXPECT_EQ(heard, one) << heard.dump();
    }
}

}  // namespace
}  // namespace gatehouse::dialect
