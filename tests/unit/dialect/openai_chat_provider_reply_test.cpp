// Replies of OpenAI's chat completions and of servers that speak like it: recorded ones, and the ways in
// which the latter differ.
#include "json/json_value.hpp"
#include "told.hpp"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>

namespace gatehouse::dialect {
namespace {

using test::JsonValue;

JsonValue golden(const std::string& path) {
    return JsonValue::golden("openai/" + path);
}

struct Read {
    Told told;
    chat::Usage usage;
};

template <class Pieces>
Read follow_pieces(const Pieces& pieces, const ReplyMap& map = {}) {
    const auto reader = openai_chat_reader(map, "call_x");
    Read read;
    read.told = hear_stream(*reader, pieces);
    read.usage = reader->usage();
    return read;
}

Told follow(std::initializer_list<std::string> payloads, const ReplyMap& map = {}) {
    std::string stream;
    for (const auto& payload : payloads) {
        stream += "data: " + payload + "\n\n";
    }
    return follow_pieces(std::array{std::string_view(stream)}, map).told;
}

Read whole(const std::string& body, const ReplyMap& map = {}) {
    const auto reader = openai_chat_reader(map, "call_x");
    const auto events = reader->whole(body);
    Read read;
    if (events) {
        hear(read.told, *events);
    } else {
        read.told.problem = name_of(events.problem().kind());
    }
    read.told.complete = reader->complete();
    read.usage = reader->usage();
    return read;
}

std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return R"({"id":"c","model":"m","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" +
           finish + "}]}";
}

std::string call_piece(int index, const std::string& id, const std::string& name,
                       const std::string& arguments) {
    return chunk(R"({"tool_calls":[{"index":)" + std::to_string(index) +
                 (id.empty() ? "" : R"(,"id":")" + id + "\"") + R"(,"function":{)" +
                 (name.empty() ? "" : R"("name":")" + name + "\",") + R"("arguments":)" +
                 JsonValue(arguments).dump() + "}}]}");
}

const std::string finished = chunk("{}", "\"tool_calls\"");
const std::string stopped = chunk("{}", "\"stop\"");
const std::string end_of_stream = "[DONE]";

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

JsonValue response_of(const JsonValue& expected) {
    const auto file = golden("fixtures/" + expected["fixture"].text() + ".json");
    return expected["exchange"].is_null()
               ? file
               : file["exchanges"][static_cast<std::size_t>(expected["exchange"].integer())]["response"];
}

/// The bytes of a stream; framing is put around payloads that were recorded without.
std::string stream_in(const JsonValue& response) {
    if (response.contains("stream")) {
        return response["stream"].text();
    }
    std::string out;
    for (const auto& event : response["events"].elements()) {
        out += "data: " + (event.text()) + "\n\n";
    }
    return out + "data: [DONE]\n\n";
}

/// Those with one choice; the readers of several are tested below.
std::vector<JsonValue> recorded(const char* part) {
    std::vector<JsonValue> found;
    for (const auto& expected : golden("expected.json").elements()) {
        if (expected.contains(part) && expected["endpoint"] == "chat.completions" &&
            !expected["fixture"].text().starts_with("chat-n2")) {
            found.push_back(expected);
        }
    }
    EXPECT_GT(found.size(), 8U);
    return found;
}

std::string text_of(const JsonValue& message, const char* member) {
    return message.contains(member) && message[member].is_string() ? message[member].text() : "";
}

TEST(OpenaiChatReply, ReadsEveryRecordedReply) {
    for (const auto& expected : recorded("reply")) {
        SCOPED_TRACE(expected["fixture"].text());
        const auto body = response_of(expected)["body"];
        const auto read = whole(body.dump());
        ASSERT_EQ(read.told.problem, "");
        const auto message = body["choices"][0]["message"];
        EXPECT_EQ(read.told.text, text_of(message, "content"));
        EXPECT_EQ(read.told.refusal, text_of(message, "refusal"));
        EXPECT_EQ(read.told.model, body["model"].text());
        EXPECT_EQ(read.told.reason, expected["reply"]["finish"].text());
        expect_usage(read.usage, expected["reply"]["usage"]);
        const auto calls = message["tool_calls"];
        ASSERT_EQ(read.told.calls.size(), calls.size());
        for (std::size_t i = 0; i < calls.size(); ++i) {
            EXPECT_EQ(read.told.calls[i].name, calls[i]["function"]["name"].text());
            EXPECT_EQ(read.told.calls[i].arguments, calls[i]["function"]["arguments"].text());
            EXPECT_TRUE(read.told.calls[i].ended);
        }
    }
}

