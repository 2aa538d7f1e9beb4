// Replies of OpenAI's Responses: recorded ones, whole and streamed, and what servers do to the pieces.
#include "json/json_value.hpp"
#include "told.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace gatehouse::dialect {
namespace {

using test::JsonValue;
using test::parsed;
using Words = std::vector<std::string>;

JsonValue golden(const std::string& path) {
    return JsonValue::golden("openai/" + path);
}

struct Read {
    Told told;
    chat::Usage usage;
};

template <class Pieces>
Read follow_pieces(const Pieces& pieces, const ReplyMap& map = {}) {
    const auto reader = responses_reader(map, "call_");
    Read read;
    read.told = hear_stream(*reader, pieces);
    read.usage = reader->usage();
    return read;
}

std::string event(const std::string& type, const std::string& members) {
    return R"({"type":"response.)" + type + "\"," + members + "}";
}

std::string framed(const JsonValue& payload) {
    return "event: " + payload["type"].text() + "\ndata: " + payload.dump() + "\n\n";
}

Told follow(std::initializer_list<std::string> payloads, const ReplyMap& map = {}) {
    std::string stream;
    for (const auto& payload : payloads) {
        stream += "data: " + payload + "\n\n";
    }
    return follow_pieces(std::array{std::string_view(stream)}, map).told;
}

Read whole(const std::string& body, const ReplyMap& map = {}) {
    const auto reader = responses_reader(map, "call_");
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

/// A whole response of these items.
Told output(const std::string& items, const std::string& more = R"("status":"completed")",
            const ReplyMap& map = {}) {
    return whole(R"({"id":"r","object":"response","model":"m",)" + more + R"(,"output":[)" + items + "]}",
                 map)
        .told;
}

const std::string completed = event("completed", R"("response":{"id":"r","status":"completed"})");

std::string added(int index, const std::string& item) {
    return event("output_item.added", "\"output_index\":" + std::to_string(index) + ",\"item\":" + item);
}

std::string finished(int index, const std::string& item) {
    return event("output_item.done", "\"output_index\":" + std::to_string(index) + ",\"item\":" + item);
}

std::string said(int index, const std::string& type, const std::string& words, int part = 0) {
    return event(type, R"("output_index":)" + std::to_string(index) + R"(,"content_index":)" +
                           std::to_string(part) + R"(,"delta":)" + JsonValue(words).dump());
}

std::string call_item(const std::string& id, const std::string& name, const std::string& arguments) {
    return R"({"type":"function_call","id":"fc_)" + id + R"(","call_id":")" + id + R"(","name":")" + name +
           R"(","arguments":)" + JsonValue(arguments).dump() + "}";
}

void expect_usage(const chat::Usage& usage, const JsonValue& expected) {
    ASSERT_EQ(usage.known, !expected.is_null());
    if (usage.known) {
        EXPECT_EQ(usage.input.value(), expected["input"].integer());
        EXPECT_EQ(usage.cached_input.value(), expected["cached_input"].integer());
        EXPECT_EQ(usage.cache_write.value(), expected["cache_write"].integer());
        EXPECT_EQ(usage.output.value(), expected["output"].integer());
        EXPECT_EQ(usage.reasoning.value(), expected["reasoning"].integer());
    }
}

JsonValue response_of(const JsonValue& expected) {
    const auto file = golden("fixtures/" + expected["fixture"].text() + ".json");
    return expected["exchange"].is_null()
               ? file
               : file["exchanges"][static_cast<std::size_t>(expected["exchange"].integer())]["response"];
}

/// The bytes of its streams: some recordings hold several, one after the other, without their framing.
Words streams_in(const JsonValue& response) {
    if (response.contains("stream")) {
        return {response["stream"].text()};
    }
    Words streams;
    for (const auto& payload : response["events"].elements()) {
        if (payload["type"] == "response.created") {
            streams.emplace_back();
        }
        streams.back() += framed(payload);
    }
    return streams;
}

std::vector<JsonValue> recorded(const char* part, std::size_t least) {
    std::vector<JsonValue> found;
    for (const auto& expected : golden("expected.json").elements()) {
        if (expected.contains(part) && expected["endpoint"] == "responses") {
            found.push_back(expected);
        }
    }
    EXPECT_GE(found.size(), least);
    return found;
}

