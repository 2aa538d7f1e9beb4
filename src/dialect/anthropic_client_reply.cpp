#include "anthropic_client_reply.hpp"

#include "anthropic_citations.hpp"
#include "anthropic_request.hpp"
#include "blanks.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;

enum class Open : std::uint8_t { nothing, text, thinking, tool };

/// What came while the call before it had not ended: one block may be open at a time.
struct Held {
    EventKind kind{EventKind::text};
    std::uint32_t tool{0};
    std::string text;  // of a call: the arguments so far
    std::string id;
    std::string name;
    std::string signature;
    bool ended{false};
};

/// wire-formats 5.7, 12.5. Blocks are numbered in the order in which they open.
class AnthropicClientWriter final : public ReplyWriter {
public:
    explicit AnthropicClientWriter(const ReplyIdentity& identity) : head_(identity) {}

    void resume(const StreamSoFar& so_far) override {
        begun_ = true;
        blocks_ = so_far.position().blocks;
        open_ = blocks_ > 0 ? Open::text : Open::nothing;
    }
    DeltaKind write(std::span<const Event> events, std::string& out) override;
    void end(const chat::Usage& usage, std::string& out) override;
    std::string whole(std::span<const Event> events, const chat::Usage& usage) override {
        return whole_message(head_, events, usage);
    }

private:
    void take(const Event& event, std::string& out);
    /// An event that makes or continues a block, while no call is open.
    void write_block(const Event& event, std::string& out);
    void begin(std::string& out);
    void hold(const Event& event);
    void release(std::string& out);
    void write_held(const Held& held, std::string& out);

    void write_text(std::string_view text, std::string& out);
    void write_citation(std::string_view annotation, std::string& out);
    void write_reasoning(std::string_view text, std::string& out);
    void write_signature(std::string_view signature, std::string& out);
    void write_redacted(std::string_view data, std::string& out);
    void begin_tool(const Event& event, std::string& out);
    void write_arguments(std::string_view text, std::string& out);

    /// `block` is JSON.
    void open_block(Open kind, std::string_view block, std::string& out);
    void close_block(std::string& out);
    void write_delta(std::string_view type, std::string_view member, std::string_view text, std::string& out);
    /// A call that has not ended: all else waits for it.
    bool busy() const noexcept { return open_ == Open::tool; }

    MessageHead head_;
    MessageEnd end_;
    std::deque<Held> held_;
    Open open_{Open::nothing};
    std::uint32_t open_tool_{0};
    std::int64_t blocks_{0};  // begun so far
    bool begun_{false};
    bool cited_{false};  // the block that is open has a citation
    bool seen_{false};   // the run at hand has written what a reader sees
};

DeltaKind AnthropicClientWriter::write(std::span<const Event> events, std::string& out) {
    bool finished = false;
    seen_ = false;
    for (const auto& event : events) {
        if (event.choice == 0) {  // there is one answer here
            finished = finished || event.kind == EventKind::finish;
            take(event, out);
        }
    }
    if (seen_) {
        return DeltaKind::content;
    }
    return finished ? DeltaKind::finish : DeltaKind::opening;
}

void AnthropicClientWriter::take(const Event& event, std::string& out) {
    const bool of_open_tool = busy() && event.tool == open_tool_;
    switch (event.kind) {
        case EventKind::start:
            begin(out);
            return;
        case EventKind::refusal:
            end_.refusal += event.text;
            return;
        case EventKind::finish:
            end_.finish = event.finish;
            return;
        case EventKind::citation:
            write_citation(event.text, out);
            return;
        case EventKind::logprobs:
        case EventKind::image:
            return;  // no form here
        case EventKind::tool_arguments:
            if (of_open_tool) {
                write_arguments(event.text, out);
            } else {
                hold(event);
            }
            return;
        case EventKind::tool_end:
            if (of_open_tool) {
                close_block(out);
                release(out);
            } else {
                hold(event);
            }
            return;
        case EventKind::tool_start:
            end_.called = true;
            break;
        case EventKind::text:
        case EventKind::reasoning:
        case EventKind::signature:
        case EventKind::redacted:
            break;
    }
    if (busy()) {
        hold(event);
    } else {
        write_block(event, out);
    }
}

