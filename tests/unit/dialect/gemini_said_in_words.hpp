// What a Gemini client's request says, as lines that can be compared and written into a test.
#pragma once

#include "dialect/translation_parts.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse::dialect::test {

inline std::string media_in_words(const chat::Media& media) {
    constexpr std::string_view kinds[] = {"image", "audio", "document"};
    std::string out(kinds[static_cast<std::size_t>(media.kind)]);
    for (const auto& [name, value] : {std::pair{"type", &media.media_type}, std::pair{"data", &media.data},
                                      std::pair{"url", &media.url}, std::pair{"file", &media.file_id},
                                      std::pair{"name", &media.name}, std::pair{"detail", &media.detail}}) {
        if (!value->empty()) {
            out += " " + std::string(name) + "=" + *value;
        }
    }
    return out;
}

inline std::string part_in_words(const chat::Part& part) {
    constexpr std::string_view vendors[] = {"openai", "anthropic", "gemini"};
    if (const auto* text = std::get_if<chat::Text>(&part.what)) {
        return "text " + text->text;
    }
    if (const auto* media = std::get_if<chat::Media>(&part.what)) {
        return media_in_words(*media);
    }
    if (const auto* call = std::get_if<chat::ToolCall>(&part.what)) {
        return "call " + call->id + " " + call->name + " " + call->arguments +
               (call->signature.empty() ? "" : " signature=" + call->signature);
    }
    if (const auto* thought = std::get_if<chat::Reasoning>(&part.what)) {
        return "thought " + thought->text +
               (thought->signature.empty() ? "" : " signature=" + thought->signature) +
               (thought->redacted.empty() ? "" : " redacted=" + thought->redacted) +
               (thought->origin ? " of " + std::string(vendors[static_cast<std::size_t>(*thought->origin)])
                                : std::string());
    }
    if (const auto* result = std::get_if<chat::ToolResult>(&part.what)) {
        std::string out = (result->is_error ? "failure " : "result ") + result->call_id + " " + result->name;
        for (const auto& piece : result->parts) {
            const auto* text = std::get_if<chat::Text>(&piece);
            out += " | " + (text != nullptr ? text->text : media_in_words(std::get<chat::Media>(piece)));
        }
        return out;
    }
    return "something else";
}

/// `user[0] text hi`, a line for each part.
inline std::vector<std::string> in_words(const chat::Conversation& said) {
    constexpr std::string_view roles[] = {"system", "developer", "user", "assistant", "tool"};
    std::vector<std::string> lines;
    for (const auto& message : said.messages) {
        for (const auto& part : message.parts) {
            lines.push_back(std::string(roles[static_cast<std::size_t>(message.role)]) + "[" +
                            std::to_string(message.index) + "] " + part_in_words(part));
        }
    }
    return lines;
}

/// The lines of a body; of one that is refused, the kind and the field of the refusal.
inline std::vector<std::string> read_in_words(std::string_view body) {
    const auto said = read_gemini(body);
    if (!said) {
        return {std::string(name_of(said.problem().kind())) + " " + said.problem().param()};
    }
    return in_words(*said);
}

/// `invalid_type tools[0]`, or `none`.
inline std::string fault_of(std::string_view body) {
    const auto said = read_gemini(body);
    return said ? "none" : read_in_words(body).front();
}

}  // namespace gatehouse::dialect::test
