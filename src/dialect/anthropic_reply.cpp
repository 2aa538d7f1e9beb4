#include "anthropic_citations.hpp"
#include "anthropic_words.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"
#include "reply_words.hpp"
#include "translation_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using chat::EventKind;
using chat::Finish;

// A reply has one block open at a time; far above it, somebody fills our memory.
constexpr std::size_t most_open_blocks = 64;

enum class BlockKind : std::uint8_t { text, thinking, tool, json_tool, ignored };

/// A content block that has begun and not ended.
struct Block {
    std::int64_t index{0};
    BlockKind kind{BlockKind::ignored};
    std::uint32_t tool{0};
    bool custom{false};
    bool input_at_start{false};          // the whole input came with the beginning: no deltas count
    bool any_argument{false};            // something of the arguments was passed on
    std::string arguments;               // of a custom tool, until all are there
    std::size_t text_begin{0};           // of text: where it stands in the answer, in characters
    std::vector<std::string> citations;  // JSON
};

/// wire-formats 5.6, 5.7, 11.1, 12.2. A whole body goes the way of a stream, block by block.
class AnthropicReader final : public ReplyReader {
public:
    explicit AnthropicReader(const ReplyMap& map) : map_(map) {}

    Result<std::span<const Event>> whole(std::string_view body) override;
    Result<std::span<const Event>> feed(const wire::SseEvent& event) override;
    Result<std::span<const Event>> close() override;
    bool complete() const noexcept override { return ended_; }
    const chat::Usage& usage() const noexcept override { return usage_; }

private:
    Status take(const AnthropicEvent& event);
    Status start(const AnthropicMessage& message);
    Status begin_block(std::int64_t index, const AnthropicPiece& piece);
    void begin_tool(Block& block, const AnthropicPiece& piece);
    Status delta(std::int64_t index, const AnthropicPiece& piece);
    void end_block(std::int64_t index);
    void end_tool(Block& block);
    void add_text(std::string_view text);
    void add_arguments(Block& block, std::string_view fragment);
    void cite(const Block& block);
    void finish();
    void finish_refused();
    void begin() {
        events_.clear();
        texts_.clear();
    }
    Event& emit(EventKind kind, std::string_view text = {}) {
        auto& event = events_.emplace_back();
        event.kind = kind;
        event.text = text;
        return event;
    }
    Block* find(std::int64_t index) noexcept;

    ReplyMap map_;
    AnthropicUsage counts_;
    chat::Usage usage_;
    Texts texts_;
    std::vector<Event> events_;
    std::string id_;
    std::string stop_reason_;
    std::string explanation_;
    std::string held_answer_;  // arguments of the JSON tool, while the client's own tools may still win
    std::vector<Block> open_;
    std::size_t text_size_{0};  // of the answer so far, in characters
    std::uint32_t tools_{0};
    bool any_block_{false};
    bool started_{false};
    bool ended_{false};
};

Result<std::span<const Event>> AnthropicReader::whole(std::string_view body) {
    begin();
    AnthropicMessage message;
    if (!read_anthropic_message(body, texts_, counts_, message)) {
        return no_answer("a reply that is no JSON object");
    }
    usage_ = counts_.usage();
    if (message.error || message.type == "error") {
        return problem_of_event(body);
    }
    if (!message.has_content) {
        return no_answer("a reply that is no message");
    }
    stop_reason_ = message.stop_reason;
    explanation_ = message.explanation;
    if (message.stop_reason == "refusal") {
        usage_.unbilled = message.content.empty();
        message.content.clear();  // what was said before it does not count
    }
    if (auto status = start(message); !status) {
        return std::move(status).problem();
    }
    finish();
    return std::span<const Event>(events_);
}

Result<std::span<const Event>> AnthropicReader::feed(const wire::SseEvent& event) {
    begin();
    if (ended_) {
        return std::span<const Event>(events_);  // nothing behind the end counts
    }
    const auto data = without_padding(event.data);
    AnthropicEvent said;
    if (!read_anthropic_event(data, texts_, counts_, said)) {
        return no_answer("a stream event that is no JSON object");
    }
    if (said.type.empty()) {
        said.type = event.name;
    }
    if (said.error || said.type == "error") {
        return problem_of_event(data);
    }
    if (auto status = take(said); !status) {
        return std::move(status).problem();
    }
    return std::span<const Event>(events_);
}

