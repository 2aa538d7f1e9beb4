#include "anthropic_words.hpp"

#include "openai_words.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

std::string_view read_explanation(JsonReader& json, Texts& texts) {
    std::string_view explanation;
    if (begin_object(json)) {
        while (json.next_member()) {
            if (json.key() == "explanation") {
                explanation = texts.read(json);
            } else {
                json.skip();
            }
        }
    }
    return explanation;
}

/// Where a member of a block or delta that is a string belongs; null: no such member.
std::string_view* text_member(AnthropicPiece& piece, std::string_view key) {
    switch (key.size()) {
        case 2:
            return key == "id" ? &piece.id : nullptr;
        case 4:
            return key == "type"   ? &piece.type
                   : key == "text" ? &piece.text
                   : key == "name" ? &piece.name
                   : key == "data" ? &piece.data
                                   : nullptr;
        case 8:
            return key == "thinking" ? &piece.thinking : nullptr;
        case 9:
            return key == "signature" ? &piece.signature : nullptr;
        case 11:
            return key == "stop_reason" ? &piece.stop_reason : nullptr;
        case 12:
            return key == "partial_json" ? &piece.partial_json : nullptr;
        default:
            return nullptr;
    }
}

void read_piece(JsonReader& json, std::string_view data, Texts& texts, AnthropicPiece& piece) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (auto* member = text_member(piece, key)) {
            *member = texts.read(json);
        } else if (key == "input") {
            piece.input = read_json(json, data);
        } else if (key == "citation") {
            piece.citation = read_json(json, data);
        } else if (key == "citations") {
            piece.citations = read_json(json, data);
        } else if (key == "stop_details") {
            piece.explanation = read_explanation(json, texts);
        } else {
            json.skip();
        }
    }
}

void read_content(JsonReader& json, std::string_view data, Texts& texts, AnthropicMessage& message) {
    if (json.peek() != JsonType::array) {
        json.skip();
        return;
    }
    message.has_content = true;
    json.begin_array();
    while (json.next_element()) {
        read_piece(json, data, texts, message.content.emplace_back());
    }
}

void read_message(JsonReader& json, std::string_view data, Texts& texts, AnthropicUsage& usage,
                  AnthropicMessage& message) {
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
            message.model = texts.read(json);
        } else if (key == "content") {
            read_content(json, data, texts, message);
        } else if (key == "stop_reason") {
            message.stop_reason = texts.read(json);
        } else if (key == "stop_details") {
            message.explanation = read_explanation(json, texts);
        } else if (key == "usage") {
            usage.read(json);
        } else if (key == "error") {
            message.error = read_truth(json);
        } else {
            json.skip();
        }
    }
}

/// Reads the numbers of one usage value. Null and absent are the same.
class NumberReader {
public:
    explicit NumberReader(JsonReader& json) : json_(json) {}

    bool sound() const noexcept { return sound_; }

    std::optional<std::int64_t> read() {
        if (json_.peek() == JsonType::null) {
            json_.null();
            return std::nullopt;
        }
        if (json_.peek() != JsonType::number) {
            json_.skip();
            sound_ = false;
            return std::nullopt;
        }
        const auto value = json_.integer();
        if (!value || *value < 0 || *value > most_tokens) {
            sound_ = false;
            return std::nullopt;
        }
        return value;
    }

    void read_into(std::int64_t& count, bool& known) {
        if (const auto value = read()) {
            count = *value;
            known = true;
        }
    }

    /// The sum of an object's members, or nothing.
    std::optional<std::int64_t> read_sum() {
        std::optional<std::int64_t> sum;
        if (begin_object(json_)) {
            while (json_.next_member()) {
                if (const auto value = read()) {
                    sum = std::min(sum.value_or(0) + *value, most_tokens);
                }
            }
        }
        return sum;
    }

private:
    JsonReader& json_;
    bool sound_{true};
};

void read_output_details(JsonReader& json, NumberReader& number, std::int64_t& thinking) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() == "thinking_tokens") {
            thinking = number.read().value_or(thinking);
        } else {
            json.skip();
        }
    }
}

}  // namespace

chat::Finish anthropic_finish(std::string_view stop_reason, bool called) noexcept {
    if (stop_reason == "refusal") {
        return chat::Finish::content_filter;
    }
    if (stop_reason == "max_tokens" || stop_reason == "model_context_window_exceeded") {
        return chat::Finish::length;
    }
    // `pause_turn` too: it comes of tools that Anthropic runs itself, which no translated request offers.
    return called ? chat::Finish::tool_calls : chat::Finish::stop;
}

void AnthropicUsage::read(JsonReader& json) {
    if (!begin_object(json)) {
        return;
    }
    auto counts = counts_;
    NumberReader number(json);
    std::optional<std::int64_t> cache_write;
    std::optional<std::int64_t> by_lifetime;
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "input_tokens") {
            number.read_into(counts.input, counts.known);
        } else if (key == "output_tokens") {
            number.read_into(counts.output, counts.known);
        } else if (key == "cache_read_input_tokens") {
            number.read_into(counts.cache_read, counts.known);
        } else if (key == "cache_creation_input_tokens") {
            cache_write = number.read();
        } else if (key == "cache_creation") {
            by_lifetime = number.read_sum();
        } else if (key == "output_tokens_details") {
            read_output_details(json, number, counts.thinking);
        } else {
            json.skip();
        }
    }
    counts.cache_write = cache_write ? *cache_write : by_lifetime.value_or(counts.cache_write);
    if (json.ok() && number.sound()) {
        counts_ = counts;
    }
}

chat::Usage AnthropicUsage::usage() const noexcept {
    const auto reasoning = std::min(counts_.thinking, counts_.output);
    chat::Usage usage;
    usage.input = TokenCount(counts_.input);
    usage.cached_input = TokenCount(counts_.cache_read);
    usage.cache_write = TokenCount(counts_.cache_write);
    usage.output = TokenCount(counts_.output - reasoning);
    usage.reasoning = TokenCount(reasoning);
    usage.known = counts_.known;
    return usage;
}

bool read_anthropic_message(std::string_view data, Texts& texts, AnthropicUsage& usage,
                            AnthropicMessage& message) {
    JsonReader json(data, reply_limits);
    const bool object = json.peek() == JsonType::object;
    read_message(json, data, texts, usage, message);
    return json.finish() && object;
}

bool read_anthropic_event(std::string_view data, Texts& texts, AnthropicUsage& usage, AnthropicEvent& event) {
    JsonReader json(data, reply_limits);
    if (!json.begin_object()) {
        return false;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "type") {
            event.type = texts.read(json);
        } else if (key == "index" && json.peek() == JsonType::number) {
            event.index = json.integer().value_or(-1);
        } else if (key == "content_block" || key == "delta") {
            read_piece(json, data, texts, event.piece);
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

}  // namespace gatehouse::dialect
