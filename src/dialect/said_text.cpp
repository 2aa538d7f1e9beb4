#include "gatehouse/dialect/said_text.hpp"

#include "replay_json.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

namespace gatehouse::dialect {
namespace {

const ReplayJson* find_in(const ReplayJson* value, const char* name) {
    if (value == nullptr || !value->is_object()) {
        return nullptr;
    }
    const auto found = value->find(name);
    return found == value->end() ? nullptr : &*found;
}

const ReplayJson* first_of(const ReplayJson* list) {
    return list != nullptr && list->is_array() && !list->empty() ? &list->front() : nullptr;
}

/// Of a list of parts, of which some have text; thoughts are no part of an answer.
std::string text_of_parts(const ReplayJson* parts) {
    std::string text;
    if (parts == nullptr || !parts->is_array()) {
        return text;
    }
    for (const auto& part : *parts) {
        const auto* const thought = find_in(&part, "thought");
        if (part.is_object() && !(thought != nullptr && *thought == true)) {
            text += answer_text(part, "text");
        }
    }
    return text;
}

}  // namespace

std::string said_text(chat::Endpoint endpoint, std::string_view whole) {
    const auto answer = parsed_answer(whole);
    if (!answer) {
        return {};
    }
    switch (endpoint) {
        case chat::Endpoint::chat_completions: {
            const auto* const message = find_in(first_of(find_in(&*answer, "choices")), "message");
            const auto* const content = find_in(message, "content");
            return content != nullptr && content->is_string() ? content->get<std::string>()
                                                              : text_of_parts(content);
        }
        case chat::Endpoint::messages:
            return text_of_parts(find_in(&*answer, "content"));
        case chat::Endpoint::generate_content:
            return text_of_parts(
                find_in(find_in(first_of(find_in(&*answer, "candidates")), "content"), "parts"));
        default:
            return {};
    }
}

}  // namespace gatehouse::dialect