void AnthropicClientWriter::write_block(const Event& event, std::string& out) {
    switch (event.kind) {
        case EventKind::text:
            write_text(event.text, out);
            break;
        case EventKind::reasoning:
            write_reasoning(event.text, out);
            break;
        case EventKind::signature:
            write_signature(event.text, out);
            break;
        case EventKind::redacted:
            write_redacted(event.text, out);
            break;
        default:
            begin_tool(event, out);
            break;
    }
}

void AnthropicClientWriter::hold(const Event& event) {
    if (event.kind == EventKind::tool_arguments || event.kind == EventKind::tool_end) {
        const auto call = std::find_if(held_.rbegin(), held_.rend(), [&](const Held& held) {
            return held.kind == EventKind::tool_start && held.tool == event.tool;
        });
        if (call != held_.rend()) {  // else its block is closed
            call->text += event.text;
            call->ended = call->ended || event.kind == EventKind::tool_end;
        }
        return;
    }
    const bool goes_on = event.kind == EventKind::text || event.kind == EventKind::reasoning;
    if (goes_on && !held_.empty() && held_.back().kind == event.kind) {
        held_.back().text += event.text;
        return;
    }
    auto& held = held_.emplace_back();
    held.kind = event.kind;
    held.tool = event.tool;
    held.text = event.text;
    held.id = event.id;
    held.name = event.name;
    held.signature = event.signature;
}

void AnthropicClientWriter::release(std::string& out) {
    while (!busy() && !held_.empty()) {
        const auto held = std::move(held_.front());
        held_.pop_front();
        write_held(held, out);
    }
}

void AnthropicClientWriter::write_held(const Held& held, std::string& out) {
    Event event;
    event.kind = held.kind;
    event.tool = held.tool;
    event.text = held.text;
    event.id = held.id;
    event.name = held.name;
    event.signature = held.signature;
    write_block(event, out);
    if (held.kind == EventKind::tool_start) {
        write_arguments(held.text, out);
        if (held.ended) {
            close_block(out);
        }
    }
}

void AnthropicClientWriter::begin(std::string& out) {
    if (std::exchange(begun_, true)) {
        return;
    }
    out += "event: message_start\ndata: ";
    JsonOut json(out);
    json.begin_object().key("type").string("message_start").key("message").begin_object();
    json.key("id").string(head_.id).key("type").string("message").key("role").string("assistant");
    json.key("model").string(head_.model).key("content").begin_array().end_array();
    json.key("stop_reason").null().key("stop_sequence").null().key("stop_details").null();
    json.key("container").null().key("usage").begin_object();
    json.key("input_tokens").integer(0).key("cache_creation_input_tokens").integer(0);
    json.key("cache_read_input_tokens").integer(0).key("output_tokens").integer(0);
    json.end_object().end_object().end_object();
    out += "\n\n";
}

void AnthropicClientWriter::write_text(std::string_view text, std::string& out) {
    if (text.empty()) {
        return;
    }
    // What follows a citation is not what it is of; but a block of blanks Anthropic would not take back.
    if (open_ != Open::text || (cited_ && !is_blank(text))) {
        open_block(Open::text, R"({"type":"text","text":""})", out);
    }
    seen_ = true;
    write_delta("text_delta", "text", text, out);
}

/// A block that is closed cannot be given any more: whoever cites a text later than that is not heard.
void AnthropicClientWriter::write_citation(std::string_view annotation, std::string& out) {
    const auto cited = open_ == Open::text ? read_url_citation(annotation) : std::nullopt;
    if (!cited) {
        return;
    }
    out += "event: content_block_delta\ndata: ";
    JsonOut json(out);
    json.begin_object().key("type").string("content_block_delta").key("index").integer(blocks_ - 1);
    json.key("delta").begin_object().key("type").string("citations_delta").key("citation");
    write_anthropic_citation(json, *cited, head_.citation_mark());
    json.end_object().end_object();
    out += "\n\n";
    cited_ = true;
    seen_ = true;
}