TEST(OpenaiChatReply, SaysTheSameAsAStreamOfIt) {
    for (const auto& expected : recorded("reply")) {
        SCOPED_TRACE(expected["fixture"].text());
        auto body = response_of(expected)["body"];
        auto read = whole(body.dump());
        auto choice = body["choices"][0];
        auto delta = choice["message"];
        std::string calls;
        for (std::size_t i = 0; i < delta["tool_calls"].size(); ++i) {
            calls += (i > 0 ? "," : "") + delta["tool_calls"][i].with("index", i).dump();
        }
        if (delta.contains("tool_calls")) {
            delta = delta.with("tool_calls", JsonValue::parsed("[" + calls + "]"));
        }
        const auto usage = R"({"choices":[],"usage":)" + body["usage"].dump() + "}";
        const auto first = R"({"id":)" + body["id"].dump() + R"(,"model":)" + body["model"].dump() +
                           R"(,"usage":null,"choices":[{"index":0,"finish_reason":null,"delta":)" +
                           delta.dump() + "}]}";
        const auto last =
            R"({"choices":[{"index":0,"delta":{},"finish_reason":)" + choice["finish_reason"].dump() + "}]}";
        const auto stream =
            "data: " + first + "\n\ndata: " + last + "\n\ndata: " + usage + "\n\ndata: [DONE]\n\n";
        const auto streamed = follow_pieces(std::array{std::string_view(stream)});
        EXPECT_EQ(streamed.told, read.told);
        EXPECT_EQ(streamed.usage.prompt(), read.usage.prompt());
        EXPECT_EQ(streamed.usage.completion(), read.usage.completion());
    }
}

TEST(OpenaiChatStream, ReadsEveryRecordedStreamHoweverItIsCut) {
    for (const auto& expected : recorded("stream")) {
        SCOPED_TRACE(expected["fixture"].text());
        const auto stream = stream_in(response_of(expected));
        const std::string_view text = stream;
        const auto problem = expected["stream"]["problem"];
        const auto read = follow_pieces(std::array{text});
        EXPECT_EQ(read.told.complete, expected["stream"]["complete"].truth());
        EXPECT_EQ(read.told.problem, problem.is_null() ? "" : problem.text());
        expect_usage(read.usage, expected["stream"]["usage"]);
        if (read.told.complete) {
            const auto finish = expected["stream"]["finish"];
            EXPECT_EQ(read.told.reason, finish.is_null() ? "" : finish.text());
        }
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < text.size(); ++i) {
            bytes.push_back(text.substr(i, 1));
        }
        EXPECT_EQ(follow_pieces(bytes).told, read.told) << "byte by byte";
        for (std::size_t i = 1; i < text.size(); i += i < 512 ? 1 : 401) {
            const std::array halves{text.substr(0, i), text.substr(i)};
            ASSERT_EQ(follow_pieces(halves).told, read.told) << "cut at " << i;
        }
    }
}

TEST(OpenaiChatStream, NumbersCallsFromZeroWhateverTheServersNumbersAre) {
    const auto told =
        follow({call_piece(1, "a", "f", ""), call_piece(1, "", "", "{\"x\":"), call_piece(1, "", "", "1}"),
                call_piece(7, "b", "g", "{}"), finished, end_of_stream});
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[0].arguments, R"({"x":1})");
    EXPECT_EQ(told.calls[1].id, "b");
    EXPECT_EQ(told.finish, "tool_calls");
    EXPECT_EQ(told.kinds, "sCaaeCaeF") << "a call that is whole ends where the next begins";
}

TEST(OpenaiChatStream, KeepsPiecesOfInterleavedCallsApart) {
    const auto told = follow({call_piece(0, "a", "f", ""), call_piece(1, "b", "g", ""),
                              call_piece(1, "", "", "{\"y\":"), call_piece(0, "", "", "{\"x\":\"}\"}"),
                              call_piece(1, "", "", "2}"), finished, end_of_stream});
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[0].arguments, R"({"x":"}"})");
    EXPECT_EQ(told.calls[1].arguments, R"({"y":2})");
    EXPECT_TRUE(told.calls[0].ended && told.calls[1].ended);
}

TEST(OpenaiChatStream, TellsCallsApartThatShareAnIndex) {
    const auto told = follow(
        {call_piece(0, "a", "f", "{}"), call_piece(0, "b", "f", "{\"x\":1}"), finished, end_of_stream});
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[1].arguments, R"({"x":1})");
    const auto nameless =
        follow({call_piece(0, "", "f", "{}"), call_piece(0, "", "f", "{\"x\":1}"), finished, end_of_stream});
    ASSERT_EQ(nameless.calls.size(), 2U);
    EXPECT_EQ(nameless.calls[0].id, "call_x0");
    EXPECT_EQ(nameless.calls[1].id, "call_x1");
}

