#include "gatehouse/dialect/translation.hpp"

#include "client_words.hpp"
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

/// Who answered, and how much was said.
struct Telling {
    std::string model;
    std::uint64_t said{0};

    void see(std::span<const chat::Event> events) {
        for (const auto& event : events) {
            if (event.kind == chat::EventKind::start) {
                model = event.name;
            } else if (event.kind != chat::EventKind::finish && event.kind != chat::EventKind::signature &&
                       event.kind != chat::EventKind::image) {
                said += event.text.size();
            }
        }
    }
};

void tell_cost(const chat::CostTeller* teller, const chat::Usage& usage, const Telling& answered,
               ReplyWriter& writer) {
    if (teller != nullptr && usage.known) {
        writer.tell_cost(teller->tell(usage, answered.model));
    }
}

/// The provider's events on one side, the client's on the other.
class TranslatedStream : public StreamDecoder {
public:
    TranslatedStream(std::unique_ptr<ReplyReader> reader, std::unique_ptr<ReplyWriter> writer,
                     ThoughtKeeper keeper, const chat::CostTeller* cost)
        : reader_(std::move(reader)), writer_(std::move(writer)), keeper_(std::move(keeper)), cost_(cost) {}

    Result<chat::Delta> feed(const wire::SseEvent& event) override {
        if (ended_) {
            return chat::Delta{chat::DeltaKind::end, {}};
        }
        const auto events = reader_->feed(event);
        if (!events) {
            return events.problem();
        }
        return told(*events);
    }

    Result<chat::Delta> close() override {
        if (ended_) {
            return chat::Delta{chat::DeltaKind::end, {}};
        }
        const auto events = reader_->close();
        if (!events) {
            return events.problem();
        }
        return told(*events);
    }

    void next_run() noexcept override { used_ = 0; }
    bool complete() const noexcept override { return ended_; }
    const chat::Usage& usage() const noexcept override { return reader_->usage(); }
    std::string_view finish_reason() const noexcept override { return finish_; }
    std::string_view model() const noexcept override { return answered_.model; }
    std::uint64_t said() const noexcept override { return answered_.said; }

private:
    chat::Delta told(std::span<const chat::Event> events) {
        if (used_ == texts_.size()) {
            texts_.emplace_back();
        }
        std::string& text = texts_[used_++];
        text.clear();
        chat::DeltaKind kind = chat::DeltaKind::opening;
        if (!events.empty()) {
            keeper_.see(events);
            answered_.see(events);
            kind = writer_->write(events, text);
            if (const auto finish = finish_in(events); !finish.empty()) {
                finish_ = finish;
            }
        }
        if (reader_->complete()) {
            keeper_.keep();
            tell_cost(cost_, reader_->usage(), answered_, *writer_);
            writer_->end(reader_->usage(), text);
            ended_ = true;
            kind = chat::DeltaKind::end;
        }
        return {kind, text};
    }

    std::unique_ptr<ReplyReader> reader_;
    std::unique_ptr<ReplyWriter> writer_;
    ThoughtKeeper keeper_;
    const chat::CostTeller* cost_;
    Telling answered_;
    std::deque<std::string> texts_;  // of the run; a deque, since views into it must stay
    std::size_t used_{0};
    std::string_view finish_;  // a literal
    bool ended_{false};
};

Result<chat::Conversation> read_conversation(const chat::Request& request) {
    const std::string_view body = request.original.bytes;
    switch (request.endpoint) {
        case chat::Endpoint::responses:
            return read_responses(body);
        case chat::Endpoint::messages:
            return read_anthropic(body);
        case chat::Endpoint::generate_content:
            return read_gemini(body);
        default:
            return read_openai_chat(body);
    }
}

Result<Written> write_conversation(const chat::Conversation& conversation, chat::Endpoint to, bool stream,
                                   const TranslateOptions& options) {
    switch (to) {
        case chat::Endpoint::messages:
            return write_anthropic(conversation, stream, options);
        case chat::Endpoint::generate_content:
            return write_gemini(conversation, stream, options);
        case chat::Endpoint::responses:
            return write_responses(conversation, stream, options);
        default:
            return write_openai_chat(conversation, stream, options);
    }
}

std::unique_ptr<ReplyWriter> make_writer(chat::Endpoint client, const ReplyIdentity& identity) {
    switch (client) {
        case chat::Endpoint::responses:
            return responses_writer(identity);
        case chat::Endpoint::messages:
            return anthropic_writer(identity);
        case chat::Endpoint::generate_content:
            return gemini_writer(identity);
        default:
            return openai_chat_writer(identity);
    }
}

std::unique_ptr<ReplyReader> make_reader(chat::Endpoint provider, const ReplyMap& map,
                                         const ReplyIdentity& identity) {
    std::string call_ids = "call_";
    call_ids += identity.id;
    switch (provider) {
        case chat::Endpoint::messages:
            return anthropic_reader(map);
        case chat::Endpoint::generate_content:
            return gemini_reader(map, call_ids);
        case chat::Endpoint::responses:
            return responses_reader(map, call_ids);
        default:
            return openai_chat_reader(map, call_ids);
    }
}

Result<StreamedReply> streamed(ReplyReader& reader, ReplyWriter& writer, std::string_view body,
                               ThoughtKeeper& keeper, const chat::CostTeller* cost) {
    const auto events = reader.whole(body);
    if (!events) {
        return events.problem();
    }
    keeper.see(*events);
    keeper.keep();
    StreamedReply reply;
    reply.usage = reader.usage();
    reply.finish_reason = finish_in(*events);
    Telling answered;
    answered.see(*events);
    tell_cost(cost, reply.usage, answered, writer);
    reply.said = answered.said;
    reply.model = std::move(answered.model);
    writer.write(*events, reply.content);
    writer.end(reader.usage(), reply.end);
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
        const auto reader = make_reader(to_, written_.map, identity);
        const auto events = reader->whole(body);
        if (!events) {
            return events.problem();
        }
        auto keeper = keeper_;
        keeper.see(*events);
        keeper.keep();
        translated = make_writer(from_, shown(identity))->whole(*events, reader->usage());
        Telling answered;
        answered.see(*events);
        return WholeReply{reader->usage(), std::string(finish_in(*events)), translated,
                          std::move(answered.model), answered.said};
    }

    std::unique_ptr<StreamDecoder> stream_decoder(const ReplyIdentity& identity) const override {
        return std::make_unique<TranslatedStream>(make_reader(to_, written_.map, identity),
                                                  make_writer(from_, shown(identity)), keeper_,
                                                  identity.cost);
    }

    Result<StreamedReply> stream_whole(std::string_view body, const ReplyIdentity& identity) const override {
        auto keeper = keeper_;
        return streamed(*make_reader(to_, written_.map, identity), *make_writer(from_, shown(identity)), body,
                        keeper, identity.cost);
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
    return streamed(*make_reader(endpoint, {}, identity), *make_writer(endpoint, identity), body, keeper,
                    identity.cost);
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
