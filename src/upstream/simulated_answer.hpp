// What the simulation makes of a conversation: text, calls of tools, or JSON by a schema.
//
// Knows no endpoint: chat, legacy completions and responses read their bodies into a prompt and write the
// answer in their own form. Room: upstream.
#pragma once

#include "simulated_text.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// More are not given, however many are asked for.
inline constexpr std::int64_t most_simulated_choices = 16;
/// Prompts or inputs of one request: more are refused (OpenAI's limit for embeddings).
inline constexpr std::size_t most_simulated_inputs = 2048;
/// Tools and stop sequences behind these are not looked at; OpenAI would refuse them.
inline constexpr std::size_t most_simulated_tools = 128;
inline constexpr std::size_t most_simulated_stops = 4;

struct SimulatedTool {
    std::string name;
    std::string input;  // arguments made from the tool's schema, or the free text of a custom tool
    bool custom{false};
};

struct SimulatedPrompt {
    std::string said;                        // the last message of the user
    std::optional<std::string> tool_result;  // of the last message, if it is one
    std::int64_t tokens{0};
    std::vector<SimulatedTool> tools;  // those that may be called
    bool parallel{true};
    std::optional<std::string> json;  // the answer, where its form was asked for
    std::vector<std::string> stops;
    std::optional<std::int64_t> most_tokens;
};

struct SimulatedAnswer {
    std::string text;  // empty when tools are called
    std::vector<SimulatedTool> calls;
    bool cut_short{false};  // most_tokens was reached

    std::int64_t tokens() const;
};

/// The answer number `choice` (0 is the first; others say which they are).
SimulatedAnswer answer_to(const SimulatedPrompt& prompt, std::int64_t choice);

/// The text of a message's `content`: a string, or its text parts. Other parts count 85 tokens each in
/// `tokens`.
std::string text_of(const nlohmann::ordered_json& content, std::int64_t& tokens);

/// Chat's `stop`: a string or several; empty ones do not count.
std::vector<std::string> stops_of(const nlohmann::ordered_json& body);
/// Chat's `finish_reason`.
std::string finish_of(const SimulatedAnswer& answer);

/// Keeps the tools that `tool_choice` allows, in either endpoint's form. `tools` as they stand in the body.
std::vector<SimulatedTool> tools_of(const nlohmann::ordered_json& body);

/// The JSON text asked for by a `response_format` or `text.format`; nothing for plain text.
std::optional<std::string> json_by(const nlohmann::ordered_json& format, std::string_view said);

/// A positive number of the body; nothing if it is absent, null or none.
std::optional<std::int64_t> count_in(const nlohmann::ordered_json& body, const char* key);
bool flag_in(const nlohmann::ordered_json& body, const char* key, bool otherwise);
std::string string_in(const nlohmann::ordered_json& body, const char* key);
/// The member, or null.
const nlohmann::ordered_json& member_of(const nlohmann::ordered_json& body, const char* key);
/// One line; invalid UTF-8 becomes U+FFFD.
std::string text_form(const nlohmann::ordered_json& json);

}  // namespace gatehouse::upstream
