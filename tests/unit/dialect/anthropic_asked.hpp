// What tests of requests for Anthropic are made of: conversations, models, and what was sent.
//
// Room: tests.
#pragma once

#include "dialect/anthropic_request.hpp"
#include "json/json_value.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect::test::anthropic_asked {

using chat::Effort;
using chat::Part;
using chat::Role;
using chat::ToolChoiceKind;
using test::JsonValue;
using test::parsed;

inline Part text(std::string words) {
    return Part{chat::Text{std::move(words)}, {}};
}

inline Part call(std::string id, std::string arguments = "{}", std::string name = "f") {
    chat::ToolCall made;
    made.id = std::move(id);
    made.name = std::move(name);
    made.arguments = std::move(arguments);
    return Part{std::move(made), {}};
}

inline Part result(std::string id, std::string words) {
    chat::ToolResult made;
    made.call_id = std::move(id);
    made.parts.emplace_back(chat::Text{std::move(words)});
    return Part{std::move(made), {}};
}

inline Part thought(std::string words, std::string signature, std::string redacted = {}) {
    return Part{chat::Reasoning{std::move(words), std::move(signature), std::move(redacted)}, {}};
}

inline chat::Tool tool(std::string name, std::string schema = R"({"type":"object","properties":{}})") {
    chat::Tool made;
    made.name = std::move(name);
    made.schema = std::move(schema);
    return made;
}

inline void say(chat::Conversation& to, Role role, std::vector<Part> parts) {
    chat::Message message;
    message.role = role;
    message.parts = std::move(parts);
    message.index = to.messages.size();
    to.messages.push_back(std::move(message));
}

inline chat::Conversation asked() {
    chat::Conversation said;
    say(said, Role::user, {text("hi")});
    return said;
}

inline chat::ModelFacts budget_model() {
    chat::ModelFacts facts;
    facts.max_output = 64'000;
    facts.thinking.enabled = facts.thinking.disabled = true;
    facts.sampling = facts.prefill = true;
    facts.both_sampling = false;
    return facts;
}

/// Off unless asked for, as the generation of 4.6.
inline chat::ModelFacts effort_model() {
    chat::ModelFacts facts;
    facts.max_output = 128'000;
    facts.efforts = {Effort::low, Effort::medium, Effort::high, Effort::max};
    facts.thinking.adaptive = facts.thinking.disabled = true;
    return facts;
}

/// Cannot be forced, and thinks always.
inline chat::ModelFacts bound_model() {
    auto facts = effort_model();
    facts.thinking.disabled = false;
    facts.thinks_by_default = true;
    facts.forced_tool = false;
    return facts;
}

struct Sent {
    JsonValue body;
    std::string fields;
    std::vector<std::string> dropped;
    ReplyMap map;
    std::string refused;  // param
};

inline Sent send(const chat::Conversation& said, const chat::ModelFacts& facts = {}, bool strict = false,
                 bool stream = false) {
    TranslateOptions options;
    options.model = "claude-x";
    options.facts = &facts;
    options.strict = strict;
    auto written = write_anthropic(said, stream, options);
    Sent sent;
    if (!written) {
        sent.refused = written.problem().param();
        return sent;
    }
    sent.body = parsed(written->body);
    EXPECT_TRUE(sent.body.is_object()) << written->body;
    EXPECT_EQ(written->path, "/v1/messages");
    sent.fields = written->fields;
    sent.dropped = written->dropped;
    sent.map = written->map;
    return sent;
}

using Names = std::vector<std::string>;

inline JsonValue messages(const chat::Conversation& said, const chat::ModelFacts& facts = {}) {
    return send(said, facts).body["messages"];
}

inline constexpr std::string_view new_version = "anthropic-version: 2026-10-21\r\n";
inline constexpr std::string_view old_version = "anthropic-version: 2023-06-01\r\n";

}  // namespace gatehouse::dialect::test::anthropic_asked
