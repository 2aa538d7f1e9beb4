#include "replay_json.hpp"
#include "replay_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using Json = ReplayJson;

/// Of things that are numbered; the first if it says no number.
std::size_t index_of(const Json& object) {
    const auto found = object.find("index");
    constexpr std::size_t most = 1 << 18;
    if (found == object.end() || !found->is_number_unsigned()) {
        return 0;
    }
    return std::min<std::size_t>(found->get<std::size_t>(), most);
}

/// Strings that are said once, however often they come; others come in fragments.
bool is_said_once(std::string_view name) noexcept {
    static constexpr std::array names{"role", "id", "type", "name", "format", "signature", "finish_reason"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Puts what another delta says behind what was said.
void add_delta(Json& said, const Json& delta);

/// Calls of tools are numbered, by what may begin anywhere; elements of other lists follow each other.
void add_elements(Json& said, const Json& more, std::string_view name) {
    for (const auto& element : more) {
        if (name != "tool_calls" || !element.is_object() || !element.contains("index")) {
            said.push_back(element);
            continue;
        }
        const auto same = std::find_if(said.begin(), said.end(), [&](const Json& each) {
            return each.is_object() && each.contains("index") && each["index"] == element["index"];
        });
        if (same == said.end()) {
            said.push_back(element);
        } else {
            add_delta(*same, element);
        }
    }
}

void add_member(Json& said, const std::string& name, const Json& value) {
    const auto found = said.find(name);
    if (found == said.end() || found->is_null()) {
        said[name] = value;
        return;
    }
    if (value.is_null()) {
        return;
    }
    if (found->is_string() && value.is_string()) {
        auto& text = found->get_ref<std::string&>();
        const auto& more = value.get_ref<const std::string&>();
        if (!is_said_once(name)) {
            text += more;
        } else if (!more.empty()) {
            text = more;
        }
    } else if (found->is_array() && value.is_array()) {
        add_elements(*found, value, name);
    } else if (found->is_object() && value.is_object()) {
        add_delta(*found, value);
    } else {
        *found = value;
    }
}

void add_delta(Json& said, const Json& delta) {
    for (const auto& [name, value] : delta.items()) {
        add_member(said, name, value);
    }
}

/// The last one that is said counts.
void replace_member(Json& said, const std::string& name, const Json& value) {
    const bool empty = value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
    if (!empty || !said.contains(name)) {
        said[name] = value;
    }
}

void replace_members(Json& said, const Json& more) {
    for (const auto& [name, value] : more.items()) {
        replace_member(said, name, value);
    }
}

/// The cost that the gateway tells in usage is of the call that was, and whole answers tell none.
void forget_cost(Json& answer) {
    const auto usage = answer.find("usage");
    if (usage != answer.end() && usage->is_object()) {
        usage->erase("cost");
    }
}

/// Chunks of chat and of legacy completions.
class Chunks {
public:
    explicit Chunks(bool chat) : chat_(chat) {}

    bool add(const Json& chunk) {
        for (const auto& [name, value] : chunk.items()) {
            if (name == "choices" && value.is_array()) {
                for (const auto& choice : value) {
                    if (!choice.is_object()) {
                        return false;
                    }
                    add_choice(choice);
                }
            } else if (name != "obfuscation") {
                replace_member(whole_, name, value);
            }
        }
        return true;
    }

    std::optional<Json> whole() && {
        if (choices_.empty()) {
            return std::nullopt;
        }
        whole_["object"] = chat_ ? "chat.completion" : "text_completion";
        auto choices = Json::array();
        for (auto& [index, choice] : choices_) {
            if (!choice.contains("finish_reason") || !choice["finish_reason"].is_string()) {
                return std::nullopt;
            }
            if (chat_) {
                finish_message(choice["message"]);
            }
            choices.push_back(std::move(choice));
        }
        whole_["choices"] = std::move(choices);
        forget_cost(whole_);
        return std::move(whole_);
    }

private:
    void add_choice(const Json& choice) {
        auto& said = choices_.try_emplace(index_of(choice), Json{{"index", index_of(choice)}}).first->second;
        if (chat_ && !said.contains("message")) {
            said["message"] = Json{{"role", "assistant"}};
        }
        for (const auto& [name, value] : choice.items()) {
            if (name == "delta" && chat_) {
                if (value.is_object()) {
                    add_delta(said["message"], value);
                }
            } else if (name == "text" || name == "logprobs") {
                add_member(said, name, value);
            } else if (name != "index") {
                replace_member(said, name, value);
            }
        }
    }

    static void finish_message(Json& message) {
        if (!message.contains("content")) {
            message["content"] = nullptr;
        }
        const auto calls = message.find("tool_calls");
        if (calls != message.end() && calls->is_array()) {
            for (auto& call : *calls) {
                if (call.is_object()) {
                    call.erase("index");
                }
            }
        }
    }

    bool chat_;
    Json whole_ = Json::object();
    std::map<std::size_t, Json> choices_;
};

/// Anthropic's events.
class MessageEvents {
public:
    bool add(const Json& event) {
        const auto type = answer_text(event, "type");
        if (type == "message_start" && message_.is_null() && event.contains("message")) {
            message_ = event["message"];
            return message_.is_object();
        }
        if (message_.is_null()) {
            return type == "ping";
        }
        if (type == "content_block_start") {
            blocks_.push_back({event.value("content_block", Json::object()), {}});
            return blocks_.back().said.is_object();
        }
        if (type == "content_block_delta") {
            return !blocks_.empty() && add_to_block(blocks_.back(), event.value("delta", Json::object()));
        }
        if (type == "message_delta") {
            end_message(event);
        }
        complete_ = complete_ || type == "message_stop";
        return true;
    }

    std::optional<Json> whole() && {
        if (!complete_ || !message_.is_object()) {
            return std::nullopt;
        }
        auto content = Json::array();
        for (auto& block : blocks_) {
            if (!block.input.empty()) {
                auto input = parsed_answer(block.input);
                if (!input) {
                    return std::nullopt;
                }
                block.said["input"] = std::move(*input);
            }
            content.push_back(std::move(block.said));
        }
        message_["content"] = std::move(content);
        return std::move(message_);
    }

private:
    struct Block {
        Json said;
        std::string input;  // JSON, as far as it has come
    };

    static bool add_to_block(Block& block, const Json& delta) {
        if (!delta.is_object()) {
            return false;
        }
        for (const auto& [name, value] : delta.items()) {
            if (name == "partial_json") {
                block.input += value.is_string() ? value.get<std::string>() : std::string();
            } else if (name == "citation") {
                auto& citations = block.said["citations"];
                if (!citations.is_array()) {
                    citations = Json::array();
                }
                citations.push_back(value);
            } else if (name != "type") {
                add_member(block.said, name, value);
            }
        }
        return true;
    }

    void end_message(const Json& event) {
        for (const auto& [name, value] : event.items()) {
            if (name == "delta" && value.is_object()) {
                replace_members(message_, value);
            } else if (name == "usage" && value.is_object()) {
                auto& usage = message_["usage"];
                if (!usage.is_object()) {
                    usage = Json::object();
                }
                replace_members(usage, value);  // running totals
            } else if (name != "type" && name != "delta") {
                replace_member(message_, name, value);
            }
        }
    }

    Json message_;
    std::vector<Block> blocks_;
    bool complete_{false};
};

/// Gemini's chunks, each of which is a response.
class ContentChunks {
public:
    bool add(const Json& chunk) {
        for (const auto& [name, value] : chunk.items()) {
            if (name == "candidates" && value.is_array()) {
                for (const auto& candidate : value) {
                    if (!candidate.is_object() || !add_candidate(candidate)) {
                        return false;
                    }
                }
            } else {
                replace_member(whole_, name, value);
            }
        }
        return true;
    }

    std::optional<Json> whole() && {
        auto candidates = Json::array();
        for (auto& [index, candidate] : candidates_) {
            candidates.push_back(std::move(candidate));
        }
        if (candidates.empty()) {
            return std::nullopt;
        }
        whole_["candidates"] = std::move(candidates);
        return std::move(whole_);
    }

private:
    bool add_candidate(const Json& candidate) {
        auto& said = candidates_.try_emplace(index_of(candidate), Json::object()).first->second;
        for (const auto& [name, value] : candidate.items()) {
            if (name == "content" && value.is_object()) {
                if (!add_content(said["content"], value)) {
                    return false;
                }
            } else if (value.is_object() && said.contains(name) && said[name].is_object()) {
                add_metadata(said[name], value);
            } else {
                replace_member(said, name, value);
            }
        }
        return true;
    }

    /// What a passage leans on: lists go on, everything else is as it was said last.
    static void add_metadata(Json& said, const Json& more) {
        for (const auto& [name, value] : more.items()) {
            const auto found = said.find(name);
            if (found != said.end() && found->is_array() && value.is_array()) {
                for (const auto& element : value) {
                    if (std::find(found->begin(), found->end(), element) == found->end()) {
                        found->push_back(element);
                    }
                }
            } else {
                replace_member(said, name, value);
            }
        }
    }

    static bool add_content(Json& said, const Json& content) {
        if (!said.is_object()) {
            said = Json::object();
        }
        for (const auto& [name, value] : content.items()) {
            if (name != "parts" || !value.is_array()) {
                replace_member(said, name, value);
                continue;
            }
            auto& parts = said["parts"];
            if (!parts.is_array()) {
                parts = Json::array();
            }
            for (const auto& part : value) {
                if (!part.is_object() || comes_in_fragments(part)) {
                    return false;
                }
                add_part(parts, part);
            }
        }
        return true;
    }

    /// Arguments in fragments have a form of their own.
    static bool comes_in_fragments(const Json& part) {
        const auto call = part.find("functionCall");
        return call != part.end() && call->is_object() &&
               (call->contains("partialArgs") || call->contains("willContinue"));
    }

    static bool is_thought(const Json& part) {
        const auto thought = part.find("thought");
        return thought != part.end() && *thought == true;
    }

    /// Text goes on in the part before it if that is text of the same kind: a signature ends one.
    static void add_part(Json& parts, const Json& part) {
        const auto is_text = [](const Json& each) {
            return each.contains("text") && each["text"].is_string() &&
                   (each.size() == 1 || (each.size() == 2 && each.contains("thought")));
        };
        const bool goes_on = !parts.empty() && is_text(parts.back()) && is_text(part) &&
                             is_thought(parts.back()) == is_thought(part);
        if (goes_on) {
            parts.back()["text"].get_ref<std::string&>() += part["text"].get_ref<const std::string&>();
        } else {
            parts.push_back(part);
        }
    }

    Json whole_ = Json::object();
    std::map<std::size_t, Json> candidates_;
};

/// The last event of a response has the whole of it.
std::optional<std::string> response_of(const std::vector<std::string_view>& events) {
    if (events.empty()) {
        return std::nullopt;
    }
    auto last = parsed_answer(events.back());
    if (!last || answer_text(*last, "type") != "response.completed" || !last->contains("response") ||
        !(*last)["response"].is_object()) {
        return std::nullopt;
    }
    auto& response = (*last)["response"];
    forget_cost(response);
    return written_answer(response);
}

template <typename Joiner>
std::optional<std::string> joined(const std::vector<std::string_view>& events, Joiner joiner) {
    for (const auto data : events) {
        if (data == "[DONE]") {
            break;
        }
        const auto event = parsed_answer(data);
        if (!event || !event->is_object() || !joiner.add(*event)) {
            return std::nullopt;
        }
    }
    const auto whole = std::move(joiner).whole();
    return whole ? std::optional(written_answer(*whole)) : std::nullopt;
}

}  // namespace

std::optional<std::string> joined_events(Endpoint endpoint, const std::vector<std::string_view>& events) {
    switch (endpoint) {
        case Endpoint::chat_completions:
            return joined(events, Chunks(true));
        case Endpoint::completions:
            return joined(events, Chunks(false));
        case Endpoint::messages:
            return joined(events, MessageEvents());
        case Endpoint::generate_content:
            return joined(events, ContentChunks());
        case Endpoint::responses:
            return response_of(events);
        default:
            return std::nullopt;
    }
}

}  // namespace gatehouse::dialect
