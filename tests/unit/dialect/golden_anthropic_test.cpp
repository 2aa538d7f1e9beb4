// Recorded replies, streams and errors of Anthropic (tests/golden/anthropic) against what must be read from
// them.
//
// expected.json was made from the recordings by a program that shares nothing with the reader under test.
#include "json/json_value.hpp"
#include "told.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>

namespace gatehouse::dialect {

struct AnthropicCase {
    std::string name;
    std::string file;
    std::optional<std::size_t> exchange;  // of the file; none: the file is the response
};

void PrintTo(const AnthropicCase& about, std::ostream* out) {
    *out << about.name;
}

namespace {

using test::JsonValue;
using test::parsed;

JsonValue load(const std::string& path) {
    return JsonValue::golden("anthropic/" + path);
}

std::vector<AnthropicCase> cases(const char* part) {
    std::vector<AnthropicCase> found;
    for (const auto& expected : load("expected.json").elements()) {
        if (!expected.contains(part)) {
            continue;
        }
        AnthropicCase one;
        one.file = expected["fixture"].text();
        one.name = one.file;
        if (!expected["exchange"].is_null()) {
            one.exchange = static_cast<std::size_t>(expected["exchange"].integer());
            one.name += "_" + std::to_string(*one.exchange);
        }
        std::replace(one.name.begin(), one.name.end(), '-', '_');
        found.push_back(std::move(one));
    }
    return found;
}

std::string name_of_case(const testing::TestParamInfo<AnthropicCase>& info) {
    return info.param.name;
}

struct Recording {
    JsonValue response;
    JsonValue expected;
};

Recording read(const AnthropicCase& about, const char* part) {
    Recording recording;
    for (const auto& expected : load("expected.json").elements()) {
        const bool same =
            expected["fixture"] == about.file && (!about.exchange || expected["exchange"] == *about.exchange);
        if (same) {
            recording.expected = expected[part];
        }
    }
    const auto file = load("fixtures/" + about.file + ".json");
    recording.response = about.exchange ? file["exchanges"][*about.exchange]["response"] : file;
    return recording;
}

/// The bytes of a stream; SSE framing is put around payloads that were recorded without.
std::string stream_of(const JsonValue& response) {
    if (response.contains("stream")) {
        return response["stream"].text();
    }
    std::string out;
    for (const auto& event : response["events"].elements()) {
        out += "event: " + event["type"].text() + "\ndata: " + event.dump() + "\n\n";
    }
    return out;
}

void expect_told(const Told& told, const JsonValue& expected) {
    EXPECT_EQ(told.id, expected["id"].text());
    EXPECT_EQ(told.model, expected["model"].text());
    EXPECT_EQ(told.text, expected["text"].text());
    EXPECT_EQ(told.reasoning, expected["reasoning"].text());
    EXPECT_EQ(told.refusal, expected["refusal"].text());
    EXPECT_EQ(told.signatures, expected["signatures"].texts());
    EXPECT_EQ(told.redacted, expected["redacted"].texts());
    EXPECT_EQ(told.finish, expected["finish"].text());
    EXPECT_EQ(told.reason, expected["reason"].text());
    ASSERT_EQ(told.calls.size(), expected["calls"].size());
    for (std::size_t i = 0; i < told.calls.size(); ++i) {
        EXPECT_EQ(told.calls[i].id, expected["calls"][i]["id"].text());
        EXPECT_EQ(told.calls[i].name, expected["calls"][i]["name"].text());
        EXPECT_EQ(told.calls[i].arguments, expected["calls"][i]["arguments"].text());
        EXPECT_TRUE(told.calls[i].ended);
    }
    ASSERT_EQ(told.citations.size(), expected["citations"].size());
    for (std::size_t i = 0; i < told.citations.size(); ++i) {
        EXPECT_EQ(parsed(told.citations[i]), expected["citations"][i]);
    }
}

void expect_usage(const chat::Usage& usage, const JsonValue& expected) {
    ASSERT_EQ(usage.known, !expected.is_null());
    if (usage.known) {
        EXPECT_EQ(usage.fresh().value(), expected["input"].integer());
        EXPECT_EQ(usage.cached_input.value(), expected["cached_input"].integer());
        EXPECT_EQ(usage.written().value(), expected["cache_write"].integer());
        EXPECT_EQ(usage.said().value(), expected["output"].integer());
        EXPECT_EQ(usage.reasoning.value(), expected["reasoning"].integer());
    }
}

template <class Pieces>
Told follow(const Pieces& pieces) {
    return hear_stream(*anthropic_reader(ReplyMap{}), pieces);
}

class AnthropicGoldenReply : public testing::TestWithParam<AnthropicCase> {};
class AnthropicGoldenStream : public testing::TestWithParam<AnthropicCase> {};
class AnthropicGoldenError : public testing::TestWithParam<AnthropicCase> {};

TEST_P(AnthropicGoldenReply, is_read) {
    const auto recording = read(GetParam(), "reply");
    const std::string body = recording.response["body"].dump();
    const auto reader = anthropic_reader(ReplyMap{});
    const auto events = reader->whole(body);
    ASSERT_TRUE(events) << events.problem().message();
    Told told;
    hear(told, *events);
    expect_told(told, recording.expected);
    expect_usage(reader->usage(), recording.expected["usage"]);
}

TEST_P(AnthropicGoldenReply, says_the_same_as_a_stream_of_its_blocks) {
    const auto recording = read(GetParam(), "reply");
    const auto& body = recording.response["body"];
    const auto reader = anthropic_reader(ReplyMap{});
    Told whole;
    hear(whole, *reader->whole(body.dump()));

    const auto event = [](const std::string& type, const std::string& members) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
    };
    const auto emptied = body.without("content").without("stop_reason").dump();
    std::string stream =
        event("message_start", ",\"message\":" + emptied.substr(0, emptied.size() - 1) + ",\"content\":[]}");
    std::size_t index = 0;
    for (const auto& block : body["content"].elements()) {
        const auto at = ",\"index\":" + std::to_string(index++);
        stream += event("content_block_start", at + ",\"content_block\":" + block.dump());
        stream += event("content_block_stop", at);
    }
    stream += event("message_delta", ",\"delta\":{\"stop_reason\":" + body["stop_reason"].dump() +
                                         ",\"stop_details\":" + body["stop_details"].dump() +
                                         "},\"usage\":" + body["usage"].dump());
    stream += event("message_stop", "");