Result<std::span<const Event>> AnthropicReader::close() {
    begin();
    if (!ended_ && !stop_reason_.empty()) {
        finish();
    }
    return std::span<const Event>(events_);
}

Status AnthropicReader::take(const AnthropicEvent& event) {
    if (event.type == "message_start") {
        if (started_) {
            return event.message.id == id_ ? done() : Status(no_answer("a second message in one stream"));
        }
        usage_ = counts_.usage();
        return start(event.message);
    }
    const bool of_message = event.type.starts_with("content_block_") || event.type.starts_with("message_");
    if (!of_message) {
        return done();  // a ping, or something newer
    }
    if (!started_) {
        return no_answer("a stream that does not begin with its message");
    }
    if (event.type == "content_block_delta") {
        return delta(event.index, event.piece);
    }
    if (event.type == "content_block_start") {
        return begin_block(event.index, event.piece);
    }
    if (event.type == "content_block_stop") {
        end_block(event.index);
    } else if (event.type == "message_delta") {
        usage_ = counts_.usage();
        if (!event.piece.stop_reason.empty()) {
            stop_reason_ = event.piece.stop_reason;
            usage_.unbilled = stop_reason_ == "refusal" && !any_block_;
            explanation_ = event.piece.explanation;
        }
    } else if (event.type == "message_stop") {
        finish();
    }
    return done();
}

Status AnthropicReader::start(const AnthropicMessage& message) {
    started_ = true;
    id_ = message.id;
    auto& event = emit(EventKind::start);
    event.id = id_;
    event.name = message.model;
    // Blocks that a stream's message_start already holds have negative numbers: no event names them.
    std::int64_t index = -1;
    for (const auto& piece : message.content) {
        if (auto status = begin_block(index, piece); !status) {
            return status;
        }
        end_block(index);
        --index;
    }
    return done();
}

Block* AnthropicReader::find(std::int64_t index) noexcept {
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const Block& block) { return block.index == index; });
    return found == open_.end() ? nullptr : &*found;
}

Status AnthropicReader::begin_block(std::int64_t index, const AnthropicPiece& piece) {
    end_block(index);
    any_block_ = true;
    if (open_.size() == most_open_blocks) {
        return no_answer("too many content blocks at once");
    }
    auto& block = open_.emplace_back();
    block.index = index;
    if (piece.type == "text") {
        block.kind = BlockKind::text;
        block.text_begin = text_size_;
        if (!piece.citations.empty()) {
            wire::JsonReader json(piece.citations, reply_limits);
            if (json.peek() == wire::JsonType::array) {
                json.begin_array();
                while (json.next_element()) {
                    const auto range = json.skip();
                    block.citations.emplace_back(piece.citations.substr(range.begin, range.size()));
                }
            }
        }
        add_text(piece.text);
    } else if (piece.type == "thinking") {
        block.kind = BlockKind::thinking;
        if (!piece.thinking.empty()) {
            emit(EventKind::reasoning, piece.thinking);
        }
        if (!piece.signature.empty()) {
            emit(EventKind::signature, piece.signature);
        }
    } else if (piece.type == "redacted_thinking") {
        emit(EventKind::redacted, piece.data);
    } else if (piece.type == "tool_use") {
        begin_tool(block, piece);
    }
    return done();
}

void AnthropicReader::begin_tool(Block& block, const AnthropicPiece& piece) {
    const bool json_tool = !map_.json_tool.empty() && piece.name == map_.json_tool;
    block.kind = json_tool ? BlockKind::json_tool : BlockKind::tool;
    if (!json_tool) {
        block.tool = tools_++;
        auto& event = emit(EventKind::tool_start);
        event.tool = block.tool;
        event.id = piece.id.empty() ? texts_.keep(fmt::format("toolu_{}_{}", id_, block.tool)) : piece.id;
        const auto renamed = std::find_if(map_.names.begin(), map_.names.end(),
                                          [&](const auto& name) { return name.first == piece.name; });
        event.name = renamed == map_.names.end() ? piece.name : std::string_view(renamed->second);
        block.custom = std::find(map_.custom_tools.begin(), map_.custom_tools.end(), event.name) !=
                       map_.custom_tools.end();
        event.custom = block.custom;
    }
    auto input = compact_json(piece.input);
    if (!input.empty() && input != "{}" && input != "null") {
        add_arguments(block, texts_.keep(std::move(input)));
        block.input_at_start = true;
    }
}

