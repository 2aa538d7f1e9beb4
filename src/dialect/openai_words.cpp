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
    std::int64_t cache_write_1h{0};
    std::int64_t reasoning{0};
    std::int64_t input_audio{0};
    std::int64_t input_image{0};
    std::int64_t output_audio{0};
    std::int64_t output_image{0};
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

/// How long what was written is kept: 30 minutes, or 12 hours.
void read_lifetimes(wire::JsonReader& json, Counts& counts) {
    if (json.peek() != wire::JsonType::object) {
        json.skip();
        return;
    }
    json.begin_object();
    while (json.next_member()) {
        if (json.key() == "ttl_12h_tokens") {
            counts.cache_write_1h = counts.read(json).value_or(0);
        } else {
            json.skip();
        }
    }
}

/// `audio`, `image`: where the tokens of such a kind belong on this side.
void read_details(wire::JsonReader& json, Counts& counts, std::int64_t& audio, std::int64_t& image) {
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
        } else if (key == "cache_write_tokens_details") {
            read_lifetimes(json, counts);
        } else if (key == "reasoning_tokens") {
            counts.reasoning = counts.read(json).value_or(0);
        } else if (key == "audio_tokens") {
            audio = counts.read(json).value_or(0);
        } else if (key == "image_tokens") {
            image = counts.read(json).value_or(0);
        } else {
            json.skip();
        }
    }
}

/// The parts are inside the sums; a part above what is left of its sum is cut, so that the sums stay what the
/// provider said.
class Share {
public:
    explicit Share(std::int64_t sum) : left_(sum) {}
    TokenCount take(std::int64_t part) {
        const auto taken = std::min(part, left_);
        left_ -= taken;
        return TokenCount(taken);
    }
    TokenCount rest() const { return TokenCount(left_); }

private:
    std::int64_t left_;
};

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
        } else if (key == "prompt_tokens_details" || key == "input_tokens_details") {
            read_details(json, counts, counts.input_audio, counts.input_image);
        } else if (key == "completion_tokens_details" || key == "output_tokens_details") {
            read_details(json, counts, counts.output_audio, counts.output_image);
        } else {
            json.skip();
        }
    }
    if (!json.ok() || !counts.sound || (!counts.prompt && !counts.completion)) {
        return;
    }
    Share prompt(counts.prompt.value_or(0));
    usage.cached_input = prompt.take(counts.cached);
    usage.cache_write_1h = prompt.take(std::min(counts.cache_write_1h, counts.cache_write));
    usage.cache_write = prompt.take(counts.cache_write - usage.cache_write_1h.value());
    // Of what kind the cached ones were is not told: that they were text makes the bill no smaller.
    usage.input_audio = prompt.take(counts.input_audio);
    usage.input_image = prompt.take(counts.input_image);
    usage.input = prompt.rest();
    Share completion(counts.completion.value_or(0));
    usage.reasoning = completion.take(counts.reasoning);
    usage.output_audio = completion.take(counts.output_audio);
    usage.output_image = completion.take(counts.output_image);
    usage.output = completion.rest();
    usage.known = true;
}

void read_service(wire::JsonReader& json, chat::Service& service) {
    if (json.peek() != wire::JsonType::string) {
        json.skip();
        return;
    }
    const auto plain = json.plain_string();
    service = plain ? chat::service_named(*plain) : chat::service_named(json.string());
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
