#include "gemini_words.hpp"

#include "openai_words.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

bool read_flag(JsonReader& json) {
    if (json.peek() != JsonType::boolean) {
        json.skip();
        return false;
    }
    return json.boolean();
}

/// An enumerator; the one that stands for none is none.
std::string_view read_reason(JsonReader& json, Texts& texts) {
    const auto reason = texts.read(json);
    return reason.ends_with("_UNSPECIFIED") ? std::string_view() : reason;
}

GeminiCall read_call(JsonReader& json, std::string_view data, Texts& texts) {
    GeminiCall call;
    if (!begin_object(json)) {
        return call;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "name") {
            call.name = texts.read(json);
        } else if (key == "args") {
            const bool object = json.peek() == JsonType::object;
            const auto args = read_json(json, data);
            call.args = object ? args : std::string_view();
        } else if (key == "id") {
            call.id = texts.read(json);
        } else if (key == "partialArgs") {
            const bool array = json.peek() == JsonType::array;
            const auto partial = read_json(json, data);
            call.partial = array ? partial : std::string_view();
        } else if (key == "willContinue") {
            call.will_continue = read_flag(json);
        } else {
            json.skip();
        }
    }
    return call;
}

void read_inline_data(JsonReader& json, Texts& texts, GeminiPart& part) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "mimeType") {
            part.media_type = texts.read(json);
        } else if (key == "data") {
            part.data = texts.read(json);
        } else {
            json.skip();
        }
    }
}

void read_part(JsonReader& json, std::string_view data, Texts& texts, GeminiPart& part) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "text") {
            part.text = texts.read(json);
        } else if (key == "thoughtSignature") {
            part.signature = texts.read(json);
        } else if (key == "functionCall" && json.peek() == JsonType::object) {
            part.call = read_call(json, data, texts);
        } else if (key == "thought") {
            part.thought = read_flag(json);
        } else if (key == "inlineData") {
            read_inline_data(json, texts, part);
        } else {
            json.skip();
        }
    }
}

void read_content(JsonReader& json, std::string_view data, Texts& texts, GeminiCandidate& candidate) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() != "parts") {
            json.skip();
        } else if (begin_array(json)) {
            while (json.next_element()) {
                read_part(json, data, texts, candidate.parts.emplace_back());
            }
        }
    }
}

void read_candidate(JsonReader& json, std::string_view data, Texts& texts, GeminiCandidate& candidate) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "content") {
            read_content(json, data, texts, candidate);
        } else if (key == "finishReason") {
            candidate.finish_reason = read_reason(json, texts);
        } else if (key == "finishMessage") {
            candidate.finish_message = texts.read(json);
        } else if (key == "index" && json.peek() == JsonType::number) {
            candidate.index = json.integer().value_or(-1);
        } else if (key == "groundingMetadata" && json.peek() == JsonType::object) {
            candidate.grounding = read_json(json, data);
        } else if (key == "citationMetadata" && json.peek() == JsonType::object) {
            candidate.quotes = read_json(json, data);
        } else if (key == "logprobsResult" && json.peek() == JsonType::object) {
            candidate.logprobs = read_json(json, data);
        } else {
            json.skip();
        }
    }
}

void read_feedback(JsonReader& json, Texts& texts, GeminiChunk& chunk) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() == "blockReason") {
            chunk.block_reason = read_reason(json, texts);
        } else {
            json.skip();
        }
    }
}

/// A count: an integer, or one as text, as Google sends 64-bit numbers. Null is nothing; anything else spoils
/// what it stands in.
std::optional<std::int64_t> read_count(JsonReader& json, bool& sound) {
    std::optional<std::int64_t> count;
    if (json.peek() == JsonType::null) {
        json.null();
        return count;
    }
    if (json.peek() == JsonType::number) {
        count = json.integer();
    } else if (json.peek() == JsonType::string) {
        if (const auto number = parse_unsigned(json.string()); number && *number <= most_tokens) {
            count = static_cast<std::int64_t>(*number);
        }
    } else {
        json.skip();
    }
    if (!count || *count < 0 || *count > most_tokens) {
        sound = false;
        return std::nullopt;
    }
    return count;
}

/// The parts of a sum: what does not fit in any more is cut.
TokenCount take(std::int64_t part, std::int64_t& left) {
    const auto taken = std::clamp<std::int64_t>(part, 0, left);
    left -= taken;
    return TokenCount(taken);
}

}  // namespace

/// `[{"modality":"AUDIO","tokenCount":7}, …]`, in place of what was known.
void GeminiUsage::read_kinds(JsonReader& json, Kinds& kinds, bool& sound) {
    if (!begin_array(json)) {
        return;
    }
    kinds = {};
    while (json.next_element()) {
        if (!begin_object(json)) {
            continue;
        }
        std::string modality;
        std::int64_t count = 0;
        while (json.next_member()) {
            const auto key = json.key();
            if (key == "modality" && json.peek() == JsonType::string) {
                modality = json.string();
            } else if (key == "tokenCount") {
                count = read_count(json, sound).value_or(0);
            } else {
                json.skip();
            }
        }
        if (modality == "IMAGE") {
            kinds.image += count;
        } else if (modality == "AUDIO") {
            kinds.audio += count;
        } else if (modality == "VIDEO") {
            kinds.video += count;
        }
    }
}

