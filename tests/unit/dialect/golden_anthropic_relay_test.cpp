// Recorded exchanges with Anthropic (tests/golden/anthropic) on their way between a client and a provider of
// the same vendor: what is seen of them, and that the bytes stay the same.
#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

namespace gatehouse::dialect {

using Json = nlohmann::ordered_json;

/// One exchange with what is expected of it.
struct RelayCase {
    std::string name;
    std::string file;
    Json exchange;  // number in the file; null: the file is the response
    Json expected;
};

void PrintTo(const RelayCase& about, std::ostream* out) {
    *out << about.name;
}

namespace {

using chat::Endpoint;

Json load(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/anthropic/" + path);
    return Json::parse(file, nullptr, false);
}

std::vector<RelayCase> cases(const char* part) {
    std::vector<RelayCase> found;
    for (const auto& expected : load("expected.json")) {
        if (!expected.contains(part)) {
            continue;
        }
        RelayCase one{{}, expected["fixture"].get<std::string>(), expected["exchange"], expected[part]};
        one.name = one.file + (one.exchange.is_null() ? "" : "_" + one.exchange.dump());
        std::replace(one.name.begin(), one.name.end(), '-', '_');
        found.push_back(std::move(one));
    }
    return found;
}

std::string name_of_case(const testing::TestParamInfo<RelayCase>& about) {
    return about.param.name;
}

Json response_of(const RelayCase& about) {
    auto file = load("fixtures/" + about.file + ".json");
    return about.exchange.is_null() ? file : file["exchanges"][about.exchange.get<std::size_t>()]["response"];
}

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

void expect_usage(const chat::Usage& usage, const Json& expected) {
    ASSERT_EQ(usage.known, !expected.is_null());
    if (usage.known) {
        EXPECT_EQ(usage.fresh().value(), expected["input"].get<std::int64_t>());
        EXPECT_EQ(usage.cached_input.value(), expected["cached_input"].get<std::int64_t>());
        EXPECT_EQ(usage.written().value(), expected["cache_write"].get<std::int64_t>());
        EXPECT_EQ(usage.said().value(), expected["output"].get<std::int64_t>());
        EXPECT_EQ(usage.reasoning.value(), expected["reasoning"].get<std::int64_t>());
    }
}

/// What a whole stream gave.
struct Seen {
    std::string kinds;
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

template <class Pieces>
Seen follow(const Pieces& pieces, const RelayOptions& options = {}) {
    Seen seen;
    wire::SseSplitter splitter;
    const auto decoder = anthropic().stream_decoder(Endpoint::messages, options);
    for (const std::string_view piece : pieces) {
        decoder->next_run();
        EXPECT_TRUE(splitter.feed(piece));
        auto event = splitter.next();
        for (; event && seen.problem.empty(); event = splitter.next()) {
            const auto delta = decoder->feed(*event);
            if (delta) {
                seen.kinds.push_back("ocfuew"[static_cast<std::size_t>(delta->kind)]);
                seen.bytes += delta->bytes;
            } else {
                seen.problem = name_of(delta.problem().kind());
            }
        }
    }
    seen.complete = decoder->complete();
    seen.usage = decoder->usage();
    seen.finish = decoder->finish_reason();
    return seen;
}

Seen follow_whole(const std::string& stream, const RelayOptions& options = {}) {
    return follow(std::array{std::string_view(stream)}, options);
}

class AnthropicRelayReply : public testing::TestWithParam<RelayCase> {};
class AnthropicRelayStream : public testing::TestWithParam<RelayCase> {};

TEST_P(AnthropicRelayReply, is_read_and_passes_untouched) {
    const auto body = response_of(GetParam())["body"].dump();
    std::string edited;
    const auto reply = anthropic().decode_reply(Endpoint::messages, body, RelayOptions{}, edited);
    ASSERT_TRUE(reply) << reply.problem().message();
    EXPECT_EQ(reply->bytes, body);
    EXPECT_EQ(reply->finish_reason, GetParam().expected["finish"].get<std::string>());
    expect_usage(reply->usage, GetParam().expected["usage"]);
}

TEST_P(AnthropicRelayReply, differs_in_the_model_alone_when_renamed) {
    auto body = response_of(GetParam())["body"];
    const auto text = body.dump();
    std::string edited;
    const auto reply =
        anthropic().decode_reply(Endpoint::messages, text, RelayOptions{true, "asked"}, edited);
    ASSERT_TRUE(reply) << reply.problem().message();
    body["model"] = "asked";
    EXPECT_EQ(reply->bytes, body.dump());
}

TEST_P(AnthropicRelayStream, is_read_and_passes_untouched) {
    const auto& expected = GetParam().expected;
    const auto stream = stream_of(response_of(GetParam()));
    const auto seen = follow_whole(stream);
    EXPECT_EQ(seen.problem, expected["problem"].is_null() ? "" : expected["problem"].get<std::string>());
    EXPECT_EQ(seen.complete, expected["complete"].get<bool>());
    EXPECT_EQ(seen.finish, expected["finish"].get<std::string>());
    expect_usage(seen.usage, expected["usage"]);
    EXPECT_EQ(seen.kinds.find('c') != std::string::npos,
              !expected["text"].get<std::string>().empty() || !expected["calls"].empty());
    if (GetParam().file == "duplicate-message-start") {
        EXPECT_EQ(seen.bytes.find("message_start", seen.bytes.find("content_block")), std::string::npos);
    } else if (seen.problem.empty()) {
        EXPECT_EQ(seen.bytes, stream.substr(0, stream.rfind("\n\n") + 2));
    } else {
        EXPECT_TRUE(stream.starts_with(seen.bytes));
    }
}

TEST_P(AnthropicRelayStream, is_the_same_however_it_is_cut) {
    const auto stream = stream_of(response_of(GetParam()));
    const std::string_view text = stream;
    for (const auto& options : {RelayOptions{true, {}}, RelayOptions{true, "asked"}}) {
        const auto whole = follow_whole(stream, options);
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < text.size(); ++i) {
            bytes.push_back(text.substr(i, 1));
        }
        EXPECT_EQ(follow(bytes, options), whole) << "byte by byte";
        // Every cut of the first events; further on they repeat, and some cuts stand for all.
        for (std::size_t i = 1; i < text.size(); i += i < 1536 ? 1 : 211) {
            const std::array halves{text.substr(0, i), text.substr(i)};
            ASSERT_EQ(follow(halves, options), whole) << "cut at " << i;
        }
    }
}

TEST_P(AnthropicRelayStream, differs_in_the_model_of_its_beginning_when_renamed) {
    const auto stream = stream_of(response_of(GetParam()));
    const auto plain = follow_whole(stream);
    auto renamed = follow_whole(stream, RelayOptions{true, "asked"});
    const auto model = GetParam().expected["model"].get<std::string>();
    const auto at = renamed.bytes.find("\"asked\"");
    EXPECT_EQ(at != std::string::npos, !plain.bytes.empty());
    if (at != std::string::npos) {
        renamed.bytes.replace(at, 7, "\"" + model + "\"");
    }
    EXPECT_EQ(renamed, plain);
}

TEST(AnthropicRelayRequest, goes_on_untouched_but_for_the_model) {
    for (const auto& request : load("requests.json")) {
        SCOPED_TRACE(request["name"].get<std::string>());
        auto body = request["anthropic"];
        const auto read = anthropic().decode_request(Endpoint::messages, body.dump(), {});
        ASSERT_TRUE(read) << read.problem().message();
        EXPECT_EQ(read->model, "claude");
        EXPECT_EQ(read->stream, body.value("stream", false));
        std::string sent;
        const auto pieces = anthropic().encode_request(*read, EncodeOptions{"upstream", true});
        for (const auto piece : pieces.pieces) {
            sent += piece;
        }
        body["model"] = "upstream";
        EXPECT_EQ(sent, body.dump());
    }
}

TEST(AnthropicRelayCount, is_read) {
    const auto file = load("fixtures/count-tokens.json");
    std::vector<std::int64_t> counts;
    for (const auto& exchange : file["exchanges"]) {
        const auto asked = exchange["request"]["body"].dump();
        const auto request = anthropic().decode_request(Endpoint::count_message_tokens, asked, {});
        ASSERT_TRUE(request) << request.problem().message();
        const auto body = exchange["response"]["body"].dump();
        std::string edited;
        const auto reply =
            anthropic().decode_reply(Endpoint::count_message_tokens, body, RelayOptions{}, edited);
        ASSERT_TRUE(reply) << reply.problem().message();
        EXPECT_TRUE(reply->usage.known);
        EXPECT_EQ(reply->bytes, body);
        counts.push_back(reply->usage.input.value());
    }
    EXPECT_EQ(counts, (std::vector<std::int64_t>{14, 588}));
}

INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicRelayReply, testing::ValuesIn(cases("reply")), name_of_case);
INSTANTIATE_TEST_SUITE_P(Anthropic, AnthropicRelayStream, testing::ValuesIn(cases("stream")), name_of_case);

}  // namespace
}  // namespace gatehouse::dialect
