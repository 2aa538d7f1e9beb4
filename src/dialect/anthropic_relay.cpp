#include "anthropic_parts.hpp"
#include "anthropic_words.hpp"
#include "edits.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"

#include <optional>
#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Delta;
using chat::DeltaKind;
using wire::JsonReader;
using wire::JsonType;

constexpr std::string_view message_stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

/// What a block or a delta says, as far as a relay must know it.
struct RelayedPiece {
    std::string_view type;
    std::string_view stop_reason;
    bool something{false};  // a member that a reader would see is there and not empty
    std::uint64_t said{0};  // its bytes
};

/// A whole body, or what message_start holds.
struct RelayedMessage {
    std::string_view type;
    std::string_view id;
    std::string_view stop_reason;
    wire::ByteRange model;  // a string, with its quotes; empty: none
    std::string model_name;
    bool has_content{false};
    bool any_block{false};
    bool called{false};  // a block is a call of a tool
    bool error{false};
};

struct RelayedEvent {
    std::string_view type;
    RelayedPiece piece;  // `content_block` or `delta`
    RelayedMessage message;
    bool error{false};
};

void read_piece(JsonReader& json, Texts& texts, RelayedPiece& piece) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "type") {
            piece.type = texts.read(json);
        } else if (key == "stop_reason") {
            piece.stop_reason = texts.read(json);
        } else {
            const bool opaque = key == "signature" || key == "data";
            const auto from = json.offset();
            const bool something = read_presence(json);
            piece.said += something && !opaque ? json.offset() - from : 0;
            piece.something = something || piece.something;
        }
    }
}

void read_content(JsonReader& json, Texts& texts, RelayedMessage& message) {
    if (json.peek() != JsonType::array) {
        json.skip();
        return;
    }
    message.has_content = true;
    json.begin_array();
    while (json.next_element()) {
        RelayedPiece block;
        read_piece(json, texts, block);
        message.any_block = true;
        message.called = message.called || block.type == "tool_use";
    }
}

void read_message(JsonReader& json, std::string_view data, Texts& texts, AnthropicUsage& usage,
                  RelayedMessage& message) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "type") {
            message.type = texts.read(json);
        } else if (key == "id") {
            message.id = texts.read(json);
        } else if (key == "model") {
            const bool text = json.peek() == JsonType::string;
            const auto range = json.skip();
            message.model = text ? range : wire::ByteRange{};
            const bool read = text && range.size() >= 2;  // less: the text breaks off there
            message.model_name =
                read ? wire::unescape_json(data.substr(range.begin + 1, range.size() - 2)) : "";
        } else if (key == "content") {
            read_content(json, texts, message);
        } else if (key == "stop_reason") {
            message.stop_reason = texts.read(json);
        } else if (key == "usage") {
            usage.read(json);
        } else if (key == "error") {
            message.error = read_truth(json);
        } else {
            json.skip();
        }
    }
}

bool read_event(std::string_view data, Texts& texts, AnthropicUsage& usage, RelayedEvent& event) {
    JsonReader json(data, reply_limits);
    if (!json.begin_object()) {
        return false;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "type") {
            event.type = texts.read(json);
        } else if (key == "content_block" || key == "delta") {
            read_piece(json, texts, event.piece);
        } else if (key == "message") {
            read_message(json, data, texts, usage, event.message);
        } else if (key == "usage") {
            usage.read(json);
        } else if (key == "error") {
            event.error = read_truth(json);
        } else {
            json.skip();
        }
    }
    return json.finish();
}

/// Follows a stream of a client's own vendor (wire-formats 5.7). Blocks are for the client to put together.
class RelayStream final : public StreamDecoder {
public:
    explicit RelayStream(const RelayOptions& options)
        : renamed_(options.rename.empty() ? std::string() : wire::json_string(options.rename)) {}

