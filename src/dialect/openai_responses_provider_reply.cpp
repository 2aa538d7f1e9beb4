#include "openai_responses_words.hpp"
#include "openai_thought.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"
#include "responses_said.hpp"
#include "tool_calls_heard.hpp"
#include "translation_parts.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using chat::EventKind;
using chat::Finish;

// No model makes more in one turn; above it, somebody fills our memory.
constexpr std::size_t most_items = 4096;

/// Events that bring a piece of an item's text, or, `whole`, all of it.
struct TextEvent {
    std::string_view type;
    SaidAs as;
    bool whole;
};

constexpr std::array text_events{
    TextEvent{"response.output_text.delta", SaidAs::text, false},
    TextEvent{"response.output_text.done", SaidAs::text, true},
    TextEvent{"response.refusal.delta", SaidAs::refusal, false},
    TextEvent{"response.refusal.done", SaidAs::refusal, true},
    TextEvent{"response.reasoning_summary_text.delta", SaidAs::summary, false},
    TextEvent{"response.reasoning_summary_text.done", SaidAs::summary, true},
    TextEvent{"response.reasoning_text.delta", SaidAs::thought, false},
    TextEvent{"response.reasoning_text.done", SaidAs::thought, true},
};

bool is_call_type(std::string_view type) noexcept {
    return type == "function_call" || type == "custom_tool_call";
}

/// wire-formats 3.2, 3.3, 11.1, 12.3. A whole reply goes the way of a stream that tells each item when it is
/// done.
class ResponsesReader final : public ReplyReader {
public:
    ResponsesReader(const ReplyMap& map, std::string_view call_ids)
        : map_(map), call_ids_(call_ids), calls_(map_, 0), said_(map.answer_alone, events_, texts_) {}

    Result<std::span<const Event>> whole(std::string_view body) override;
    Result<std::span<const Event>> feed(const wire::SseEvent& event) override;
    Result<std::span<const Event>> close() override {
        begin();
        return std::span<const Event>(events_);
    }
    bool complete() const noexcept override { return complete_; }
    const chat::Usage& usage() const noexcept override { return usage_; }

private:
    void begin() {
        events_.clear();
        texts_.clear();
    }
    Result<std::span<const Event>> told(Status status) {
        if (!status) {
            return std::move(status).problem();
        }
        return std::span<const Event>(events_);
    }
    void start(const ResponsePiece& response);
    Status take(const ResponseEventPiece& event);
    Status take_arguments(const ResponseEventPiece& event);
    Status take_item(const ResponseItemPiece& piece, std::optional<std::int64_t> index, bool done);
    void take_content(HeardItem& item, const ResponseItemPiece& piece);
    Status take_call(HeardItem& item, const ResponseItemPiece& piece, bool done);
    void take_image(const ResponseItemPiece& piece);
    Status finish(const ResponsePiece& response);
    /// The item of a piece: one that is known, or a new one. Null: there are too many.
    HeardItem* item_of(std::optional<std::int64_t> index, std::string_view id, bool begins = false);
    Event& emit(EventKind kind, std::string_view text) {
        auto& event = events_.emplace_back();
        event.kind = kind;
        event.text = text;
        return event;
    }

    ReplyMap map_;
    std::string call_ids_;
    chat::Usage usage_;
    Texts texts_;
    std::vector<Event> events_;
    std::deque<HeardItem> items_;
    ToolCallsHeard calls_;
    ResponsesSaid said_;
    bool started_{false};
    bool complete_{false};
};

Result<std::span<const Event>> ResponsesReader::whole(std::string_view body) {
    begin();
    ResponsePiece response;
    if (!read_response(body, texts_, usage_, response)) {
        return no_answer("a reply that is no JSON object");
    }
    if (response.error || response.status == "failed" || (!response.has_output && is_error_object(body))) {
        return problem_of_event(body);
    }
    if (!response.has_output || response.status == "in_progress" || response.status == "queued") {
        return no_answer("a response that is not finished");
    }
    start(response);
    return told(finish(response));
}

