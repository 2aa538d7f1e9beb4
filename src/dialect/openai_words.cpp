#include "openai_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gatehouse::dialect {
namespace {

/// The counts of a usage value as the provider nests them.
struct Counts {
    std::optional<std::int64_t> prompt;
    std::optional<std::int64_t> completion;
    std::int64_t cached{0};
    std::int64_t cache_write{0};
    std::int64_t reasoning{0};
    bool sound{true};

    /// Null and absent are the same; anything but a sane integer spoils the value.
    std::optional<std::int64_t> read(wire::JsonReader& json) {
        if (json.peek() == wire::JsonType::null) {
            json.null();
            return std::nullopt;
        }
        if (json.peek() != wire::JsonType::number) {
            json.skip();
            sound = false;
            return std::nullopt;
        }
        const auto value = json.integer();
        if (!value || *value < 0 || *value > most_tokens) {
            sound = false;
            return std::nullopt;
        }
        return value;
    }
};

void read_details(wire::JsonReader& json, Counts& counts) {
    if (json.peek() != wire::JsonType::object) {
        json.skip();
        return;
    }
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "cached_tokens") {
            counts.cached = counts.read(json).value_or(0);
        } else if (key == "cache_write_tokens") {
            counts.cache_write = counts.read(json).value_or(0);
        } else if (key == "reasoning_tokens") {
            counts.reasoning = counts.read(json).value_or(0);
        } else {
            json.skip();
        }
    }
}

}  // namespace

std::string_view with_article(wire::JsonType type) noexcept {
    switch (type) {
        case wire::JsonType::object:
            return "an object";
        case wire::JsonType::array:
            return "an array";
        case wire::JsonType::string:
            return "a string";
        case wire::JsonType::number:
            return "a number";
        case wire::JsonType::boolean:
            return "a boolean";
        case wire::JsonType::null:
            return "null";
        case wire::JsonType::invalid:
            break;
    }
    return "something else";
}

bool read_truth(wire::JsonReader& json) {
    switch (json.peek()) {
        case wire::JsonType::null:
            json.null();
            return false;
        case wire::JsonType::boolean:
            return json.boolean();
        case wire::JsonType::number:
            return json.number() != 0;
        case wire::JsonType::string:
            return json.skip().size() > 2;
        default:
            json.skip();
            return true;
    }
}

bool read_presence(wire::JsonReader& json) {
    switch (json.peek()) {
        case wire::JsonType::string:
            return json.skip().size() > 2;
        case wire::JsonType::object:
            json.skip();
            return true;
        case wire::JsonType::array: {
            bool any = false;
            json.begin_array();
            while (json.next_element()) {
                any = true;
                json.skip();
            }
            return any;
        }
        default:
            json.skip();
            return false;
    }
}

void read_usage(wire::JsonReader& json, chat::Usage& usage) {
    if (json.peek() != wire::JsonType::object) {
        json.skip();
        return;
    }
    Counts counts;
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "prompt_tokens" || key == "input_tokens") {
            counts.prompt = counts.read(json);
        } else if (key == "completion_tokens" || key == "output_tokens") {
            counts.completion = counts.read(json);
        } else if (key == "prompt_tokens_details" || key == "input_tokens_details" ||
                   key == "completion_tokens_details" || key == "output_tokens_details") {
            read_details(json, counts);
        } else {
            json.skip();
        }
    }
    if (!json.ok() || !counts.sound || (!counts.prompt && !counts.completion)) {
        return;
    }
    // The parts are inside the sums; a part above its sum is cut, so that the sums stay what the provider
    // said.
    const std::int64_t prompt = counts.prompt.value_or(0);
    const std::int64_t completion = counts.completion.value_or(0);
    const std::int64_t cached = std::min(counts.cached, prompt);
    const std::int64_t cache_write = std::min(counts.cache_write, prompt - cached);
    const std::int64_t reasoning = std::min(counts.reasoning, completion);
    usage.input = TokenCount(prompt - cached - cache_write);
    usage.cached_input = TokenCount(cached);
    usage.cache_write = TokenCount(cache_write);
    usage.output = TokenCount(completion - reasoning);
    usage.reasoning = TokenCount(reasoning);
    usage.known = true;
}

std::string_view without_padding(std::string_view text) noexcept {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

Problem no_answer(std::string_view what) {
    return Problem(ProblemKind::upstream_protocol, fmt::format("the provider sent {}", what),
                   Retry::same_place);
}

}  // namespace gatehouse::dialect
