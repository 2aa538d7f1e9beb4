// Conversations and models for tests of what OpenAI is asked.
//
// Room: tests.
#pragma once

#include "dialect/openai_provider.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gatehouse::dialect {

inline chat::Part text(std::string words) {
    return chat::Part{chat::Text{std::move(words)}, {}};
}

inline chat::Part call(std::string id, std::string arguments = "{}", std::string name = "f") {
    chat::ToolCall made;
    made.id = std::move(id);
    made.name = std::move(name);
    made.arguments = std::move(arguments);
    return chat::Part{std::move(made), {}};
}

inline chat::Part result(std::string id, std::vector<std::variant<chat::Text, chat::Media>> parts,
                         bool error = false) {
    chat::ToolResult made;
    made.call_id = std::move(id);
    made.parts = std::move(parts);
    made.is_error = error;
    return chat::Part{std::move(made), {}};
}

inline chat::Media media(chat::MediaKind kind, std::string type, std::string data) {
    chat::Media made;
    made.kind = kind;
    made.media_type = std::move(type);
    made.data = std::move(data);
    return made;
}

inline void say(chat::Conversation& to, chat::Role role, std::vector<chat::Part> parts) {
    chat::Message message;
    message.role = role;
    message.parts = std::move(parts);
    message.index = to.messages.size();
    to.messages.push_back(std::move(message));
}

inline chat::Conversation asked() {
    chat::Conversation said;
    say(said, chat::Role::user, {text("hi")});
    return said;
}

inline chat::Tool tool(std::string name, std::string schema = R"({"type":"object","properties":{}})") {
    chat::Tool made;
    made.name = std::move(name);
    made.schema = std::move(schema);
    return made;
}

/// As gpt-5.1.
inline chat::ModelFacts reasoning_model() {
    chat::ModelFacts facts;
    facts.newer_fields = true;
    facts.efforts = {chat::Effort::none, chat::Effort::low, chat::Effort::medium, chat::Effort::high};
    facts.max_output = 128'000;
    return facts;
}

/// As gpt-4.1.
inline chat::ModelFacts plain_model() {
    chat::ModelFacts facts;
    facts.newer_fields = facts.sampling = facts.penalties = facts.several_choices = true;
    facts.max_output = 32'768;
    return facts;
}

}  // namespace gatehouse::dialect
