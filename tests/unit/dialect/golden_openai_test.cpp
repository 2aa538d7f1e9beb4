// Recorded requests, replies, streams and errors (tests/golden/openai) against what must be read from them.
//
// expected.json says, for each exchange, what the dialect must see; the fixtures keep where they were
// recorded.
#include "json/json_value.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace gatehouse::dialect {

using test::JsonValue;

/// One exchange with what is expected of it.
struct Case {
    std::string name;
    std::string file;
    std::optional<std::size_t> exchange;  // of the file; none: the file is the response
    chat::Endpoint endpoint{};
    JsonValue expected;
};

void PrintTo(const Case& about, std::ostream* out) {
    *out << about.name;
}

namespace {

JsonValue load(const std::string& path) {
    return JsonValue::golden("openai/" + path);
}

chat::Endpoint endpoint_of(const std::string& name) {
    for (int i = 0; i <= static_cast<int>(chat::Endpoint::audio_translations); ++i) {
        const auto endpoint = static_cast<chat::Endpoint>(i);
        if (chat::name_of(endpoint) == name) {
            return endpoint;
        }
    }
    return chat::Endpoint::audio_translations;
}

/// Every exchange that has the member `part` in expected.json. The recordings themselves are read by the test
/// that needs them: each test is a process of its own, and reading all of them takes seconds.
std::vector<Case> cases(const char* part) {
    std::vector<Case> found;
    for (const auto& expected : load("expected.json").elements()) {
        if (!expected.contains(part)) {
            continue;
        }
        Case one;
        one.file = expected["fixture"].text();
        one.name = one.file;
        one.endpoint = endpoint_of(expected["endpoint"].text());
        one.expected = expected[part];
        if (!expected["exchange"].is_null()) {
            one.exchange = static_cast<std::size_t>(expected["exchange"].integer());
            one.name += "_" + std::to_string(*one.exchange);
        }
        std::replace_if(one.name.begin(), one.name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
        found.push_back(std::move(one));
    }
    return found;
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
    return info.param.name;
}

struct Golden : Case {
    JsonValue request;   // body; null: not recorded
    JsonValue response;  // status, headers, body | body_text | stream; or the whole file
};

Golden read(const Case& about) {
    Golden golden{about, {}, {}};
    const auto file = load("fixtures/" + about.file + ".json");
    if (!about.exchange) {
        golden.response = file;
        return golden;
    }
    const auto exchange = file["exchanges"][*about.exchange];
    golden.request = exchange["request"]["body"];
    golden.response = exchange["response"];
    return golden;
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

/// The bytes of a stream; SSE framing is put around payloads that were recorded without.
std::string stream_of(const Golden& golden) {
    if (golden.response.contains("stream")) {
        auto stream = golden.response["stream"].text();
        // One recording lost its last line end; the relay adds it when a connection closes.
        return stream.ends_with("\n\n") ? stream : stream + "\n";
    }
    std::string out;
    bool done = false;
    for (const auto& event : golden.response["events"].elements()) {
        done = event.is_string();
        out += "data: " + event.text() + "\n\n";
    }
    if (!done && golden.endpoint != chat::Endpoint::responses) {
        out += "data: [DONE]\n\n";
    }
    return out;
}

/// What a whole stream gave.
struct Seen {
    std::vector<chat::DeltaKind> kinds;
    std::string bytes;
    std::string problem;  // kind of the problem that ended it
    bool complete{false};
    chat::Usage usage;
    std::string finish;

    friend bool operator==(const Seen& a, const Seen& b) {
        return a.kinds == b.kinds && a.bytes == b.bytes && a.problem == b.problem &&
               a.complete == b.complete && a.finish == b.finish && a.usage.known == b.usage.known &&
               a.usage.prompt() == b.usage.prompt() && a.usage.completion() == b.usage.completion();
    }
};

/// Feeds `pieces` one after the other, as reads from a provider would come, until the reply is complete.
template <class Pieces>
Seen follow(chat::Endpoint endpoint, const Pieces& pieces, const RelayOptions& options) {
    Seen seen;
    wire::SseSplitter splitter;
    const auto decoder = openai().stream_decoder(endpoint, options);
    for (const std::string_view piece : pieces) {
        decoder->next_run();
        EXPECT_TRUE(splitter.feed(piece));
        while (const auto event = splitter.next()) {
            if (decoder->complete()) {
                break;
            }
            const auto delta = decoder->feed(*event);
            if (!delta) {
                seen.problem = name_of(delta.problem().kind());
                break;
            }
            seen.kinds.push_back(delta->kind);
            seen.bytes += delta->bytes;
        }
        if (!seen.problem.empty()) {
            break;
        }
    }
    seen.complete = decoder->complete();
    seen.usage = decoder->usage();
    seen.finish = decoder->finish_reason();
    return seen;
}

Seen follow_whole(const Golden& golden, const std::string& stream, const RelayOptions& options) {
    return follow(golden.endpoint, std::array{std::string_view(stream)}, options);
}

/// "opening content*3 finish end".
std::string in_words(const std::vector<chat::DeltaKind>& kinds) {
    constexpr std::array names{"opening", "content", "finish", "usage", "end", "whole", "opaque"};
    std::string out;
    for (std::size_t i = 0; i < kinds.size();) {
        std::size_t end = i;
        while (end < kinds.size() && kinds[end] == kinds[i]) {
            ++end;
        }
        out += (out.empty() ? "" : " ") + std::string(names[static_cast<std::size_t>(kinds[i])]);
        out += end - i > 1 ? "*" + std::to_string(end - i) : "";
        i = end;
    }
    return out;
}

/// The JSON payloads of a stream, and "[DONE]" as a string.
std::vector<JsonValue> payloads(const std::string& stream) {
    std::vector<JsonValue> out;
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(stream));
    while (const auto event = splitter.next()) {
        out.push_back(event->data == "[DONE]" ? JsonValue("[DONE]") : JsonValue::parsed(event->data));
    }
    return out;
}

class GoldenRequest : public testing::TestWithParam<Case> {};
class GoldenReply : public testing::TestWithParam<Case> {};
class GoldenStream : public testing::TestWithParam<Case> {};
class GoldenError : public testing::TestWithParam<Case> {};

TEST_P(GoldenRequest, is_read_and_goes_on_untouched_but_for_the_model) {
    const auto golden = read(GetParam());
    const std::string body = golden.request.dump();
    const auto request = openai().decode_request(golden.endpoint, body, wire::JsonLimits{});
    ASSERT_TRUE(request) << request.problem().message();
    EXPECT_EQ(request->model, golden.expected["model"].text());
    EXPECT_EQ(request->stream, golden.expected["stream"].truth());
    EXPECT_EQ(request->wants_usage, golden.expected["wants_usage"].truth());

    const auto encoded = openai().encode_request(*request, EncodeOptions{"other-model", true});
    std::string sent;
    for (const auto piece : encoded.pieces) {
        sent += piece;
    }
    auto json = JsonValue::parsed(sent);
    ASSERT_TRUE(json.is_object()) << sent;
    EXPECT_EQ(json["model"], "other-model");
    json = json.with("model", golden.request["model"]);
    if (request->stream && golden.endpoint != chat::Endpoint::responses) {
        EXPECT_EQ(json["stream_options"]["include_usage"], true);
        json = json.without("stream_options");
    }
    auto original = golden.request;
    if (golden.endpoint != chat::Endpoint::responses) {
        original = original.without("stream_options");
    }
    EXPECT_EQ(json.sorted(), original.sorted());
}

TEST_P(GoldenReply, is_read_and_passes_untouched) {
    const auto golden = read(GetParam());
    const std::string body = golden.response["body"].dump();
    std::string edited;
    const auto reply = openai().decode_reply(golden.endpoint, body, RelayOptions{}, edited);
    ASSERT_TRUE(reply) << reply.problem().message();
    EXPECT_EQ(reply->bytes, body);
    EXPECT_EQ(reply->finish_reason, golden.expected["finish"].text());
    expect_usage(reply->usage, golden.expected["usage"]);
}

TEST_P(GoldenReply, differs_in_the_model_alone_when_renamed) {
    const auto golden = read(GetParam());
    std::string edited;
    const std::string body = golden.response["body"].dump();
    const auto reply = openai().decode_reply(golden.endpoint, body, RelayOptions{true, "asked"}, edited);
    ASSERT_TRUE(reply);
    const auto renamed = golden.response["body"].with("model", "asked");
    EXPECT_EQ(reply->bytes, renamed.dump());
}

TEST_P(GoldenStream, gives_the_expected_deltas_and_the_very_bytes) {
    const auto golden = read(GetParam());
    const std::string stream = stream_of(golden);
    const auto seen = follow_whole(golden, stream, RelayOptions{});
    const auto problem = golden.expected.contains("problem") ? golden.expected["problem"].text() : "";
    EXPECT_EQ(in_words(seen.kinds) + (problem.empty() ? "" : " error"), golden.expected["kinds"].text());
    EXPECT_EQ(seen.problem, problem);
    EXPECT_EQ(seen.complete, golden.expected["complete"].truth());
    EXPECT_EQ(seen.finish, golden.expected["finish"].text());
    expect_usage(seen.usage, golden.expected["usage"]);
    EXPECT_TRUE(stream.starts_with(seen.bytes));
    if (problem.empty() && golden.name != "responses_reasoning_encrypted_stream") {
        EXPECT_EQ(seen.bytes, stream);
    }
}

TEST_P(GoldenStream, is_the_same_however_it_is_cut) {
    const auto golden = read(GetParam());
    const std::string stream = stream_of(golden);
    const std::string_view text = stream;
    for (const auto& options : {RelayOptions{true, {}}, RelayOptions{false, "asked"}}) {
        const auto whole = follow_whole(golden, stream, options);
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < text.size(); ++i) {
            bytes.push_back(text.substr(i, 1));
        }
        EXPECT_EQ(follow(golden.endpoint, bytes, options), whole) << "byte by byte";
        // Every cut of the first events; further on they repeat, and some cuts stand for all.
        for (std::size_t i = 1; i < text.size(); i += i < 1536 ? 1 : 211) {
            const std::array halves{text.substr(0, i), text.substr(i)};
            ASSERT_EQ(follow(golden.endpoint, halves, options), whole) << "cut at " << i;
        }
    }
}

TEST_P(GoldenStream, shows_usage_and_model_as_told) {
    const auto golden = read(GetParam());
    const std::string stream = stream_of(golden);
    const bool chunks = golden.endpoint != chat::Endpoint::responses;
    for (const bool show_usage : {true, false}) {
        for (const char* rename : {"", "asked"}) {
            const auto seen = follow_whole(golden, stream, RelayOptions{show_usage, rename});
            std::vector<JsonValue> expected;
            for (auto payload : payloads(stream)) {
                const bool usage =
                    chunks && payload.is_object() && payload.contains("usage") && !payload["usage"].is_null();
                if (usage && !show_usage && payload["choices"].empty()) {
                    continue;
                }
                if (usage && !show_usage) {
                    payload = payload.with("usage", nullptr);
                }
                const bool inside = !chunks && payload.contains("response");
                const auto holder = inside ? payload["response"] : payload;
                if (*rename != '\0' && holder.is_object() && holder.contains("model")) {
                    const auto renamed = holder.with("model", rename);
                    payload = inside ? payload.with("response", renamed) : renamed;
                }
                expected.push_back(std::move(payload));
            }
            const auto shown = payloads(seen.bytes);
            ASSERT_LE(shown.size(), expected.size());
            expected.resize(shown.size());
            EXPECT_EQ(shown, expected);
        }
    }
}

TEST_P(GoldenError, is_classified) {
    const auto golden = read(GetParam());
    wire::ResponseHead head;
    head.status = static_cast<int>(golden.response["status"].integer());
    if (head.status == 0) {  // body only: the status is in the fixture's name
        head.status = std::stoi(golden.name.substr(4, 3));
    }
    const auto headers = golden.response["headers"];
    for (const auto& name : headers.members()) {
        head.fields.add(name, headers[name.c_str()].text());
    }
    const bool json = golden.response.contains("body");
    const std::string body = json ? golden.response["body"].dump() : golden.response["body_text"].text();
    const auto problem = decode_error(head, body, WallTime());
    EXPECT_EQ(name_of(problem.kind()), golden.expected["kind"].text());
    constexpr std::array retries{"no", "elsewhere", "same_place", "other_credential"};
    EXPECT_EQ(retries[static_cast<std::size_t>(problem.retry())], golden.expected["retry"].text());
    EXPECT_EQ(problem.upstream_status(), head.status);
    if (golden.expected["wait_ms"].is_null()) {
        EXPECT_FALSE(problem.wait());
    } else {
        ASSERT_TRUE(problem.wait());
        EXPECT_EQ(problem.wait()->count(), golden.expected["wait_ms"].integer());
    }
    if (json) {
        const auto error = golden.response["body"]["error"];
        EXPECT_EQ(problem.message(), redact(error["message"].text()));
        EXPECT_EQ(problem.code(), error["code"].is_null() ? "" : error["code"].text());
        EXPECT_EQ(problem.param(), error["param"].is_null() ? "" : error["param"].text());
    } else {
        EXPECT_EQ(problem.message().find("cloudflare"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(OpenAi, GoldenRequest, testing::ValuesIn(cases("request")), name_of_case);
INSTANTIATE_TEST_SUITE_P(OpenAi, GoldenReply, testing::ValuesIn(cases("reply")), name_of_case);
INSTANTIATE_TEST_SUITE_P(OpenAi, GoldenStream, testing::ValuesIn(cases("stream")), name_of_case);
INSTANTIATE_TEST_SUITE_P(OpenAi, GoldenError, testing::ValuesIn(cases("error")), name_of_case);

}  // namespace
}  // namespace gatehouse::dialect
