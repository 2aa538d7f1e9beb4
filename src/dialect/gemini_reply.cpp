#include "gemini_grounding.hpp"
#include "gemini_partial_arguments.hpp"
#include "gemini_words.hpp"
#include "logprobs.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"
#include "reply_words.hpp"
#include "translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using chat::EventKind;
using chat::Finish;

// Gemini gives 8 candidates at most.
constexpr std::int64_t most_choices = 128;

/// A call that comes in pieces and has not ended.
struct OpenCall {
    std::uint32_t tool{0};
    bool is_answer{false};  // its arguments are the answer's text
    bool custom{false};
    PartialArguments pieces;
    std::string arguments;  // that came whole
};

struct Choice {
    bool seen{false};
    bool said_anything{false};
    std::uint32_t tools{0};
    std::string reason;     // the provider's; empty: not finished
    std::string held_text;  // of the answer tool, until it is known that no other was called
    std::optional<OpenCall> open;
    CharacterRuler ruler;
    std::vector<std::size_t> part_begins;  // of a whole reply
    Grounding grounding;
};

/// Whole replies and streams alike are chunks; only what follows from the end is held back until then.
class GeminiReader final : public ReplyReader {
public:
    GeminiReader(const ReplyMap& map, std::string_view call_ids) : map_(map), call_ids_(call_ids) {}

    Result<std::span<const Event>> whole(std::string_view body) override;
    Result<std::span<const Event>> feed(const wire::SseEvent& event) override;
    Result<std::span<const Event>> close() override;
    bool complete() const noexcept override { return complete_; }
    const chat::Usage& usage() const noexcept override { return usage_; }

private:
    void begin_run();
    Status read(std::string_view data);
    Status read_array(std::string_view data);
    Status read_chunk(std::string_view data);
    void start(const GeminiChunk& chunk);
    Status read_candidate(const GeminiCandidate& candidate);
    Status read_part(std::uint32_t index, const GeminiPart& part);
    Status read_call(std::uint32_t index, const GeminiCall& call, std::string_view signature);
    void begin_call(std::uint32_t index, const GeminiCall& call, std::string_view signature);
    Status add_to_call(std::uint32_t index, const GeminiCall& call);
    void end_call(std::uint32_t index);
    void block(std::string_view reason);
    void finish();
    void finish_choice(std::uint32_t index);
    void emit_text(std::uint32_t index, std::string_view text);
    Event& emit(EventKind kind, std::uint32_t index, std::string_view text = {});

    const ReplyMap& map_;
    std::string call_ids_;
    bool started_{false};
    bool whole_{false};
    bool blocked_{false};
    bool complete_{false};
    std::size_t calls_{0};  // of all choices
    std::vector<Choice> choices_;
    GeminiUsage counts_;
    chat::Usage usage_;
    Texts texts_;
    std::vector<Event> events_;
};

void GeminiReader::begin_run() {
    events_.clear();
    texts_.clear();
}

Result<std::span<const Event>> GeminiReader::whole(std::string_view body) {
    begin_run();
    whole_ = true;
    if (auto status = read(without_padding(body)); !status) {
        return std::move(status).problem();
    }
    finish();
    if (!complete_) {
        return no_answer("a reply without an answer");
    }
    return std::span<const Event>(events_);
}

Result<std::span<const Event>> GeminiReader::feed(const wire::SseEvent& event) {
    begin_run();
    const auto data = without_padding(event.data);
    if (data == "[DONE]") {  // some compatible servers end like this
        return std::span<const Event>(events_);
    }
    if (event.name == "error") {
        return problem_of_event(data);
    }
    if (auto status = read(data); !status) {
        return std::move(status).problem();
    }
    return std::span<const Event>(events_);
}

Result<std::span<const Event>> GeminiReader::close() {
    begin_run();
    finish();
    return std::span<const Event>(events_);
}

/// Without `alt=sse`, and in errors, Google wraps what it says in an array.
Status GeminiReader::read(std::string_view data) {
    return data.starts_with('[') ? read_array(data) : read_chunk(data);
}

Status GeminiReader::read_array(std::string_view data) {
    wire::JsonReader json(data, reply_limits);
    std::vector<std::string_view> chunks;
    json.begin_array();
    while (json.next_element()) {
        const auto range = json.skip();
        chunks.push_back(data.substr(range.begin, range.size()));
    }
    if (!json.finish()) {
        return no_answer("something that is no JSON");
    }
    whole_ = whole_ && chunks.size() == 1;
    for (const auto chunk : chunks) {
        if (auto status = read_chunk(chunk); !status) {
            return status;
        }
    }
    return done();
}