Result<std::span<const Event>> ResponsesReader::feed(const wire::SseEvent& event) {
    begin();
    if (complete_) {
        return told(done());  // a late `[DONE]` of a compatible server, or nothing of the dialect
    }
    const auto data = without_padding(event.data);
    if (data == "[DONE]") {
        return Problem(ProblemKind::upstream_lost, "the stream ended before the response did",
                       Retry::same_place);
    }
    ResponseEventPiece piece;
    piece.type = event.name;
    if (!read_response_event(data, texts_, usage_, piece)) {
        return no_answer("a stream event that is no JSON object");
    }
    if (piece.error || piece.type == "error" || piece.type == "response.failed" || event.name == "error" ||
        (piece.type.empty() && is_error_object(data))) {
        return problem_of_event(data);
    }
    return told(take(piece));
}

void ResponsesReader::start(const ResponsePiece& response) {
    if (!std::exchange(started_, true)) {
        auto& event = emit(EventKind::start, {});
        event.id = response.id;
        event.name = response.model;
    }
}

Status ResponsesReader::take(const ResponseEventPiece& event) {
    const auto type = event.type;
    if (!type.starts_with("response.")) {
        return done();  // `keepalive`, and what is yet to be invented
    }
    start(event.response);
    if ((type == "response.output_item.added" || type == "response.output_item.done") && event.item) {
        return take_item(*event.item, event.output_index, type.ends_with(".done"));
    }
    if (type.starts_with("response.function_call_arguments.") ||
        type.starts_with("response.custom_tool_call_input.")) {
        return take_arguments(event);
    }
    if (type == "response.completed" || type == "response.incomplete" || type == "response.cancelled") {
        auto response = event.response;
        if (response.status.empty()) {
            response.status = type.substr(std::string_view("response.").size());
        }
        return finish(response);
    }
    const bool marks = type == "response.output_text.annotation.added";
    const auto* const text = std::find_if(text_events.begin(), text_events.end(),
                                          [&](const TextEvent& known) { return known.type == type; });
    if (!marks && text == text_events.end()) {
        return done();
    }
    auto* item = item_of(event.output_index, event.item_id);
    if (item == nullptr) {
        return no_answer("too many items");
    }
    if (marks) {
        item->marked = true;
        said_.cite(*item, event.part, event.annotation);
    } else if (text->whole) {
        said_.say_whole(*item, text->as, event.part, event.text);
    } else {
        said_.say(*item, text->as, event.part, event.delta);
    }
    return done();
}

Status ResponsesReader::take_arguments(const ResponseEventPiece& event) {
    auto* item = item_of(event.output_index, event.item_id);
    auto* call = item == nullptr ? nullptr : calls_.find(item->number, {}, {});
    if (call == nullptr) {
        return no_answer("too many items");
    }
    if (event.type.ends_with(".delta")) {
        calls_.arguments(*call, event.delta, events_, texts_);
    } else if (event.type.ends_with(".done") && !call->any && call->held.empty()) {
        calls_.arguments(*call, event.text, events_, texts_);
    }
    return done();
}

Status ResponsesReader::take_item(const ResponseItemPiece& piece, std::optional<std::int64_t> index,
                                  bool done_now) {
    auto* item = item_of(index, piece.id, !done_now);
    if (item == nullptr) {
        return no_answer("too many items");
    }
    item->comment = item->comment || piece.phase == "commentary";
    if (item->done) {
        return done();
    }
    item->done = done_now;
    if (is_call_type(piece.type)) {
        return take_call(*item, piece, done_now);
    }
    if (!done_now) {
        return done();
    }
    if (piece.type == "message" || piece.type == "reasoning") {
        take_content(*item, piece);
    } else if (piece.type == "image_generation_call") {
        take_image(piece);
    }
    return done();
}

