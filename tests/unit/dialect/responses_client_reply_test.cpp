// Replies for clients of the Responses API: what each event becomes, whole and streamed.
#include "dialect/translation_parts.hpp"
#include "json/json_value.hpp"
#include "neutral_events.hpp"
#include "response_heard.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::EventKind;
using chat::Finish;
using chat::Vendor;
using test::JsonValue;

constexpr std::string_view plain = R"({"model":"m","input":"hi"})";
constexpr std::string_view with_thoughts =
    R"({"model":"m","input":"hi","include":["reasoning.encrypted_content"]})";

std::unique_ptr<ReplyWriter> writer(std::string_view request = plain,
                                    std::optional<Vendor> origin = Vendor::anthropic, bool show = true) {
    ReplyIdentity identity;
    identity.id = "X";
    identity.created = WallTime(std::chrono::seconds(1'700'000'000));
    identity.model = "m";
    identity.request = request;
    identity.show_reasoning = show;
    identity.origin = origin;
    return responses_writer(identity);
}

/// The output of the whole reply, in a line for each item; the stream's is the same.
std::string told(const Events& events, std::string_view request = plain,
                 std::optional<Vendor> origin = Vendor::anthropic, bool show = true) {
    const auto whole = JsonValue::parsed(writer(request, origin, show)->whole(events, {}));
    const ResponseHeard heard(stream(*writer(request, origin, show), events));
    EXPECT_EQ(heard.response(), whole);
    std::string out;
    for (const auto& item : whole["output"].elements()) {
        out += item.dump() + "\n";
    }
    return out;
}

std::string types(const Events& events) {
    return ResponseHeard(stream(*writer(), events)).types();
}

chat::Usage tokens() {
    chat::Usage usage;
    usage.input = TokenCount(12);
    usage.cached_input = TokenCount(5);
    usage.cache_write = TokenCount(3);
    usage.output = TokenCount(7);
    usage.reasoning = TokenCount(2);
    usage.known = true;
    return usage;
}

std::string message(std::string_view id, std::string_view words, std::string_view status = "completed") {
    return R"({"id":"msg_X_)" + std::string(id) + R"(","type":"message","status":")" + std::string(status) +
           R"(","role":"assistant","content":[{"type":"output_text","text":")" + std::string(words) +
           R"(","annotations":[],"logprobs":[]}]})" + "\n";
}

TEST(ResponsesClientStream, HasTheEventsThatTheSdksKnow) {
    const auto written = stream(*writer(), {event(EventKind::start), text("Hi"), finish(Finish::stop)});
    const auto items = written.substr(written.find("event: response.output_item.added"));
    EXPECT_EQ(items.substr(0, items.find("event: response.completed")),
              R"(event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_X_0","type":"message","status":"in_progress","role":"assistant","content":[]}}

event: response.content_part.added
data: {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_X_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_X_0","output_index":0,"content_index":0,"delta":"Hi","logprobs":[]}

event: response.output_text.done
data: {"type":"response.output_text.done","sequence_number":5,"item_id":"msg_X_0","output_index":0,"content_index":0,"text":"Hi","logprobs":[]}

event: response.content_part.done
data: {"type":"response.content_part.done","sequence_number":6,"item_id":"msg_X_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"msg_X_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}]}}

)");
}

TEST(ResponsesClientWhole, HasTheFullShape) {
    EXPECT_EQ(
        writer()->whole(Events{event(EventKind::start), text("H"), text("i"), finish(Finish::stop)},
                        tokens()),
        R"({"id":"resp_X","object":"response","created_at":1700000000,"status":"completed","completed_at":1700000000,"background":false,"error":null,"incomplete_details":null,"model":"m","output":[{"id":"msg_X_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}]}],"instructions":null,"tools":[],"tool_choice":"auto","parallel_tool_calls":true,"temperature":null,"top_p":null,"max_output_tokens":null,"max_tool_calls":null,"metadata":{},"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"text":{"format":{"type":"text"}},"truncation":"disabled","store":true,"service_tier":null,"user":null,"usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":5,"cache_write_tokens":3},"output_tokens":9,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":29}})");
}

TEST(ResponsesClientReply, RepeatsTheSettingsEachOnOneLine) {
    constexpr std::string_view request =
        "{\"model\":\"m\",\n \"input\":\"hi\",\n \"tools\": [\r\n  {\"type\": \"function\",\n"
        "   \"name\": \"a b\"}\n ],\n \"metadata\": {\"a\":\n \"b  c\"},\n \"store\": false,\n"
        " \"temperature\": 1.50, \"top_p\": null}";
    const ResponseHeard heard(stream(*writer(request), {text("x"), finish(Finish::stop)}));
    EXPECT_EQ(heard.response()["tools"].dump(), R"([{"type":"function","name":"a b"}])");
    EXPECT_EQ(heard.response()["metadata"].dump(), R"({"a":"b  c"})");
    EXPECT_EQ(heard.response()["store"], false);
    EXPECT_EQ(heard.response()["temperature"], 1.5);
    EXPECT_TRUE(heard.response().contains("top_p"));
    EXPECT_EQ(heard.response()["top_p"], nullptr);
}

TEST(ResponsesClientReply, SaysNothingOfUsageThatNobodyKnows) {
    EXPECT_EQ(JsonValue::parsed(writer()->whole(Events{text("x")}, {}))["usage"], nullptr);
}

