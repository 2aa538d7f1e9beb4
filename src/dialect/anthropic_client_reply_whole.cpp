#include "anthropic_citations.hpp"
#include "anthropic_client_reply.hpp"
#include "anthropic_request.hpp"
#include "openai_chat_reply.hpp"
#include "reply_words.hpp"
#include "signature_carrier.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gatehouse::dialect {

using chat::Event;
using chat::EventKind;
using chat::Finish;

MessageHead::MessageHead(const ReplyIdentity& identity)
    : id("msg_"), model(identity.model), origin(identity.origin), show_thoughts(identity.show_reasoning) {
    id += identity.id;
}

std::string MessageHead::shown_signature(std::string_view signature) const {
    return carries() ? carry_signature(*origin, signature) : std::string(signature);
}

std::string MessageHead::citation_mark() const {
    return origin ? carry_signature(*origin, {}) : std::string(carrier_mark);
}

void MessageEnd::write(JsonOut& json) const {
    json.key("stop_reason");
    if (refused()) {
        json.string("refusal").key("stop_sequence").null().key("stop_details").begin_object();
        json.key("type").string("refusal").key("category").null().key("explanation");
        if (refusal.empty()) {
            json.null();
        } else {
            json.string(refusal);
        }
        json.end_object();
        return;
    }
    const auto how = settled(finish, called);
    json.string(how == Finish::length ? "max_tokens" : how == Finish::tool_calls ? "tool_use" : "end_turn");
    json.key("stop_sequence").null().key("stop_details").null();
}

void write_message_counts(JsonOut& json, const chat::Usage& usage) {
    json.key("input_tokens").integer(usage.fresh().value());
    json.key("cache_read_input_tokens").integer(usage.cached_input.value());
    json.key("cache_creation_input_tokens").integer(usage.written().value());
    json.key("output_tokens").integer(usage.completion().value());
    if (usage.reasoning.value() != 0) {
        json.key("output_tokens_details").begin_object();
        json.key("thinking_tokens").integer(usage.reasoning.value()).end_object();
    }
}

namespace {

enum class GatheredKind : std::uint8_t { text, thinking, redacted, tool };

struct GatheredBlock {
    GatheredKind kind{GatheredKind::text};
    std::string text;  // or arguments
    std::string_view id;
    std::string_view name;
    std::string signature;  // as it is shown; of a redacted block, its data
};

/// One answer, gathered in one pass. The events outlive it.
class Gathered {
public:
    explicit Gathered(const MessageHead& head) : head_(head) {}

    void add(const Event& event);
    void write(JsonOut& json);
    const MessageEnd& end() const noexcept { return end_; }

private:
    GatheredBlock& begin(GatheredKind kind) {
        auto& block = blocks_.emplace_back();
        block.kind = kind;
        return block;
    }
    GatheredBlock* unsigned_thought() {
        const bool last = !blocks_.empty() && blocks_.back().kind == GatheredKind::thinking &&
                          blocks_.back().signature.empty();
        return last ? &blocks_.back() : nullptr;
    }
    void add_signature(std::string_view signature);
    void begin_tool(const Event& event);
    void drop_cut_call();
    void write_block(JsonOut& json, const GatheredBlock& block);
    void write_text(JsonOut& json, std::string_view text);
    void write_passage(JsonOut& json, const Passage& passage) const;

