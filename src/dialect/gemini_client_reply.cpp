#include "gemini_client_reply.hpp"

#include "gemini_client_citations.hpp"
#include "gemini_client_request.hpp"
#include "json_out.hpp"
#include "logprobs.hpp"
#include "reply_words.hpp"
#include "translation_parts.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;
using chat::Finish;

struct Choice {
    bool seen{false};
    bool refused{false};
    std::optional<Finish> finish;
    std::vector<GatheredCall> calls;
    GeminiCitations citations;
    std::string logprobs;  // elements of the chat dialect's list
};

/// wire-formats 6.3, 12.7. Google's SDKs throw an answer away when one of its chunks has no role or no part.
class GeminiWriter final : public ReplyWriter {
public:
    explicit GeminiWriter(const ReplyIdentity& identity)
        : id_(identity.id),
          model_(identity.model),
          show_reasoning_(identity.show_reasoning),
          origin_(identity.origin),
          json_array_(identity.json_array) {}

    void resume(const StreamSoFar& so_far) override;
    DeltaKind write(std::span<const Event> events, std::string& out) override;
    void end(const chat::Usage& usage, std::string& out) override;
    std::string whole(std::span<const Event> events, const chat::Usage& usage) override;

private:
    /// The parts that an event brings; false: it brings none, or none yet.
    bool write_parts(const Event& event, JsonOut& parts);
    void write_text(JsonOut& parts, std::string_view text, bool thought, std::string_view signature = {});
    void write_signature(JsonOut& parts, const Event& event);
    bool write_call(JsonOut& parts, GatheredCall& call, bool cut);
    /// Calls that never ended, or whose arguments are broken; false: there are none.
    bool write_rest(Choice& of, JsonOut& parts);
    void note(const Event& event, Choice& of);
    std::string signature_for_client(std::string_view signature, bool redacted) const;

    Choice& choice(std::uint32_t index);
    GatheredCall& call(const Event& event);

    void begin_candidate(JsonOut& json) const;
    void end_candidate(JsonOut& json, std::size_t index, const Choice* finished) const;
    void end_chunk(JsonOut& json, const chat::Usage* usage) const;
    void add_chunk(const std::string& chunk, std::string& out);
    /// How many.
    std::size_t write_whole_parts(std::span<const Event> events, std::uint32_t index, JsonOut& parts);

    std::string id_;
    std::string model_;
    bool show_reasoning_;
    std::optional<chat::Vendor> origin_;
    bool json_array_;
    bool begun_{false};  // an element of the array was written
    std::vector<Choice> choices_;
};

void GeminiWriter::resume(const StreamSoFar& so_far) {
    const auto& position = so_far.position();
    if (!position.id.empty()) {
        id_ = position.id;
        model_ = position.model;
    }
    begun_ = true;
    choice(0).seen = true;
}

Choice& GeminiWriter::choice(std::uint32_t index) {
    if (index >= choices_.size()) {
        choices_.resize(index + std::size_t{1});
    }
    return choices_[index];
}

GatheredCall& GeminiWriter::call(const Event& event) {
    auto& calls = choice(event.choice).calls;
    if (event.tool >= calls.size()) {
        calls.resize(event.tool + std::size_t{1});
    }
    return calls[event.tool];
}

std::string GeminiWriter::signature_for_client(std::string_view signature, bool redacted) const {
    return origin_ && !signature.empty() ? wrapped_signature(*origin_, signature, redacted) : std::string();
}

void GeminiWriter::write_text(JsonOut& parts, std::string_view text, bool thought,
                              std::string_view signature) {
    parts.begin_object().key("text").string(text);
    if (thought) {
        parts.key("thought").boolean(true);
    }
    if (!signature.empty()) {
        parts.key("thoughtSignature").string(signature);
    }
    parts.end_object();
}

/// Google's own stand on what they sign, text as well as thoughts; all others sign thoughts.
void GeminiWriter::write_signature(JsonOut& parts, const Event& event) {
    const bool redacted = event.kind == EventKind::redacted;
    write_text(parts, {}, redacted || origin_ != chat::Vendor::gemini,
               signature_for_client(event.text, redacted));
}

