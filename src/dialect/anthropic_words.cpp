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

    /// The sum of an object's members, or nothing; `long_kept` gets the one of an hour.
    std::optional<std::int64_t> read_lifetimes(std::int64_t& long_kept) {
        std::optional<std::int64_t> sum;
        if (begin_object(json_)) {
            while (json_.next_member()) {
                const bool hour = json_.key() == "ephemeral_1h_input_tokens";
                if (const auto value = read()) {
                    sum = std::min(sum.value_or(0) + *value, most_tokens);
                    long_kept = hour ? *value : long_kept;
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

/// One value with counts, member by member.
class AnthropicUsage::Reading {
public:
    Reading(JsonReader& json, const Counts& before) : json_(json), number_(json), counts_(before) {}

    /// False: the member is none of these, and was not read.
    bool take(std::string_view key) {
        if (key == "input_tokens") {
            number_.read_into(counts_.input, counts_.known);
        } else if (key == "output_tokens") {
            number_.read_into(counts_.output, counts_.known);
        } else if (key == "cache_read_input_tokens") {
            number_.read_into(counts_.cache_read, counts_.known);
        } else if (key == "cache_creation_input_tokens") {
            cache_write_ = number_.read();
        } else if (key == "cache_creation") {
            by_lifetime_ = number_.read_lifetimes(counts_.cache_write_1h);
        } else if (key == "output_tokens_details") {
            read_output_details(json_, number_, counts_.thinking);
        } else {
            return false;
        }
        return true;
    }
    bool sound() const noexcept { return number_.sound(); }
    Counts counts() const noexcept {
        auto counts = counts_;
        counts.cache_write = cache_write_ ? *cache_write_ : by_lifetime_.value_or(counts.cache_write);
        return counts;
    }

private:
    JsonReader& json_;
    NumberReader number_;
    Counts counts_;
    std::optional<std::int64_t> cache_write_;
    std::optional<std::int64_t> by_lifetime_;
};

void AnthropicUsage::read(JsonReader& json) {
    if (!begin_object(json)) {
        return;
    }
    Reading reading(json, counts_);
    auto service = counts_.service;
    bool fast = counts_.fast;
    std::vector<Iteration> iterations;
    bool sound = true;
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "service_tier") {
            read_service(json, service);
        } else if (key == "speed") {
            auto speed = chat::Service::standard;
            read_service(json, speed);
            fast = speed == chat::Service::fast;
        } else if (key == "iterations") {
            read_iterations(json, iterations, sound);
        } else if (!reading.take(key)) {
            json.skip();
        }
    }
    if (!json.ok() || !reading.sound() || !sound) {
        return;
    }
    counts_ = reading.counts();
    counts_.service = service;
    counts_.fast = fast;
    if (!iterations.empty()) {
        iterations_ = std::move(iterations);
    }
}

void AnthropicUsage::read_iterations(JsonReader& json, std::vector<Iteration>& iterations, bool& sound) {
    constexpr std::size_t most = 64;
    if (!begin_array(json)) {
        return;
    }
    while (json.next_element()) {
        if (!begin_object(json)) {
            continue;
        }
        Reading reading(json, Counts());
        std::string model;
        while (json.next_member()) {
            const auto key = json.key();
            if (key == "model" && json.peek() == JsonType::string) {
                model = json.string();
            } else if (!reading.take(key)) {
                json.skip();
            }
        }
        sound = sound && reading.sound() && iterations.size() < most;
        if (sound) {
            iterations.push_back({std::move(model), reading.counts()});
        }
    }
}

chat::Usage AnthropicUsage::usage_of(const Counts& counts) noexcept {
    const auto reasoning = std::min(counts.thinking, counts.output);
    const auto long_kept = std::min(counts.cache_write_1h, counts.cache_write);
    chat::Usage usage;
    usage.input = TokenCount(counts.input);
    usage.cached_input = TokenCount(counts.cache_read);
    usage.cache_write = TokenCount(counts.cache_write - long_kept);
    usage.cache_write_1h = TokenCount(long_kept);
    usage.output = TokenCount(counts.output - reasoning);
    usage.reasoning = TokenCount(reasoning);
    usage.service = counts.fast ? chat::Service::fast : counts.service;
    usage.known = counts.known;
    return usage;
}

chat::Usage AnthropicUsage::usage() const {
    auto usage = usage_of(counts_);
    if (iterations_.empty()) {
        return usage;
    }
    std::vector<chat::UsagePart> parts;
    for (const auto& iteration : iterations_) {
        auto used = usage_of(iteration.counts);
        used.service = usage.service;
        // Another call took over from it: it had refused before it said a word, which is not billed.
        used.unbilled = &iteration != &iterations_.back() && used.completion().value() == 0;
        parts.push_back({iteration.model, std::move(used)});
    }
    usage.parts = std::make_shared<const std::vector<chat::UsagePart>>(std::move(parts));
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
