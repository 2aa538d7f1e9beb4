#include "gatehouse/dialect/translation.hpp"

#include "translation_parts.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace gatehouse::dialect {
namespace {

std::string_view finish_in(std::span<const chat::Event> events) {
    const auto found = std::find_if(events.begin(), events.end(), [](const chat::Event& event) {
        return event.kind == chat::EventKind::finish && event.choice == 0;
    });
    return found == events.end() ? std::string_view() : name_of(found->finish);
}

/// The provider's events on one side, the client's on the other.
class TranslatedStream : public StreamDecoder {
public:
    TranslatedStream(std::unique_ptr<ReplyReader> reader, std::unique_ptr<ReplyWriter> writer)
        : reader_(std::move(reader)), writer_(std::move(writer)) {}

    Result<chat::Delta> feed(const wire::SseEvent& event) override {
        if (ended_) {
            return chat::Delta{chat::DeltaKind::end, {}};
        }
        const auto events = reader_->feed(event);
        if (!events) {
            return events.problem();
        }
        return said(*events);
    }

    Result<chat::Delta> close() override {
        if (ended_) {
            return chat::Delta{chat::DeltaKind::end, {}};
        }
        const auto events = reader_->close();
        if (!events) {
            return events.problem();
        }
        return said(*events);
    }

    void next_run() noexcept override { used_ = 0; }
    bool complete() const noexcept override { return ended_; }
    const chat::Usage& usage() const noexcept override { return reader_->usage(); }
    std::string_view finish_reason() const noexcept override { return finish_; }

private:
    chat::Delta said(std::span<const chat::Event> events) {
        if (used_ == texts_.size()) {
            texts_.emplace_back();
        }
        std::string& text = texts_[used_++];
        text.clear();
        chat::DeltaKind kind = chat::DeltaKind::opening;
        if (!events.empty()) {
            kind = writer_->write(events, text);
            if (const auto finish = finish_in(events); !finish.empty()) {
                finish_ = finish;
            }
        }
        if (reader_->complete()) {
            writer_->end(reader_->usage(), text);
            ended_ = true;
            kind = chat::DeltaKind::end;
        }
        return {kind, text};
    }

    std::unique_ptr<ReplyReader> reader_;
    std::unique_ptr<ReplyWriter> writer_;
    std::deque<std::string> texts_;  // of the run; a deque, since views into it must stay
    std::size_t used_{0};
    std::string_view finish_;  // a literal
    bool ended_{false};
};

class ChatTranslation : public Translation {
public:
    ChatTranslation(chat::Endpoint to, Written written) : to_(to), written_(std::move(written)) {}

    std::string_view path() const noexcept override { return written_.path; }
    std::string_view body() const noexcept override { return written_.body; }
    std::string_view fields() const noexcept override { return written_.fields; }
    const std::vector<std::string>& dropped() const noexcept override { return written_.dropped; }

    Result<WholeReply> decode_reply(std::string_view body, const ReplyIdentity& identity,
                                    std::string& translated) const override {
        const auto reader = make_reader(identity);
        const auto events = reader->whole(body);
        if (!events) {
            return events.problem();
        }
        translated = openai_chat_writer(identity)->whole(*events, reader->usage());
        return WholeReply{reader->usage(), std::string(finish_in(*events)), translated};
    }

    std::unique_ptr<StreamDecoder> stream_decoder(const ReplyIdentity& identity) const override {
        return std::make_unique<TranslatedStream>(make_reader(identity), openai_chat_writer(identity));
    }

private:
    std::unique_ptr<ReplyReader> make_reader(const ReplyIdentity& identity) const {
        if (to_ == chat::Endpoint::messages) {
            return anthropic_reader(written_.map);
        }
        std::string call_ids = "call_";
        call_ids += identity.id;
        return gemini_reader(written_.map, call_ids);
    }

    chat::Endpoint to_;
    Written written_;
};

}  // namespace

Result<std::unique_ptr<Translation>> translate(const chat::Request& request, chat::Endpoint to,
                                               const TranslateOptions& options) {
    const auto conversation = read_openai_chat(request.original.bytes);
    if (!conversation) {
        return conversation.problem();
    }
    auto written = to == chat::Endpoint::messages ? write_anthropic(*conversation, request.stream, options)
                                                 : write_gemini(*conversation, request.stream, options);
    if (!written) {
        return std::move(written.problem());
    }
    return std::unique_ptr<Translation>(std::make_unique<ChatTranslation>(to, std::move(*written)));
}

}  // namespace gatehouse::dialect