Status GeminiReader::read_chunk(std::string_view data) {
    GeminiChunk chunk;
    if (!read_gemini_chunk(data, texts_, counts_, chunk)) {
        return no_answer("something that is no JSON object");
    }
    if (chunk.error) {
        return problem_of_event(data);
    }
    usage_ = counts_.usage();
    start(chunk);
    for (const auto& candidate : chunk.candidates) {
        if (auto status = read_candidate(candidate); !status) {
            return status;
        }
    }
    if (!chunk.block_reason.empty()) {
        block(chunk.block_reason);
    }
    return done();
}

void GeminiReader::start(const GeminiChunk& chunk) {
    if (!started_) {
        started_ = true;
        auto& event = emit(EventKind::start, 0);
        event.id = chunk.id;
        event.name = chunk.model;
    }
}

Status GeminiReader::read_candidate(const GeminiCandidate& candidate) {
    if (candidate.index < 0 || candidate.index >= most_choices) {
        return no_answer("a candidate with an impossible index");
    }
    if (is_gemini_failure(candidate.finish_reason)) {
        auto message = fmt::format("the model's answer failed with {}", candidate.finish_reason);
        if (!candidate.finish_message.empty()) {
            message += ": " + redact(candidate.finish_message, 200);
        }
        return Problem(ProblemKind::upstream_failed, std::move(message), Retry::same_place)
            .with_code(std::string(candidate.finish_reason));
    }
    const auto index = static_cast<std::uint32_t>(candidate.index);
    if (index >= choices_.size()) {
        choices_.resize(index + 1);
    }
    choices_[index].seen = true;
    for (const auto& part : candidate.parts) {
        if (auto status = read_part(index, part); !status) {
            return status;
        }
    }
    if (auto probabilities = chat_logprobs(candidate.logprobs); !probabilities.empty()) {
        emit(EventKind::logprobs, index, texts_.keep(std::move(probabilities)));
    }
    auto& choice = choices_[index];
    if (!candidate.grounding.empty()) {
        choice.grounding.add(candidate.grounding);
    }
    if (!candidate.quotes.empty()) {
        choice.grounding.add_quotes(candidate.quotes);
    }
    if (!candidate.finish_reason.empty()) {
        choice.reason = candidate.finish_reason;
    }
    return done();
}

Status GeminiReader::read_part(std::uint32_t index, const GeminiPart& part) {
    auto& choice = choices_[index];
    if (whole_) {
        choice.part_begins.push_back(choice.ruler.bytes());
    }
    if (part.call) {
        return read_call(index, *part.call, part.signature);
    }
    if (part.thought) {
        if (!part.text.empty()) {
            emit(EventKind::reasoning, index, part.text);
        }
    } else if (!part.text.empty()) {
        emit_text(index, part.text);
    } else if (part.media_type.starts_with("image/") && !part.data.empty()) {
        choice.said_anything = true;
        emit(EventKind::image, index, part.data).name = part.media_type;
    }
    if (!part.signature.empty()) {
        emit(EventKind::signature, index, part.signature);
    }
    return done();
}

/// Only the first piece of a call has a name, and the last may be `{}`.
Status GeminiReader::read_call(std::uint32_t index, const GeminiCall& call, std::string_view signature) {
    auto& choice = choices_[index];
    if (!call.name.empty()) {
        end_call(index);
        begin_call(index, call, signature);
    } else if (!choice.open) {
        return done();
    }
    if (auto status = add_to_call(index, call); !status) {
        return status;
    }
    if (!call.will_continue) {
        end_call(index);
    }
    return done();
}

void GeminiReader::begin_call(std::uint32_t index, const GeminiCall& call, std::string_view signature) {
    auto& choice = choices_[index];
    auto& open = choice.open.emplace();
    choice.said_anything = true;
    if (!map_.json_tool.empty() && call.name == map_.json_tool) {
        open.is_answer = true;
        return;
    }
    const auto renamed = std::find_if(map_.names.begin(), map_.names.end(),
                                      [&](const auto& name) { return name.first == call.name; });
    const auto name = renamed == map_.names.end() ? call.name : std::string_view(renamed->second);
    open.custom =
        std::find(map_.custom_tools.begin(), map_.custom_tools.end(), name) != map_.custom_tools.end();
    open.tool = choice.tools++;
    auto& event = emit(EventKind::tool_start, index);
    event.tool = open.tool;
    event.id = call.id.empty() ? texts_.keep(fmt::format("{}{}", call_ids_, calls_)) : call.id;
    event.name = name;
    event.custom = open.custom;
    event.signature = signature;
    ++calls_;
}