void AnthropicClientWriter::write_reasoning(std::string_view text, std::string& out) {
    if (text.empty() || !head_.show_thoughts) {
        return;
    }
    if (open_ != Open::thinking) {
        open_block(Open::thinking, R"({"type":"thinking","thinking":"","signature":""})", out);
    }
    seen_ = true;
    write_delta("thinking_delta", "thinking", text, out);
}

void AnthropicClientWriter::write_signature(std::string_view signature, std::string& out) {
    if (open_ != Open::thinking) {
        if (head_.drops_bare_signatures()) {
            return;
        }
        open_block(Open::thinking, R"({"type":"thinking","thinking":"","signature":""})", out);
    }
    seen_ = true;
    write_delta("signature_delta", "signature", head_.shown_signature(signature), out);
    open_ = Open::text;  // signed: nothing more is to be said at its end
    close_block(out);
}

void AnthropicClientWriter::write_redacted(std::string_view data, std::string& out) {
    std::string block;
    JsonOut json(block);
    json.begin_object().key("type").string("redacted_thinking");
    json.key("data").string(head_.shown_signature(data)).end_object();
    seen_ = true;
    open_block(Open::text, block, out);
    close_block(out);
}

void AnthropicClientWriter::begin_tool(const Event& event, std::string& out) {
    if (!event.signature.empty()) {
        open_block(Open::text, R"({"type":"thinking","thinking":"","signature":""})", out);
        write_delta("signature_delta", "signature", head_.shown_signature(event.signature), out);
        close_block(out);
    }
    std::string block;
    JsonOut json(block);
    json.begin_object().key("type").string("tool_use").key("id").string(anthropic_id(event.id));
    json.key("name").string(event.name).key("input").begin_object().end_object().end_object();
    seen_ = true;
    open_tool_ = event.tool;
    open_block(Open::tool, block, out);
}

void AnthropicClientWriter::write_arguments(std::string_view text, std::string& out) {
    if (!text.empty()) {
        seen_ = true;
        write_delta("input_json_delta", "partial_json", text, out);
    }
}

void AnthropicClientWriter::open_block(Open kind, std::string_view block, std::string& out) {
    begin(out);
    close_block(out);
    open_ = kind;
    cited_ = false;
    out += "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":";
    out += std::to_string(blocks_++);
    out += ",\"content_block\":";
    out += block;
    out += "}\n\n";
}

void AnthropicClientWriter::close_block(std::string& out) {
    if (open_ == Open::thinking && head_.carries()) {
        write_delta("signature_delta", "signature", head_.shown_signature({}), out);
    }
    if (std::exchange(open_, Open::nothing) != Open::nothing) {
        out += "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":";
        out += std::to_string(blocks_ - 1);
        out += "}\n\n";
    }
}

void AnthropicClientWriter::write_delta(std::string_view type, std::string_view member, std::string_view text,
                                        std::string& out) {
    out += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":";
    out += std::to_string(blocks_ - 1);
    out.append(",\"delta\":{\"type\":\"").append(type).append("\",\"").append(member).append("\":\"");
    wire::append_json_escaped(out, text);
    out += "\"}}\n\n";
}

void AnthropicClientWriter::end(const chat::Usage& usage, std::string& out) {
    begin(out);
    close_block(out);
    for (auto& held : held_) {
        held.ended = true;
    }
    release(out);
    close_block(out);
    if (blocks_ == 0 && !end_.refused()) {
        open_block(Open::text, R"({"type":"text","text":""})", out);  // some clients fail without any
        close_block(out);
    }
    out += "event: message_delta\ndata: ";
    JsonOut json(out);
    json.begin_object().key("type").string("message_delta").key("delta").begin_object();
    end_.write(json);
    json.end_object().key("usage").begin_object();
    write_message_counts(json, usage);
    json.end_object().end_object();
    out += "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

}  // namespace

std::unique_ptr<ReplyWriter> anthropic_writer(const ReplyIdentity& identity) {
    return std::make_unique<AnthropicClientWriter>(identity);
}

}  // namespace gatehouse::dialect
