#include "wire/json_scan.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace gatehouse::wire {
namespace {

bool valid_json(std::string_view text) {
    JsonReader json(text, JsonLimits{});
    json.skip();
    return json.finish();
}

TEST(JsonReader, ReadsMembersAndUnescapesKeys) {
    JsonReader json(R"( {"\u006dodel" : "a\n\ud83d\ude00", "n":[1, -2.5e1,true,null], "x":{} } )",
                    JsonLimits{});
    ASSERT_TRUE(json.begin_object());
    ASSERT_TRUE(json.next_member());
    EXPECT_EQ(json.key(), "model");
    EXPECT_FALSE(json.plain_string());
    EXPECT_EQ(json.string(), "a\n\xF0\x9F\x98\x80");
    ASSERT_TRUE(json.next_member());
    ASSERT_TRUE(json.begin_array());
    ASSERT_TRUE(json.next_element());
    EXPECT_EQ(json.integer(), 1);
    ASSERT_TRUE(json.next_element());
    EXPECT_EQ(json.number(), -25.0);
    ASSERT_TRUE(json.next_element());
    EXPECT_TRUE(json.boolean());
    ASSERT_TRUE(json.next_element());
    json.null();
    EXPECT_FALSE(json.next_element());
    ASSERT_TRUE(json.next_member());
    const ByteRange range = json.skip();
    EXPECT_EQ(range.size(), 2U);
    EXPECT_FALSE(json.next_member());
    EXPECT_TRUE(json.finish());
}

TEST(JsonReader, TakesBigIntegersAndLoneSurrogates) {
    EXPECT_TRUE(valid_json("123456789012345678901234567890"));
    JsonReader big("123456789012345678901234567890", JsonLimits{});
    EXPECT_FALSE(big.integer());
    EXPECT_TRUE(big.finish());
    JsonReader lone(R"("a\ud800b")", JsonLimits{});
    EXPECT_EQ(lone.string(),
              "a\xEF\xBF\xBD"
              "b");
}

TEST(JsonReader, RefusesAHundredThousandLevelsWithoutRecursion) {
    EXPECT_FALSE(valid_json(std::string(100'000, '[') + std::string(100'000, ']')));
    EXPECT_TRUE(valid_json(std::string(64, '[') + std::string(64, ']')));
    EXPECT_FALSE(valid_json(std::string(65, '[') + std::string(65, ']')));
}

TEST(JsonReader, NamesTheOffsetOfAnError) {
    JsonReader json(R"({"a":tru})", JsonLimits{});
    json.skip();
    ASSERT_FALSE(json.finish());
    EXPECT_EQ(json.error_offset(), 5U);
    EXPECT_EQ(json.problem().kind(), ProblemKind::invalid_json);
}

TEST(JsonReader, AgreesWithAnotherParserOnMutatedTexts) {
    const std::string seed =
        R"({"model":"gpt","messages":[{"role":"user","content":"h\u00e9\"y"}],"t":-0.5e+3,"b":[true,false,null,{}]})";
    std::mt19937 random(7);
    const std::string_view alphabet = "{}[]\",:\\u0e-+.1tfn \n\x01";
    std::size_t accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text = seed;
        for (auto edits = random() % 3; edits > 0; --edits) {
            text[random() % text.size()] = alphabet[random() % alphabet.size()];
        }
        const bool theirs = nlohmann::json::accept(text);
        EXPECT_EQ(valid_json(text), theirs) << text;
        accepted += theirs ? 1U : 0U;
    }
    EXPECT_GT(accepted, 1'000U);
}

TEST(JsonText, EscapesWhatItReadsBack) {
    const std::string text("q\"\\\n\x01/\xc3\xa9", 8);
    EXPECT_EQ(nlohmann::json::parse(json_string(text)).get<std::string>(), text);
    EXPECT_EQ(json_string("a\xff"), "\"a\xEF\xBF\xBD\"");
}

/// A text with one long string in which `count` bytes at random places were replaced.
std::string mutated_string(std::mt19937& random, unsigned count) {
    static constexpr std::string_view alphabet = "\"\\\\\\nu/0aF\x1f\x7f \n";
    std::string inside(random() % 300, 'x');
    for (; count > 0 && !inside.empty(); --count) {
        inside[random() % inside.size()] = alphabet[random() % alphabet.size()];
    }
    return '"' + inside + '"';
}

