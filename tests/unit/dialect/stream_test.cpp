#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Delta;
using chat::DeltaKind;
using chat::Endpoint;

/// One decoder, fed with whole events.
class Stream {
public:
    explicit Stream(Endpoint endpoint, RelayOptions options = {})
        : decoder_(openai().stream_decoder(endpoint, options)) {}

    Result<Delta> feed(std::string_view data, std::string_view name = {}) {
        raw_ = (name.empty() ? "" : "event: " + std::string(name) + "\n") + "data: " + std::string(data) +
               "\n\n";
        wire::SseEvent event;
        event.name = name;
        event.raw = raw_;
        event.data = event.raw.substr(event.raw.size() - data.size() - 2, data.size());
        return decoder_->feed(event);
    }

    DeltaKind kind(std::string_view data) {
        const auto delta = feed(data);
        EXPECT_TRUE(delta) << data << (delta ? "" : delta.problem().message());
        return delta ? delta->kind : DeltaKind::opaque;
    }

    std::string bytes(std::string_view data) {
        const auto delta = feed(data);
        EXPECT_TRUE(delta) << data;
        return delta ? std::string(delta->bytes) : std::string();
    }

    StreamDecoder& decoder() { return *decoder_; }
    const std::string& raw() const { return raw_; }
    /// The terminator is taken for a loss, not for an end.
    void expect_lost_at_the_terminator() {
        const auto delta = feed("[DONE]");
        ASSERT_FALSE(delta);
        EXPECT_EQ(delta.problem().kind(), ProblemKind::upstream_lost);
        EXPECT_FALSE(decoder_->complete());
    }

private:
    std::unique_ptr<StreamDecoder> decoder_;
    std::string raw_;
};

std::string choice(std::string_view delta, std::string_view finish = "null", int index = 0) {
    return R"({"choices":[{"index":)" + std::to_string(index) + R"(,"delta":)" + std::string(delta) +
           R"(,"finish_reason":)" + std::string(finish) + R"(}],"usage":null})";
}

TEST(ChatStream, tells_opening_from_content) {
    Stream stream(Endpoint::chat_completions);
    for (const char* delta :
         {R"({"role":"assistant","content":"","refusal":null})", R"({"content":null})", "{}", "null",
          R"({"tool_calls":[]})", R"({"reasoning_content":""})", R"({"unknown":"x"})"}) {
        EXPECT_EQ(stream.kind(choice(delta)), DeltaKind::opening) << delta;
    }
    for (const char* delta :
         {R"({"content":"x"})", R"({"refusal":"no"})", R"({"reasoning_content":"hm"})",
          R"({"reasoning":"hm"})", R"({"tool_calls":[{"index":0}]})", R"({"function_call":{"name":"f"}})",
          R"({"audio":{"id":"a"}})", R"({"content":[{"type":"thinking"}]})",
          R"({"content":"x","refusal":""})", R"({"c\u006fntent":"\""})"}) {
        EXPECT_EQ(stream.kind(choice(delta)), DeltaKind::content) << delta;
    }
    EXPECT_EQ(stream.kind(R"({"choices":[],"prompt_filter_results":[{}]})"), DeltaKind::opening);
    EXPECT_EQ(stream.kind(R"({"choices":[{"text":"x","index":0,"finish_reason":null}]})"),
              DeltaKind::content);
    EXPECT_EQ(stream.kind(R"({"choices":[{"text":"","index":0,"finish_reason":null}]})"), DeltaKind::opening);
}

TEST(ChatStream, content_with_a_finish_reason_is_content_and_finished) {
    Stream stream(Endpoint::chat_completions);
    EXPECT_EQ(stream.kind(choice(R"({"content":"x"})", "\"length\"")), DeltaKind::content);
    EXPECT_EQ(stream.decoder().finish_reason(), "length");
    EXPECT_EQ(stream.kind("[DONE]"), DeltaKind::end);
    EXPECT_TRUE(stream.decoder().complete());
}

