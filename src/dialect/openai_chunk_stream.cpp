#include "edits.hpp"
#include "openai_parts.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"
#include "usage_cost.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Delta;
using chat::DeltaKind;
using wire::JsonType;

// 128 choices for each of many prompts of a legacy completion; above it the index is a fault.
constexpr std::int64_t most_chunk_choices = 1 << 18;

/// What one event said.
struct Chunk {
    wire::ByteRange model;  // a string, with its quotes; empty: none
    wire::ByteRange usage;  // a value that is not null; empty: none
    bool has_choices{false};
    bool content{false};
    bool finish{false};
    bool error{false};
    bool impossible_index{false};
};

/// Chat and legacy completions. One event is read once, and without an allocation unless it must be edited.
class ChunkStream final : public StreamDecoder {
public:
    explicit ChunkStream(const RelayOptions& options)
        : show_usage_(options.show_usage),
          cost_(options.cost),
          renamed_(options.rename.empty() ? std::string() : wire::json_string(options.rename)) {}

    Result<Delta> feed(const wire::SseEvent& event) override;
    void next_run() noexcept override { edited_.clear(); }
    bool complete() const noexcept override { return ended_ && !choices_.empty() && open_ == 0; }
    const chat::Usage& usage() const noexcept override { return usage_; }
    std::string_view finish_reason() const noexcept override { return finish_reason_; }
    std::string_view model() const noexcept override { return model_; }
    std::uint64_t said() const noexcept override { return said_; }

private:
    void read_chunk(std::string_view data, wire::JsonReader& json, Chunk& chunk);
    void read_choices(wire::JsonReader& json, Chunk& chunk);
    void read_choice(wire::JsonReader& json, Chunk& chunk);
    void read_delta(wire::JsonReader& json, Chunk& chunk);
    /// As read_presence, and counts.
    bool read_said(wire::JsonReader& json) {
        const auto from = json.offset();
        const bool something = read_presence(json);
        said_ += something ? json.offset() - from : 0;
        return something;
    }
    void begin_choice(std::size_t index);
    void finish_choice(std::size_t index, std::string_view reason);
    std::string_view bytes_of(const wire::SseEvent& event, std::string_view data, const Chunk& chunk);

    bool show_usage_;
    UsageCost cost_;
    std::string renamed_;  // the JSON string to show as `model`; empty: the provider's own
    chat::Usage usage_;
    std::string model_;
    std::uint64_t said_{0};
    std::string finish_reason_;
    enum class Choice : std::uint8_t { unseen, begun, finished };
    std::vector<Choice> choices_;  // by index
    std::size_t open_{0};          // begun and not finished
    bool ended_{false};
    EditedEvents edited_;
};

Result<Delta> ChunkStream::feed(const wire::SseEvent& event) {
    if (ended_) {
        return Delta{DeltaKind::opening, {}};  // clients do not look behind the terminator either
    }
    const std::string_view data = without_padding(event.data);
    if (data == "[DONE]") {
        ended_ = true;
        if (!complete()) {
            // A server that loses its model may still end its streams in good order.
            return Problem(ProblemKind::upstream_lost, "the stream ended before every choice was finished",
                           Retry::same_place);
        }
        return Delta{DeltaKind::end, event.raw};
    }
    wire::JsonReader json(data, reply_limits);
    Chunk chunk;
    read_chunk(data, json, chunk);
    if (!json.finish()) {
        return no_answer("a stream event that is no JSON object");
    }
    const bool empty = !chunk.has_choices && chunk.usage.size() == 0;
    if (chunk.error || event.name == "error" || (empty && is_error_object(data))) {
        return problem_of_event(data);
    }
    if (chunk.impossible_index) {
        return no_answer("a stream event with an impossible choice index");
    }
    const auto bytes = bytes_of(event, data, chunk);
    if (chunk.content) {
        return Delta{DeltaKind::content, bytes};
    }
    if (chunk.finish) {
        return Delta{DeltaKind::finish, bytes};
    }
    const bool usage_only = !chunk.has_choices && chunk.usage.size() != 0;
    return Delta{usage_only ? DeltaKind::usage : DeltaKind::opening, bytes};
}

