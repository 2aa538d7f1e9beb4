#include "openai_chat_words.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"
#include "tool_calls_heard.hpp"
#include "translation_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using chat::EventKind;
using chat::Finish;

constexpr std::int64_t most_choices = 128;

/// The provider's word, and what came, do not always agree (wire-formats 11.1).
Finish finish_of(std::string_view reason, bool has_calls) noexcept {
    if (reason == "length") {
        return Finish::length;
    }
    if (reason == "content_filter") {
        return Finish::content_filter;
    }
    return has_calls ? Finish::tool_calls : Finish::stop;
}

struct Choice {
    explicit Choice(const ReplyMap& map, std::uint32_t index) : calls(map, index) {}
    bool seen{false};
    std::string reason;  // the provider's; empty: not finished
    ToolCallsHeard calls;
};

/// wire-formats 2.3, 2.4, 11.1. A whole reply goes the way of a stream, as one chunk.
class OpenaiChatReader final : public ReplyReader {
public:
    OpenaiChatReader(const ReplyMap& map, std::string_view call_ids) : map_(map), call_ids_(call_ids) {}

    Result<std::span<const Event>> whole(std::string_view body) override;
    Result<std::span<const Event>> feed(const wire::SseEvent& event) override;
    Result<std::span<const Event>> close() override;
    bool complete() const noexcept override { return complete_; }
    const chat::Usage& usage() const noexcept override { return usage_; }

private:
    Status take(const ChatReplyPiece& piece, ChatReplyKind kind);
    Status take_choice(const ChatChoicePiece& piece, ChatReplyKind kind);
    void take_message(std::uint32_t index, const ChatMessagePiece& message);
    Status take_call(std::uint32_t index, const ChatCallPiece& piece, ChatReplyKind kind);
    void take_image(std::uint32_t index, std::string_view url);
    bool all_finished() const noexcept;
    Status finish();
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
    Event& emit(EventKind kind, std::uint32_t index, std::string_view text) {
        auto& event = events_.emplace_back();
        event.kind = kind;
        event.choice = index;
        event.text = text;
        return event;
    }
    void emit_text(EventKind kind, std::uint32_t index, std::string_view text) {
        if (!text.empty()) {
            emit(kind, index, text);
        }
    }

    ReplyMap map_;
    std::string call_ids_;
    chat::Usage usage_;
    Texts texts_;
    std::vector<Event> events_;
    std::vector<Choice> choices_;
    std::size_t made_up_{0};  // ids of calls
    bool started_{false};
    bool complete_{false};
};

Result<std::span<const Event>> OpenaiChatReader::whole(std::string_view body) {
    begin();
    ChatReplyPiece piece;
    if (!read_chat_reply(body, ChatReplyKind::whole, texts_, usage_, piece)) {
        return no_answer("a reply that is no JSON object");
    }
    if (piece.error || (!piece.has_choices && is_error_object(body))) {
        return problem_of_event(body);
    }
    if (piece.choices.empty()) {
        return no_answer("a reply without a choice");
    }
    if (auto status = take(piece, ChatReplyKind::whole); !status) {
        return std::move(status).problem();
    }
    return told(finish());
}

Result<std::span<const Event>> OpenaiChatReader::feed(const wire::SseEvent& event) {
    begin();
    if (complete_) {
        return told(done());  // clients do not look behind the terminator either
    }
    const auto data = without_padding(event.data);
    if (data == "[DONE]") {
        if (!all_finished()) {
            // A server that loses its model may still end its streams in good order.
            return Problem(ProblemKind::upstream_lost, "the stream ended before every choice was finished",
                           Retry::same_place);
        }
        return told(finish());
    }
    ChatReplyPiece piece;
    if (!read_chat_reply(data, ChatReplyKind::chunk, texts_, usage_, piece)) {
        return no_answer("a stream event that is no JSON object");
    }
    const bool empty = piece.choices.empty() && !piece.has_usage;
    if (piece.error || event.name == "error" || (empty && is_error_object(data))) {
        return problem_of_event(data);
    }
    return told(take(piece, ChatReplyKind::chunk));
}

/// Some servers end without a terminator.
Result<std::span<const Event>> OpenaiChatReader::close() {
    begin();
    return told(!complete_ && all_finished() ? finish() : done());
}

Status OpenaiChatReader::take(const ChatReplyPiece& piece, ChatReplyKind kind) {
    if (!started_ && !piece.choices.empty()) {
        started_ = true;
        auto& event = emit(EventKind::start, 0, {});
        event.id = piece.id;
        event.name = piece.model;
    }
    for (const auto& choice : piece.choices) {
        if (auto status = take_choice(choice, kind); !status) {
            return status;
        }
    }
    return done();
}

