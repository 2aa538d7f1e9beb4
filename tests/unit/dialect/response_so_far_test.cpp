#include "gatehouse/dialect/response_so_far.hpp"

#include "gatehouse/wire/sse.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

ErrorView lost() {
    ErrorView error;
    error.status = 502;
    error.type = error.code = "upstream_error";
    error.message = "the stream ended early";
    return error;
}

/// The one event in `text`.
Json event_in(std::string_view text) {
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(text));
    const auto event = splitter.next();
    if (!event) {
        ADD_FAILURE() << "no event: " << text;
        return {};
    }
    auto data = Json::parse(event->data, nullptr, false);
    EXPECT_EQ(data["type"], event->name);
    EXPECT_EQ(splitter.next(), std::nullopt);
    return data;
}

struct Heard {
    ResponseSoFar so_far;
    Heard& event(std::string_view data) {
        so_far.see(data);
        return *this;
    }
    Json last_words(const ErrorView& error = lost()) const { return event_in(so_far.last_words(error)); }
};

Heard begun() {
    Heard heard;
    heard.event(R"({"type":"response.created","sequence_number":0,"response":{"id":"resp_1",)"
                R"("object":"response","status":"in_progress","error":null,"model":"m","output":[],)"
                R"("usage":null,"own":{"of":["the","provider"]}}})");
    return heard;
}

TEST(ResponseSoFar, IsAnErrorEventWhileNoResponseHasBegun) {
    EXPECT_EQ(Heard().last_words(), Json::parse(R"({"type":"error","sequence_number":0,"error":{
        "message":"the stream ended early","type":"upstream_error","param":null,"code":"upstream_error"}})"));
}

TEST(ResponseSoFar, RepeatsTheResponseAsFailed) {
    EXPECT_EQ(begun().last_words(), Json::parse(R"({"type":"response.failed","sequence_number":1,"response":{
        "id":"resp_1","object":"response","model":"m","usage":null,"own":{"of":["the","provider"]},
        "status":"failed","error":{"code":"server_error","message":"the stream ended early"},"output":[]}})"));
}

TEST(ResponseSoFar, SaysWhyInTheApisOwnCodes) {
    const auto code = [](int status, std::string_view own) {
        auto error = lost();
        error.status = status;
        error.code = own;
        return begun().last_words(error)["response"]["error"]["code"].get<std::string>();
    };
    EXPECT_EQ(code(504, "upstream_timeout"), "server_error");
    EXPECT_EQ(code(503, "overloaded"), "server_error");
    EXPECT_EQ(code(429, "upstream_rate_limited"), "rate_limit_exceeded");
    EXPECT_EQ(code(400, "context_length_exceeded"), "context_length_exceeded");
    EXPECT_EQ(code(400, ""), "invalid_prompt");
}

TEST(ResponseSoFar, HoldsItemsThatEndedAsTheyWereAndTheOpenOneAsFarAsItCame) {
    auto heard = begun();
    heard
        .event(R"({"type":"response.output_item.added","sequence_number":1,"output_index":0,)"
               R"("item":{"id":"rs_1","type":"reasoning","summary":[]}})")
        .event(R"({"type":"response.output_item.done","sequence_number":2,"output_index":0,)"
               R"("item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"e"}})")
        .event(R"({"type":"response.output_item.added","sequence_number":3,"output_index":1,)"
               R"("item":{"id":"msg_1","type":"message","status":"in_progress","content":[]}})")
        .event(R"({"type":"response.content_part.added","sequence_number":4,"output_index":1,)"
               R"("content_index":0,"part":{"type":"output_text","text":"","annotations":[]}})")
        .event(R"({"type":"response.output_text.delta","sequence_number":5,"output_index":1,)"
               R"("content_index":0,"delta":"Hi \""})")
        .event(R"({"type":"response.output_text.delta","sequence_number":6,"output_index":1,)"
               R"("content_index":0,"delta":"you"})");
    const auto last = heard.last_words();
    EXPECT_EQ(last["sequence_number"], 7);
    EXPECT_EQ(last["response"]["output"], Json::parse(R"([
        {"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"e"},
        {"id":"msg_1","type":"message","status":"incomplete","content":[
            {"type":"output_text","text":"Hi \"you","annotations":[]}]}])"));
}