/// What a client sees of it, whatever pieces it came in.
Told answer(Told told) {
    told.kinds.clear();
    return told;
}

TEST(OpenaiResponsesReply, ReadsEveryRecordedReply) {
    for (const auto& expected : recorded("reply", 10)) {
        SCOPED_TRACE(expected["fixture"].text());
        const auto body = response_of(expected)["body"];
        const auto read = whole(body.dump());
        expect_usage(read.usage, expected["reply"]["usage"]);
        if (body["status"] == "queued") {
            EXPECT_EQ(read.told.problem, "upstream_protocol");
            continue;
        }
        ASSERT_EQ(read.told.problem, "");
        EXPECT_TRUE(read.told.complete);
        EXPECT_EQ(read.told.model, body["model"].text());
        EXPECT_EQ(read.told.id, body["id"].text());
        EXPECT_EQ(read.told.reason, expected["reply"]["finish"].text());
        std::string text;
        std::size_t calls = 0;
        std::size_t thoughts = 0;
        for (const auto& item : body["output"].elements()) {
            if (item["type"] == "message") {
                text += item["content"][0]["text"].text();
            } else if (item["type"] == "function_call") {
                ASSERT_LT(calls, read.told.calls.size());
                EXPECT_EQ(read.told.calls[calls].id, item["call_id"].text());
                EXPECT_EQ(read.told.calls[calls].name, item["name"].text());
                EXPECT_EQ(read.told.calls[calls].arguments, item["arguments"].text());
                EXPECT_TRUE(read.told.calls[calls++].ended);
            } else if (item["type"] == "reasoning" && item["encrypted_content"].is_string()) {
                ASSERT_LT(thoughts, read.told.signatures.size());
                EXPECT_EQ(read.told.signatures[thoughts++],
                          item["id"].text() + ":" + item["encrypted_content"].text());
            }
        }
        EXPECT_EQ(read.told.text, text);
        EXPECT_EQ(read.told.calls.size(), calls);
        EXPECT_EQ(read.told.signatures.size(), thoughts);
        EXPECT_EQ(read.told.finish, calls > 0 ? "tool_calls" : "stop");
    }
}

TEST(OpenaiResponsesReply, SaysTheSameAsAStreamOfIt) {
    for (const auto& expected : recorded("reply", 10)) {
        SCOPED_TRACE(expected["fixture"].text());
        const auto body = response_of(expected)["body"];
        if (body["status"] == "queued") {
            continue;
        }
        const auto begun =
            body.with("output", parsed("[]")).with("usage", nullptr).with("status", "in_progress");
        auto stream = framed(parsed(event("created", "\"response\":" + begun.dump())));
        int index = 0;
        for (const auto& item : body["output"].elements()) {
            stream += framed(parsed(finished(index++, item.dump())));
        }
        stream += framed(parsed(event("completed", "\"response\":" + body.dump())));
        const auto read = whole(body.dump());
        const auto streamed = follow_pieces(std::array{std::string_view(stream)});
        EXPECT_EQ(streamed.told, read.told);
        EXPECT_EQ(streamed.usage.prompt(), read.usage.prompt());
        EXPECT_EQ(streamed.usage.completion(), read.usage.completion());
    }
}

TEST(OpenaiResponsesReply, BecomesTheStreamThatItsOwnClientAskedFor) {
    const auto body = response_of(parsed(R"({"fixture":"responses-tool-call","exchange":0})"))["body"];
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    const auto streamed = stream_whole(chat::Endpoint::responses, body.dump(), identity);
    ASSERT_TRUE(streamed) << streamed.problem().message();
    EXPECT_TRUE(streamed->content.starts_with("event: response.created\n"));
    const auto heard =
        follow_pieces(std::array{std::string_view(streamed->content), std::string_view(streamed->end)});
    ASSERT_TRUE(heard.told.complete);
    ASSERT_EQ(heard.told.calls.size(), 1U);
    EXPECT_EQ(heard.told.calls[0].arguments, body["output"][0]["arguments"].text());
    EXPECT_EQ(heard.usage.prompt().value(), body["usage"]["input_tokens"].integer());
}

