#include "gatehouse/dialect/thread_state.hpp"

#include "json_out.hpp"
#include "kept_json.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

Problem invalid(std::string_view param, std::string message) {
    return Problem(ProblemKind::invalid_value, std::move(message)).with_param(std::string(param));
}

bool said(std::string_view value) {
    return !value.empty() && value != "null";
}

}  // namespace

Result<ThreadAsk> read_thread_ask(std::string_view body) {
    ThreadAsk ask;
    if (body.find("\"thread\"") == std::string_view::npos) {
        return ask;  // nearly all: saves a pass over the body
    }
    const auto thread = member_of(body, "thread");
    if (!said(thread)) {
        return ask;
    }
    if (!thread.starts_with('{')) {
        return Problem(ProblemKind::invalid_type, "Invalid type for 'thread': expected an object.")
            .with_param("thread");
    }
    const auto type = string_of(member_of(thread, "type"));
    if (type == "create") {
        ask.kind = ThreadKind::create;
        return ask;
    }
    if (type != "continue") {
        return invalid("thread.type", "Invalid value for 'thread.type': it is `create` or `continue`.");
    }
    ask.kind = ThreadKind::go_on;
    ask.previous_id = string_of(member_of(thread, "previous_message_id"));
    if (ask.previous_id.empty()) {
        return invalid("thread.previous_message_id", "Missing required field 'thread.previous_message_id'.");
    }
    for (const std::string_view field : {"system", "tools"}) {
        if (said(member_of(body, field))) {
            return invalid(field, "A request that continues a thread has no '" + std::string(field) +
                                      "': it is the thread's.");
        }
    }
    return ask;
}

std::string whole_thread_request(std::string_view body, const ThreadAsk& ask, std::string_view kept) {
    const bool goes_on = ask.kind == ThreadKind::go_on;
    std::string out;
    JsonOut written(out);
    written.begin_object();
    auto json = kept_reader(body);
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        const auto value = text_at(body, json.skip());
        const bool replaced =
            key == "thread" || (goes_on && (key == "messages" || key == "system" || key == "tools"));
        if (!replaced) {
            written.any_key(key).raw(value);
        }
    }
    if (goes_on) {
        for (const std::string_view field : {"system", "tools"}) {
            const auto value = member_of(kept, field);
            if (said(value)) {
                written.key(field).raw(value);
            }
        }
        std::string messages(inside_of(member_of(kept, "messages")));
        append_elements(messages, inside_of(member_of(body, "messages")));
        written.key("messages").raw('[' + messages + ']');
    }
    written.end_object();
    return out;
}

KeptThread keep_thread(std::string_view request, std::string_view content) {
    std::string out;
    JsonOut written(out);
    written.begin_object();
    for (const std::string_view field : {"system", "tools"}) {
        const auto value = member_of(request, field);
        if (said(value)) {
            written.key(field).raw(value);
        }
    }
    std::string messages(inside_of(member_of(request, "messages")));
    std::string answer = R"({"role":"assistant","content":)";
    answer += content;
    answer += '}';
    append_elements(messages, answer);
    written.key("messages").raw('[' + messages + ']').end_object();
    return out;
}

ThreadReply thread_reply(std::string_view message) {
    ThreadReply reply;
    reply.id = string_of(member_of(message, "id"));
    reply.content = member_of(message, "content");
    return reply;
}

void ThreadReplyStream::see(std::string_view data) {
    const auto type = string_of(member_of(data, "type"));
    if (type == "message_start") {
        id_ = string_of(member_of(member_of(data, "message"), "id"));
    } else if (type == "content_block_start") {
        blocks_.push_back({std::string(member_of(data, "content_block")), {}, {}, {}});
    } else if (type == "content_block_delta") {
        see_delta(member_of(data, "delta"));
    } else if (type == "message_stop") {
        complete_ = true;
    }
}

void ThreadReplyStream::see_delta(std::string_view delta) {
    if (blocks_.empty()) {
        return;
    }
    Block& block = blocks_.back();
    const auto type = string_of(member_of(delta, "type"));
    if (type == "text_delta") {
        block.text += string_of(member_of(delta, "text"));
    } else if (type == "thinking_delta") {
        block.text += string_of(member_of(delta, "thinking"));
    } else if (type == "input_json_delta") {
        block.text += string_of(member_of(delta, "partial_json"));
    } else if (type == "signature_delta") {
        block.signature += string_of(member_of(delta, "signature"));
    } else if (type == "citations_delta") {
        block.citations.emplace_back(member_of(delta, "citation"));
    }
}

std::string ThreadReplyStream::finished(const Block& block) {
    const auto type = string_of(member_of(block.start, "type"));
    std::string out;
    JsonOut written(out);
    written.begin_object();
    auto json = kept_reader(block.start);
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        const auto value = text_at(block.start, json.skip());
        written.any_key(key);
        if ((type == "text" && key == "text") || (type == "thinking" && key == "thinking")) {
            written.string(string_of(value) + block.text);
        } else if (type == "thinking" && key == "signature" && !block.signature.empty()) {
            written.string(block.signature);
        } else if (key == "input" && !block.text.empty()) {
            written.raw(block.text);
        } else if (key == "citations" && !block.citations.empty()) {
            written.begin_array();
            for (const auto& citation : block.citations) {
                written.raw(citation);
            }
            written.end_array();
        } else {
            written.raw(value);
        }
    }
    written.end_object();
    return out;
}

ThreadReply ThreadReplyStream::reply() const {
    ThreadReply reply;
    reply.id = id_;
    if (!complete_) {
        return reply;
    }
    reply.content = "[";
    for (const auto& block : blocks_) {
        reply.content += reply.content.size() > 1 ? "," : "";
        reply.content += finished(block);
    }
    reply.content += ']';
    return reply;
}

}  // namespace gatehouse::dialect
