#include "gatehouse/dialect/translation.hpp"

#include "client_words.hpp"
#include "seam.hpp"
#include "translation_parts.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace gatehouse::dialect {
namespace {

// What another dialect's names for the same may need on top, in an ordinary request.
constexpr std::size_t other_words = 256;

std::string_view finish_in(std::span<const chat::Event> events) {
    const auto found = std::find_if(events.begin(), events.end(), [](const chat::Event& event) {
        return event.kind == chat::EventKind::finish && event.choice == 0;
    });
    return found == events.end() ? std::string_view() : name_of(found->finish);
}

std::string_view text_told(const ReplyIdentity& identity) noexcept {
    return identity.goes_on == nullptr ? std::string_view() : identity.goes_on->text();
}

/// The provider's events on one side, the client's on the other.
class TranslatedStream : public StreamDecoder {
public:
    TranslatedStream(std::unique_ptr<ReplyReader> reader, std::unique_ptr<ReplyWriter> writer,
                     ThoughtKeeper keeper, const ReplyIdentity& identity)
        : reader_(std::move(reader)),
          writer_(std::move(writer)),
          keeper_(std::move(keeper)),
          seam_(text_told(identity)),
          used_before_(identity.used) {}

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
            keeper_.see(events);
            kind = writer_->write(seam_.join(events), text);
            if (const auto finish = finish_in(events); !finish.empty()) {
                finish_ = finish;
            }
        }
        if (reader_->complete()) {
            keeper_.keep();
            writer_->end(chat::sum_of(used_before_, reader_->usage()), text);
            ended_ = true;
            kind = chat::DeltaKind::end;
        }
        return {kind, text};
    }

    std::unique_ptr<ReplyReader> reader_;
    std::unique_ptr<ReplyWriter> writer_;
    ThoughtKeeper keeper_;
    Seam seam_;
    chat::Usage used_before_;
    std::deque<std::string> texts_;  // of the run; a deque, since views into it must stay
    std::size_t used_{0};
    std::string_view finish_;  // a literal
    bool ended_{false};
};

Result<StreamedReply> streamed(ReplyReader& reader, ReplyWriter& writer, std::string_view body,
                               ThoughtKeeper& keeper, const ReplyIdentity& identity) {
    const auto events = reader.whole(body);
    if (!events) {
        return events.problem();
    }
    keeper.see(*events);
    keeper.keep();
    StreamedReply reply;
    reply.usage = reader.usage();
    reply.finish_reason = finish_in(*events);
    Seam seam(text_told(identity));
    writer.write(seam.join(*events), reply.content);
    writer.end(chat::sum_of(identity.used, reader.usage()), reply.end);
    return reply;
}

class ConversationTranslation : public Translation {
public:
    /// `show`: the client wants to see thoughts. `keeper`: of thoughts, for each reply its own.
    ConversationTranslation(chat::Endpoint from, chat::Endpoint to, bool show, Written written,
                            ThoughtKeeper keeper)
        : from_(from), to_(to), show_(show), written_(std::move(written)), keeper_(std::move(keeper)) {}

    std::string_view path() const noexcept override { return written_.path; }
    std::string_view body() const noexcept override { return written_.body; }
    std::string_view fields() const noexcept override { return written_.fields; }
    const std::vector<std::string>& dropped() const noexcept override { return written_.dropped; }

    Result<WholeReply> decode_reply(std::string_view body, const ReplyIdentity& identity,
                                    std::string& translated) const override {
        const auto reader = make_reader(to_, written_.map, identity.id);
        const auto events = reader->whole(body);
        if (!events) {
            return events.problem();
        }
        auto keeper = keeper_;
        keeper.see(*events);
        keeper.keep();
        translated = make_writer(from_, shown(identity))->whole(*events, reader->usage());
        return WholeReply{reader->usage(), std::string(finish_in(*events)), translated};
    }

    std::unique_ptr<StreamDecoder> stream_decoder(const ReplyIdentity& identity) const override {
        return std::make_unique<TranslatedStream>(make_reader(to_, written_.map, identity.id),
                                                  make_writer(from_, shown(identity)), keeper_, identity);
    }

    Result<StreamedReply> stream_whole(std::string_view body, const ReplyIdentity& identity) const override {
        auto keeper = keeper_;
        return streamed(*make_reader(to_, written_.map, identity.id), *make_writer(from_, shown(identity)),
                        body, keeper, identity);
    }

private:
    ReplyIdentity shown(ReplyIdentity identity) const {
        identity.show_reasoning = identity.show_reasoning || show_;
        return identity;
    }

    chat::Endpoint from_;  // the client's
    chat::Endpoint to_;    // the provider's
    bool show_;
    Written written_;
    ThoughtKeeper keeper_;
};

/// Anthropic's clients bring thoughts back by themselves, and Gemini's those that they were shown.
bool forgets_thoughts(chat::Endpoint client, const chat::Conversation& conversation) noexcept {
    return client == chat::Endpoint::chat_completions || client == chat::Endpoint::responses ||
           (client == chat::Endpoint::generate_content && !conversation.reasoning.show_text);
}

}  // namespace

Result<StreamedReply> stream_whole(chat::Endpoint endpoint, std::string_view body,
                                   const ReplyIdentity& identity) {
    ThoughtKeeper keeper(nullptr);
    return streamed(*make_reader(endpoint, no_reply_map(), identity.id), *make_writer(endpoint, identity),
                    body, keeper, identity);
}

std::unique_ptr<StreamDecoder> joined_stream(chat::Endpoint endpoint, const ReplyIdentity& identity) {
    return std::make_unique<TranslatedStream>(make_reader(endpoint, no_reply_map(), identity.id),
                                              make_writer(endpoint, identity), ThoughtKeeper(nullptr),
                                              identity);
}

Result<std::unique_ptr<Translation>> translate(const chat::Request& request, chat::Endpoint to,
                                               const TranslateOptions& options) {
    auto conversation = read_conversation(request);
    if (!conversation) {
        return std::move(conversation.problem());
    }
    const auto memory = forgets_thoughts(request.endpoint, *conversation) ? options.memory : nullptr;
    std::vector<std::string> doubted;
    if (options.without_thoughts) {
        doubted = leave_out_thoughts(*conversation);
    } else {
        recall_thoughts(*conversation, chat::vendor_of(to), memory.get());
    }
    auto sized = options;
    sized.likely_size = request.original.bytes.size() + other_words;
    auto written = write_conversation(*conversation, to, request.stream, sized);
    if (!written) {
        return in_words_of(request.endpoint, *conversation, std::move(written.problem()));
    }
    written->dropped = in_words_of(request.endpoint, *conversation, std::move(written->dropped));
    return std::unique_ptr<Translation>(std::make_unique<ConversationTranslation>(
        request.endpoint, to, conversation->reasoning.show_text, std::move(*written),
        ThoughtKeeper(memory, std::move(doubted))));
}

}  // namespace gatehouse::dialect