TEST(OpenaiResponsesStream, ReadsEveryRecordedStreamHoweverItIsCut) {
    for (const auto& expected : recorded("stream", 7)) {
        SCOPED_TRACE(expected["fixture"].text());
        const auto streams = streams_in(response_of(expected));
        ASSERT_FALSE(streams.empty());
        for (std::size_t n = 0; n < streams.size(); ++n) {
            const std::string_view text = streams[n];
            const auto problem = expected["stream"]["problem"];
            const auto read = follow_pieces(std::array{text});
            EXPECT_EQ(read.told.complete, expected["stream"]["complete"].truth());
            EXPECT_EQ(read.told.problem, problem.is_null() ? "" : problem.text());
            if (n == 0) {
                expect_usage(read.usage, expected["stream"]["usage"]);
            }
            std::vector<std::string_view> bytes;
            for (std::size_t i = 0; i < text.size(); ++i) {
                bytes.push_back(text.substr(i, 1));
            }
            EXPECT_EQ(follow_pieces(bytes).told, read.told) << "byte by byte";
            for (std::size_t i = 1; i < text.size(); i += i < 256 ? 1 : 401) {
                const std::array halves{text.substr(0, i), text.substr(i)};
                ASSERT_EQ(follow_pieces(halves).told, read.told) << "cut at " << i;
            }
        }
    }
}

TEST(OpenaiResponsesStream, SaysWhatItsLastEventRepeats) {
    for (const auto* fixture : {"responses-stream-tools", "responses-stream-basic-otel"}) {
        const auto file = golden(std::string("fixtures/") + fixture + ".json");
        for (const auto& exchange : file["exchanges"].elements()) {
            const auto stream = exchange["response"]["stream"].text();
            const auto read = follow_pieces(std::array{std::string_view(stream)});
            const auto at = stream.find("data: ", stream.find("event: response.completed")) + 6;
            const auto last = parsed(stream.substr(at, stream.find('\n', at) - at));
            EXPECT_EQ(answer(read.told), answer(whole(last["response"].dump()).told));
        }
    }
}

TEST(OpenaiResponsesStream, GivesThoughtsTheirSignatureWhenTheyAreDone) {
    const auto file = golden("fixtures/responses-reasoning-encrypted-stream.json");
    const auto streams = streams_in(file);
    ASSERT_EQ(streams.size(), 4U);
    const auto first = follow_pieces(std::array{std::string_view(streams[0])}).told;
    EXPECT_TRUE(first.reasoning.starts_with("**Calculating step-by-step using calculator**\n\nI'll compute"));
    std::string encrypted;
    for (const auto& payload : file["events"].elements()) {
        if (payload["type"] == "response.output_item.done" && payload["item"]["type"] == "reasoning") {
            encrypted = payload["item"]["id"].text() + ":";
            encrypted += payload["item"]["encrypted_content"].text();
        }
    }
    EXPECT_EQ(first.signatures, Words{encrypted});
    ASSERT_EQ(first.calls.size(), 1U);
    EXPECT_EQ(first.calls[0].arguments, R"({"a":12,"b":7,"op":"add"})");
    EXPECT_EQ(first.finish, "tool_calls");
    EXPECT_LT(first.kinds.find('g'), first.kinds.find('C')) << "thoughts before the call they led to";
    EXPECT_GT(std::count(first.kinds.begin(), first.kinds.end(), 'a'), 5) << "fragment by fragment";
    EXPECT_EQ(follow_pieces(std::array{std::string_view(streams[3])}).told.text,
              "The final result is **570**.");
}

TEST(OpenaiResponsesStream, EndsAsTheResponseDid) {
    const auto cut = response_of(parsed(R"({"fixture":"responses-stream-incomplete","exchange":0})"));
    const auto stream = cut["stream"].text();
    const auto told = follow_pieces(std::array{std::string_view(stream)}).told;
    EXPECT_EQ(told.finish, "length");
    EXPECT_EQ(told.reason, "max_output_tokens");
    EXPECT_NE(told.text, "");
    const auto incomplete = [](const std::string& reason) {
        return event("incomplete", R"("response":{"status":"incomplete","incomplete_details":{"reason":")" +
                                       reason + "\"}}");
    };
    EXPECT_EQ(follow({incomplete("content_filter")}).finish, "content_filter");
    EXPECT_EQ(follow({added(0, call_item("a", "f", "")), said(0, "function_call_arguments.delta", "{\"x"),
                      incomplete("max_output_tokens")})
                  .finish,
              "length");
    EXPECT_EQ(follow({said(0, "output_text.delta", "a"), completed}).finish, "stop");
    EXPECT_EQ(follow({event("cancelled", R"("response":{"status":"cancelled"})")}).problem,
              "upstream_failed");
    EXPECT_FALSE(follow({said(0, "output_text.delta", "a")}).complete);
    EXPECT_EQ(follow({said(0, "output_text.delta", "a"), "[DONE]"}).problem, "upstream_lost");
    EXPECT_EQ(follow({completed, "[DONE]", said(0, "output_text.delta", "late")}).text, "");
}

