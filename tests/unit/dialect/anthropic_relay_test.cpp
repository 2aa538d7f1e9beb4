#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

using chat::Delta;
using chat::DeltaKind;
using chat::Endpoint;

/// One decoder, fed with whole events.
class Relay {
public:
    explicit Relay(RelayOptions options = {})
        : decoder_(anthropic().stream_decoder(Endpoint::messages, options)) {}

    Result<Delta> feed(std::string_view data, std::string_view name) {
        raw_ = (name.empty() ? "" : "event: " + std::string(name) + "\n") + "data: " + std::string(data) +
               "  \n\n";
        wire::SseEvent event;
        event.name = name;
        event.raw = raw_;
        event.data = event.raw.substr(event.raw.size() - data.size() - 4, data.size() + 2);
        return decoder_->feed(event);
    }

    DeltaKind kind(std::string_view data) {
        const auto delta = feed(data, "x");
        EXPECT_TRUE(delta) << data << (delta ? "" : delta.problem().message());
        EXPECT_EQ(delta ? delta->bytes : std::string_view(), raw_);
        return delta ? delta->kind : DeltaKind::opaque;
    }

    void start() { EXPECT_EQ(kind(beginning), DeltaKind::opening); }
    StreamDecoder& decoder() { return *decoder_; }
    const std::string& raw() const { return raw_; }

    static constexpr std::string_view beginning =
        R"({"type":"message_start","message":{"id":"msg_1","model":"claude","content":[],"usage":{"input_tokens":5,"output_tokens":1}}})";

private:
    std::unique_ptr<StreamDecoder> decoder_;
    std::string raw_;
};

constexpr std::string_view stop = R"({"type":"message_stop"})";

TEST(AnthropicRelay, tells_opening_from_content) {
    Relay relay;
    relay.start();
    for (
        const char* data : {
            R"({"type":"ping"})",
            R"({"type":"novelty","delta":{"text":"x"}})",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
            R"({"type":"content_block_start","content_block":{"signature":"","thinking":"","type":"thinking"}})",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"fallback","from":{}}})",
            R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}})",
            R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}})",
            R"({"type":"content_block_stop","index":0})",
        }) {
        EXPECT_EQ(relay.kind(data), DeltaKind::opening) << data;
    }
    for (
        const char* data : {
            R"({"type":"content_block_start","content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})",
            R"({"type":"content_block_start","content_block":{"type":"redacted_thinking","data":"x"}})",
            R"({"type":"content_block_start","content_block":{"type":"text","text":"x","citations":null}})",
            R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"\n"}})",
            R"({"type":"content_block_delta","delta":{"thinking":"x","type":"thinking_delta"}})",
            R"({"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{"}})",
            R"({"type":"content_block_delta","delta":{"type":"signature_delta","signature":"x"}})",
            R"({"type":"content_block_delta","delta":{"type":"citations_delta","citation":{"type":"c"}}})",
        }) {
        EXPECT_EQ(relay.kind(data), DeltaKind::content) << data;
    }
}

// It is the client that sends the paused answer back, to go on from.
TEST(AnthropicRelay, PassesAPausedTurnOnAsItCame) {
    Relay relay;
    relay.start();
    relay.kind(R"({"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use",)"
               R"("id":"srvtoolu_1","name":"web_search","input":{}}})");
    relay.kind(R"({"type":"content_block_stop","index":0})");
    relay.kind(
        R"({"type":"message_delta","delta":{"stop_reason":"pause_turn"},"usage":{"output_tokens":3}})");
    EXPECT_EQ(relay.kind(stop), DeltaKind::end);
    EXPECT_TRUE(relay.decoder().complete());

    const std::string_view whole =
        R"({"id":"msg_1","type":"message","model":"m","content":[{"type":"server_tool_use","id":"s",)"
        R"("name":"web_search","input":{}}],"stop_reason":"pause_turn","usage":{"output_tokens":3}})";
    std::string edited;
    const auto reply = anthropic().decode_reply(Endpoint::messages, whole, {}, edited);
    ASSERT_TRUE(reply) << reply.problem().message();
    EXPECT_EQ(reply->bytes, whole);
}