TEST(OpenaiChatStream, TakesIdAndNameThatAreRepeatedOnEachChunk) {
    const auto told =
        follow({call_piece(0, "a", "f", "{\"x\""), call_piece(0, "a", "f", ":1}"), finished, end_of_stream});
    ASSERT_EQ(told.calls.size(), 1U);
    EXPECT_EQ(told.calls[0].arguments, R"({"x":1})");
}

TEST(OpenaiChatStream, TakesCallsWithoutAnIndex) {
    const auto told =
        follow({chunk(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":""}}]})"),
                chunk(R"({"tool_calls":[{"function":{"arguments":"{\"x\":1}"}}]})"),
                chunk(R"({"tool_calls":[{"id":"b","function":{"name":"f","arguments":"{}"}}]})"), finished,
                end_of_stream});
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[0].arguments, R"({"x":1})");
}

TEST(OpenaiChatStream, HoldsArgumentsUntilTheNameIsKnown) {
    const auto told =
        follow({call_piece(0, "a", "", "{"), call_piece(0, "", "f", "}"), finished, end_of_stream});
    ASSERT_EQ(told.calls.size(), 1U);
    EXPECT_EQ(told.calls[0].name, "f");
    EXPECT_EQ(told.calls[0].arguments, "{}");
    EXPECT_EQ(follow({call_piece(0, "a", "", "{}"), finished, end_of_stream}).problem, "upstream_protocol");
}

TEST(OpenaiChatStream, GivesACallWithoutArgumentsAnEmptyObject) {
    EXPECT_EQ(follow({call_piece(0, "a", "f", ""), finished, end_of_stream}).calls.at(0).arguments, "{}");
}

TEST(OpenaiChatStream, ReadsTheOldFunctionCall) {
    const auto told = follow({chunk(R"({"function_call":{"name":"f","arguments":""}})"),
                              chunk(R"({"function_call":{"arguments":"{\"x\":1}"}})"),
                              chunk("{}", "\"function_call\""), end_of_stream});
    ASSERT_EQ(told.calls.size(), 1U);
    EXPECT_EQ(told.calls[0].id, "call_x0");
    EXPECT_EQ(told.calls[0].arguments, R"({"x":1})");
    EXPECT_EQ(told.finish, "tool_calls");
}

TEST(OpenaiChatStream, LetsCallsDecideHowAnAnswerEnded) {
    EXPECT_EQ(follow({call_piece(0, "a", "f", "{}"), stopped, end_of_stream}).finish, "tool_calls");
    EXPECT_EQ(follow({chunk(R"({"content":"x"})"), finished, end_of_stream}).finish, "stop");
    EXPECT_EQ(follow({call_piece(0, "a", "f", "{\"x"), chunk("{}", "\"length\""), end_of_stream}).finish,
              "length");
    EXPECT_EQ(follow({chunk("{}", "\"content_filter\""), end_of_stream}).finish, "content_filter");
    EXPECT_EQ(follow({chunk("{}", "\"eos\""), end_of_stream}).finish, "stop");
}

TEST(OpenaiChatStream, TakesAnEmptyReasonForNone) {
    const auto told = follow({chunk(R"({"content":"a"})", "\"\""), chunk(R"({"content":"b"})", "\"\"")});
    EXPECT_EQ(told.text, "ab");
    EXPECT_EQ(told.finish, "");
    EXPECT_FALSE(told.complete);
}

TEST(OpenaiChatStream, IsCompleteWithItsFinishThoughTheTerminatorIsMissing) {
    const auto told = follow({chunk(R"({"content":"a"})"), stopped});
    EXPECT_TRUE(told.complete);
    EXPECT_EQ(told.finish, "stop");
    EXPECT_EQ(follow({chunk(R"({"content":"a"})"), end_of_stream}).problem, "upstream_lost");
    EXPECT_EQ(follow({end_of_stream}).problem, "upstream_lost");
    EXPECT_FALSE(follow({chunk(R"({"content":"a"})")}).complete);
}

TEST(OpenaiChatStream, ReadsThoughtsByBothNamesOnce) {
    const auto told =
        follow({chunk(R"({"reasoning_content":"a","reasoning":"a"})"), chunk(R"({"reasoning":"b"})"),
                chunk(R"({"content":"c"})"), stopped, end_of_stream});
    EXPECT_EQ(told.reasoning, "ab");
    EXPECT_EQ(told.kinds, "srrtF") << "thoughts, then text";
}