TEST(ChatStream, takes_an_empty_finish_reason_for_none) {
    Stream stream(Endpoint::chat_completions);
    EXPECT_EQ(stream.kind(choice(R"({"role":"assistant"})", "\"\"")), DeltaKind::opening);
    stream.expect_lost_at_the_terminator();
}

TEST(ChatStream, is_complete_with_finish_and_terminator_only) {
    Stream no_done(Endpoint::chat_completions);
    no_done.kind(choice("{}", "\"stop\""));
    EXPECT_FALSE(no_done.decoder().complete());

    Stream no_finish(Endpoint::chat_completions);
    no_finish.kind(choice(R"({"content":"x"})"));
    no_finish.expect_lost_at_the_terminator();

    Stream nothing(Endpoint::chat_completions);
    nothing.expect_lost_at_the_terminator();
}

TEST(ChatStream, waits_for_the_finish_of_every_choice) {
    Stream stream(Endpoint::chat_completions);
    stream.kind(choice(R"({"content":"a"})", "null", 0));
    stream.kind(choice(R"({"content":"b"})", "null", 130));
    stream.kind(choice("{}", "\"length\"", 130));
    stream.kind(choice("{}", "\"stop\"", 0));
    EXPECT_EQ(stream.decoder().finish_reason(), "stop");
    stream.kind("[DONE]");
    EXPECT_TRUE(stream.decoder().complete());

    Stream half(Endpoint::chat_completions);
    half.kind(choice(R"({"content":"a"})", "null", 0));
    half.kind(choice(R"({"content":"b"})", "null", 1));
    half.kind(choice("{}", "\"stop\"", 0));
    half.expect_lost_at_the_terminator();
}

TEST(ChatStream, refuses_impossible_choice_indexes) {
    for (const char* index : {"-1", "1.5", "99999999999999999999", "1000000000"}) {
        Stream stream(Endpoint::chat_completions);
        const auto delta = stream.feed(R"({"choices":[{"index":)" + std::string(index) + "}]}");
        ASSERT_FALSE(delta) << index;
        EXPECT_EQ(delta.problem().kind(), ProblemKind::upstream_protocol);
    }
}

TEST(ChatStream, passes_over_what_comes_behind_the_terminator) {
    Stream stream(Endpoint::chat_completions);
    stream.kind(choice("{}", "\"stop\""));
    stream.kind("  [DONE] ");
    EXPECT_EQ(stream.bytes("[DONE]"), "");
    EXPECT_EQ(stream.bytes("garbage"), "");
    EXPECT_TRUE(stream.decoder().complete());
}

TEST(ChatStream, tolerates_padding_around_the_json) {
    Stream stream(Endpoint::chat_completions);
    EXPECT_EQ(stream.kind(choice(R"({"content":"x"})") + "   "), DeltaKind::content);
}

TEST(ChatStream, refuses_what_is_no_json_object) {
    for (const char* data : {"x", "[]", "{", "null", "[DONE]x", "{}{}", "{\"choices\":[}", ""}) {
        Stream stream(Endpoint::chat_completions);
        const auto delta = stream.feed(data);
        ASSERT_FALSE(delta) << data;
        EXPECT_EQ(delta.problem().kind(), ProblemKind::upstream_protocol) << data;
        EXPECT_EQ(delta.problem().retry(), Retry::same_place);
    }
}

TEST(ChatStream, gives_an_error_object_as_a_problem) {
    Stream stream(Endpoint::chat_completions);
    stream.kind(choice(R"({"content":"x"})"));
    const auto delta = stream.feed(R"({"error":{"message":"You exceeded","code":"insufficient_quota"}})");
    ASSERT_FALSE(delta);
    EXPECT_EQ(delta.problem().kind(), ProblemKind::upstream_quota);
    EXPECT_EQ(delta.problem().message(), "You exceeded");
}

TEST(ChatStream, takes_a_named_error_event_and_an_error_shape_for_errors) {
    Stream named(Endpoint::chat_completions);
    const auto first = named.feed(R"({"message":"busy","type":"overloaded_error"})", "error");
    ASSERT_FALSE(first);
    EXPECT_EQ(first.problem().kind(), ProblemKind::upstream_overloaded);

    Stream shaped(Endpoint::chat_completions);
    const auto second = shaped.feed(R"({"object":"error","message":"bad","code":400})");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.problem().kind(), ProblemKind::upstream_rejected);

    Stream falsy(Endpoint::chat_completions);
    EXPECT_EQ(falsy.kind(R"({"choices":[],"error":null})"), DeltaKind::opening);
}

