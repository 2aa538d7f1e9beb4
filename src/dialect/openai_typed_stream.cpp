#include "edits.hpp"
#include "openai_parts.hpp"
#include "openai_words.hpp"
#include "previous_response.hpp"
#include "provider_error.hpp"
#include "usage_cost.hpp"

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Delta;
using chat::DeltaKind;
using wire::JsonType;

/// What one event said.
struct TypedEvent {
    std::string_view type;
    wire::ByteRange model;  // of `response`; a string, with its quotes; empty: none
    wire::ByteRange usage;  // of `response`; a value that is not null; empty: none
    MemberPlace previous;   // of `response`: `previous_response_id`
    bool something{true};   // false: a delta that is there and empty
    bool error{false};
};

/// Events that carry a `type`: responses, streamed images, speech and transcripts.
class TypedStream final : public StreamDecoder {
public:
    TypedStream(chat::Endpoint endpoint, const RelayOptions& options)
        : endpoint_(endpoint),
          renamed_(options.rename.empty() ? std::string() : wire::json_string(options.rename)),
          previous_(options.previous_response),
          cost_(options.cost) {}

    Result<Delta> feed(const wire::SseEvent& event) override;
    void next_run() noexcept override { edited_.clear(); }
    bool complete() const noexcept override { return ended_; }
    const chat::Usage& usage() const noexcept override { return usage_; }
    /// Of a response that has not come to its end `in_progress` is no reason.
    std::string_view finish_reason() const noexcept override {
        return ended_ ? std::string_view(finish_reason_) : std::string_view();
    }
    std::string_view model() const noexcept override { return model_; }
    std::uint64_t said() const noexcept override { return said_; }

private:
    void read_event(std::string_view data, wire::JsonReader& json, TypedEvent& event);
    void read_response(std::string_view data, wire::JsonReader& json, TypedEvent& event);
    std::string_view shown(const wire::SseEvent& event, std::string_view data, const TypedEvent& typed);
    bool is_end(std::string_view type) const noexcept;
    std::string_view read_type(wire::JsonReader& json);

    chat::Endpoint endpoint_;
    std::string renamed_;  // the JSON string to show as `model`; empty: the provider's own
    PreviousResponse previous_;
    UsageCost cost_;
    chat::Usage usage_;
    std::string model_;
    std::uint64_t said_{0};
    std::string finish_reason_;
    std::string type_;  // of an event that writes it with escapes
    bool ended_{false};
    EditedEvents edited_;
};

bool is_failure(std::string_view type) noexcept {
    return type == "error" || type == "response.failed";
}

/// Something a reader sees: text, arguments, an image, an item that is done. What only announces is none.
bool is_content(std::string_view type) noexcept {
    return type.ends_with(".delta") || type.ends_with(".done") || type.ends_with(".partial_image") ||
           type.ends_with(".annotation.added") || type.ends_with(".segment");
}

Result<Delta> TypedStream::feed(const wire::SseEvent& event) {
    if (ended_) {
        return Delta{DeltaKind::opening,
                     {}};  // a late `[DONE]` of a compatible server, or nothing of the dialect
    }
    const std::string_view data = without_padding(event.data);
    if (data == "[DONE]") {
        return no_answer("the end of a stream without a final event");
    }
    wire::JsonReader json(data, reply_limits);
    TypedEvent typed;
    typed.type = event.name;
    read_event(data, json, typed);
    if (!json.finish()) {
        return no_answer("a stream event that is no JSON object");
    }
    if (typed.error || is_failure(typed.type) || event.name == "error") {
        return problem_of_event(data);
    }
    if (typed.type.empty()) {
        return is_error_object(data) ? problem_of_event(data) : no_answer("a stream event without a type");
    }
    ended_ = is_end(typed.type);
    const auto bytes = shown(event, data, typed);
    if (ended_) {
        return Delta{DeltaKind::end, bytes};
    }
    const bool content = typed.something && is_content(typed.type);
    return Delta{content ? DeltaKind::content : DeltaKind::opening, bytes};
}

std::string_view TypedStream::shown(const wire::SseEvent& event, std::string_view data,
                                    const TypedEvent& typed) {
    Edits edits;
    if (!renamed_.empty() && typed.model.size() != 0 &&
        data.substr(typed.model.begin, typed.model.size()) != renamed_) {
        edits.replace(typed.model, renamed_);
    }
    previous_.show(data, typed.previous, edits);
    if (ended_) {
        cost_.show(data, typed.usage, usage_, model_, true, edits);
    }
    return edits.empty() ? event.raw : edited_.add(event, data, edits);
}

bool TypedStream::is_end(std::string_view type) const noexcept {
    switch (endpoint_) {
        case chat::Endpoint::responses:
            return type == "response.completed" || type == "response.incomplete";
        case chat::Endpoint::images_generations:
            return type.ends_with(".completed");
        default:
            return type.ends_with(".done");
    }
}

std::string_view TypedStream::read_type(wire::JsonReader& json) {
    if (const auto plain = json.plain_string()) {
        return *plain;
    }
    type_ = json.string();
    return type_;
}

void TypedStream::read_event(std::string_view data, wire::JsonReader& json, TypedEvent& event) {
    if (!json.begin_object()) {
        return;
    }
    while (json.next_member()) {
        const std::string_view key = json.key();
        if (key == "type" && json.peek() == JsonType::string) {
            event.type = read_type(json);
        } else if (key == "delta") {
            const auto from = json.offset();
            event.something = read_presence(json);
            said_ += json.offset() - from;
        } else if (key == "response" && json.peek() == JsonType::object) {
            read_response(data, json, event);
        } else if (key == "usage") {
            read_usage(json, usage_);
        } else if (key == "error") {
            event.error = read_truth(json);
        } else {
            json.skip();
        }
    }
}

void TypedStream::read_response(std::string_view data, wire::JsonReader& json, TypedEvent& event) {
    const auto inside = json.offset() + 1;
    event.previous = MemberPlace{{inside, inside}, false};
    json.begin_object();
    while (json.next_member()) {
        const std::string_view key = json.key();
        event.previous.possible = true;
        if (key == "previous_response_id") {
            event.previous.value = json.skip();
        } else if (key == "model") {
            const bool text = json.peek() == JsonType::string;
            const auto range = json.skip();
            event.model = text ? range : wire::ByteRange{};
            if (model_.empty() && text && range.size() >= 2) {  // less: the text breaks off there
                model_ = wire::unescape_json(data.substr(range.begin + 1, range.size() - 2));
            }
        } else if (key == "service_tier") {
            read_service(json, usage_.service);
        } else if (key == "usage" && json.peek() == JsonType::object) {
            event.usage = json.skip();
            wire::JsonReader usage(data.substr(event.usage.begin, event.usage.size()), reply_limits);
            read_usage(usage, usage_);
        } else if (key == "status" && json.peek() == JsonType::string) {
            finish_reason_ = json.string();
        } else {
            json.skip();
        }
    }
}

}  // namespace

std::unique_ptr<StreamDecoder> openai_typed_stream(chat::Endpoint endpoint, const RelayOptions& options) {
    return std::make_unique<TypedStream>(endpoint, options);
}

}  // namespace gatehouse::dialect