TEST(OpenaiResponsesStream, TakesErrorsForWhatTheyAre) {
    EXPECT_EQ(follow({R"({"type":"error","code":"rate_limit_exceeded","message":"x","param":null})"}).problem,
              "upstream_rate_limited");
    EXPECT_EQ(follow({R"({"type":"error","error":{"type":"server_error","message":"x"}})"}).problem,
              "upstream_failed");
    EXPECT_EQ(follow({event("failed", R"("response":{"status":"failed","error":)"
                                      R"({"code":"server_error","message":"x"}})")})
                  .problem,
              "upstream_failed");
    EXPECT_EQ(follow({"nonsense"}).problem, "upstream_protocol");
    EXPECT_EQ(follow({"[]"}).problem, "upstream_protocol");
    EXPECT_EQ(output("", R"("status":"failed","error":{"code":"server_error","message":"x"})").problem,
              "upstream_failed");
    EXPECT_EQ(output("", R"("status":"in_progress")").problem, "upstream_protocol");
    EXPECT_EQ(output("", R"("status":"cancelled")").problem, "upstream_failed");
    EXPECT_EQ(whole(R"({"error":{"message":"x","type":"server_error"}})").told.problem, "upstream_failed");
    EXPECT_EQ(whole(R"({"object":"error","message":"x","code":400})").told.problem, "upstream_rejected");
    EXPECT_EQ(whole(R"({"choices":[]})").told.problem, "upstream_protocol");
    EXPECT_EQ(whole("[]").told.problem, "upstream_protocol");
}

TEST(OpenaiResponsesStream, PassesOverWhatItDoesNotKnow) {
    const auto told = follow({R"({"type":"keepalive","sequence_number":1})",
                              event("web_search_call.searching", R"("output_index":0,"item_id":"ws_1")"),
                              added(0, R"({"type":"web_search_call","id":"ws_1"})"),
                              finished(0, R"({"type":"web_search_call","id":"ws_1","status":"completed"})"),
                              said(1, "output_text.delta", "hi"), completed});
    EXPECT_EQ(told.text, "hi");
    EXPECT_EQ(told.kinds, "stF");
}

TEST(OpenaiResponsesStream, TellsOnceWhatComesWholeAndInPieces) {
    const auto message = R"({"type":"message","content":[{"type":"output_text","text":"hi"}]})";
    const auto pieces =
        follow({added(0, R"({"type":"message","content":[]})"), said(0, "output_text.delta", "h"),
                said(0, "output_text.delta", "i"),
                event("output_text.done", R"("output_index":0,"content_index":0,"text":"hi")"),
                finished(0, message), completed});
    EXPECT_EQ(pieces.kinds, "sttF");
    const auto whole_text =
        follow({added(0, R"({"type":"message","content":[]})"),
                event("output_text.done", R"("output_index":0,"content_index":0,"text":"hi")"),
                finished(0, message), completed});
    EXPECT_EQ(whole_text.kinds, "stF");
    EXPECT_EQ(whole_text.text, "hi");
    EXPECT_EQ(follow({finished(0, message), finished(0, message), completed}).text, "hi");
    const auto last_alone = follow(
        {event("completed", R"("response":{"status":"completed","output":[)" + std::string(message) + "]}")});
    EXPECT_EQ(last_alone.text, "hi");
}