TEST(JsonReader, ReadsLongStringsAsAnotherParserDoes) {
    std::mt19937 random(11);
    std::size_t accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = mutated_string(random, static_cast<unsigned>(random() % 6));
        const auto theirs = nlohmann::json::parse(text, nullptr, false);
        ASSERT_EQ(valid_json(text), !theirs.is_discarded()) << text;
        if (!theirs.is_discarded()) {
            ++accepted;
            JsonReader json(text, JsonLimits{});
            ASSERT_EQ(json.string(), theirs.get<std::string>());
        }
    }
    EXPECT_GT(accepted, 2'000U);
    EXPECT_LT(accepted, 18'000U);
}

TEST(JsonReader, SaysTheSameWithAndWithoutWideRegisters) {
    std::mt19937 random(12);
    for (int i = 0; i < 20'000; ++i) {
        const std::string text =
            mutated_string(random, static_cast<unsigned>(random() % 12)) + std::string(random() % 80, ' ');
        const char* const end = text.data() + text.size();
        const Token wide = scan_long_string(text.data() + 1, end);
        const Token narrow = scan_long_string_portably(text.data() + 1, end);
        ASSERT_EQ(wide.end, narrow.end) << text;
        ASSERT_EQ(wide.plain, narrow.plain) << text;
        ASSERT_EQ(wide.problem == nullptr, narrow.problem == nullptr) << text;
    }
}

TEST(JsonReader, FindsAnEscapeAtEveryPlaceOfABlock) {
    for (std::size_t before = 0; before < 330; ++before) {
        for (const std::size_t after : {0U, 1U, 70U}) {
            for (const std::string_view escape : {R"(\n)", R"(\")", R"(\\)", R"(\u0041)", R"(\\\")"}) {
                const std::string text =
                    '"' + std::string(before, 'a') + std::string(escape) + std::string(after, 'b') + '"';
                JsonReader json(text, JsonLimits{});
                EXPECT_EQ(json.string(), nlohmann::json::parse(text).get<std::string>()) << text;
                EXPECT_TRUE(json.finish()) << text;
                EXPECT_FALSE(valid_json(text.substr(0, text.size() - 1))) << text;
            }
        }
    }
}

TEST(JsonReader, RefusesAControlCharacterAtEveryPlaceOfABlock) {
    for (std::size_t before = 0; before < 330; ++before) {
        for (const char control : {'\0', '\x01', '\t', '\n', '\x1f'}) {
            EXPECT_FALSE(valid_json('"' + std::string(before, 'a') + control + std::string(200, 'b') + '"'));
        }
        for (const std::string_view fine : {" ", "!", "#", "[", "]", "\x7f", "\u00e9"}) {
            EXPECT_TRUE(
                valid_json('"' + std::string(before, 'a') + std::string(fine) + std::string(200, 'b') + '"'));
        }
    }
}

TEST(JsonReader, GivesZeroOrInfinityForNumbersNoDoubleHolds) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::string zeros(400, '0');
    const std::vector<std::pair<std::string, double>> cases = {
        {"1e400", infinity},
        {"-1E+400", -infinity},
        {"1e-400", 0.0},
        {"-1e-400", -0.0},
        {"1" + zeros, infinity},
        {"0." + zeros + "1", 0.0},
        {"1" + zeros + zeros + "e-5", infinity},
        {"0." + zeros + zeros + "1e5", 0.0},
        {"1e99999999999999999999", infinity},
        {"1e-99999999999999999999", 0.0},
        {"0e99999999999999999999", 0.0},
    };
    for (const auto& [text, expected] : cases) {
        JsonReader json(text, JsonLimits{});
        const double value = json.number();
        EXPECT_EQ(value, expected) << text;
        EXPECT_EQ(std::signbit(value), std::signbit(expected)) << text;
        EXPECT_TRUE(json.finish()) << text;
    }
}

}  // namespace
}  // namespace gatehouse::wire