Status GeminiReader::add_to_call(std::uint32_t index, const GeminiCall& call) {
    auto& open = *choices_[index].open;
    if (!call.args.empty()) {
        open.arguments = compact_json(call.args);
    }
    if (!call.partial.empty() && !open.pieces.add(call.partial)) {
        return no_answer("arguments of a tool in pieces that do not fit together");
    }
    return done();
}

void GeminiReader::end_call(std::uint32_t index) {
    auto& choice = choices_[index];
    if (!choice.open) {
        return;
    }
    auto open = std::move(*choice.open);
    choice.open.reset();
    auto arguments = open.pieces.json();
    if (arguments.empty()) {
        arguments = open.arguments.empty() ? std::string("{}") : std::move(open.arguments);
    }
    if (open.is_answer) {
        if (map_.json_waits) {
            choice.held_text = std::move(arguments);
        } else {
            emit_text(index, texts_.keep(std::move(arguments)));
        }
        return;
    }
    if (open.custom) {
        arguments = free_text_of(std::move(arguments));
    }
    emit(EventKind::tool_arguments, index, texts_.keep(std::move(arguments))).tool = open.tool;
    emit(EventKind::tool_end, index).tool = open.tool;
}

/// The prompt was refused: there are no candidates.
void GeminiReader::block(std::string_view reason) {
    if (blocked_) {
        return;
    }
    blocked_ = true;
    if (choices_.empty()) {
        choices_.resize(1);
    }
    choices_.front().seen = true;
    choices_.front().reason = reason;
    emit(EventKind::refusal, 0, texts_.keep(fmt::format("Prompt blocked: {}", reason)));
}

/// Everything was read. A turn of thoughts alone sometimes ends without any reason: then the answer is empty,
/// and its finish has no word of the provider. A whole reply is not cut, whatever it lacks.
void GeminiReader::finish() {
    const auto said = [](const Choice& choice) { return choice.said_anything; };
    const bool any = std::any_of(choices_.begin(), choices_.end(), said);
    const bool reasons_may_lack = any ? whole_ : counts_.thoughts_only();
    const auto ended = [&](const Choice& choice) {
        return !choice.seen || !choice.reason.empty() || reasons_may_lack;
    };
    complete_ = !choices_.empty() && std::all_of(choices_.begin(), choices_.end(), ended);
    if (!complete_) {
        return;
    }
    for (std::uint32_t index = 0; index < choices_.size(); ++index) {
        if (choices_[index].seen) {
            finish_choice(index);
        }
    }
}

void GeminiReader::finish_choice(std::uint32_t index) {
    end_call(index);
    auto& choice = choices_[index];
    if (choice.tools == 0 && !choice.held_text.empty()) {
        emit_text(index, choice.held_text);
    }
    if (!choice.grounding.empty()) {
        for (const auto& citation : choice.grounding.citations(choice.ruler, choice.part_begins)) {
            emit(EventKind::citation, index, texts_.keep(annotation_of(citation)));
        }
    }
    auto& event = emit(EventKind::finish, index, choice.reason);
    event.finish =
        blocked_ && index == 0 ? Finish::content_filter : gemini_finish(choice.reason, choice.tools > 0);
}

void GeminiReader::emit_text(std::uint32_t index, std::string_view text) {
    choices_[index].said_anything = true;
    choices_[index].ruler.add(text);
    emit(EventKind::text, index, text);
}

Event& GeminiReader::emit(EventKind kind, std::uint32_t index, std::string_view text) {
    auto& event = events_.emplace_back();
    event.kind = kind;
    event.choice = index;
    event.text = text;
    return event;
}

}  // namespace

std::unique_ptr<ReplyReader> gemini_reader(const ReplyMap& map, std::string_view call_ids) {
    return std::make_unique<GeminiReader>(map, call_ids);
}

}  // namespace gatehouse::dialect