TEST(OpenaiResponsesStream, KeepsMessagesAndPartsOfThoughtsApart) {
    const auto told =
        follow({event("reasoning_summary_text.delta", R"("output_index":0,"summary_index":0,"delta":"A")"),
                event("reasoning_summary_text.delta", R"("output_index":0,"summary_index":1,"delta":"B")"),
                event("reasoning_text.delta", R"("output_index":1,"content_index":0,"delta":"C")"),
                said(2, "output_text.delta", "x"), said(2, "output_text.delta", "y", 1),
                said(3, "output_text.delta", "z"), completed});
    EXPECT_EQ(told.reasoning, "A\n\nB\n\nC");
    EXPECT_EQ(told.text, "xy\n\nz");
    const auto body = output(
        R"({"type":"reasoning","summary":[{"type":"summary_text","text":"A"},{"text":"B"}],)"
        R"("content":[{"type":"reasoning_text","text":"C"}],"encrypted_content":"e"},)"
        R"({"type":"message","content":[{"text":"x"},{"text":"y"}]},{"type":"message","content":[{"text":"z"}]})");
    EXPECT_EQ(body.reasoning, told.reasoning);
    EXPECT_EQ(body.text, told.text);
    EXPECT_EQ(body.signatures, Words{"e"});
}

TEST(OpenaiResponsesStream, ReadsRefusals) {
    EXPECT_EQ(
        follow({said(0, "refusal.delta", "n"), said(0, "refusal.delta", "o"),
                event("refusal.done", R"("output_index":0,"content_index":0,"refusal":"no")"), completed})
            .refusal,
        "no");
    const auto told = output(R"({"type":"message","content":[{"type":"refusal","refusal":"no"}]})");
    EXPECT_EQ(told.refusal, "no");
    EXPECT_EQ(told.text, "");
    EXPECT_EQ(told.finish, "stop");
}

TEST(OpenaiResponsesStream, CountsCommentsAsThoughtsWhereTheAnswerIsJson) {
    const auto items = {added(0, R"({"type":"message","phase":"commentary"})"),
                        said(0, "output_text.delta", "Let me see."),
                        added(1, R"({"type":"message","phase":"final_answer"})"),
                        said(1, "output_text.delta", "{}"), completed};
    EXPECT_EQ(follow(items).text, "Let me see.\n\n{}");
    ReplyMap map;
    map.answer_alone = true;
    const auto told = follow(items, map);
    EXPECT_EQ(told.text, "{}");
    EXPECT_EQ(told.reasoning, "Let me see.");
    const auto body = output(R"({"type":"message","phase":"commentary","content":[{"text":"Let me see."}]},)"
                             R"({"type":"message","phase":"final_answer","content":[{"text":"{}"}]})",
                             R"("status":"completed")", map);
    EXPECT_EQ(body.text, told.text);
    EXPECT_EQ(body.reasoning, told.reasoning);
}

TEST(OpenaiResponsesStream, CitesAsTheChatDialectDoes) {
    const auto mark = [](int index, int start) {
        return event("output_text.annotation.added",
                     R"("output_index":)" + std::to_string(index) +
                         R"(,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation",)"
                         R"("start_index":)" +
                         std::to_string(start) + R"(,"end_index":3,"url":"u","title":"t"})");
    };
    const auto cited = [](int start, int end) {
        return R"({"type":"url_citation","url_citation":{"start_index":)" + std::to_string(start) +
               R"(,"end_index":)" + std::to_string(end) + R"(,"url":"u","title":"t"}})";
    };
    const auto message = R"({"type":"message","content":[{"type":"output_text","text":"häh","annotations":[)"
                         R"({"type":"url_citation","start_index":0,"end_index":3,"url":"u","title":"t"},)"
                         R"({"type":"file_citation","file_id":"f","index":1},7]}]})";
    const auto told = follow({said(0, "output_text.delta", "häh"), mark(0, 0), finished(0, message),
                              said(1, "output_text.delta", "abc"), mark(1, 1), completed});
    EXPECT_EQ(told.citations, (Words{cited(0, 3), cited(6, 8)})) << "places in the whole answer";
    EXPECT_EQ(output(message).citations, Words{cited(0, 3)});
    EXPECT_EQ(output(std::string(message) + "," + message).citations, (Words{cited(0, 3), cited(5, 8)}));
}

TEST(OpenaiResponsesStream, GivesImages) {
    const auto reader = responses_reader({}, "call_");
    const auto events = reader->whole(
        R"({"output":[{"type":"image_generation_call","result":"QUJD","output_format":"webp"},)"
        R"({"type":"image_generation_call","result":"QQ=="},{"type":"image_generation_call","result":null}]})");
    ASSERT_TRUE(events);
    ASSERT_EQ(events->size(), 4U);
    EXPECT_EQ((*events)[1].name, "image/webp");
    EXPECT_EQ((*events)[1].text, "QUJD");
    EXPECT_EQ((*events)[2].name, "image/png");
}