Status AnthropicReader::delta(std::int64_t index, const AnthropicPiece& piece) {
    auto* block = find(index);
    if (block == nullptr) {
        return no_answer("a piece of a content block that was not begun");
    }
    switch (block->kind) {
        case BlockKind::text:
            if (piece.type == "text_delta") {
                add_text(piece.text);
            } else if (piece.type == "citations_delta") {
                block->citations.emplace_back(piece.citation);
            }
            break;
        case BlockKind::thinking:
            if (piece.type == "thinking_delta" && !piece.thinking.empty()) {
                emit(EventKind::reasoning, piece.thinking);
            } else if (piece.type == "signature_delta" && !piece.signature.empty()) {
                emit(EventKind::signature, piece.signature);
            }
            break;
        case BlockKind::tool:
        case BlockKind::json_tool:
            if (piece.type == "input_json_delta" && !block->input_at_start) {
                add_arguments(*block, piece.partial_json);
            }
            break;
        case BlockKind::ignored:
            break;
    }
    return done();
}

void AnthropicReader::add_text(std::string_view text) {
    if (!text.empty()) {
        text_size_ += characters_in(text);
        emit(EventKind::text, text);
    }
}

void AnthropicReader::add_arguments(Block& block, std::string_view fragment) {
    if (fragment.empty()) {
        return;
    }
    block.any_argument = true;
    if (block.kind == BlockKind::json_tool) {
        if (map_.json_waits) {
            held_answer_ += fragment;
        } else {
            add_text(fragment);
        }
    } else if (block.custom) {
        block.arguments += fragment;
    } else {
        emit(EventKind::tool_arguments, fragment).tool = block.tool;
    }
}

void AnthropicReader::end_block(std::int64_t index) {
    auto* block = find(index);
    if (block == nullptr) {
        return;
    }
    if (block->kind == BlockKind::tool || block->kind == BlockKind::json_tool) {
        end_tool(*block);
    } else if (block->kind == BlockKind::text) {
        cite(*block);
    }
    open_.erase(open_.begin() + (block - open_.data()));
}

void AnthropicReader::end_tool(Block& block) {
    if (!block.any_argument) {
        add_arguments(block, "{}");
    }
    if (block.kind == BlockKind::json_tool) {
        return;
    }
    if (block.custom) {
        const auto text = texts_.keep(free_text_of(std::move(block.arguments)));
        if (!text.empty()) {
            emit(EventKind::tool_arguments, text).tool = block.tool;
        }
    }
    emit(EventKind::tool_end).tool = block.tool;
}

void AnthropicReader::cite(const Block& block) {
    for (const auto& citation : block.citations) {
        auto said = read_anthropic_citation(citation);
        if (said.has_address()) {
            emit(EventKind::citation, texts_.keep(annotation_of({std::move(said.url), std::move(said.title),
                                                                 block.text_begin, text_size_})));
        } else if (said.of_document()) {
            const auto text = texts_.keep(compact_json(citation));
            emit(EventKind::citation, text).name = texts_.keep(std::move(said.type));
        }
    }
}

void AnthropicReader::finish() {
    while (!open_.empty()) {
        end_block(open_.front().index);
    }
    ended_ = true;
    if (stop_reason_ == "refusal") {
        finish_refused();
        return;
    }
    if (tools_ == 0) {
        add_text(held_answer_);
    }
    emit(EventKind::finish, stop_reason_).finish = anthropic_finish(stop_reason_, tools_ > 0);
}

void AnthropicReader::finish_refused() {
    if (explanation_.empty()) {
        explanation_ = "The model refused to answer.";
    }
    emit(EventKind::refusal, explanation_);
    emit(EventKind::finish, stop_reason_).finish = Finish::content_filter;
}

}  // namespace

std::unique_ptr<ReplyReader> anthropic_reader(const ReplyMap& map) {
    return std::make_unique<AnthropicReader>(map);
}

}  // namespace gatehouse::dialect