constexpr const char* usage_only = R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}})";

TEST(ChatStreamUsage, is_shown_to_those_who_asked) {
    Stream stream(Endpoint::chat_completions, {true, {}});
    const auto delta = stream.feed(usage_only);
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->kind, DeltaKind::usage);
    EXPECT_EQ(delta->bytes, stream.raw());
    EXPECT_EQ(stream.decoder().usage().prompt().value(), 7);
}

TEST(ChatStreamUsage, of_its_own_chunk_is_dropped_for_those_who_did_not) {
    Stream stream(Endpoint::chat_completions, {false, {}});
    const auto delta = stream.feed(usage_only);
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->kind, DeltaKind::usage);
    EXPECT_EQ(delta->bytes, "");
    EXPECT_TRUE(stream.decoder().usage().known);
}

TEST(ChatStreamUsage, on_a_chunk_with_choices_becomes_null) {
    Stream stream(Endpoint::chat_completions, {false, {}});
    EXPECT_EQ(
        stream.bytes(
            R"({"usage" : {"prompt_tokens":7,"completion_tokens":2} ,"choices":[{"index":0,"delta":{"content":"x"}}]})"),
        "data: {\"usage\" : null ,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n");
    EXPECT_EQ(stream.bytes(choice("{}")), "data: " + choice("{}") + "\n\n");
}

TEST(ChatStreamUsage, is_overwritten_and_never_added) {
    Stream stream(Endpoint::chat_completions);
    stream.kind(R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1}})");
    stream.kind(R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}})");
    EXPECT_EQ(stream.decoder().usage().completion().value(), 5);
    stream.kind(R"({"choices":[],"usage":{"prompt_tokens":-7}})");
    EXPECT_EQ(stream.decoder().usage().completion().value(), 5);
}

TEST(ChatStreamRename, edits_model_alone) {
    Stream stream(Endpoint::chat_completions, {true, "as\"ked"});
    EXPECT_EQ(
        stream.bytes(R"({"model":"up","choices":[{"index":0,"delta":{"content":"model"}}]})"),
        "data: {\"model\":\"as\\\"ked\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"model\"}}]}\n\n");
}

TEST(ChatStreamRename, copies_nothing_when_the_name_is_right) {
    Stream stream(Endpoint::chat_completions, {true, "m"});
    const auto delta = stream.feed(R"({"model":"m","choices":[]})");
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->bytes.data(), stream.raw().data());
}

TEST(ChatStreamRename, and_hidden_usage_go_together_in_either_order) {
    Stream stream(Endpoint::chat_completions, {false, "n"});
    EXPECT_EQ(stream.bytes(R"({"usage":{},"model":"m","choices":[{"index":0}]})"),
              "data: {\"usage\":null,\"model\":\"n\",\"choices\":[{\"index\":0}]}\n\n");
    EXPECT_EQ(stream.bytes(R"({"model":"m","usage":{},"choices":[{"index":0}]})"),
              "data: {\"model\":\"n\",\"usage\":null,\"choices\":[{\"index\":0}]}\n\n");
}

TEST(ChatStreamRename, keeps_all_edited_events_of_a_run) {
    Stream stream(Endpoint::chat_completions, {true, "n"});
    const auto first = stream.feed(R"({"model":"m","choices":[],"x":1})");
    const auto second = stream.feed(R"({"model":"m","choices":[],"x":2})");
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    EXPECT_EQ(first->bytes, "data: {\"model\":\"n\",\"choices\":[],\"x\":1}\n\n");
    EXPECT_EQ(second->bytes, "data: {\"model\":\"n\",\"choices\":[],\"x\":2}\n\n");
    stream.decoder().next_run();
    EXPECT_EQ(stream.bytes(R"({"model":"m","choices":[],"x":3})"),
              "data: {\"model\":\"n\",\"choices\":[],\"x\":3}\n\n");
}