    Result<Delta> feed(const wire::SseEvent& event) override;
    Result<Delta> close() override;
    void next_run() noexcept override { edited_.clear(); }
    bool complete() const noexcept override { return ended_; }
    const chat::Usage& usage() const noexcept override { return usage_; }
    std::string_view finish_reason() const noexcept override { return finish_reason_; }
    std::string_view model() const noexcept override { return model_; }
    std::uint64_t said() const noexcept override { return said_; }

private:
    Result<DeltaKind> take(const RelayedEvent& event);
    DeltaKind begin_block(const RelayedPiece& block);
    DeltaKind end();
    std::string_view shown(const wire::SseEvent& event, std::string_view data, const RelayedEvent& said);

    std::string renamed_;  // the JSON string to show as `model`; empty: the provider's own
    AnthropicUsage counts_;
    chat::Usage usage_;
    Texts texts_;
    std::string id_;
    std::string model_;
    std::uint64_t said_{0};
    std::string stop_reason_;
    std::string_view finish_reason_;  // a literal
    EditedEvents edited_;
    bool started_{false};
    bool called_{false};
    bool ended_{false};
};

Result<Delta> RelayStream::feed(const wire::SseEvent& event) {
    if (ended_) {
        return Delta{DeltaKind::opening, {}};  // nothing behind the end counts
    }
    texts_.clear();
    const auto data = without_padding(event.data);
    RelayedEvent said;
    if (!read_event(data, texts_, counts_, said)) {
        return no_answer("a stream event that is no JSON object");
    }
    if (said.type.empty()) {
        said.type = event.name;
    }
    if (said.error || said.type == "error" || event.name == "error") {
        return problem_of_event(data);
    }
    if (said.type.empty()) {
        return is_error_object(data) ? problem_of_event(data) : no_answer("a stream event without a type");
    }
    const bool again = said.type == "message_start" && started_;
    said_ += said.type.starts_with("content_block_") ? said.piece.said : 0;
    const auto kind = take(said);
    if (!kind) {
        return kind.problem();
    }
    // A second beginning makes the official SDKs fail.
    return Delta{*kind, again ? std::string_view() : shown(event, data, said)};
}

Result<DeltaKind> RelayStream::take(const RelayedEvent& event) {
    if (event.type == "message_start") {
        if (started_) {
            return event.message.id == id_ ? Result<DeltaKind>(DeltaKind::opening)
                                           : no_answer("a second message in one stream");
        }
        started_ = true;
        id_ = event.message.id;
        usage_ = counts_.usage();
        model_ = event.message.model_name;
        called_ = event.message.called;
        return event.message.any_block ? DeltaKind::content : DeltaKind::opening;
    }
    const bool of_message = event.type.starts_with("content_block_") || event.type.starts_with("message_");
    if (!of_message) {
        return DeltaKind::opening;  // a ping, or something newer
    }
    if (!started_) {
        return no_answer("a stream that does not begin with its message");
    }
    if (event.type == "content_block_start") {
        return begin_block(event.piece);
    }
    if (event.type == "content_block_delta") {
        return event.piece.something ? DeltaKind::content : DeltaKind::opening;
    }
    if (event.type == "message_stop") {
        return end();
    }
    if (event.type != "message_delta") {
        return DeltaKind::opening;
    }
    usage_ = counts_.usage();
    usage_.unbilled = event.piece.stop_reason == "refusal" && said_ == 0;
    if (event.piece.stop_reason.empty()) {
        return DeltaKind::usage;
    }
    stop_reason_ = event.piece.stop_reason;
    finish_reason_ = name_of(anthropic_finish(stop_reason_, called_));
    return DeltaKind::finish;
}

DeltaKind RelayStream::begin_block(const RelayedPiece& block) {
    called_ = called_ || block.type == "tool_use";
    if (block.type == "text" || block.type == "thinking") {
        return block.something ? DeltaKind::content : DeltaKind::opening;
    }
    // The mark of a change of the model at the provider is nothing to read.
    return block.type == "fallback" ? DeltaKind::opening : DeltaKind::content;
}