void GeminiUsage::read(JsonReader& json) {
    if (!begin_object(json)) {
        return;
    }
    auto counts = counts_;
    bool sound = true;
    const auto replace = [&](auto& count) {
        if (const auto value = read_count(json, sound)) {
            count = *value;
        }
    };
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "promptTokenCount") {
            replace(counts.prompt);
        } else if (key == "totalTokenCount") {
            replace(counts.total);
        } else if (key == "toolUsePromptTokenCount") {
            replace(counts.tool_prompt);
        } else if (key == "cachedContentTokenCount") {
            replace(counts.cached);
        } else if (key == "candidatesTokenCount") {
            replace(counts.candidates);
        } else if (key == "thoughtsTokenCount") {
            replace(counts.thoughts);
        } else if (key == "promptTokensDetails") {
            read_kinds(json, counts.of_prompt, sound);
        } else if (key == "cacheTokensDetails") {
            read_kinds(json, counts.of_cached, sound);
        } else if (key == "toolUsePromptTokensDetails") {
            read_kinds(json, counts.of_tools, sound);
        } else if (key == "candidatesTokensDetails") {
            read_kinds(json, counts.of_candidates, sound);
        } else if (key == "serviceTier") {
            read_service(json, counts.service);
        } else {
            json.skip();
        }
    }
    if (json.ok() && sound) {
        counts_ = counts;
    }
}

chat::Usage GeminiUsage::usage() const noexcept {
    // With a total, a count that is absent is 0. What was cached is inside the prompt, thoughts are not
    // inside the candidates.
    chat::Usage usage;
    usage.known = counts_.prompt.has_value() || counts_.total.has_value();
    if (usage.known) {
        const auto prompt = counts_.prompt.value_or(0) + counts_.tool_prompt;
        auto left = prompt;
        usage.cached_input = take(counts_.cached, left);
        const auto fresh = [&](std::int64_t Kinds::* kind) {
            return counts_.of_prompt.*kind + counts_.of_tools.*kind - counts_.of_cached.*kind;
        };
        usage.input_audio = take(fresh(&Kinds::audio), left);
        usage.input_video = take(fresh(&Kinds::video), left);
        usage.input_image = take(fresh(&Kinds::image), left);
        usage.input = TokenCount(left);
        auto said = counts_.candidates;
        usage.output_audio = take(counts_.of_candidates.audio, said);
        usage.output_image = take(counts_.of_candidates.image, said);
        usage.output = TokenCount(said);
        usage.reasoning = TokenCount(counts_.thoughts);
        usage.service = counts_.service;
    }
    return usage;
}

bool GeminiUsage::thoughts_only() const noexcept {
    return counts_.thoughts > 0 && counts_.candidates == 0 && counts_.total &&
           *counts_.total == counts_.prompt.value_or(0) + counts_.tool_prompt + counts_.thoughts;
}

bool is_gemini_failure(std::string_view reason) noexcept {
    constexpr std::array failures{"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL",
                                  "TOO_MANY_TOOL_CALLS"};
    return std::find(failures.begin(), failures.end(), reason) != failures.end();
}

chat::Finish gemini_finish(std::string_view reason, bool has_calls) noexcept {
    constexpr std::array filtered{
        "SAFETY",       "RECITATION",         "BLOCKLIST",        "SPII",
        "IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_PROHIBITED_CONTENT"};
    if (std::find(filtered.begin(), filtered.end(), reason) != filtered.end()) {
        return chat::Finish::content_filter;
    }
    if (reason == "MAX_TOKENS" || reason == "CONTINUATION") {
        return chat::Finish::length;
    }
    return has_calls ? chat::Finish::tool_calls : chat::Finish::stop;
}

bool read_gemini_chunk(std::string_view data, Texts& texts, GeminiUsage& usage, GeminiChunk& chunk) {
    JsonReader json(data, reply_limits);
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "candidates") {
            if (begin_array(json)) {
                while (json.next_element()) {
                    read_candidate(json, data, texts, chunk.candidates.emplace_back());
                }
            }
        } else if (key == "usageMetadata") {
            usage.read(json);
        } else if (key == "modelVersion") {
            chunk.model = texts.read(json);
        } else if (key == "responseId") {
            chunk.id = texts.read(json);
        } else if (key == "promptFeedback") {
            read_feedback(json, texts, chunk);
        } else if (key == "error") {
            chunk.error = read_truth(json);
        } else {
            json.skip();
        }
    }
    return json.finish();
}

}  // namespace gatehouse::dialect