    const MessageHead& head_;
    std::vector<GatheredBlock> blocks_;
    std::vector<std::size_t> tools_;  // where they stand in blocks_
    std::vector<UrlCitation> citations_;
    std::size_t written_{0};  // of the answer's text, in characters
    MessageEnd end_;
};

void Gathered::add(const Event& event) {
    switch (event.kind) {
        case EventKind::text:
            if (blocks_.empty() || blocks_.back().kind != GatheredKind::text) {
                begin(GatheredKind::text);
            }
            blocks_.back().text += event.text;
            break;
        case EventKind::refusal:
            end_.refusal += event.text;
            break;
        case EventKind::reasoning:
            if (head_.show_thoughts) {
                auto* thought = unsigned_thought();
                (thought == nullptr ? begin(GatheredKind::thinking) : *thought).text += event.text;
            }
            break;
        case EventKind::signature:
            add_signature(event.text);
            break;
        case EventKind::redacted:
            begin(GatheredKind::redacted).signature = head_.shown_signature(event.text);
            break;
        case EventKind::tool_start:
            begin_tool(event);
            break;
        case EventKind::tool_arguments:
            if (event.tool < tools_.size()) {
                blocks_[tools_[event.tool]].text += event.text;
            }
            break;
        case EventKind::finish:
            end_.finish = event.finish;
            break;
        case EventKind::citation:
            if (auto cited = read_url_citation(event.text)) {
                citations_.push_back(*std::move(cited));
            }
            break;
        case EventKind::start:
        case EventKind::tool_end:
        case EventKind::logprobs:
        case EventKind::image:
            break;  // the last two have no form here
    }
}

void Gathered::add_signature(std::string_view signature) {
    auto* thought = unsigned_thought();
    if (thought == nullptr && head_.drops_bare_signatures()) {
        return;
    }
    (thought == nullptr ? begin(GatheredKind::thinking) : *thought).signature =
        head_.shown_signature(signature);
}

void Gathered::begin_tool(const Event& event) {
    end_.called = true;
    if (!event.signature.empty()) {
        begin(GatheredKind::thinking).signature = head_.shown_signature(event.signature);
    }
    tools_.push_back(blocks_.size());
    auto& block = begin(GatheredKind::tool);
    block.id = event.id;
    block.name = event.name;
}

/// Half an input cannot be said.
void Gathered::drop_cut_call() {
    if (end_.finish != Finish::length || tools_.empty()) {
        return;
    }
    const auto at = static_cast<std::ptrdiff_t>(tools_.back());
    const auto& arguments = blocks_[tools_.back()].text;
    if (arguments.empty() || is_json_object(arguments)) {
        return;
    }
    const bool signed_before = at > 0 && blocks_[tools_.back() - 1].kind == GatheredKind::thinking &&
                               blocks_[tools_.back() - 1].text.empty();
    blocks_.erase(blocks_.begin() + at - (signed_before ? 1 : 0), blocks_.begin() + at + 1);
}

void Gathered::write(JsonOut& json) {
    json.begin_array();
    if (!end_.refused()) {  // what was said before a refusal does not count
        drop_cut_call();
        for (const auto& block : blocks_) {
            write_block(json, block);
        }
    }
    json.end_array();
}

void Gathered::write_text(JsonOut& json, std::string_view text) {
    if (citations_.empty() && !text.empty()) {
        write_passage(json, {text, {}});
        return;
    }
    for (const auto& passage : passages_of(text, written_, citations_)) {
        write_passage(json, passage);
    }
    written_ += characters_in(text);
}

void Gathered::write_passage(JsonOut& json, const Passage& passage) const {
    json.begin_object().key("type").string("text").key("text").string(passage.text).key("citations");
    if (passage.cited.empty()) {
        json.null().end_object();
        return;
    }
    json.begin_array();
    for (const auto* citation : passage.cited) {
        write_anthropic_citation(json, *citation, head_.citation_mark());
    }
    json.end_array().end_object();
}

void Gathered::write_block(JsonOut& json, const GatheredBlock& block) {
    switch (block.kind) {
        case GatheredKind::text:
            write_text(json, block.text);
            break;
        case GatheredKind::thinking:
            if (!block.signature.empty() || head_.carries()) {
                json.begin_object().key("type").string("thinking").key("thinking").string(block.text);
                json.key("signature");
                json.string(block.signature.empty() ? head_.shown_signature({}) : block.signature);
                json.end_object();
            }
            break;
        case GatheredKind::redacted:
            json.begin_object().key("type").string("redacted_thinking");
            json.key("data").string(block.signature).end_object();
            break;
        case GatheredKind::tool:
            json.begin_object().key("type").string("tool_use").key("id").string(anthropic_id(block.id));
            json.key("name").string(block.name).key("input");
            json.raw(is_json_object(block.text) ? std::string_view(block.text) : std::string_view("{}"));
            json.key("caller").begin_object().key("type").string("direct").end_object().end_object();
            break;
    }
}

void write_usage_object(JsonOut& json, const chat::Usage& usage) {
    json.key("usage").begin_object();
    write_message_counts(json, usage);
    json.key("cache_creation").begin_object();
    json.key("ephemeral_5m_input_tokens").integer(usage.cache_write.value());
    json.key("ephemeral_1h_input_tokens").integer(usage.cache_write_1h.value()).end_object();
    json.key("server_tool_use").null().key("service_tier").null().key("inference_geo").null().end_object();
}

}  // namespace

std::string whole_message(const MessageHead& head, std::span<const Event> events, const chat::Usage& usage) {
    Gathered answer(head);
    for (const auto& event : events) {
        if (event.choice == 0) {
            answer.add(event);
        }
    }
    std::string out;
    JsonOut json(out);
    json.begin_object().key("id").string(head.id).key("type").string("message");
    json.key("role").string("assistant").key("model").string(head.model).key("content");
    answer.write(json);
    answer.end().write(json);
    json.key("container").null().key("diagnostics").null();
    write_usage_object(json, usage);
    json.end_object();
    return out;
}

}  // namespace gatehouse::dialect
