#include "gemini_relay.hpp"

#include "openai_words.hpp"
#include "reply_words.hpp"

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

std::string read_reason(JsonReader& json) {
    if (json.peek() != JsonType::string) {
        json.skip();
        return {};
    }
    auto reason = json.string();
    return reason.ends_with("_UNSPECIFIED") ? std::string() : reason;
}

/// Whatever kind of data a part has beside text stands in an object: calls, media, code and its results.
void scan_part(JsonReader& json, RelayedCandidate& candidate, std::uint64_t& said) {
    bool text = false;
    bool thought = false;
    bool data = false;
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "text" && json.peek() == JsonType::string) {
            const auto from = json.offset();
            text = read_presence(json);
            said += json.offset() - from;
        } else if (key == "thought" && json.peek() == JsonType::boolean) {
            thought = json.boolean();
        } else {
            const bool call = json.key() == "functionCall";
            data = data || json.peek() == JsonType::object;
            const auto size = json.skip().size();
            said += call ? size : 0;
        }
    }
    candidate.content = candidate.content || text || data;
    candidate.answer = candidate.answer || (text && !thought) || data;
}

void scan_content(JsonReader& json, RelayedCandidate& candidate, std::uint64_t& said) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() != "parts") {
            json.skip();
        } else if (begin_array(json)) {
            while (json.next_element()) {
                scan_part(json, candidate, said);
            }
        }
    }
}

void scan_candidate(JsonReader& json, RelayedCandidate& candidate, std::uint64_t& said) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "content") {
            scan_content(json, candidate, said);
        } else if (key == "finishReason") {
            candidate.finish_reason = read_reason(json);
        } else if (key == "index" && json.peek() == JsonType::number) {
            candidate.index = json.integer().value_or(-1);
        } else {
            json.skip();
        }
    }
}

void scan_feedback(JsonReader& json, RelayedChunk& chunk) {
    if (!begin_object(json)) {
        return;
    }
    chunk.feedback = true;
    while (json.next_member()) {
        if (json.key() == "blockReason") {
            chunk.block_reason = read_reason(json);
        } else {
            json.skip();
        }
    }
}

void scan_member(JsonReader& json, std::string_view key, GeminiUsage& usage, RelayedChunk& chunk) {
    const auto type = json.peek();
    if (key == "candidates") {
        if (begin_array(json)) {
            while (json.next_element()) {
                scan_candidate(json, chunk.candidates.emplace_back(), chunk.said);
            }
        }
    } else if (key == "usageMetadata") {
        chunk.usage = type == JsonType::object;
        usage.read(json);
    } else if (key == "modelVersion") {
        const auto range = json.skip();
        chunk.model = type == JsonType::string ? range : wire::ByteRange{};
    } else if (key == "promptFeedback") {
        scan_feedback(json, chunk);
    } else if (key == "error") {
        chunk.error = read_truth(json);
    } else if (key == "totalTokens") {
        chunk.total_tokens = type == JsonType::number || type == JsonType::string;
        json.skip();
    } else if (key == "embedding" || key == "embeddings") {
        chunk.embedding = type == (key == "embedding" ? JsonType::object : JsonType::array);
        json.skip();
    } else {
        json.skip();
    }
}

}  // namespace

bool scan_gemini_chunk(std::string_view data, GeminiUsage& usage, RelayedChunk& chunk) {
    JsonReader json(data, reply_limits);
    json.begin_object();
    while (json.next_member()) {
        scan_member(json, json.key(), usage, chunk);
    }
    return json.finish();
}

bool is_gemini_error_array(std::string_view data) {
    JsonReader json(data, reply_limits);
    bool error = false;
    bool first = true;
    if (json.peek() != JsonType::array || !json.begin_array()) {
        return false;
    }
    while (json.next_element()) {
        const auto element = read_json(json, data);
        if (first) {
            GeminiUsage usage;
            RelayedChunk chunk;
            error = scan_gemini_chunk(element, usage, chunk) && chunk.error;
        }
        first = false;
    }
    return json.finish() && error;
}

}  // namespace gatehouse::dialect