TEST(AnthropicRelay, overwrites_usage_with_what_comes_later) {
    Relay relay;
    relay.start();
    EXPECT_EQ(relay.decoder().usage().input.value(), 5);
    EXPECT_EQ(relay.kind(R"({"type":"message_delta","delta":{},"usage":{"output_tokens":7}})"),
              DeltaKind::usage);
    EXPECT_EQ(
        relay.kind(
            R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":6,"cache_read_input_tokens":null,"output_tokens":9}})"),
        DeltaKind::finish);
    EXPECT_EQ(relay.decoder().finish_reason(), "length");
    EXPECT_FALSE(relay.decoder().complete());
    EXPECT_EQ(relay.kind(stop), DeltaKind::end);
    EXPECT_TRUE(relay.decoder().complete());
    EXPECT_EQ(relay.decoder().usage().input.value(), 6);
    EXPECT_EQ(relay.decoder().usage().output.value(), 9);
    const auto late = relay.feed("{}", "late");
    ASSERT_TRUE(late);
    EXPECT_EQ(late->bytes, "");
}

TEST(AnthropicRelay, says_the_end_that_a_provider_left_out) {
    Relay relay;
    relay.start();
    EXPECT_EQ(relay.kind(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"),
              DeltaKind::finish);
    const auto delta = relay.decoder().close();
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->kind, DeltaKind::end);
    EXPECT_EQ(delta->bytes, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    EXPECT_TRUE(relay.decoder().complete());
    EXPECT_EQ(relay.decoder().finish_reason(), "stop");
}

TEST(AnthropicRelay, takes_a_close_before_the_stop_reason_for_a_cut) {
    Relay relay;
    relay.start();
    ASSERT_TRUE(relay.decoder().close());
    EXPECT_FALSE(relay.decoder().complete());
}

TEST(AnthropicRelay, names_events_that_came_without_a_name) {
    Relay relay(RelayOptions{true, "asked"});
    const auto delta = relay.feed(R"({"type":"message_start","message":{"id":"m","model":"x"}})", "");
    ASSERT_TRUE(delta);
    EXPECT_EQ(delta->bytes,
              "event: message_start\ndata: "
              "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"asked\"}}\n\n");
}

TEST(AnthropicRelay, fails_where_the_protocol_is_broken) {
    const struct {
        const char* data;
        ProblemKind kind;
    } faults[] = {
        {"[DONE]", ProblemKind::upstream_protocol},
        {"{}", ProblemKind::upstream_protocol},
        {R"({"type":"message_start","message":{"id":"msg_2"}})", ProblemKind::upstream_protocol},
        {R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
         ProblemKind::upstream_overloaded},
        {R"({"object":"error","message":"no"})", ProblemKind::upstream_failed},
    };
    for (const auto& fault : faults) {
        Relay relay;
        relay.start();
        const auto delta = relay.feed(fault.data, "");
        ASSERT_FALSE(delta) << fault.data;
        EXPECT_EQ(delta.problem().kind(), fault.kind) << fault.data;
    }
    Relay relay;
    EXPECT_FALSE(relay.feed(stop, "message_stop"));
}

TEST(AnthropicRelay, refuses_whole_replies_that_are_no_message) {
    const struct {
        Endpoint endpoint;
        const char* body;
        ProblemKind kind;
    } faults[] = {
        {Endpoint::messages, "", ProblemKind::upstream_protocol},
        {Endpoint::messages, "[]", ProblemKind::upstream_protocol},
        {Endpoint::messages, R"({"type":"message","content":[],"stop_reason":null})",
         ProblemKind::upstream_protocol},
        {Endpoint::messages, R"({"type":"message","stop_reason":"end_turn"})",
         ProblemKind::upstream_protocol},
        {Endpoint::messages, R"({"content":[],"stop_reason":"end_turn"})", ProblemKind::upstream_protocol},
        {Endpoint::messages, R"({"type":"message","content":[],"stop_reason":"end_turn"}})",
         ProblemKind::upstream_protocol},
        {Endpoint::messages, R"({"type":"error","error":{"type":"rate_limit_error","message":"slow"}})",
         ProblemKind::upstream_rate_limited},
        {Endpoint::count_message_tokens, R"({"input_tokens":"7"})", ProblemKind::upstream_protocol},
        {Endpoint::count_message_tokens, R"({"input_tokens":-7})", ProblemKind::upstream_protocol},
        {Endpoint::count_message_tokens, R"({"type":"error","error":{"type":"api_error","message":"x"}})",
         ProblemKind::upstream_failed},
    };
    for (const auto& fault : faults) {
        std::string edited;
        const auto reply = anthropic().decode_reply(fault.endpoint, fault.body, RelayOptions{}, edited);
        ASSERT_FALSE(reply) << fault.body;
        EXPECT_EQ(reply.problem().kind(), fault.kind) << fault.body;
    }
}

}  // namespace
}  // namespace gatehouse::dialect
