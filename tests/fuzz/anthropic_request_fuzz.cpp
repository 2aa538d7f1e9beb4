// Any bytes as a chat request that goes to Anthropic: refused, or written so that Anthropic's rules of order
// hold, and the same each time.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace {

using Json = nlohmann::json;
namespace chat = gatehouse::chat;

chat::ModelFacts facts_of(std::uint8_t bits) {
    chat::ModelFacts facts;
    facts.max_output = 64'000;
    facts.thinking.enabled = (bits & 1U) != 0;
    facts.thinking.adaptive = (bits & 2U) != 0;
    facts.thinks_by_default = (bits & 4U) != 0;
    if ((bits & 8U) != 0) {
        facts.efforts = {chat::Effort::low, chat::Effort::high};
    }
    facts.sampling = facts.prefill = (bits & 16U) != 0;
    facts.forced_tool = (bits & 32U) == 0;
    facts.later_system = (bits & 64U) != 0;
    facts.output_schema = (bits & 128U) == 0;
    return facts;
}

void check_id(const std::string& id) {
    check(!id.empty() && id.size() <= 64);
    check(std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    }));
}

/// The results at the beginning of a turn are those of the calls of the turn before.
void check_messages(const Json& messages) {
    std::set<std::string> all;
    std::vector<std::string> calls;
    std::string role;
    check(!messages.empty());
    for (const auto& message : messages) {
        check(message["role"] != role);
        role = message["role"].get<std::string>();
        const auto& content = message["content"];
        check(!content.empty());
        std::vector<std::string> results;
        bool others = false;
        std::vector<std::string> next;
        for (const auto& block : content) {
            if (block["type"] == "tool_result") {
                check(!others && role == "user");
                results.push_back(block["tool_use_id"].get<std::string>());
                continue;
            }
            others = true;
            if (block["type"] == "tool_use") {
                check(role == "assistant" && block["input"].is_object());
                next.push_back(block["id"].get<std::string>());
                check_id(next.back());
                check(all.insert(next.back()).second);
            } else if (block["type"] == "text") {
                check(block["text"].get<std::string>().find_first_not_of(" \t\r\n\f\v") != std::string::npos);
            }
        }
        check(results == calls);
        calls = next;
    }
    check(calls.empty());
}

std::size_t marks_in(const Json& json) {
    std::size_t marks = json.is_object() ? json.count("cache_control") : 0;
    if (json.is_object() && json.contains("input_schema")) {
        return marks;  // a client's words, where anything may stand
    }
    if (json.is_structured()) {
        for (const auto& inner : json) {
            marks += marks_in(inner);
        }
    }
    return marks;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const auto conversation = gatehouse::dialect::read_openai_chat(as_text(data + 2, size - 2));
    if (!conversation) {
        return 0;
    }
    const auto facts = facts_of(data[0]);
    gatehouse::dialect::TranslateOptions options;
    options.model = "claude-x";
    options.facts = &facts;
    const bool stream = (data[1] & 1U) != 0;
    const auto written = gatehouse::dialect::write_anthropic(*conversation, stream, options);
    if (!written) {
        return 0;
    }
    const auto again = gatehouse::dialect::write_anthropic(*conversation, stream, options);
    check(again && again->body == written->body);
    const auto body = Json::parse(written->body, nullptr, false);
    check(is_json(written->body));
    if (body.is_discarded()) {
        return 0;
    }
    check(body.is_object());
    check(body.contains("tools") || !body.contains("tool_choice"));
    check_messages(body["messages"]);
    std::size_t marks = 0;
    for (const char* part : {"system", "tools"}) {
        marks += body.contains(part) ? marks_in(body[part]) : 0;
    }
    for (const auto& message : body["messages"]) {
        for (const auto& block : message["content"]) {
            marks += block.count("cache_control");
        }
    }
    check(marks <= 4);
    return 0;
}