TEST(ResponseSoFar, HoldsCallsThoughtsAndRefusalsThatAreOpen) {
    auto heard = begun();
    heard
        .event(R"({"type":"response.output_item.added","output_index":0,)"
               R"("item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":""}})")
        .event(R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"a\""})")
        .event(R"({"type":"response.output_item.added","output_index":1,)"
               R"("item":{"id":"rs_1","type":"reasoning","summary":[],"content":[]}})")
        .event(R"({"type":"response.reasoning_summary_part.added","output_index":1,"summary_index":0,)"
               R"("part":{"type":"summary_text","text":""}})")
        .event(R"({"type":"response.reasoning_summary_text.delta","output_index":1,"summary_index":0,)"
               R"("delta":"So"})")
        .event(R"({"type":"response.reasoning_summary_part.done","output_index":1,"summary_index":0,)"
               R"("part":{"type":"summary_text","text":"So"}})")
        .event(R"({"type":"response.content_part.added","output_index":1,"content_index":0,)"
               R"("part":{"type":"reasoning_text","text":""}})")
        .event(R"({"type":"response.reasoning_text.delta","output_index":1,"content_index":0,"delta":"Hm"})")
        .event(R"({"type":"response.output_item.added","output_index":2,)"
               R"("item":{"id":"msg_1","type":"message","status":"in_progress","content":[]}})")
        .event(R"({"type":"response.content_part.added","output_index":2,"content_index":0,)"
               R"("part":{"type":"refusal","refusal":""}})")
        .event(R"({"type":"response.refusal.delta","output_index":2,"content_index":0,"delta":"No"})");
    const auto last = heard.last_words();
    EXPECT_EQ(last["sequence_number"], 12) << "events without numbers count";
    EXPECT_EQ(last["response"]["output"], Json::parse(R"([
        {"id":"fc_1","type":"function_call","status":"incomplete","arguments":"{\"a\""},
        {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"So"}],
         "content":[{"type":"reasoning_text","text":"Hm"}]},
        {"id":"msg_1","type":"message","status":"incomplete","content":[{"type":"refusal","refusal":"No"}]}
        ])"));
}

TEST(ResponseSoFar, RemembersNoMoreThanItsLimit) {
    ResponseSoFar so_far(100);
    so_far.see(R"({"type":"response.created","response":{"id":"resp_1"}})");
    so_far.see(R"({"type":"response.output_item.done","output_index":0,"item":{"id":"a"}})");
    const std::string large(100, 'x');
    so_far.see(R"({"type":"response.output_item.done","output_index":1,"item":{"id":")" + large + R"("}})");
    EXPECT_EQ(event_in(so_far.last_words(lost()))["response"]["output"], Json::parse(R"([{"id":"a"}])"));
}

TEST(ResponseSoFar, PassesOverWhatIsNoEventOfIt) {
    auto heard = begun();
    for (const char* data : {"[DONE]", "[]", "null", R"({"type":7,"output_index":"x","delta":{}})",
                             R"({"type":"response.output_text.delta","output_index":9,"delta":"x"})",
                             R"({"type":"response.completed","response":null})"}) {
        heard.event(data);
    }
    EXPECT_EQ(heard.last_words()["response"]["output"], Json::array());
}

/// The text of every item that has one, and the items that have ended: what a client knows that only
/// concatenates.
struct Known {
    std::string text;
    Json ended = Json::array();
    void hear(const Json& event) {
        const std::string type = event["type"];
        const bool told = type == "response.output_text.delta" || type == "response.refusal.delta" ||
                          type == "response.function_call_arguments.delta" ||
                          type == "response.reasoning_summary_text.delta";
        if (told) {
            text += event["delta"].get<std::string>();
        } else if (type == "response.output_item.done") {
            ended.push_back(event["item"]);
        }
    }
};

std::string text_of(const Json& output) {
    std::string text;
    for (const auto& item : output) {
        text += item.value("arguments", "");
        for (const char* parts : {"content", "summary"}) {
            for (const auto& part : item.value(parts, Json::array())) {
                text += part.value("text", "") + part.value("refusal", "");
            }
        }
    }
    return text;
}

void expect_nothing_is_lost_where_it_breaks_off(const std::string& stream) {
    wire::SseSplitter splitter;
    ASSERT_TRUE(splitter.feed(stream));
    ResponseSoFar so_far;
    Known known;
    Json id;
    while (const auto event = splitter.next()) {
        const auto data = Json::parse(event->data, nullptr, false);
        if (data["type"] == "response.created") {
            id = data["response"]["id"];
        }
        so_far.see(event->data);
        known.hear(data);
        const auto last = event_in(so_far.last_words(lost()));
        ASSERT_EQ(last["type"], "response.failed");
        EXPECT_EQ(last["response"]["id"], id);
        EXPECT_EQ(last["response"]["status"], "failed");
        if (data.contains("sequence_number")) {
            EXPECT_EQ(last["sequence_number"], data["sequence_number"].get<int>() + 1);
        }
        EXPECT_EQ(text_of(last["response"]["output"]), known.text) << "after " << event->data;
        const auto& output = last["response"]["output"];
        for (const auto& item : known.ended) {
            EXPECT_NE(std::find(output.begin(), output.end(), item), output.end()) << item;
        }
    }
}

TEST(ResponseSoFar, LosesNothingOfARecordedStreamWhereverItBreaksOff) {
    std::size_t streams = 0;
    const auto folder = std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/openai/fixtures";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path());
        const auto recorded = Json::parse(file, nullptr, false);
        const auto exchanges = recorded.value("exchanges", Json::array());
        for (const auto& exchange : exchanges) {
            const auto response = exchange.value("response", Json::object());
            const auto stream = response.value("stream", "");
            if (stream.starts_with("event: response.created")) {
                SCOPED_TRACE(entry.path().filename().string());
                expect_nothing_is_lost_where_it_breaks_off(stream);
                ++streams;
            }
        }
    }
    EXPECT_GE(streams, 4U);
}

}  // namespace
}  // namespace gatehouse::dialect