TEST(ChatStreamRename, writes_an_event_of_several_data_lines_anew) {
    wire::SseSplitter splitter;
    ASSERT_TRUE(splitter.feed("event: chunk\ndata: {\"model\":\"m\",\ndata: \"choices\":[]}\n\n"));
    const auto event = splitter.next();
    ASSERT_TRUE(event);
    const auto decoder = openai().stream_decoder(Endpoint::chat_completions, {true, "n"});
    const auto delta = decoder->feed(*event);
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->bytes, "event: chunk\ndata: {\"model\":\"n\",\ndata: \"choices\":[]}\n\n");
}

TEST(ResponsesStream, tells_announcements_from_content) {
    Stream stream(Endpoint::responses);
    for (const char* event :
         {R"({"type":"response.created","response":{"status":"in_progress","usage":null}})",
          R"({"type":"response.output_item.added","item":{}})", R"({"type":"response.content_part.added"})",
          R"({"type":"keepalive","sequence_number":5})", R"({"type":"response.queued","response":{}})",
          R"({"type":"response.web_search_call.completed"})",
          R"({"type":"response.output_text.delta","delta":""})",
          R"({"type":"response.reasoning_summary_part.added"})", R"({"type":"of.the.future"})"}) {
        EXPECT_EQ(stream.kind(event), DeltaKind::opening) << event;
    }
    for (const char* event : {R"({"type":"response.output_text.delta","delta":"x"})",
                              R"({"delta":"x","type":"response.refusal.delta"})",
                              R"({"type":"response.reasoning_summary_text.delta","delta":"x"})",
                              R"({"type":"response.function_call_arguments.delta","delta":"{"})",
                              R"({"type":"response.custom_tool_call_input.delta","delta":"{"})",
                              R"({"type":"response.output_item.done","item":{"type":"web_search_call"}})",
                              R"({"type":"response.output_text.annotation.added"})",
                              R"({"type":"response.output_te\u0078t.delta","delta":"x"})"}) {
        EXPECT_EQ(stream.kind(event), DeltaKind::content) << event;
    }
}

TEST(ResponsesStream, ends_with_its_final_event) {
    for (const char* type : {"completed", "incomplete"}) {
        Stream stream(Endpoint::responses);
        EXPECT_FALSE(stream.decoder().complete());
        EXPECT_EQ(stream.kind(R"({"type":"response.)" + std::string(type) + R"(","response":{"status":")" +
                              type + R"(","usage":{"input_tokens":3,"output_tokens":2}}})"),
                  DeltaKind::end);
        EXPECT_TRUE(stream.decoder().complete());
        EXPECT_EQ(stream.decoder().finish_reason(), type);
        EXPECT_EQ(stream.decoder().usage().prompt().value(), 3);
        EXPECT_EQ(stream.bytes("[DONE]"), "");
    }
}

TEST(ResponsesStream, names_its_event_when_the_json_has_no_type) {
    Stream stream(Endpoint::responses);
    const auto delta = stream.feed(R"({"delta":"x"})", "response.output_text.delta");
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->kind, DeltaKind::content);
    EXPECT_FALSE(stream.feed(R"({"delta":"x"})"));
}

TEST(ResponsesStream, reads_flat_and_nested_errors_and_failures) {
    struct Case {
        const char* event;
        ProblemKind kind;
    };
    for (
        const auto& [event, kind] :
        {Case{R"({"type":"error","code":"rate_limit_exceeded","message":"m","param":null})",
              ProblemKind::upstream_rate_limited},
         Case{
             R"({"type":"error","error":{"type":"insufficient_quota","code":"insufficient_quota","message":"m"}})",
             ProblemKind::upstream_quota},
         Case{
             R"({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"m"}}})",
             ProblemKind::upstream_failed},
         Case{R"({"response":{"error":{"code":"invalid_prompt","message":"m"}},"type":"response.failed"})",
              ProblemKind::content_policy}}) {
        Stream stream(Endpoint::responses);
        const auto delta = stream.feed(event);
        ASSERT_FALSE(delta) << event;
        EXPECT_EQ(delta.problem().kind(), kind) << event;
        EXPECT_EQ(delta.problem().message(), "m");
        EXPECT_FALSE(stream.decoder().complete());
    }
}

