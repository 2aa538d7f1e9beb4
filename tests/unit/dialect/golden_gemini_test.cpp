// Recorded replies, streams and errors of Gemini (tests/golden/gemini) against what must be read from them.
//
// expected.json says, for each exchange, what the reader must give; the fixtures keep where they were
// recorded.
#include "gemini_reply_in_words.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <ostream>
#include <string>
#include <vector>

namespace gatehouse::dialect {

using Json = nlohmann::ordered_json;

struct GeminiCase {
    std::string name;
    Json expected;
};

void PrintTo(const GeminiCase& about, std::ostream* out) {
    *out << about.name;
}

namespace {

Json load(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/gemini/" + path);
    return Json::parse(file, nullptr, false);
}

std::vector<GeminiCase> cases(const char* part, bool streams) {
    std::vector<GeminiCase> found;
    const auto all = load("expected.json");
    for (const auto& expected : all[part]) {
        if (expected.value("stream", false) != streams) {
            continue;
        }
        auto name = expected["fixture"].get<std::string>();
        if (!expected["exchange"].is_null()) {
            name += "_" + std::to_string(expected["exchange"].get<int>());
        }
        std::replace_if(name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
        found.push_back(GeminiCase{name, expected});
    }
    return found;
}

std::string name_of_case(const testing::TestParamInfo<GeminiCase>& info) {
    return info.param.name;
}

/// The response of an exchange, or the whole file.
Json response_of(const GeminiCase& about) {
    auto file = load("fixtures/" + about.expected["fixture"].get<std::string>() + ".json");
    if (about.expected["exchange"].is_null()) {
        return file;
    }
    return file["exchanges"][about.expected["exchange"].get<std::size_t>()]["response"];
}

/// The bytes of a stream; SSE framing is put around payloads that were recorded without.
std::string stream_of(const Json& response) {
    if (response.contains("stream")) {
        return response["stream"].get<std::string>();
    }
    std::string out;
    for (const auto& event : response["events"]) {
        out += "data: " + event.dump() + "\r\n\r\n";
    }
    return out;
}

void expect_like(const test::GeminiReply& reply, const Json& expected) {
    EXPECT_EQ(reply.in_words(), expected["events"].get<std::vector<std::string>>());
    EXPECT_EQ(reply.problem, expected.value("problem", std::string())) << reply.message;
    EXPECT_EQ(reply.complete, expected["complete"].get<bool>());
    if (!reply.problem.empty()) {
        return;
    }
    const auto& usage = expected["usage"];
    ASSERT_EQ(reply.usage.known, !usage.is_null());
    EXPECT_EQ(reply.usage.fresh().value(), usage["input"].get<std::int64_t>());
    EXPECT_EQ(reply.usage.cached_input.value(), usage["cached_input"].get<std::int64_t>());
    EXPECT_EQ(reply.usage.said().value(), usage["output"].get<std::int64_t>());
    EXPECT_EQ(reply.usage.reasoning.value(), usage["reasoning"].get<std::int64_t>());
}

class GeminiGoldenReply : public testing::TestWithParam<GeminiCase> {};
class GeminiGoldenStream : public testing::TestWithParam<GeminiCase> {};
class GeminiGoldenError : public testing::TestWithParam<GeminiCase> {};

TEST_P(GeminiGoldenReply, gives_the_expected_events) {
    const auto response = response_of(GetParam());
    expect_like(test::read_whole(response["body"].dump()), GetParam().expected);
    expect_like(test::read_whole(response["body"].dump(4)), GetParam().expected);
}

TEST_P(GeminiGoldenReply, gives_the_same_events_as_a_stream) {
    const auto body = response_of(GetParam())["body"].dump();
    const auto whole = test::read_whole(body);
    if (whole.problem.empty()) {
        EXPECT_EQ(test::read_stream({"data: " + body + "\r\n\r\n"}).in_words(), whole.in_words());
    }
}

TEST_P(GeminiGoldenStream, gives_the_expected_events) {
    expect_like(test::read_stream({stream_of(response_of(GetParam()))}), GetParam().expected);
}

TEST_P(GeminiGoldenStream, is_the_same_however_it_is_cut) {
    const auto stream = stream_of(response_of(GetParam()));
    const std::string_view text = stream;
    const auto whole = test::read_stream({text});
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bytes.push_back(text.substr(i, 1));
    }
    EXPECT_EQ(test::read_stream(bytes), whole) << "byte by byte";
    // Every cut of the first events and of the last; between, they repeat, and some cuts stand for all.
    for (std::size_t i = 1; i < text.size(); i += i < 1024 || i + 512 > text.size() ? 1 : 97) {
        ASSERT_EQ(test::read_stream({text.substr(0, i), text.substr(i)}), whole) << "cut at " << i;
    }
}

TEST_P(GeminiGoldenStream, is_lost_when_its_last_event_is_missing) {
    const auto stream = stream_of(response_of(GetParam()));
    const auto end = stream.rfind("\r\n\r\n", stream.size() - 5);
    if (GetParam().expected.contains("problem") || end == std::string::npos) {
        return;
    }
    const auto reply = test::read_stream({std::string_view(stream).substr(0, end + 4)});
    EXPECT_FALSE(reply.complete);
    EXPECT_TRUE(reply.problem.empty());
    for (const auto& line : reply.lines) {
        EXPECT_NE(line.kind, "finish");
    }
}

TEST_P(GeminiGoldenError, is_classified) {
    const auto response = response_of(GetParam());
    const auto& expected = GetParam().expected;
    wire::ResponseHead head;
    head.status = response.value("status", 429);
    head.fields.add("content-type", "application/json; charset=UTF-8");
    const auto problem = decode_error(head, response["body"].dump(), WallTime());
    EXPECT_EQ(name_of(problem.kind()), expected["kind"].get<std::string>());
    constexpr std::array retries{"no", "elsewhere", "same_place", "other_credential"};
    EXPECT_EQ(retries[static_cast<std::size_t>(problem.retry())], expected["retry"].get<std::string>());
    EXPECT_EQ(problem.message(), redact(response["body"]["error"]["message"].get<std::string>()));
    ASSERT_EQ(problem.wait().has_value(), !expected["wait_ms"].is_null());
    if (problem.wait()) {
        EXPECT_EQ(problem.wait()->count(), expected["wait_ms"].get<std::int64_t>());
    }
}

INSTANTIATE_TEST_SUITE_P(Gemini, GeminiGoldenReply, testing::ValuesIn(cases("replies", false)), name_of_case);
INSTANTIATE_TEST_SUITE_P(Gemini, GeminiGoldenStream, testing::ValuesIn(cases("replies", true)), name_of_case);
INSTANTIATE_TEST_SUITE_P(Gemini, GeminiGoldenError, testing::ValuesIn(cases("errors", false)), name_of_case);

}  // namespace
}  // namespace gatehouse::dialect