/// What its own events have not brought.
void ResponsesReader::take_content(HeardItem& item, const ResponseItemPiece& piece) {
    const bool thoughts = piece.type == "reasoning";
    for (std::size_t i = 0; i < piece.summary.size(); ++i) {
        said_.say_whole(item, SaidAs::summary, static_cast<std::int64_t>(i), piece.summary[i].text);
    }
    for (std::size_t i = 0; i < piece.content.size(); ++i) {
        const auto& part = piece.content[i];
        const auto at = static_cast<std::int64_t>(i);
        said_.say_whole(item, thoughts ? SaidAs::thought : SaidAs::text, at, part.text);
        said_.say_whole(item, SaidAs::refusal, at, part.refusal);
        for (const auto annotation : part.annotations) {
            if (!item.marked) {
                said_.cite(item, at, annotation);
            }
        }
    }
    // At an item's beginning it may be incomplete.
    if (thoughts && !piece.encrypted.empty()) {
        emit(EventKind::signature, texts_.keep(openai_signature(piece.id, piece.encrypted)));
    }
}

Status ResponsesReader::take_call(HeardItem& item, const ResponseItemPiece& piece, bool done_now) {
    auto* call = calls_.find(item.number, {}, {});
    if (call == nullptr) {
        return no_answer("too many tool calls");
    }
    if (!call->begun && !piece.name.empty()) {
        const auto id = piece.call_id.empty() ? piece.id : piece.call_id;
        const auto made_up = id.empty() ? fmt::format("{}{}", call_ids_, item.number) : std::string(id);
        calls_.begin(*call, piece.name, piece.type == "custom_tool_call", made_up, events_, texts_);
    }
    if (done_now && !call->any && call->held.empty()) {
        calls_.arguments(*call, piece.arguments, events_, texts_);
    }
    if (done_now) {
        calls_.end(*call, events_, texts_);
    }
    return done();
}

void ResponsesReader::take_image(const ResponseItemPiece& piece) {
    if (piece.image.empty()) {
        return;
    }
    auto& event = emit(EventKind::image, piece.image);
    event.name =
        texts_.keep(fmt::format("image/{}", piece.image_format.empty() ? "png" : piece.image_format));
}

/// Told at the very end, so that nothing follows it.
Status ResponsesReader::finish(const ResponsePiece& response) {
    if (response.status == "cancelled") {
        return Problem(ProblemKind::upstream_failed, "the response was cancelled", Retry::same_place);
    }
    if (items_.empty()) {
        for (std::size_t i = 0; i < response.output.size(); ++i) {
            if (auto status = take_item(response.output[i], static_cast<std::int64_t>(i), true); !status) {
                return status;
            }
        }
    }
    if (!calls_.end_all(events_, texts_)) {
        return no_answer("a tool call without a name");
    }
    const bool cut = response.status == "incomplete";
    auto& event = emit(EventKind::finish, cut && !response.reason.empty() ? response.reason
                                          : response.status.empty()       ? "completed"
                                                                          : response.status);
    if (cut) {
        event.finish = response.reason == "content_filter" ? Finish::content_filter : Finish::length;
    } else {
        event.finish = calls_.any() ? Finish::tool_calls : Finish::stop;
    }
    complete_ = true;
    return done();
}

/// Indexes count more than ids, which some servers make anew for each event; a server that numbers badly
/// begins another item under the number of one that is done.
HeardItem* ResponsesReader::item_of(std::optional<std::int64_t> index, std::string_view id, bool begins) {
    const auto same = [&](const HeardItem& item) {
        return index && item.index ? item.index == index : !id.empty() && item.id == id;
    };
    const bool nameless = !index && id.empty() && !begins;
    const auto found = nameless ? items_.rbegin() : std::find_if(items_.rbegin(), items_.rend(), same);
    if (found != items_.rend() && !(begins && found->done)) {
        return &*found;
    }
    if (items_.size() == most_items) {
        return nullptr;
    }
    auto& item = items_.emplace_back();
    item.index = index;
    item.id = id;
    item.number = static_cast<std::int64_t>(items_.size()) - 1;
    return &item;
}

}  // namespace

std::unique_ptr<ReplyReader> responses_reader(const ReplyMap& map, std::string_view call_ids) {
    return std::make_unique<ResponsesReader>(map, call_ids);
}

}  // namespace gatehouse::dialect
