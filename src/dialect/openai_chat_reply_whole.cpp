#include "openai_chat_reply.hpp"

#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using chat::EventKind;
using chat::Finish;

struct Call {
    const Event* start;
    std::string arguments;
};

/// One choice, gathered in one pass. The events outlive it.
struct Answer {
    bool seen{false};
    bool refused{false};
    std::string text;
    std::string refusal;
    std::string reasoning;
    std::size_t signed_until{0};  // of `reasoning`
    std::vector<Thought> thoughts;
    std::vector<Call> calls;
    std::vector<std::string_view> annotations;
    std::vector<std::string_view> citations;  // of documents
    std::string logprobs;                     // elements of the list
    std::vector<const Event*> images;
    Finish finish{Finish::stop};

    void add(const Event& event, std::optional<chat::Vendor> origin);
    void write(JsonOut& json, std::size_t index, bool show_reasoning) const;
    void write_message(JsonOut& json, bool show_reasoning) const;
};

void Answer::add(const Event& event, std::optional<chat::Vendor> origin) {
    seen = seen || event.kind != EventKind::start;
    switch (event.kind) {
        case EventKind::start:
        case EventKind::tool_end:
            break;
        case EventKind::text:
            text += event.text;
            break;
        case EventKind::refusal:
            refused = true;
            refusal += event.text;
            break;
        case EventKind::reasoning:
            reasoning += event.text;
            break;
        case EventKind::signature:
            thoughts.push_back({reasoning.substr(signed_until), shown_signature(origin, event.text), {}});
            signed_until = reasoning.size();
            break;
        case EventKind::redacted:
            thoughts.push_back({{}, {}, event.text});
            break;
        case EventKind::tool_start:
            calls.push_back({&event, {}});
            break;
        case EventKind::tool_arguments:
            if (event.tool < calls.size()) {
                calls[event.tool].arguments += event.text;
            }
            break;
        case EventKind::citation:
            (event.name.empty() ? annotations : citations).push_back(event.text);
            break;
        case EventKind::logprobs:
            logprobs += logprobs.empty() ? "" : ",";
            logprobs += event.text;
            break;
        case EventKind::image:
            images.push_back(&event);
            break;
        case EventKind::finish:
            finish = event.finish;
            break;
    }
}

void write_call(JsonOut& json, const Call& call) {
    json.begin_object().key("id").string(call.start->id).key("type");
    if (call.start->custom) {
        json.string("custom").key("custom").begin_object().key("name").string(call.start->name);
        json.key("input").string(call.arguments).end_object();
    } else {
        json.string("function").key("function").begin_object().key("name").string(call.start->name);
        json.key("arguments").string(call.arguments.empty() ? "{}" : call.arguments).end_object();
    }
    write_call_signature(json, call.start->signature);
    json.end_object();
}

void Answer::write(JsonOut& json, std::size_t index, bool show_reasoning) const {
    json.begin_object().key("index").integer(static_cast<std::int64_t>(index)).key("message");
    write_message(json, show_reasoning);
    json.key("logprobs");
    if (logprobs.empty()) {
        json.null();
    } else {
        json.begin_object().key("content").raw("[" + logprobs + "]").key("refusal").null().end_object();
    }
    json.key("finish_reason");
    json.string(name_of(settled(finish, !calls.empty()))).end_object();
}

/// A refusal stands alone: what was said before it does not count. A stream has said it already, which is the
/// one difference between the two.
void Answer::write_message(JsonOut& json, bool show_reasoning) const {
    json.begin_object().key("role").string("assistant").key("content");
    if (refused || (!calls.empty() && text.empty())) {
        json.null();
    } else {
        json.string(text);
    }
    json.key("refusal");
    if (refused) {
        json.string(refusal);
    } else {
        json.null();
    }
    json.key("annotations").begin_array();
    for (const auto annotation : annotations) {
        json.raw(annotation);
    }
    json.end_array();
    if (!citations.empty()) {
        json.key("citations").begin_array();
        for (const auto citation : citations) {
            json.raw(citation);
        }
        json.end_array();
    }
    if (!calls.empty()) {
        json.key("tool_calls").begin_array();
        for (const auto& call : calls) {
            write_call(json, call);
        }
        json.end_array();
    }
    if (show_reasoning && !reasoning.empty()) {
        json.key("reasoning_content").string(reasoning);
    }
    if (show_reasoning && !thoughts.empty()) {
        write_thoughts(json, thoughts, 0);
    }
    if (!images.empty()) {
        json.key("images").begin_array();
        for (const auto* image : images) {
            write_image(json, *image);
        }
        json.end_array();
    }
    json.end_object();
}

}  // namespace

std::string whole_chat_reply(const ReplyHead& head, bool show_reasoning, std::optional<chat::Vendor> origin,
                             std::span<const Event> events, const chat::Usage& usage) {
    constexpr std::size_t around = 640;  // all that is written of a reply without an answer
    std::size_t said = 0;
    std::vector<Answer> answers(1);
    for (const auto& event : events) {
        said += event.text.size();
        if (event.choice >= answers.size()) {
            answers.resize(event.choice + std::size_t{1});
        }
        answers[event.choice].add(event, origin);
    }
    std::string out;
    out.reserve(around + said);
    JsonOut json(out);
    json.begin_object();
    head.write(json, "chat.completion");
    json.key("choices").begin_array();
    for (std::size_t index = 0; index < answers.size(); ++index) {
        if (answers[index].seen || answers.size() == 1) {
            answers[index].write(json, index, show_reasoning);
        }
    }
    json.end_array();
    if (usage.known) {
        json.key("usage");
        write_usage(json, usage);
    }
    json.key("system_fingerprint").null().end_object();
    return out;
}

}  // namespace gatehouse::dialect