TEST(OpenaiChatStream, ReadsCitationsPartsAndImages) {
    const auto told = follow(
        {chunk(R"({"content":[{"type":"text","text":"hi"}]})"),
         chunk(R"({"annotations":[{"type":"url_citation","url_citation":{"url":"u"}}]})"),
         chunk(R"({"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}]})"),
         stopped, end_of_stream});
    EXPECT_EQ(told.text, "hi");
    EXPECT_EQ(told.citations,
              std::vector<std::string>{R"({"type":"url_citation","url_citation":{"url":"u"}})"});
    EXPECT_EQ(told.kinds, "stziF");
}

TEST(OpenaiChatStream, OverwritesUsageAndNeverAdds) {
    const std::string usage = R"("usage":{"prompt_tokens":10,"completion_tokens":)";
    const std::string stream = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]," + usage + "1}}\n\n" +
                               "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]," + usage +
                               "2}}\n\n" + "data: {\"choices\":[]," + usage + "2}}\n\ndata: [DONE]\n\n";
    const auto read = follow_pieces(std::array{std::string_view(stream)});
    EXPECT_EQ(read.usage.prompt(), TokenCount(10));
    EXPECT_EQ(read.usage.completion(), TokenCount(2));
}

TEST(OpenaiChatStream, TakesErrorsForWhatTheyAre) {
    EXPECT_EQ(follow({R"({"error":{"message":"x","type":"server_error"}})"}).problem, "upstream_failed");
    EXPECT_EQ(follow({R"({"object":"error","message":"x","code":400})"}).problem, "upstream_rejected");
    EXPECT_EQ(follow({chunk("{}", "\"error\"")}).problem, "upstream_failed");
    EXPECT_EQ(follow({"nonsense"}).problem, "upstream_protocol");
    EXPECT_EQ(follow({R"({"choices":[{"index":999,"delta":{}}]})"}).problem, "upstream_protocol");
    EXPECT_EQ(whole(R"({"error":{"message":"x","type":"server_error"}})").told.problem, "upstream_failed");
    EXPECT_EQ(whole(R"({"choices":[]})").told.problem, "upstream_protocol");
    EXPECT_EQ(whole("[]").told.problem, "upstream_protocol");
}

TEST(OpenaiChatStream, KeepsChoicesApart) {
    const auto reader = openai_chat_reader({}, "call_x");
    const auto events =
        reader->whole(R"({"choices":[{"index":1,"message":{"content":"b"},"finish_reason":"stop"},)"
                      R"({"index":0,"message":{"content":"a"},"finish_reason":"length"}]})");
    ASSERT_TRUE(events);
    std::string said;
    for (const auto& event : *events) {
        said += std::to_string(event.choice) + std::string(event.text) + " ";
    }
    EXPECT_EQ(said, "0 1b 0a 0length 1stop ");
}

TEST(OpenaiChatStream, UndoesWhatTheRequestDidToTools) {
    ReplyMap map;
    map.names = {{"f_1", "f.1"}};
    map.custom_tools = {"shell"};
    const auto told = follow({call_piece(0, "a", "f_1", "{}"), call_piece(1, "b", "shell", R"({"input":)"),
                              call_piece(1, "", "", R"("ls"})"), finished, end_of_stream},
                             map);
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[0].name, "f.1");
    EXPECT_TRUE(told.calls[1].custom);
    EXPECT_EQ(told.calls[1].arguments, "ls");
}

TEST(OpenaiChatStream, ReadsACustomToolsInput) {
    const auto told =
        follow({chunk(R"({"tool_calls":[{"index":0,"id":"a","type":"custom",)"
                      R"("custom":{"name":"shell","input":"l"}}]})"),
                chunk(R"({"tool_calls":[{"index":0,"custom":{"input":"s"}}]})"), finished, end_of_stream});
    ASSERT_EQ(told.calls.size(), 1U);
    EXPECT_TRUE(told.calls[0].custom);
    EXPECT_EQ(told.calls[0].arguments, "ls");
}

TEST(OpenaiChatStream, GivesTheAnswerOfAJsonToolAsText) {
    ReplyMap map;
    map.json_tool = "json";
    const auto told = follow(
        {call_piece(0, "a", "json", "{\"x\":"), call_piece(0, "", "", "1}"), finished, end_of_stream}, map);
    EXPECT_EQ(told.text, R"({"x":1})");
    EXPECT_EQ(told.finish, "stop");
    map.json_waits = true;
    const auto waited = follow({call_piece(0, "a", "json", "{}"), finished, end_of_stream}, map);
    EXPECT_EQ(waited.text, "{}");
    const auto other = follow(
        {call_piece(0, "a", "json", "{}"), call_piece(1, "b", "f", "{}"), finished, end_of_stream}, map);
    EXPECT_EQ(other.text, "");
    EXPECT_EQ(other.calls.size(), 1U);
}

}  // namespace
}  // namespace gatehouse::dialect
