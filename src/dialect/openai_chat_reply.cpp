#include "openai_chat_reply.hpp"

#include "signature_carrier.hpp"
#include "translation_parts.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace gatehouse::dialect {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;
using chat::Finish;

void ReplyHead::write(JsonOut& json, std::string_view object) const {
    json.key("id").string(id).key("object").string(object).key("created").integer(created);
    json.key("model").string(model);
}

std::string shown_signature(std::optional<chat::Vendor> origin, std::string_view signature) {
    return origin == chat::Vendor::openai ? carry_signature(*origin, signature) : std::string(signature);
}

void write_thoughts(JsonOut& json, std::span<const Thought> thoughts, std::size_t index) {
    json.key("thinking_blocks").begin_array();
    for (const auto& thought : thoughts) {
        json.begin_object();
        if (thought.redacted.empty()) {
            json.key("type").string("thinking").key("thinking").string(thought.text);
            json.key("signature").string(thought.signature);
        } else {
            json.key("type").string("redacted_thinking").key("data").string(thought.redacted);
        }
        json.end_object();
    }
    json.end_array().key("reasoning_details").begin_array();
    for (const auto& thought : thoughts) {
        json.begin_object();
        if (thought.redacted.empty()) {
            json.key("type").string("reasoning.text").key("text").string(thought.text);
            json.key("signature").string(thought.signature);
        } else {
            json.key("type").string("reasoning.encrypted").key("data").string(thought.redacted);
        }
        json.key("index").integer(static_cast<std::int64_t>(index++)).end_object();
    }
    json.end_array();
}

void write_usage(JsonOut& json, const chat::Usage& usage, std::string_view cost) {
    const std::int64_t prompt = usage.prompt().value();
    const std::int64_t completion = usage.completion().value();
    json.begin_object().key("prompt_tokens").integer(prompt).key("completion_tokens").integer(completion);
    json.key("total_tokens").integer(prompt + completion);
    json.key("prompt_tokens_details").begin_object();
    json.key("cached_tokens").integer(usage.cached_input.value());
    if (usage.input_audio.value() != 0) {
        json.key("audio_tokens").integer(usage.input_audio.value());
    }
    if (usage.written().value() != 0) {
        json.key("cache_write_tokens").integer(usage.written().value());
    }
    json.end_object().key("completion_tokens_details").begin_object();
    json.key("reasoning_tokens").integer(usage.reasoning.value());
    if (usage.output_audio.value() != 0) {
        json.key("audio_tokens").integer(usage.output_audio.value());
    }
    json.end_object();
    if (!cost.empty()) {
        json.key("cost").raw(cost);
    }
    json.end_object();
}

void write_call_signature(JsonOut& json, std::string_view signature) {
    if (!signature.empty()) {
        json.key("extra_content").begin_object().key("google").begin_object();
        json.key("thought_signature").string(signature).end_object().end_object();
    }
}

void write_image(JsonOut& json, const Event& event) {
    std::string url("data:");
    url.append(event.name).append(";base64,").append(event.text);
    json.begin_object().key("type").string("image_url").key("image_url").begin_object();
    json.key("url").string(url).end_object().end_object();
}

Finish settled(Finish finish, bool has_calls) noexcept {
    if (finish == Finish::stop || finish == Finish::tool_calls) {
        return has_calls ? Finish::tool_calls : Finish::stop;
    }
    return finish;
}