std::string_view ChunkStream::bytes_of(const wire::SseEvent& event, std::string_view data,
                                       const Chunk& chunk) {
    const bool hide_usage = !show_usage_ && chunk.usage.size() != 0;
    if (hide_usage && !chunk.has_choices) {
        return {};
    }
    Edits edits;
    // Servers that repeat running totals tell it once, too; some tell the last ones beside an empty choice.
    if (show_usage_ && chunk.usage.size() != 0) {
        cost_.show(data, chunk.usage, usage_, model_, chunk.finish || !chunk.has_choices, edits);
    }
    if (hide_usage) {
        edits.replace(chunk.usage, "null");
    }
    if (!renamed_.empty() && chunk.model.size() != 0 &&
        data.substr(chunk.model.begin, chunk.model.size()) != renamed_) {
        edits.replace(chunk.model, renamed_);
    }
    return edits.empty() ? event.raw : edited_.add(event, data, edits);
}

void ChunkStream::read_chunk(std::string_view data, wire::JsonReader& json, Chunk& chunk) {
    if (!json.begin_object()) {
        return;
    }
    while (json.next_member()) {
        const std::string_view key = json.key();
        if (key == "choices") {
            read_choices(json, chunk);
        } else if (key == "usage") {
            if (json.peek() == JsonType::null) {
                json.null();
            } else {
                chunk.usage = json.skip();
                wire::JsonReader usage(data.substr(chunk.usage.begin, chunk.usage.size()), reply_limits);
                read_usage(usage, usage_);
            }
        } else if (key == "model") {
            const bool text = json.peek() == JsonType::string;
            const auto range = json.skip();
            chunk.model = text ? range : wire::ByteRange{};
            if (model_.empty() && text && range.size() >= 2) {  // less: the text breaks off there
                model_ = wire::unescape_json(data.substr(range.begin + 1, range.size() - 2));
            }
        } else if (key == "service_tier") {
            read_service(json, usage_.service);
        } else if (key == "error") {
            chunk.error = read_truth(json);
        } else {
            json.skip();
        }
    }
}

void ChunkStream::read_choices(wire::JsonReader& json, Chunk& chunk) {
    if (json.peek() != JsonType::array) {
        json.skip();
        return;
    }
    json.begin_array();
    while (json.next_element()) {
        if (json.peek() == JsonType::object) {
            chunk.has_choices = true;
            read_choice(json, chunk);
        } else {
            json.skip();
        }
    }
}

void ChunkStream::read_choice(wire::JsonReader& json, Chunk& chunk) {
    std::size_t index = 0;
    std::string_view reason;
    std::string escaped;
    json.begin_object();
    while (json.next_member()) {
        const std::string_view key = json.key();
        if (key == "delta") {
            read_delta(json, chunk);
        } else if (key == "finish_reason" && json.peek() == JsonType::string) {
            if (const auto plain = json.plain_string()) {
                reason = *plain;
            } else {
                escaped = json.string();
                reason = escaped;
            }
        } else if (key == "index" && json.peek() == JsonType::number) {
            const auto number = json.integer();
            const bool possible = number && *number >= 0 && *number < most_chunk_choices;
            chunk.impossible_index = chunk.impossible_index || !possible;
            index = possible ? static_cast<std::size_t>(*number) : 0;
        } else if (key == "text") {
            chunk.content = read_said(json) || chunk.content;
        } else {
            json.skip();
        }
    }
    begin_choice(index);
    // Some compatible servers send an empty reason on every chunk: it means null.
    if (!reason.empty()) {
        chunk.finish = true;
        finish_choice(index, reason);
    }
}

void ChunkStream::read_delta(wire::JsonReader& json, Chunk& chunk) {
    if (json.peek() != JsonType::object) {
        json.skip();
        return;
    }
    json.begin_object();
    while (json.next_member()) {
        const std::string_view key = json.key();
        if (key == "content" || key == "tool_calls" || key == "refusal" || key == "reasoning_content" ||
            key == "reasoning" || key == "function_call" || key == "audio" || key == "reasoning_details") {
            chunk.content = read_said(json) || chunk.content;
        } else {
            json.skip();
        }
    }
}

void ChunkStream::begin_choice(std::size_t index) {
    if (index >= choices_.size()) {
        choices_.resize(index + 1, Choice::unseen);
    }
    if (choices_[index] == Choice::unseen) {
        choices_[index] = Choice::begun;
        ++open_;
    }
}

void ChunkStream::finish_choice(std::size_t index, std::string_view reason) {
    if (choices_[index] == Choice::begun) {
        choices_[index] = Choice::finished;
        --open_;
    }
    if (index == 0 || finish_reason_.empty()) {
        finish_reason_.assign(reason);
    }
}

}  // namespace

std::unique_ptr<StreamDecoder> openai_chunk_stream(const RelayOptions& options) {
    return std::make_unique<ChunkStream>(options);
}

}  // namespace gatehouse::dialect
