// Recorded replies, streams and errors of Anthropic (tests/golden/anthropic) against what must be read from
// them.
//
// expected.json was made from the recordings by a program that shares nothing with the reader under test.
#include "told.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
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

using Json = nlohmann::ordered_json;

Json load(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/anthropic/" + path);
    return Json::parse(file, nullptr, false);
}

std::vector<AnthropicCase> cases(const char* part) {
    std::vector<AnthropicCase> found;
    for (const auto& expected : load("expected.json")) {
        if (!expected.contains(part)) {
            continue;
        }
        AnthropicCase one;
        one.file = expected["fixture"].get<std::string>();
        one.name = one.file;
        if (!expected["exchange"].is_null()) {
            one.exchange = expected["exchange"].get<std::size_t>();
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
    Json response;
    Json expected;
};

Recording read(const AnthropicCase& about, const char* part) {
    Recording recording;
    for (const auto& expected : load("expected.json")) {
        const bool same = expected["fixture"] == about.file &&
                          (!about.exchange || expected["exchange"] == Json(*about.exchange));
        if (same) {
            recording.expected = expected[part];
        }
    }
    auto file = load("fixtures/" + about.file + ".json");
    recording.response = about.exchange ? std::move(file["exchanges"][*about.exchange]["response"]) : file;
    return recording;
}

/// The bytes of a stream; SSE framing is put around payloads that were recorded without.
std::string stream_of(const Json& response) {
    if (response.contains("stream")) {
        return response["stream"].get<std::string>();
    }
    std::string out;
    for (const auto& event : response["events"]) {
        out += "event: " + event["type"].get<std::string>() + "\ndata: " + event.dump() + "\n\n";
    }
    return out;
}

void expect_told(const Told& told, const Json& expected) {
    EXPECT_EQ(told.id, expected["id"].get<std::string>());
    EXPECT_EQ(told.model, expected["model"].get<std::string>());
    EXPECT_EQ(told.text, expected["text"].get<std::string>());
    EXPECT_EQ(told.reasoning, expected["reasoning"].get<std::string>());
    EXPECT_EQ(told.refusal, expected["refusal"].get<std::string>());
    EXPECT_EQ(told.signatures, expected["signatures"].get<std::vector<std::string>>());
    EXPECT_EQ(told.redacted, expected["redacted"].get<std::vector<std::string>>());
    EXPECT_EQ(told.finish, expected["finish"].get<std::string>());
    EXPECT_EQ(told.reason, expected["reason"].get<std::string>());
    ASSERT_EQ(told.calls.size(), expected["calls"].size());
    for (std::size_t i = 0; i < told.calls.size(); ++i) {
        EXPECT_EQ(told.calls[i].id, expected["calls"][i]["id"].get<std::string>());
        EXPECT_EQ(told.calls[i].name, expected["calls"][i]["name"].get<std::string>());
        EXPECT_EQ(told.calls[i].arguments, expected["calls"][i]["arguments"].get<std::string>());
        EXPECT_TRUE(told.calls[i].ended);
    }
    ASSERT_EQ(told.citations.size(), expected["citations"].size());
    for (std::size_t i = 0; i < told.citations.size(); ++i) {
        EXPECT_EQ(Json::parse(told.citations[i], nullptr, false), expected["citations"][i]);
    }
}

void expect_usage(const chat::Usage& usage, const Json& expected) {
    ASSERT_EQ(usage.known, !expected.is_null());
    if (usage.known) {
        EXPECT_EQ(usage.input.value(), expected["input"].get<std::int64_t>());
        EXPECT_EQ(usage.cached_input.value(), expected["cached_input"].get<std::int64_t>());
        EXPECT_EQ(usage.cache_write.value(), expected["cache_write"].get<std::int64_t>());
        EXPECT_EQ(usage.output.value(), expected["output"].get<std::int64_t>());
        EXPECT_EQ(usage.reasoning.value(), expected["reasoning"].get<std::int64_t>());
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

    auto message = body;
    message["content"] = Json::array();
    message["stop_reason"] = nullptr;
    Json start{{"type", "message_start"}, {"message", message}};
    std::string stream = "event: message_start\ndata: " + start.dump() + "\n\n";
    std::size_t index = 0;
    for (const auto& block : body["content"]) {
        Json begin{{"type", "content_block_start"}, {"index", index}, {"content_block", block}};
        Json stop{{"type", "content_block_stop"}, {"index", index++}};
        stream += "event: content_block_start\ndata: " + begin.dump() + "\n\n";
        stream += "event: content_block_stop\ndata: " + stop.dump() + "\n\n";
    }
    Json end{{"stop_reason", body["stop_reason"]}, {"stop_details", body.value("stop_details", Json())}};
    Json delta{{"type", "message_delta"}, {"delta", end}, {"usage", body["usage"]}};
    stream += "event: message_delta\ndata: " + delta.dump() + "\n\n";
    stream += "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

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
    EXPECT_EQ(told.complete, recording.expected["complete"].get<bool>());
    const auto& problem = recording.expected["problem"];
    EXPECT_EQ(told.problem, problem.is_null() ? "" : problem.get<std::string>());
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
    head.status = recording.response["status"].get<int>();
    for (const auto& [name, value] : recording.response["headers"].items()) {
        head.fields.add(name, value.get<std::string>());
    }
    const auto& body = recording.response["body"];
    const auto problem = decode_error(head, body.dump(), WallTime());
    EXPECT_EQ(name_of(problem.kind()), recording.expected["kind"].get<std::string>());
    constexpr std::array retries{"no", "elsewhere", "same_place", "other_credential"};
    EXPECT_EQ(retries[static_cast<std::size_t>(problem.retry())],
              recording.expected["retry"].get<std::string>());
    EXPECT_EQ(problem.message(), body["error"]["message"].get<std::string>());
    ASSERT_EQ(problem.wait().has_value(), !recording.expected["wait_ms"].is_null());
    if (problem.wait()) {
        EXPECT_EQ(problem.wait()->count(), recording.expected["wait_ms"].get<std::int64_t>());
    }
}

/// Of requests.json: a request that Anthropic took, and the chat request that says the same.
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

TEST(AnthropicGoldenRequest, is_what_anthropic_took) {
    const auto requests = load("requests.json");
    ASSERT_GT(requests.size(), 20U);
    for (const auto& request : requests) {
        SCOPED_TRACE(request["name"].get<std::string>());
        const auto facts = facts_of(request["facts"]);
        TranslateOptions options;
        options.model = "claude";
        options.facts = &facts;
        options.strict = true;  // nothing may be lost
        const auto body = request["chat"].dump();
        const auto conversation = read_openai_chat(body);
        ASSERT_TRUE(conversation) << conversation.problem().message();
        const auto written = write_anthropic(*conversation, request["chat"].value("stream", false), options);
        ASSERT_TRUE(written) << written.problem().message();
        EXPECT_EQ(nlohmann::json::parse(written->body, nullptr, false), nlohmann::json(request["anthropic"]));
        EXPECT_EQ(written->fields, "anthropic-version: " + request["version"].get<std::string>() + "\r\n");
    }
}

INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicGoldenReply, testing::ValuesIn(cases("reply")), name_of_case);
INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicGoldenStream, testing::ValuesIn(cases("stream")), name_of_case);
INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicGoldenError, testing::ValuesIn(cases("error")), name_of_case);

}  // namespace
}  // namespace gatehouse::dialect