/// `cut`: the answer ended at its limit, perhaps in the middle of this call, which then cannot be said.
bool GeminiWriter::write_call(JsonOut& parts, GatheredCall& call, bool cut) {
    call.written = true;
    if (cut && !is_sound(call)) {
        return false;
    }
    parts.begin_object().key("functionCall").begin_object();
    parts.key("id").string(call.id).key("name").string(call.name).key("args");
    write_arguments(parts, call);
    parts.end_object();
    if (const auto signature = signature_for_client(call.signature, false); !signature.empty()) {
        parts.key("thoughtSignature").string(signature);
    }
    parts.end_object();
    return true;
}

bool GeminiWriter::write_rest(Choice& of, JsonOut& parts) {
    bool any = false;
    for (auto& call : of.calls) {
        if (!call.written) {
            any = write_call(parts, call, of.finish == Finish::length) || any;
        }
    }
    return any;
}

bool GeminiWriter::write_parts(const Event& event, JsonOut& parts) {
    switch (event.kind) {
        case EventKind::text:
        case EventKind::refusal:
            if (!event.text.empty()) {
                write_text(parts, event.text, false);
            }
            return !event.text.empty();
        case EventKind::reasoning:
            if (show_reasoning_ && !event.text.empty()) {
                write_text(parts, event.text, true);
            }
            return show_reasoning_ && !event.text.empty();
        case EventKind::signature:
        case EventKind::redacted:
            if (show_reasoning_ && origin_ && !event.text.empty()) {
                write_signature(parts, event);
            }
            return show_reasoning_ && origin_ && !event.text.empty();
        case EventKind::image:
            parts.begin_object().key("inlineData").begin_object();
            parts.key("mimeType").string(event.name).key("data").string(event.text);
            parts.end_object().end_object();
            return true;
        case EventKind::tool_end: {
            auto& ended = call(event);
            return is_sound(ended) && !ended.written && write_call(parts, ended, false);
        }
        default:
            return false;
    }
}

/// What is told later.
void GeminiWriter::note(const Event& event, Choice& of) {
    of.seen = of.seen || event.kind != EventKind::start;
    switch (event.kind) {
        case EventKind::refusal:
            of.refused = true;
            break;
        case EventKind::tool_start: {
            auto& started = call(event);
            started.id = event.id;
            started.name = event.name;
            started.signature = event.signature;
            started.custom = event.custom;
            break;
        }
        case EventKind::tool_arguments:
            call(event).arguments += event.text;
            break;
        case EventKind::citation:
            of.citations.add(event.text);
            break;
        case EventKind::logprobs:
            of.logprobs += of.logprobs.empty() ? "" : ",";
            of.logprobs += event.text;
            break;
        case EventKind::finish:
            of.finish = event.finish;
            break;
        default:
            break;
    }
}

void GeminiWriter::begin_candidate(JsonOut& json) const {
    json.begin_object().key("content").begin_object().key("role").string("model").key("parts").begin_array();
}

void GeminiWriter::end_candidate(JsonOut& json, std::size_t index, const Choice* finished) const {
    json.end_array().end_object();
    if (finished != nullptr) {
        json.key("finishReason")
            .string(gemini_finish_reason(finished->finish.value_or(Finish::stop), finished->refused));
    }
    json.key("index").integer(static_cast<std::int64_t>(index));
    if (finished != nullptr) {
        finished->citations.write(json);
    }
    if (finished != nullptr && !finished->logprobs.empty()) {
        json.key("logprobsResult").raw(gemini_logprobs(finished->logprobs));
    }
    json.end_object();
}

void GeminiWriter::end_chunk(JsonOut& json, const chat::Usage* usage) const {
    if (usage != nullptr && usage->known) {
        write_usage_metadata(json, *usage);
    }
    json.key("modelVersion").string(model_).key("responseId").string(id_).end_object();
}

void GeminiWriter::add_chunk(const std::string& chunk, std::string& out) {
    if (json_array_) {
        out += std::exchange(begun_, true) ? ",\r\n" : "[";
        out += chunk;
    } else {
        out.append("data: ").append(chunk).append("\n\n");
    }
}

