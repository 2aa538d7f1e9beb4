#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;
using chat::Finish;
using chat::Vendor;

enum class Thoughts { shown, hidden };

std::unique_ptr<ReplyWriter> writer(std::optional<Vendor> origin = Vendor::openai,
                                    Thoughts thoughts = Thoughts::shown) {
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    identity.show_reasoning = thoughts == Thoughts::shown;
    identity.origin = origin;
    return anthropic_writer(identity);
}

Event event(EventKind kind, std::string_view text = {}) {
    Event made;
    made.kind = kind;
    made.text = text;
    return made;
}

Event call(std::uint32_t tool, std::string_view id, std::string_view signature = {}) {
    auto made = event(EventKind::tool_start);
    made.tool = tool;
    made.id = id;
    made.name = "f";
    made.signature = signature;
    return made;
}

Event arguments(std::uint32_t tool, std::string_view text) {
    auto made = event(EventKind::tool_arguments, text);
    made.tool = tool;
    return made;
}

Event end(std::uint32_t tool) {
    auto made = event(EventKind::tool_end);
    made.tool = tool;
    return made;
}

Event finish(Finish how) {
    auto made = event(EventKind::finish, "raw");
    made.finish = how;
    return made;
}

const Event start = event(EventKind::start);

Event text(std::string_view words) {
    return event(EventKind::text, words);
}
Event thought(std::string_view words) {
    return event(EventKind::reasoning, words);
}
Event sign(std::string_view signature) {
    return event(EventKind::signature, signature);
}

chat::Usage tokens() {
    chat::Usage usage;
    usage.input = TokenCount(12);
    usage.cached_input = TokenCount(5);
    usage.cache_write = TokenCount(3);
    usage.output = TokenCount(7);
    usage.known = true;
    return usage;
}

using Events = std::vector<Event>;

/// The stream, one event for each run; then the end.
std::string stream(ReplyWriter& to, const Events& events, const chat::Usage& usage = {}) {
    std::string out;
    for (const auto& each : events) {
        to.write(std::span(&each, 1), out);
    }
    to.end(usage, out);
    return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// The blocks of a stream: `0:{…} +text "x" ; 1:…`, then the stop reason. Checks that names repeat types,
/// that indexes are dense and that one block is open at a time.
std::string brief(std::string_view written) {
    std::string out;
    int next = 0;
    bool open = false;
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(written));
    while (const auto one = splitter.next()) {
        std::string data(one->data);
        const std::string type = R"({"type":")" + std::string(one->name) + "\"";
        EXPECT_TRUE(data.starts_with(type)) << data;
        data = data.substr(type.size());
        if (one->name == "message_start" || one->name == "message_stop") {
            EXPECT_EQ(open, false);
            continue;
        }
        if (one->name == "message_delta") {
            out += data.substr(std::string_view(R"(,"delta":{"stop_reason":)").size());
            out = out.substr(0, out.find(",\"stop_sequence\""));
            continue;
        }
        const bool begins = one->name == "content_block_start";
        EXPECT_NE(begins, open) << data;
        next += begins ? 1 : 0;
        const std::string index = ",\"index\":" + std::to_string(next - 1);
        EXPECT_TRUE(data.starts_with(index)) << data;
        data = data.substr(index.size());
        if (begins) {
            open = true;
            data = data.substr(std::string_view(R"(,"content_block":)").size());
            data.pop_back();
            out += data + " ";
        } else if (one->name == "content_block_stop") {
            open = false;
            out += "; ";
        } else {
            data = data.substr(std::string_view(R"(,"delta":{"type":)").size());
            out += "+" + data.substr(0, data.size() - 2) + " ";
        }
    }
    out = replaced(std::move(out), R"({"type":"thinking","thinking":"","signature":""})", "<thinking>");
    return replaced(std::move(out), R"({"type":"text","text":""})", "<text>");
}

std::string told(const Events& events, std::optional<Vendor> origin = Vendor::openai,
                 Thoughts thoughts = Thoughts::shown) {
    return brief(stream(*writer(origin, thoughts), events));
}

std::string content(const Events& events, std::optional<Vendor> origin = Vendor::openai,
                    Thoughts thoughts = Thoughts::shown) {
    const auto whole = writer(origin, thoughts)->whole(events, {});
    const auto begin = whole.find(R"("content":)") + 10;
    return whole.substr(begin, whole.find(R"(,"stop_sequence")") - begin);
}

TEST(AnthropicClientStream, has_the_events_that_the_sdks_know) {
    EXPECT_EQ(
        stream(*writer(),
               {start, text("Hi"), call(0, "call_1"), arguments(0, "{}"), end(0), finish(Finish::tool_calls)},
               tokens()),
        R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_X","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_1","name":"f","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null},"usage":{"input_tokens":12,"cache_read_input_tokens":5,"cache_creation_input_tokens":3,"output_tokens":7}}