    auto streamed = follow(std::array{std::string_view(stream)});
    EXPECT_TRUE(streamed.complete);
    streamed.complete = false;
    EXPECT_EQ(streamed, whole);
}

TEST_P(AnthropicGoldenStream, is_read) {
    const auto recording = read(GetParam(), "stream");
    const auto stream = stream_of(recording.response);
    const auto reader = anthropic_reader(ReplyMap{});
    const auto told = hear_stream(*reader, std::array{std::string_view(stream)});
    expect_usage(reader->usage(), recording.expected["usage"]);
    EXPECT_EQ(told.complete, recording.expected["complete"].truth());
    const auto& problem = recording.expected["problem"];
    EXPECT_EQ(told.problem, problem.is_null() ? "" : problem.text());
    expect_told(told, recording.expected);
}

TEST_P(AnthropicGoldenStream, is_the_same_however_it_is_cut) {
    const auto recording = read(GetParam(), "stream");
    const auto stream = stream_of(recording.response);
    const std::string_view text = stream;
    const auto whole = follow(std::array{text});
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bytes.push_back(text.substr(i, 1));
    }
    EXPECT_EQ(follow(bytes), whole) << "byte by byte";
    // Every cut of the first events; further on they repeat, and some cuts stand for all.
    for (std::size_t i = 1; i < text.size(); i += i < 1536 ? 1 : 211) {
        const std::array halves{text.substr(0, i), text.substr(i)};
        ASSERT_EQ(follow(halves), whole) << "cut at " << i;
    }
}

TEST_P(AnthropicGoldenError, is_classified) {
    const auto recording = read(GetParam(), "error");
    wire::ResponseHead head;
    head.status = static_cast<int>(recording.response["status"].integer());
    for (const auto& name : recording.response["headers"].members()) {
        head.fields.add(name, recording.response["headers"][name.c_str()].text());
    }
    const auto& body = recording.response["body"];
    const auto problem = decode_error(head, body.dump(), WallTime());
    EXPECT_EQ(name_of(problem.kind()), recording.expected["kind"].text());
    constexpr std::array retries{"no", "elsewhere", "same_place", "other_credential"};
    EXPECT_EQ(retries[static_cast<std::size_t>(problem.retry())], recording.expected["retry"].text());
    EXPECT_EQ(problem.message(), body["error"]["message"].text());
    ASSERT_EQ(problem.wait().has_value(), !recording.expected["wait_ms"].is_null());
    if (problem.wait()) {
        EXPECT_EQ(problem.wait()->count(), recording.expected["wait_ms"].integer());
    }
}

INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicGoldenReply, testing::ValuesIn(cases("reply")), name_of_case);
INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicGoldenStream, testing::ValuesIn(cases("stream")), name_of_case);
INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicGoldenError, testing::ValuesIn(cases("error")), name_of_case);

}  // namespace
}  // namespace gatehouse::dialect
