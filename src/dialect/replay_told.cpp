#include "replay_json.hpp"
#include "replay_parts.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using Json = ReplayJson;
using ToldEvents = std::vector<ToldEvent>;

constexpr const char* last_data = "[DONE]";

Json taken(Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) {
        return nullptr;
    }
    Json value = std::move(*found);
    object.erase(name);
    return value;
}

/// In fragments, calls are numbered.
void number_calls(Json& message) {
    const auto calls = message.find("tool_calls");
    if (calls == message.end() || !calls->is_array()) {
        return;
    }
    for (std::size_t i = 0; i < calls->size(); ++i) {
        if ((*calls)[i].is_object()) {
            (*calls)[i]["index"] = i;
        }
    }
}

/// One chunk for what a choice says, and of a chat another for its end, as OpenAI does it.
bool tell_choice(const Json& head, Json choice, bool chat, ToldEvents& events) {
    if (!choice.is_object()) {
        return false;
    }
    const auto tell = [&](Json said) {
        Json chunk = head;
        chunk["choices"] = Json::array({std::move(said)});
        events.push_back({{}, written_answer(chunk)});
    };
    if (!chat) {
        tell(std::move(choice));
        return true;
    }
    auto reason = taken(choice, "finish_reason");
    auto message = taken(choice, "message");
    if (!message.is_object()) {
        return false;
    }
    number_calls(message);
    Json end = Json::object();
    if (choice.contains("index")) {
        end["index"] = choice["index"];
    }
    choice["delta"] = std::move(message);
    choice["finish_reason"] = nullptr;
    tell(std::move(choice));
    end["delta"] = Json::object();
    end["finish_reason"] = std::move(reason);
    tell(std::move(end));
    return true;
}

std::optional<ToldEvents> chunks_of(Json whole, bool chat) {
    const auto choices = taken(whole, "choices");
    const auto usage = taken(whole, "usage");
    if (!choices.is_array() || choices.empty()) {
        return std::nullopt;
    }
    whole["object"] = chat ? "chat.completion.chunk" : "text_completion";
    ToldEvents events;
    for (const auto& choice : choices) {
        if (!tell_choice(whole, choice, chat, events)) {
            return std::nullopt;
        }
    }
    if (usage.is_object()) {
        whole["choices"] = Json::array();
        whole["usage"] = usage;
        events.push_back({{}, written_answer(whole)});
    }
    events.push_back({{}, last_data});
    return events;
}

/// Anthropic's blocks, from their beginnings to their ends.
class BlockTeller {
public:
    explicit BlockTeller(ToldEvents& events) : events_(events) {}

    bool tell(Json block) {
        if (!block.is_object()) {
            return false;
        }
        const auto type = answer_text(block, "type");
        std::vector<Json> deltas;
        if (type == "text") {
            take_citations(block, deltas);
            take_text(block, "text", "text_delta", deltas);
        } else if (type == "thinking") {
            take_text(block, "thinking", "thinking_delta", deltas);
            take_text(block, "signature", "signature_delta", deltas);
        } else if (block.contains("input") && block["input"].is_object()) {
            deltas.push_back(
                {{"type", "input_json_delta"}, {"partial_json", written_answer(block["input"])}});
            block["input"] = Json::object();
        }
        event("content_block_start", {{"content_block", std::move(block)}});
        for (auto& delta : deltas) {
            event("content_block_delta", {{"delta", std::move(delta)}});
        }
        event("content_block_stop", Json::object());
        ++index_;
        return true;
    }

private:
    void event(std::string_view type, const Json& members) {
        Json said{{"type", type}, {"index", index_}};
        said.update(members);
        events_.push_back({type, written_answer(said)});
    }

    static void take_text(Json& block, const char* name, const char* type, std::vector<Json>& deltas) {
        if (!block.contains(name) || !block[name].is_string()) {
            return;
        }
        Json delta{{"type", type}};
        delta[name] = std::exchange(block[name], "");
        deltas.push_back(std::move(delta));
    }

    static void take_citations(Json& block, std::vector<Json>& deltas) {
        const auto found = block.find("citations");
        if (found == block.end() || !found->is_array()) {
            return;
        }
        for (auto& citation : *found) {
            deltas.push_back({{"type", "citations_delta"}, {"citation", std::move(citation)}});
        }
        *found = Json::array();
    }

    ToldEvents& events_;
    std::size_t index_{0};
};

std::optional<ToldEvents> message_events(Json message) {
    const auto content = taken(message, "content");
    if (!content.is_array() || answer_text(message, "type") != "message") {
        return std::nullopt;
    }
    Json end{{"type", "message_delta"}, {"delta", Json::object()}};
    for (const auto* name : {"stop_reason", "stop_sequence", "stop_details"}) {
        if (message.contains(name)) {
            end["delta"][name] = std::exchange(message[name], nullptr);
        }
    }
    if (message.contains("usage") && message["usage"].is_object()) {
        end["usage"] = message["usage"];
        message["usage"]["output_tokens"] = 0;  // so far
    }
    message["content"] = Json::array();
    ToldEvents events;
    events.push_back(
        {"message_start", written_answer({{"type", "message_start"}, {"message", std::move(message)}})});
    BlockTeller blocks(events);
    for (const auto& block : content) {
        if (!blocks.tell(block)) {
            return std::nullopt;
        }
    }
    events.push_back({"message_delta", written_answer(end)});
    events.push_back({"message_stop", R"({"type":"message_stop"})"});
    return events;
}

}  // namespace

std::optional<std::vector<ToldEvent>> told_in_events(Endpoint endpoint, std::string_view whole) {
    if (endpoint == Endpoint::responses) {
        return response_in_events(whole);
    }
    auto answer = parsed_answer(whole);
    if (!answer || !answer->is_object()) {
        return std::nullopt;
    }
    switch (endpoint) {
        case Endpoint::chat_completions:
            return chunks_of(std::move(*answer), true);
        case Endpoint::completions:
            return chunks_of(std::move(*answer), false);
        case Endpoint::messages:
            return message_events(std::move(*answer));
        case Endpoint::generate_content:
            return ToldEvents{{{}, written_answer(*answer)}};  // each chunk is a response
        default:
            return std::nullopt;
    }
}

}  // namespace gatehouse::dialect