event: message_stop
data: {"type":"message_stop"}

)");
}

TEST(AnthropicClientStream, tells_the_weight_of_what_was_written) {
    const auto to = writer();
    std::string out;
    const auto kind = [&](const Events& events) { return to->write(events, out); };
    EXPECT_EQ(kind({start}), DeltaKind::opening);
    EXPECT_EQ(kind({text("")}), DeltaKind::opening);
    EXPECT_EQ(kind({event(EventKind::refusal, "no")}), DeltaKind::opening);
    EXPECT_EQ(kind({text("x")}), DeltaKind::content);
    EXPECT_EQ(kind({call(0, "a")}), DeltaKind::content);
    EXPECT_EQ(kind({text("held")}), DeltaKind::opening);
    EXPECT_EQ(kind({end(0)}), DeltaKind::content);
    EXPECT_EQ(kind({finish(Finish::stop)}), DeltaKind::finish);
}

TEST(AnthropicClientStream, opens_calls_that_run_side_by_side_one_after_the_other) {
    const std::string a = R"({"type":"tool_use","id":"a","name":"f","input":{}})";
    const std::string b = R"({"type":"tool_use","id":"b","name":"f","input":{}})";
    const std::string c = R"({"type":"tool_use","id":"c","name":"f","input":{}})";
    const std::string piece = R"(+"input_json_delta","partial_json":)";
    EXPECT_EQ(told({start, call(0, "a"), call(1, "b"), arguments(1, "[1"), arguments(0, "[0"), call(2, "c"),
                    arguments(2, "[2"), text("x"), text("y"), arguments(1, "]"), arguments(0, "]"), end(2),
                    end(0), arguments(1, " "), end(1), finish(Finish::stop)}),
              a + " " + piece + "\"[0\" " + piece + "\"]\" ; " + b + " " + piece + "\"[1]\" " + piece +
                  "\" \" ; " + c + " " + piece +
                  "\"[2\" ; <text> +\"text_delta\",\"text\":\"xy\" ; \"tool_use\"");
    EXPECT_EQ(told({call(0, "a"), call(1, "b"), arguments(1, "{}")}),
              a + " ; " + b + " " + piece + "\"{}\" ; \"tool_use\"")
        << "calls that nobody ended";
}

TEST(AnthropicClientStream, says_an_empty_answer_in_an_empty_text) {
    EXPECT_EQ(told({start, finish(Finish::stop)}), "<text> ; \"end_turn\"");
    EXPECT_EQ(told({}), "<text> ; \"end_turn\"");
}

TEST(AnthropicClientStream, maps_the_end) {
    EXPECT_TRUE(told({text("x"), finish(Finish::length)}).ends_with("\"max_tokens\""));
    EXPECT_TRUE(told({text("x"), finish(Finish::tool_calls)}).ends_with("\"end_turn\""));
    EXPECT_TRUE(told({call(0, "a"), end(0), finish(Finish::length)}).ends_with("\"max_tokens\""));
    EXPECT_EQ(told({finish(Finish::content_filter)}), "\"refusal\"");
    const auto refused = stream(*writer(), {event(EventKind::refusal, "I "),
                                            event(EventKind::refusal, "won't"), finish(Finish::stop)});
    EXPECT_NE(refused.find(R"("delta":{"stop_reason":"refusal","stop_sequence":null,"stop_details":)"
                           R"({"type":"refusal","category":null,"explanation":"I won't"}})"),
              std::string::npos)
        << refused;
}

TEST(AnthropicClientStream, carries_thoughts_of_others_under_its_own_signature) {
    const std::string x = "<text> +\"text_delta\",\"text\":\"x\" ; \"end_turn\"";
    const std::string a = R"(+"thinking_delta","thinking":"a" )";
    const auto signed_by = [](std::string_view by) {
        return R"(+"signature_delta","signature":")" + std::string(by) + "\" ; ";
    };
    EXPECT_EQ(told({thought("a"), sign("s"), text("x")}),
              "<thinking> " + a + signed_by("gh1.openai.cw==") + x);
    EXPECT_EQ(told({thought("a"), text("x")}), "<thinking> " + a + signed_by("gh1.openai.") + x);
    EXPECT_EQ(told({thought("a"), sign("s"), text("x")}, Vendor::openai, Thoughts::hidden),
              "<thinking> " + signed_by("gh1.openai.cw==") + x);
    EXPECT_EQ(told({thought("a"), text("x")}, Vendor::openai, Thoughts::hidden), x);
    EXPECT_EQ(told({event(EventKind::redacted, "s"), text("x")}),
              R"({"type":"redacted_thinking","data":"gh1.openai.cw=="} ; )" + x);
    EXPECT_EQ(told({thought("a"), sign("s"), text("x")}, Vendor::anthropic),
              "<thinking> " + a + signed_by("s") + x);
    EXPECT_EQ(told({thought("a"), sign("s"), text("x"), sign("t")}, Vendor::gemini),
              "<thinking> " + a + signed_by("gh1.gemini.cw==") + x);
    EXPECT_EQ(told({thought("a"), sign("s"), thought("a"), sign("s"), text("x")}),
              "<thinking> " + a + signed_by("gh1.openai.cw==") + "<thinking> " + a +
                  signed_by("gh1.openai.cw==") + x);
}

