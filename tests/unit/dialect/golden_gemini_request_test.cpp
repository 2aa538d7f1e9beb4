// Recorded requests of OpenAI clients (tests/golden/openai) as Gemini gets them, two generations of it:
// tests/golden/gemini/requests.json.
#include "dialect/translation_parts.hpp"
#include "gemini_models.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

namespace gatehouse::dialect {

using Json = nlohmann::ordered_json;

struct GeminiRequestCase {
    std::string name;
    Json expected;
};

void PrintTo(const GeminiRequestCase& about, std::ostream* out) {
    *out << about.name;
}

namespace {

Json load(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/" + path);
    return Json::parse(file, nullptr, false);
}

std::vector<GeminiRequestCase> cases() {
    std::vector<GeminiRequestCase> found;
    const auto all = load("gemini/requests.json");
    for (const auto& expected : all) {
        auto name = expected["fixture"].get<std::string>() + "_" +
                    std::to_string(expected["exchange"].get<int>()) + "_" +
                    expected["model"].get<std::string>();
        std::replace_if(name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
        found.push_back({name, expected});
    }
    return found;
}

class GeminiGoldenRequest : public testing::TestWithParam<GeminiRequestCase> {
protected:
    static Json request(const Json& expected) {
        auto file = load("openai/fixtures/" + expected["fixture"].get<std::string>() + ".json");
        return file["exchanges"][expected["exchange"].get<std::size_t>()]["request"]["body"];
    }

    static Result<Written> written(const Json& expected) {
        const auto body = request(expected);
        const auto said = read_openai_chat(body.dump());
        if (!said) {
            return said.problem();
        }
        const auto model = expected["model"].get<std::string>();
        const auto facts = model == "gemini-4" ? test::gemini_4() : test::gemini_25();
        TranslateOptions options;
        options.model = model;
        options.facts = &facts;
        return write_gemini(*said, body.value("stream", false), options);
    }
};

TEST_P(GeminiGoldenRequest, is_written_as_expected) {
    const auto& expected = GetParam().expected;
    const auto request = written(expected);
    if (expected.contains("refused")) {
        ASSERT_FALSE(request);
        EXPECT_EQ(request.problem().kind(), ProblemKind::unsupported_parameter);
        EXPECT_EQ(request.problem().param(), expected["refused"].get<std::string>());
        return;
    }
    ASSERT_TRUE(request) << request.problem().message();
    EXPECT_EQ(request->path, expected["path"].get<std::string>());
    EXPECT_EQ(request->dropped, expected["dropped"].get<std::vector<std::string>>());
    EXPECT_EQ(request->map.json_tool, expected.value("json_tool", std::string()));
    EXPECT_EQ(Json::parse(request->body, nullptr, false).dump(1), expected["body"].dump(1));
}

TEST_P(GeminiGoldenRequest, keeps_geminis_rules_of_order) {
    const auto request = written(GetParam().expected);
    if (!request) {
        return;
    }
    const auto body = Json::parse(request->body, nullptr, false);
    std::size_t open_calls = 0;
    for (const auto& entry : body["contents"]) {
        ASSERT_FALSE(entry["parts"].empty());
        std::size_t calls = 0;
        std::size_t answers = 0;
        for (const auto& part : entry["parts"]) {
            calls += part.contains("functionCall") ? 1U : 0U;
            answers += part.contains("functionResponse") ? 1U : 0U;
        }
        EXPECT_TRUE(calls == 0 || entry["role"] == "model");
        EXPECT_TRUE(answers == 0 || answers == entry["parts"].size()) << "answers stay alone";
        EXPECT_EQ(answers, open_calls);
        open_calls = calls;
    }
    EXPECT_EQ(open_calls, 0U);
    EXPECT_EQ(body["contents"].back()["role"], "user");
}

INSTANTIATE_TEST_SUITE_P(Gemini, GeminiGoldenRequest, testing::ValuesIn(cases()),
                         [](const auto& about) { return about.param.name; });

}  // namespace
}  // namespace gatehouse::dialect
