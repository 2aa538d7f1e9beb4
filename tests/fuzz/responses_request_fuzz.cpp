// Any chat request said to OpenAI's Responses: never a crash; what is refused has a reason; what is written
// is JSON whose items stand in pairs, each call with its output.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace {

namespace chat = gatehouse::chat;

chat::ModelFacts facts_of(std::uint8_t bits) {
    chat::ModelFacts facts;
    facts.newer_fields = (bits & 1U) != 0;
    facts.sampling = (bits & 2U) != 0;
    facts.output_schema = (bits & 4U) == 0;
    facts.prefill = (bits & 8U) != 0;
    if ((bits & 16U) != 0) {
        facts.efforts = {chat::Effort::low, chat::Effort::high, chat::Effort::max};
    }
    return facts;
}

void check_items(const nlohmann::ordered_json& items) {
    check(items.is_array() && !items.empty());
    std::vector<std::string> open;
    bool thought = false;
    for (const auto& item : items) {
        const auto type = item.at("type").get<std::string>();
        if (type == "function_call" || type == "custom_tool_call") {
            open.push_back(item.at("call_id"));
        } else if (type == "function_call_output" || type == "custom_tool_call_output") {
            check(!open.empty() && open.front() == item.at("call_id").get<std::string>());
            open.erase(open.begin());
            check(!thought);
        } else {
            check(type == "reasoning" || type == "message");
            check(!thought || type == "reasoning" || item.at("role") == "assistant");
        }
        thought = type == "reasoning";
    }
    check(open.empty() && !thought);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) {
        return 0;
    }
    const auto said = gatehouse::dialect::read_openai_chat(as_text(data + 1, size - 1));
    if (!said) {
        return 0;
    }
    const auto facts = facts_of(data[0]);
    gatehouse::dialect::TranslateOptions options;
    options.model = "gpt-x";
    options.facts = &facts;
    const auto written = gatehouse::dialect::write_responses(*said, true, options);
    if (!written) {
        check(!written.problem().message().empty());
        return 0;
    }
    const auto body = nlohmann::ordered_json::parse(written->body, nullptr, false);
    check(is_json(written->body));
    if (body.is_discarded()) {
        return 0;
    }
    check(body.is_object());
    check_items(body.at("input"));
    return 0;
}