TEST(AnthropicClientStream, carries_the_signature_of_a_call_before_it) {
    EXPECT_EQ(told({call(0, "a.b", "s"), arguments(0, "{}"), end(0)}, Vendor::gemini, Thoughts::hidden),
              R"(<thinking> +"signature_delta","signature":"gh1.gemini.cw==" ; )"
              R"({"type":"tool_use","id":"a_b_e61d99190466522c","name":"f","input":{}} )"
              R"(+"input_json_delta","partial_json":"{}" ; "tool_use")");
}

TEST(AnthropicClientWhole, has_the_full_shape) {
    auto usage = tokens();
    usage.reasoning = TokenCount(2);
    EXPECT_EQ(
        writer()->whole(Events{start, text("H"), text("i"), call(0, "call_1"), arguments(0, "{\"b\":1,"),
                               arguments(0, "\"a\":2}"), end(0), finish(Finish::stop)},
                        usage),
        R"({"id":"msg_X","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi","citations":null},{"type":"tool_use","id":"call_1","name":"f","input":{"b":1,"a":2},"caller":{"type":"direct"}}],"stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,"usage":{"input_tokens":12,"cache_read_input_tokens":5,"cache_creation_input_tokens":3,"output_tokens":9,"output_tokens_details":{"thinking_tokens":2},"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"server_tool_use":null,"service_tier":null,"inference_geo":null}})");
}

TEST(AnthropicClientWhole, makes_an_object_of_every_input) {
    const std::string tool =
        R"({"type":"tool_use","id":"a","name":"f","input":{},"caller":{"type":"direct"}})";
    EXPECT_EQ(content({call(0, "a"), end(0)}), "[" + tool + R"(],"stop_reason":"tool_use")");
    EXPECT_EQ(content({call(0, "a"), arguments(0, "[1]"), end(0)}),
              "[" + tool + R"(],"stop_reason":"tool_use")");
    EXPECT_EQ(content({call(0, "a"), arguments(0, "{\"x"), end(0)}),
              "[" + tool + R"(],"stop_reason":"tool_use")");
}

TEST(AnthropicClientWhole, leaves_out_the_last_call_if_its_input_was_cut) {
    const std::string tool =
        R"({"type":"tool_use","id":"a","name":"f","input":{},"caller":{"type":"direct"}})";
    EXPECT_EQ(content({call(0, "a"), end(0), call(1, "b", "s"), arguments(1, "{\"x"), end(1),
                       finish(Finish::length)}),
              "[" + tool + R"(],"stop_reason":"max_tokens")");
    EXPECT_EQ(content({call(0, "a"), end(0), finish(Finish::length)}),
              "[" + tool + R"(],"stop_reason":"max_tokens")");
}

TEST(AnthropicClientWhole, says_nothing_but_why_when_refused) {
    EXPECT_EQ(content({text("well"), event(EventKind::refusal, "no"), finish(Finish::content_filter)}),
              R"([],"stop_reason":"refusal")");
    EXPECT_EQ(content({start, finish(Finish::stop)}), R"([],"stop_reason":"end_turn")");
}

TEST(AnthropicClientWhole, holds_thoughts_as_a_stream_does) {
    const std::string x = R"({"type":"text","text":"x","citations":null}],"stop_reason":"end_turn")";
    const auto block = [](std::string_view words, std::string_view signature) {
        return R"({"type":"thinking","thinking":")" + std::string(words) + R"(","signature":")" +
               std::string(signature) + "\"},";
    };
    EXPECT_EQ(content({thought("a"), thought("b"), sign("s"), text("x")}),
              "[" + block("ab", "gh1.openai.cw==") + x);
    EXPECT_EQ(content({thought("a"), text("x")}), "[" + block("a", "gh1.openai.") + x);
    EXPECT_EQ(content({thought("a"), text("x")}, Vendor::anthropic), "[" + x);
    EXPECT_EQ(content({thought("a"), text("x")}, std::nullopt), "[" + x);
    EXPECT_EQ(content({thought("a"), sign("s"), text("x")}, Vendor::openai, Thoughts::hidden),
              "[" + block("", "gh1.openai.cw==") + x);
    EXPECT_EQ(content({thought("a"), sign("s"), text("x")}, Vendor::gemini, Thoughts::hidden), "[" + x);
    EXPECT_EQ(content({event(EventKind::redacted, "s"), text("x")}),
              R"([{"type":"redacted_thinking","data":"gh1.openai.cw=="},)" + x);
}

}  // namespace
}  // namespace gatehouse::dialect