DeltaKind GeminiWriter::write(std::span<const Event> events, std::string& out) {
    bool seen = false;
    bool finished = false;
    for (const auto& event : events) {
        note(event, choice(event.choice));
        if (event.kind == EventKind::text) {
            choice(event.choice).citations.add_text(event.text);
        }
        finished = finished || event.kind == EventKind::finish;
        std::string chunk;
        JsonOut json(chunk);
        json.begin_object().key("candidates").begin_array();
        begin_candidate(json);
        if (!write_parts(event, json)) {
            continue;
        }
        seen = true;
        end_candidate(json, event.choice, nullptr);
        json.end_array();
        end_chunk(json, nullptr);
        add_chunk(chunk, out);
    }
    if (seen) {
        return DeltaKind::content;
    }
    return finished ? DeltaKind::finish : DeltaKind::opening;
}

void GeminiWriter::end(const chat::Usage& usage, std::string& out) {
    if (choices_.empty()) {
        choices_.resize(1);
    }
    std::string chunk;
    JsonOut json(chunk);
    json.begin_object().key("candidates").begin_array();
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        auto& of = choices_[i];
        if (!of.seen && i > 0) {
            continue;
        }
        begin_candidate(json);
        if (!write_rest(of, json)) {
            write_text(json, {}, false);
        }
        end_candidate(json, i, &of);
    }
    json.end_array();
    end_chunk(json, &usage);
    add_chunk(chunk, out);
    if (json_array_) {
        out += ']';
    }
}

/// Neighbours of one kind are one part; thoughts have their signature on them. A refusal stands alone: what
/// was said before it does not count.
std::size_t GeminiWriter::write_whole_parts(std::span<const Event> events, std::uint32_t index,
                                            JsonOut& parts) {
    const bool refused = choices_[index].refused;
    std::size_t count = 0;
    std::string text;
    EventKind kind = EventKind::start;  // of what is held in `text`; start: nothing is
    const auto flush = [&](std::string_view signature) {
        if (kind != EventKind::start && !text.empty()) {
            write_text(parts, text, kind == EventKind::reasoning, signature);
            if (kind == EventKind::text) {
                choices_[index].citations.add_part(count, text);
            }
            ++count;
        }
        text.clear();
        kind = EventKind::start;
    };
    for (const auto& event : events) {
        if (event.choice != index || (refused && event.kind != EventKind::refusal)) {
            continue;
        }
        const bool words = event.kind == EventKind::text || event.kind == EventKind::refusal ||
                           (event.kind == EventKind::reasoning && show_reasoning_);
        if (words) {
            if (kind != event.kind) {
                flush({});
            }
            kind = event.kind;
            text += event.text;
            continue;
        }
        const bool thoughts = event.kind == EventKind::signature || event.kind == EventKind::redacted;
        const bool brings = event.kind == EventKind::tool_end || event.kind == EventKind::image ||
                            (thoughts && show_reasoning_);
        const bool signs = event.kind == EventKind::signature && show_reasoning_ && !text.empty() &&
                           (kind == EventKind::reasoning || origin_ == chat::Vendor::gemini);
        if (signs) {
            flush(signature_for_client(event.text, false));
        } else if (brings) {
            flush({});
            count += write_parts(event, parts) ? 1U : 0U;
        }
    }
    flush({});
    return count;
}

std::string GeminiWriter::whole(std::span<const Event> events, const chat::Usage& usage) {
    choices_.assign(1, {});
    for (const auto& event : events) {
        note(event, choice(event.choice));
    }
    std::string out;
    JsonOut json(out);
    json.begin_object().key("candidates").begin_array();
    for (std::uint32_t i = 0; i < choices_.size(); ++i) {
        auto& of = choices_[i];
        if (!of.seen && i > 0) {
            continue;
        }
        begin_candidate(json);
        const bool some = write_whole_parts(events, i, json) > 0;
        const bool more = !of.refused && write_rest(of, json);
        if (!some && !more) {
            write_text(json, {}, false);
        }
        end_candidate(json, i, &of);
    }
    json.end_array();
    end_chunk(json, &usage);
    return out;
}

}  // namespace

std::unique_ptr<ReplyWriter> gemini_writer(const ReplyIdentity& identity) {
    return std::make_unique<GeminiWriter>(identity);
}

}  // namespace gatehouse::dialect