TEST(ResponsesStream, a_bare_done_is_no_end) {
    Stream stream(Endpoint::responses);
    const auto delta = stream.feed("[DONE]");
    ASSERT_FALSE(delta);
    EXPECT_EQ(delta.problem().kind(), ProblemKind::upstream_protocol);
}

TEST(ResponsesStream, renames_the_model_of_the_response) {
    Stream stream(Endpoint::responses, {true, "asked"});
    EXPECT_EQ(
        stream.bytes(R"({"type":"response.created","response":{"model":"up","tools":[{"model":"x"}]}})"),
        "data: "
        "{\"type\":\"response.created\",\"response\":{\"model\":\"asked\",\"tools\":[{\"model\":\"x\"}]}}"
        "\n\n");
}

TEST(ResponsesStream, NamesTheResponseThatItGoesOnFromInEveryEventThatHasOne) {
    RelayOptions options;
    options.rename = "asked";
    options.previous_response = "resp_\"0";
    Stream stream(Endpoint::responses, options);
    const auto shown = [&](std::string_view data) {
        auto bytes = stream.bytes(data);
        EXPECT_TRUE(bytes.starts_with("data: ") && bytes.ends_with("\n\n"));
        return bytes.substr(6, bytes.size() - 8);
    };
    EXPECT_EQ(shown(R"({"type":"response.created","response": { "previous_response_id" : null, "id":"r"}})"),
              R"({"type":"response.created","response": { "previous_response_id" : "resp_\"0", "id":"r"}})");
    EXPECT_EQ(shown(R"({"response":{"id":"r","model":"up","previous_response_id":"x"},)"
                    R"("type":"response.in_progress"})"),
              R"({"response":{"id":"r","model":"asked","previous_response_id":"resp_\"0"},)"
              R"("type":"response.in_progress"})");
    EXPECT_EQ(shown(R"({"type":"response.queued","response":{ "id":"r"}})"),
              R"({"type":"response.queued","response":{"previous_response_id":"resp_\"0", "id":"r"}})");
    for (const char* untouched :
         {R"({"type":"response.queued","response":{}})", R"({"type":"response.queued","response":null})",
          R"({"type":"response.output_text.delta","delta":"x","previous_response_id":null})",
          R"({"type":"response.in_progress","response":{"previous_response_id":"resp_\"0"}})"}) {
        EXPECT_EQ(shown(untouched), untouched);
    }
    EXPECT_EQ(shown(R"({"type":"response.completed","response":{"previous_response_id":null}})"),
              R"({"type":"response.completed","response":{"previous_response_id":"resp_\"0"}})");
}

TEST(OtherStreams, end_with_their_own_final_event) {
    Stream images(Endpoint::images_generations);
    EXPECT_EQ(images.kind(R"({"type":"image_generation.partial_image","b64_json":"x"})"), DeltaKind::content);
    EXPECT_EQ(
        images.kind(R"({"type":"image_generation.completed","usage":{"input_tokens":1,"output_tokens":2}})"),
        DeltaKind::end);
    EXPECT_TRUE(images.decoder().complete());
    EXPECT_TRUE(images.decoder().usage().known);

    Stream speech(Endpoint::audio_speech);
    EXPECT_EQ(speech.kind(R"({"type":"speech.audio.delta","audio":"x"})"), DeltaKind::content);
    EXPECT_EQ(speech.kind(R"({"type":"speech.audio.done"})"), DeltaKind::end);

    Stream transcript(Endpoint::audio_transcriptions);
    EXPECT_EQ(transcript.kind(R"({"type":"transcript.text.delta","delta":"x"})"), DeltaKind::content);
    EXPECT_EQ(transcript.kind(R"({"type":"transcript.text.done","text":"x"})"), DeltaKind::end);
    EXPECT_TRUE(transcript.decoder().complete());
}

}  // namespace
}  // namespace gatehouse::dialect