DeltaKind RelayStream::end() {
    ended_ = true;
    finish_reason_ = name_of(anthropic_finish(stop_reason_, called_));
    return DeltaKind::end;
}

std::string_view RelayStream::shown(const wire::SseEvent& event, std::string_view data,
                                    const RelayedEvent& said) {
    const auto& model = said.message.model;
    const bool rename = said.type == "message_start" && !renamed_.empty() && model.size() != 0 &&
                        data.substr(model.begin, model.size()) != renamed_;
    Edits edits;
    if (rename) {
        edits.replace(model, renamed_);
    }
    if (event.name.empty() && said.type.find_first_of("\r\n") == std::string_view::npos) {
        // The official SDKs pass over events without a name.
        wire::SseEvent named;
        named.name = said.type;
        return edited_.add(named, data, edits);
    }
    return rename ? edited_.add(event, data, edits) : event.raw;
}

Result<Delta> RelayStream::close() {
    if (ended_) {
        return Delta{DeltaKind::end, {}};
    }
    if (stop_reason_.empty()) {
        return Delta{};
    }
    return Delta{end(), message_stop};
}

Result<WholeReply> read_count(std::string_view body) {
    JsonReader json(body, reply_limits);
    std::optional<std::int64_t> tokens;
    bool error = false;
    if (!begin_object(json)) {
        return no_answer("a reply that is no JSON object");
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "input_tokens" && json.peek() == JsonType::number) {
            tokens = json.integer();
        } else if (key == "error") {
            error = read_truth(json);
        } else {
            json.skip();
        }
    }
    if (!json.finish()) {
        return no_answer("a reply that is no JSON");
    }
    if (error || is_error_object(body)) {
        return problem_of_event(body);
    }
    if (!tokens || *tokens < 0 || *tokens > most_tokens) {
        return no_answer("a reply that counts no tokens");
    }
    WholeReply reply;
    reply.usage.input = TokenCount(*tokens);
    reply.usage.known = true;
    reply.bytes = body;
    return reply;
}

}  // namespace

Result<WholeReply> read_anthropic_reply(chat::Endpoint endpoint, std::string_view body,
                                        const RelayOptions& options, std::string& edited) {
    if (endpoint == chat::Endpoint::count_message_tokens) {
        return read_count(body);
    }
    JsonReader json(body, reply_limits);
    Texts texts;
    AnthropicUsage counts;
    RelayedMessage message;
    const bool object = json.peek() == JsonType::object;
    read_message(json, body, texts, counts, message);
    if (!json.finish() || !object) {
        return no_answer("a reply that is no JSON object");
    }
    const bool says_message = message.type == "message";
    if (message.error || message.type == "error" || (!says_message && is_error_object(body))) {
        return problem_of_event(body);
    }
    if (!says_message || !message.has_content || message.stop_reason.empty()) {
        return no_answer("a reply that is no message");
    }
    WholeReply reply;
    reply.usage = counts.usage();
    reply.usage.unbilled = message.stop_reason == "refusal" && !message.any_block;
    reply.model = std::move(message.model_name);
    reply.finish_reason = name_of(anthropic_finish(message.stop_reason, message.called));
    reply.bytes = body;
    const auto renamed = options.rename.empty() ? std::string() : wire::json_string(options.rename);
    if (!renamed.empty() && message.model.size() != 0 &&
        body.substr(message.model.begin, message.model.size()) != renamed) {
        Edits edits;
        edits.replace(message.model, renamed);
        edited.clear();
        edits.apply(body, edited);
        reply.bytes = edited;
    }
    return reply;
}

std::unique_ptr<StreamDecoder> anthropic_relay_stream(const RelayOptions& options) {
    return std::make_unique<RelayStream>(options);
}

}  // namespace gatehouse::dialect