TEST(OpenaiResponsesStream, KeepsPiecesOfInterleavedCallsApart) {
    const auto told = follow({added(0, call_item("a", "f", "")), added(1, call_item("b", "g", "")),
                              said(1, "function_call_arguments.delta", "{\"y\":"),
                              event("function_call_arguments.delta", R"("item_id":"fc_a","delta":"{}")"),
                              said(1, "function_call_arguments.delta", "2}"),
                              finished(1, call_item("b", "g", "{\"y\":2}")), completed});
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[0].arguments, "{}");
    EXPECT_EQ(told.calls[1].arguments, R"({"y":2})");
    EXPECT_TRUE(told.calls[0].ended && told.calls[1].ended);
}

TEST(OpenaiResponsesStream, TakesArgumentsThatComeWholeOnly) {
    const auto done =
        event("function_call_arguments.done", R"("output_index":0,"item_id":"fc_a","arguments":"{\"x\":1}")");
    const auto item = call_item("a", "f", "{\"x\":1}");
    EXPECT_EQ(
        follow({added(0, call_item("a", "f", "")), done, finished(0, item), completed}).calls.at(0).arguments,
        R"({"x":1})");
    EXPECT_EQ(follow({finished(0, item), completed}).calls.at(0).arguments, R"({"x":1})");
    EXPECT_EQ(follow({added(0, call_item("a", "f", "")), completed}).calls.at(0).arguments, "{}");
    EXPECT_EQ(follow({done, finished(0, item), completed}).calls.at(0).arguments, R"({"x":1})")
        << "before the name is known";
    EXPECT_EQ(follow({done, completed}).problem, "upstream_protocol") << "a name never came";
}

TEST(OpenaiResponsesStream, TellsItemsApartThatShareAnIndex) {
    const auto told =
        follow({added(0, call_item("a", "f", "")), finished(0, call_item("a", "f", "{}")),
                added(0, call_item("b", "g", "")), finished(0, call_item("b", "g", "{\"x\":1}")), completed});
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[1].id, "b");
    EXPECT_EQ(told.calls[1].arguments, R"({"x":1})");
}

TEST(OpenaiResponsesStream, GivesEveryCallAnId) {
    const auto told = output(
        R"({"type":"function_call","id":"fc_1","name":"f"},{"type":"function_call","name":"f","arguments":"{}"})");
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[0].id, "fc_1");
    EXPECT_EQ(told.calls[1].id, "call_1");
}

TEST(OpenaiResponsesStream, ReadsACustomToolsInput) {
    const auto file = golden("fixtures/responses-custom-tool-stream.json");
    const auto streams = streams_in(file);
    const auto told = follow_pieces(std::array{std::string_view(streams.at(0))}).told;
    ASSERT_EQ(told.calls.size(), 1U);
    EXPECT_TRUE(told.calls[0].custom);
    EXPECT_EQ(told.calls[0].id, "call_custom_sql_001");
    EXPECT_EQ(told.calls[0].arguments, "SELECT * FROM users WHERE age > 25");
    EXPECT_EQ(told.kinds, "sCaaaeF");
    EXPECT_EQ(told.finish, "tool_calls");
}

TEST(OpenaiResponsesStream, UndoesWhatTheRequestDidToTools) {
    ReplyMap map;
    map.names = {{"f_1", "f.1"}};
    map.custom_tools = {"shell"};
    const auto told = output(call_item("a", "f_1", "{}") + "," + call_item("b", "shell", R"({"input":"ls"})"),
                             R"("status":"completed")", map);
    ASSERT_EQ(told.calls.size(), 2U);
    EXPECT_EQ(told.calls[0].name, "f.1");
    EXPECT_TRUE(told.calls[1].custom);
    EXPECT_EQ(told.calls[1].arguments, "ls");
    map.json_tool = "json";
    const auto json = output(call_item("a", "json", R"({"x":1})"), R"("status":"completed")", map);
    EXPECT_EQ(json.text, R"({"x":1})");
    EXPECT_EQ(json.finish, "stop");
}

}  // namespace
}  // namespace gatehouse::dialect
