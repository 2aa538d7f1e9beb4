// A conversation's messages as one line of text: short to write in a test, complete to compare.
//
// For tests of readers. Room: tests.
#pragma once

#include "gatehouse/chat/conversation.hpp"

#include <array>
#include <string>
#include <string_view>
#include <variant>

namespace gatehouse::dialect {

struct PartInWords {
    static std::string member(std::string_view name, const std::string& value) {
        return value.empty() ? std::string() : " " + std::string(name) + value;
    }
    std::string operator()(const chat::Text& text) const { return "text " + text.text; }
    std::string operator()(const chat::Refusal& refusal) const { return "refusal " + refusal.text; }
    std::string operator()(const chat::Media& media) const {
        constexpr std::array kinds{"image", "audio", "document"};
        return kinds[static_cast<std::size_t>(media.kind)] + member("", media.media_type) +
               member("data=", media.data) + member("url=", media.url) + member("file=", media.file_id) +
               member("name=", media.name) + member("detail=", media.detail);
    }
    std::string operator()(const chat::Reasoning& thought) const {
        constexpr std::array origins{"openai", "anthropic", "gemini"};
        const std::string origin =
            thought.origin ? origins[static_cast<std::size_t>(*thought.origin)] : std::string();
        return "thought" + member("", thought.text) + member("signature=", thought.signature) +
               member("redacted=", thought.redacted) + member("of=", origin);
    }
    std::string operator()(const chat::ToolCall& call) const {
        return "call " + call.id + " " + call.name + " " + call.arguments + (call.custom ? " custom" : "") +
               member("signature=", call.signature);
    }
    std::string operator()(const chat::ToolResult& result) const {
        std::string out = "result " + result.call_id + (result.is_error ? " error" : "") + " (";
        for (const auto& part : result.parts) {
            out += (out.back() == '(' ? "" : " | ") + std::visit(*this, part);
        }
        return out + ")";
    }
};

inline std::string in_words(const chat::Conversation& conversation) {
    constexpr std::array roles{"system", "developer", "user", "assistant", "tool"};
    std::string out;
    for (const auto& message : conversation.messages) {
        out += out.empty() ? "" : " ";
        out += roles[static_cast<std::size_t>(message.role)];
        out += "[";
        for (const auto& part : message.parts) {
            out += (out.back() == '[' ? "" : " | ") + std::visit(PartInWords(), part.what);
            if (part.cache) {
                out += *part.cache == chat::CacheLifetime::one_hour ? " !1h" : " !5m";
            }
        }
        out += "]";
    }
    return out;
}

}  // namespace gatehouse::dialect