Status OpenaiChatReader::take_choice(const ChatChoicePiece& piece, ChatReplyKind kind) {
    if (piece.index < 0 || piece.index >= most_choices) {
        return no_answer("a choice with an impossible index");
    }
    const auto index = static_cast<std::uint32_t>(piece.index);
    while (choices_.size() <= index) {
        choices_.emplace_back(map_, static_cast<std::uint32_t>(choices_.size()));
    }
    choices_[index].seen = true;
    if (piece.finish_reason == "error") {
        return Problem(ProblemKind::upstream_failed, "the model's answer failed", Retry::same_place);
    }
    take_message(index, piece.message);
    if (!piece.logprobs.empty()) {
        const auto list = texts_.keep(compact_json(piece.logprobs));
        emit_text(EventKind::logprobs, index, list.substr(1, list.size() - 2));
    }
    for (const auto& call : piece.message.calls) {
        if (auto status = take_call(index, call, kind); !status) {
            return status;
        }
    }
    if (piece.message.function_call) {
        auto call = *piece.message.function_call;
        call.index = -1;
        if (auto status = take_call(index, call, ChatReplyKind::chunk); !status) {
            return status;
        }
    }
    // Some compatible servers send an empty reason on every chunk: it means null.
    if (!piece.finish_reason.empty()) {
        choices_[index].reason = piece.finish_reason;
    } else if (kind == ChatReplyKind::whole) {
        choices_[index].reason = "stop";
    }
    return done();
}

void OpenaiChatReader::take_message(std::uint32_t index, const ChatMessagePiece& message) {
    emit_text(EventKind::reasoning, index, message.reasoning);
    for (const auto text : message.texts) {
        emit_text(EventKind::text, index, text);
    }
    emit_text(EventKind::refusal, index, message.refusal);
    for (const auto url : message.images) {
        take_image(index, url);
    }
    for (const auto annotation : message.annotations) {
        emit(EventKind::citation, index, texts_.keep(compact_json(annotation)));
    }
}

Status OpenaiChatReader::take_call(std::uint32_t index, const ChatCallPiece& piece, ChatReplyKind kind) {
    auto& calls = choices_[index].calls;
    auto* call =
        kind == ChatReplyKind::whole ? calls.add(piece.index) : calls.find(piece.index, piece.id, piece.name);
    if (call == nullptr) {
        return no_answer("too many tool calls");
    }
    if (!call->begun) {
        calls.end_whole(call, events_, texts_);
        if (!piece.id.empty()) {
            call->id = piece.id;
        }
        if (!piece.name.empty()) {
            const auto made_up =
                call->id.empty() ? fmt::format("{}{}", call_ids_, made_up_++) : std::string();
            calls.begin(*call, piece.name, piece.custom, made_up, events_, texts_);
        }
    }
    calls.arguments(*call, piece.arguments, events_, texts_);
    return done();
}

/// Only images that are in the reply itself have a neutral form.
void OpenaiChatReader::take_image(std::uint32_t index, std::string_view url) {
    constexpr std::string_view scheme = "data:";
    constexpr std::string_view coding = ";base64,";
    const auto at = url.find(coding);
    if (url.starts_with(scheme) && at != std::string_view::npos && at + coding.size() < url.size()) {
        auto& event = emit(EventKind::image, index, url.substr(at + coding.size()));
        event.name = url.substr(scheme.size(), at - scheme.size());
    }
}

bool OpenaiChatReader::all_finished() const noexcept {
    return !choices_.empty() && std::all_of(choices_.begin(), choices_.end(), [](const Choice& choice) {
        return !choice.seen || !choice.reason.empty();
    });
}

/// Told at the very end, so that nothing follows it.
Status OpenaiChatReader::finish() {
    for (auto& choice : choices_) {
        if (choice.seen && !choice.calls.end_all(events_, texts_)) {
            return no_answer("a tool call without a name");
        }
    }
    for (std::uint32_t index = 0; index < choices_.size(); ++index) {
        const auto& choice = choices_[index];
        if (choice.seen) {
            emit(EventKind::finish, index, choice.reason).finish =
                finish_of(choice.reason, choice.calls.any());
        }
    }
    complete_ = true;
    return done();
}

}  // namespace

std::unique_ptr<ReplyReader> openai_chat_reader(const ReplyMap& map, std::string_view call_ids) {
    return std::make_unique<OpenaiChatReader>(map, call_ids);
}

}  // namespace gatehouse::dialect