namespace {

void append_number(std::string& out, std::uint32_t number) {
    std::array<char, 12> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

/// wire-formats 2.3, 2.4, 11.2, 12. All chunks of a reply begin and end alike: both ends are made once.
class OpenaiChatWriter final : public ReplyWriter {
public:
    explicit OpenaiChatWriter(const ReplyIdentity& identity);

    DeltaKind write(std::span<const Event> events, std::string& out) override;
    void end(const chat::Usage& usage, std::string& out) override;
    void tell_cost(std::string cost) override { cost_ = std::move(cost); }
    std::string whole(std::span<const Event> events, const chat::Usage& usage) override {
        return whole_chat_reply(head_, show_reasoning_, origin_, events, usage);
    }

private:
    struct Call {
        bool custom{false};
        bool any{false};  // something of its arguments was written
    };
    struct Choice {
        bool begun{false};  // its role was written
        std::optional<Finish> finish;
        std::vector<Call> calls;
        std::string thoughts;  // since the last signature
        std::size_t signed_thoughts{0};
    };

    /// True if something was written that its reader sees.
    bool write_event(const Event& event, std::string& out);
    void write_text(std::uint32_t index, std::string_view member, std::string_view text, std::string& out);
    void begin_call(const Event& start, std::string_view arguments, std::string& out);
    void write_arguments(const Event& event, std::string_view text, std::string& out);
    void write_thought(const Event& event, std::string& out);
    void write_logprobs(const Event& event, std::string& out);
    /// A member of the delta whose value is an array of one.
    template <class Write>
    void write_element(std::uint32_t index, std::string_view member, std::string& out, const Write& write);

    Choice& choice(std::uint32_t index);
    Call& call(const Event& event);
    void begin(std::uint32_t index, std::string& out);
    void open_delta(std::uint32_t index, std::string& out) const {
        out += before_index_;
        append_number(out, index);
        out += R"(,"delta":{)";
    }

    ReplyHead head_;
    bool show_usage_;
    bool show_reasoning_;
    std::optional<chat::Vendor> origin_;
    std::string cost_;  // a JSON number; empty: not told
    std::string before_index_;
    std::string after_delta_;
    std::vector<Choice> choices_;
};

OpenaiChatWriter::OpenaiChatWriter(const ReplyIdentity& identity)
    : show_usage_(identity.show_usage), show_reasoning_(identity.show_reasoning), origin_(identity.origin) {
    head_.id = "chatcmpl-";
    head_.id += identity.id;
    head_.model = identity.model;
    head_.created =
        std::chrono::duration_cast<std::chrono::seconds>(identity.created.time_since_epoch()).count();
    before_index_ = "data: ";
    JsonOut json(before_index_);
    json.begin_object();
    head_.write(json, "chat.completion.chunk");
    json.key("choices").begin_array().begin_object().key("index");
    after_delta_ =
        show_usage_ ? "},\"finish_reason\":null}],\"usage\":null}\n\n" : "},\"finish_reason\":null}]}\n\n";
}

DeltaKind OpenaiChatWriter::write(std::span<const Event> events, std::string& out) {
    bool seen = false;
    bool finished = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Event& event = events[i];
        finished = finished || event.kind == EventKind::finish;
        if (event.kind != EventKind::tool_start) {
            seen = write_event(event, out) || seen;
            continue;
        }
        // What came together goes out together.
        const bool more = i + 1 < events.size() && events[i + 1].kind == EventKind::tool_arguments &&
                          events[i + 1].choice == event.choice && events[i + 1].tool == event.tool;
        begin_call(event, more ? events[i + 1].text : std::string_view(), out);
        seen = true;
        i += more ? 1 : 0;
    }
    if (seen) {
        return DeltaKind::content;
    }
    return finished ? DeltaKind::finish : DeltaKind::opening;
}

bool OpenaiChatWriter::write_event(const Event& event, std::string& out) {
    switch (event.kind) {
        case EventKind::text:
            write_text(event.choice, R"("content":")", event.text, out);
            return !event.text.empty();
        case EventKind::refusal:
            write_text(event.choice, R"("refusal":")", event.text, out);
            return !event.text.empty();
        case EventKind::reasoning:
            if (show_reasoning_) {
                choice(event.choice).thoughts += event.text;
                write_text(event.choice, R"("reasoning_content":")", event.text, out);
            }
            return show_reasoning_ && !event.text.empty();
        case EventKind::signature:
        case EventKind::redacted:
            if (show_reasoning_) {
                write_thought(event, out);
            }
            return show_reasoning_;
        case EventKind::tool_arguments:
            write_arguments(event, event.text, out);
            return !event.text.empty();
        case EventKind::tool_end:
            if (const auto& ended = call(event); !ended.any && !ended.custom) {
                write_arguments(event, "{}", out);
                return true;
            }
            return false;
        case EventKind::citation:
            write_element(event.choice, event.name.empty() ? "annotations" : "citations", out,
                          [&](JsonOut& json) { json.raw(event.text); });
            return true;
        case EventKind::logprobs:
            write_logprobs(event, out);
            return true;
        case EventKind::image:
            write_element(event.choice, "images", out, [&](JsonOut& json) { write_image(json, event); });
            return true;
        case EventKind::finish:
            choice(event.choice).finish = event.finish;
            return false;
        case EventKind::start:
        case EventKind::tool_start:
            break;
    }
    return false;
}

OpenaiChatWriter::Choice& OpenaiChatWriter::choice(std::uint32_t index) {
    if (index >= choices_.size()) {
        choices_.resize(index + std::size_t{1});
    }
    return choices_[index];
}

OpenaiChatWriter::Call& OpenaiChatWriter::call(const Event& event) {
    auto& calls = choice(event.choice).calls;
    if (event.tool >= calls.size()) {
        calls.resize(event.tool + std::size_t{1});
    }
    return calls[event.tool];
}

/// Clients want the role before all else, with text that is there though empty.
void OpenaiChatWriter::begin(std::uint32_t index, std::string& out) {
    auto& begun = choice(index).begun;
    if (!begun) {
        begun = true;
        open_delta(index, out);
        out += R"("role":"assistant","content":"")";
        out += after_delta_;
    }
}

void OpenaiChatWriter::write_text(std::uint32_t index, std::string_view member, std::string_view text,
                                  std::string& out) {
    if (text.empty()) {
        return;
    }
    begin(index, out);
    open_delta(index, out);
    out += member;
    wire::append_json_escaped(out, text);
    out += '"';
    out += after_delta_;
}

void OpenaiChatWriter::begin_call(const Event& start, std::string_view arguments, std::string& out) {
    auto& begun = choice(start.choice).begun;
    auto& of_call = call(start);
    of_call.custom = start.custom;
    of_call.any = !arguments.empty();
    open_delta(start.choice, out);
    if (!begun) {
        begun = true;
        out += R"("role":"assistant","content":null,)";
    }
    out += R"("tool_calls":[{"index":)";
    append_number(out, start.tool);
    out += R"(,"id":")";
    wire::append_json_escaped(out, start.id);
    out += start.custom ? R"(","type":"custom","custom":{"name":")"
                        : R"(","type":"function","function":{"name":")";
    wire::append_json_escaped(out, start.name);
    out += start.custom ? R"(","input":")" : R"(","arguments":")";
    wire::append_json_escaped(out, arguments);
    out += "\"}";
    if (!start.signature.empty()) {
        out += R"(,"extra_content":{"google":{"thought_signature":")";
        wire::append_json_escaped(out, start.signature);
        out += "\"}}";
    }
    out += "}]";
    out += after_delta_;
}

void OpenaiChatWriter::write_arguments(const Event& event, std::string_view text, std::string& out) {
    if (text.empty()) {
        return;
    }
    auto& of_call = call(event);
    of_call.any = true;
    open_delta(event.choice, out);
    out += R"("tool_calls":[{"index":)";
    append_number(out, event.tool);
    out += of_call.custom ? R"(,"custom":{"input":")" : R"(,"function":{"arguments":")";
    wire::append_json_escaped(out, text);
    out += "\"}}]";
    out += after_delta_;
}

/// Whole, in one chunk: clients that only gather what comes, and those that join fragments, both have then
/// what the provider wants to see again.
void OpenaiChatWriter::write_thought(const Event& event, std::string& out) {
    begin(event.choice, out);
    auto& of = choice(event.choice);
    Thought thought;
    if (event.kind == EventKind::redacted) {
        thought.redacted = event.text;
    } else {
        thought.signature = shown_signature(origin_, event.text);
        thought.text.swap(of.thoughts);
    }
    open_delta(event.choice, out);
    JsonOut json(out);
    write_thoughts(json, {&thought, 1}, of.signed_thoughts++);
    out += after_delta_;
}

/// On a chunk without words: the text that they belong to has gone out.
void OpenaiChatWriter::write_logprobs(const Event& event, std::string& out) {
    begin(event.choice, out);
    open_delta(event.choice, out);
    out += R"(},"logprobs":{"content":[)";
    out += event.text;
    out += R"(],"refusal":null)";
    out += after_delta_;
}

template <class Write>
void OpenaiChatWriter::write_element(std::uint32_t index, std::string_view member, std::string& out,
                                     const Write& write) {
    begin(index, out);
    open_delta(index, out);
    JsonOut json(out);
    json.key(member).begin_array();
    write(json);
    json.end_array();
    out += after_delta_;
}

void OpenaiChatWriter::end(const chat::Usage& usage, std::string& out) {
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        if (!choices_[i].finish) {
            continue;
        }
        const auto index = static_cast<std::uint32_t>(i);
        begin(index, out);
        open_delta(index, out);
        out += R"(},"finish_reason":")";
        out += name_of(settled(*choices_[i].finish, !choices_[i].calls.empty()));
        out += show_usage_ ? "\"}],\"usage\":null}\n\n" : "\"}]}\n\n";
    }
    if (show_usage_ && usage.known) {
        out += "data: ";
        JsonOut json(out);
        json.begin_object();
        head_.write(json, "chat.completion.chunk");
        json.key("choices").begin_array().end_array().key("usage");
        write_usage(json, usage, cost_);
        json.end_object();
        out += "\n\n";
    }
    out += "data: [DONE]\n\n";
}

}  // namespace

std::unique_ptr<ReplyWriter> openai_chat_writer(const ReplyIdentity& identity) {
    return std::make_unique<OpenaiChatWriter>(identity);
}

}  // namespace gatehouse::dialect
