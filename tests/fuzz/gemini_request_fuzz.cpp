// Any bytes as a chat request that goes to Gemini: refused, or written so that Gemini's rules of order hold,
// and the same each time.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Json = nlohmann::json;
namespace chat = gatehouse::chat;

chat::ModelFacts facts_of(std::uint8_t bits) {
    chat::ModelFacts facts;
    if ((bits & 1U) != 0) {
        facts.efforts = {chat::Effort::low, chat::Effort::high};
    } else {
        facts.budget_range = {{128, 32'768}};
    }
    facts.sampling = facts.penalties = facts.several_choices = (bits & 2U) != 0;
    facts.schema_with_tools = (bits & 4U) == 0;
    facts.signatures_required = (bits & 8U) != 0;
    facts.call_ids = facts.media_in_results = facts.links = (bits & 16U) == 0;
    facts.system_instruction = (bits & 32U) == 0;
    facts.json_schemas = (bits & 64U) == 0;
    facts.prefill = (bits & 128U) != 0;
    return facts;
}

/// The answers behind a turn with calls are alone, as many as the calls, and in their order.
void check_contents(const Json& contents, const chat::ModelFacts& facts) {
    std::vector<std::string> calls;
    check(!contents.empty());
    for (const auto& entry : contents) {
        check(!entry["parts"].empty());
        std::vector<std::string> next;
        std::vector<std::string> answers;
        for (const auto& part : entry["parts"]) {
            if (part.contains("functionCall")) {
                check(entry["role"] == "model" && part["functionCall"]["args"].is_object());
                check(!next.empty() || !facts.signatures_required || part.contains("thoughtSignature"));
                next.push_back(part["functionCall"]["name"].get<std::string>());
            } else if (part.contains("functionResponse")) {
                check(entry["role"] == "user" && part["functionResponse"]["response"].is_object());
                answers.push_back(part["functionResponse"]["name"].get<std::string>());
            }
        }
        check(answers == calls && (answers.empty() || answers.size() == entry["parts"].size()));
        calls = next;
    }
    check(calls.empty());
    check(facts.prefill || contents.back()["role"] == "user");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const auto facts = facts_of(data[0]);
    const auto said = gatehouse::dialect::read_openai_chat(as_text(data + 1, size - 1));
    if (!said) {
        return 0;
    }
    gatehouse::dialect::TranslateOptions options;
    options.model = "gemini-x";
    options.facts = &facts;
    const auto written = gatehouse::dialect::write_gemini(*said, false, options);
    if (!written) {
        check(!written.problem().param().empty());
        return 0;
    }
    const auto body = Json::parse(written->body, nullptr, false);
    check(is_json(written->body));
    if (body.is_discarded()) {
        return 0;
    }
    check(body.is_object());
    check_contents(body["contents"], facts);
    check(gatehouse::dialect::write_gemini(*said, false, options)->body == written->body);
    options.strict = true;
    check(static_cast<bool>(gatehouse::dialect::write_gemini(*said, false, options)) ==
          written->dropped.empty());
    return 0;
}