TEST(ResponsesClientStream, TellsTheWeightOfWhatWasWritten) {
    const auto to = writer(plain, Vendor::anthropic, false);
    std::string out;
    const auto kind = [&](const Events& events) { return to->write(events, out); };
    EXPECT_EQ(kind({event(EventKind::start)}), DeltaKind::opening);
    EXPECT_EQ(kind({text("")}), DeltaKind::opening);
    EXPECT_EQ(kind({thought("hidden"), sign("s")}), DeltaKind::opening);
    EXPECT_EQ(kind({event(EventKind::refusal, "no")}), DeltaKind::content);
    EXPECT_EQ(kind({text("x"), finish(Finish::stop)}), DeltaKind::content);
    EXPECT_EQ(kind({finish(Finish::stop)}), DeltaKind::finish);
}

TEST(ResponsesClientReply, EndsAsTheAnswerEnded) {
    const auto ended = [](const Events& events) {
        const ResponseHeard heard(stream(*writer(), events));
        EXPECT_EQ(heard.response()["completed_at"].is_null(), heard.end() == "response.incomplete");
        return heard.end() + " " + heard.response()["incomplete_details"].dump();
    };
    EXPECT_EQ(ended({text("x"), finish(Finish::stop)}), "response.completed null");
    EXPECT_EQ(ended({call(0, "a"), end(0), finish(Finish::tool_calls)}), "response.completed null");
    EXPECT_EQ(ended({}), "response.completed null");
    EXPECT_EQ(ended({text("x"), finish(Finish::length)}),
              R"(response.incomplete {"reason":"max_output_tokens"})");
    EXPECT_EQ(ended({finish(Finish::content_filter)}), R"(response.incomplete {"reason":"content_filter"})");
    EXPECT_EQ(told({thought("a"), text("x"), finish(Finish::length)}),
              R"({"id":"rs_X_0","type":"reasoning","summary":[{"type":"summary_text","text":"a"}]})"
              "\n" +
                  message("1", "x", "incomplete"));
}

TEST(ResponsesClientReply, ARefusalIsAPartOfItsOwn) {
    const Events events{event(EventKind::refusal, "I "), event(EventKind::refusal, "won't"),
                        finish(Finish::stop)};
    EXPECT_EQ(told(events), R"({"id":"msg_X_0","type":"message","status":"completed","role":"assistant",)"
                            R"("content":[{"type":"refusal","refusal":"I won't"}]})"
                            "\n");
    EXPECT_EQ(types(events),
              "output_item.added content_part.added refusal.delta refusal.delta refusal.done "
              "content_part.done output_item.done");
}

std::string thoughts(std::string_view id, std::string_view words, std::string_view encrypted = {}) {
    std::string out = R"({"id":"rs_X_)" + std::string(id) + R"(","type":"reasoning","summary":[)";
    out += words.empty() ? "" : R"({"type":"summary_text","text":")" + std::string(words) + "\"}";
    out += encrypted.empty() ? "]" : R"(],"encrypted_content":")" + std::string(encrypted) + "\"";
    return out + "}\n";
}

TEST(ResponsesClientReply, ThoughtsAreShownAndCarriedAsTheClientWants) {
    const auto x = [](std::string_view id) { return message(id, "x"); };
    const Events events{thought("a"), thought("b"), sign("s"), text("x")};
    EXPECT_EQ(told(events), thoughts("0", "ab") + x("1"));
    EXPECT_EQ(told(events, plain, Vendor::anthropic, false), x("0"));
    EXPECT_EQ(told(events, with_thoughts), thoughts("0", "ab", "gh1.anthropic.cw==") + x("1"));
    EXPECT_EQ(told(events, with_thoughts, Vendor::anthropic, false),
              thoughts("0", "", "gh1.anthropic.cw==") + x("1"));
    EXPECT_EQ(told(events, with_thoughts, Vendor::openai), thoughts("0", "ab", "s") + x("1"));
    EXPECT_EQ(told(events, with_thoughts, std::nullopt), thoughts("0", "ab") + x("1"));
    EXPECT_EQ(told({thought("a"), sign("s"), thought("a"), sign("t"), text("x")}),
              thoughts("0", "a") + thoughts("1", "a") + x("2"));
    EXPECT_EQ(types({thought("a"), sign("s")}),
              "output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
              "reasoning_summary_text.done reasoning_summary_part.done output_item.done");
}

TEST(ResponsesClientReply, ThoughtsThatAreNotShownStayWhatTheyAre) {
    const Events events{thought("a"), event(EventKind::redacted, "r"), sign("s"), text("x")};
    EXPECT_EQ(told(events), thoughts("0", "a") + message("1", "x"));
    const auto again =
        read_responses(R"({"input":[)" + thoughts("0", "", "gh1.anthropic-redacted.cg==") + "]}");
    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<chat::Reasoning>(again->messages.at(0).parts.at(0).what).redacted, "r");
    EXPECT_EQ(told({thought("a"), event(EventKind::redacted, "r"), text("x")}, with_thoughts),
              thoughts("0", "a") + thoughts("1", "", "gh1.anthropic-redacted.cg==") + message("2", "x"));
}

TEST(ResponsesClientReply, ACallIsCarriedBehindItsSignature) {
    EXPECT_EQ(told({thought("a"), call(0, "c", "s"), end(0)}, with_thoughts, Vendor::gemini),
              thoughts("0", "a") + thoughts("1", "", "gh1.gemini.cw==") +
                  R"({"id":"fc_X_2","type":"function_call","status":"completed","call_id":"c","name":"f",)"
                  R"("arguments":"{}"})"
                  "\n");
}

}  // namespace
}  // namespace gatehouse::dialect
