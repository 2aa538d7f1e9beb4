#include "client_words.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::dialect {
namespace {

/// Empty: the same as in the chat dialect, or there is no such field.
struct FieldNames {
    std::string_view chat;
    std::string_view responses;
    std::string_view anthropic;
    std::string_view gemini;
};

constexpr std::array field_names{
    FieldNames{"messages", "input", "", "contents"},
    FieldNames{"max_completion_tokens", "max_output_tokens", "max_tokens",
               "generationConfig.maxOutputTokens"},
    FieldNames{"response_format", "text.format", "output_config.format", "generationConfig"},
    FieldNames{"reasoning_effort", "reasoning.effort", "thinking", "generationConfig.thinkingConfig"},
    FieldNames{"logprobs", "include", "", "generationConfig.responseLogprobs"},
    FieldNames{"top_logprobs", "", "", "generationConfig.logprobs"},
    FieldNames{"tool_choice", "", "", "toolConfig"},
    FieldNames{"service_tier", "", "", "serviceTier"},
    FieldNames{"temperature", "", "", "generationConfig.temperature"},
    FieldNames{"top_p", "", "", "generationConfig.topP"},
    FieldNames{"top_k", "", "", "generationConfig.topK"},
    FieldNames{"seed", "", "", "generationConfig.seed"},
    FieldNames{"n", "", "", "generationConfig.candidateCount"},
    FieldNames{"stop", "", "stop_sequences", "generationConfig.stopSequences"},
    FieldNames{"presence_penalty", "", "", "generationConfig.presencePenalty"},
    FieldNames{"frequency_penalty", "", "", "generationConfig.frequencyPenalty"},
};

std::string_view name_for(chat::Endpoint client, const FieldNames& names) noexcept {
    switch (client) {
        case chat::Endpoint::responses:
            return names.responses;
        case chat::Endpoint::messages:
            return names.anthropic;
        case chat::Endpoint::generate_content:
            return names.gemini;
        default:
            return {};
    }
}

}  // namespace

Problem in_words_of(chat::Endpoint client, Problem problem) {
    const std::string param = problem.param();
    const auto end = std::min(param.find('['), param.size());
    const auto* const names = std::find_if(
        field_names.begin(), field_names.end(),
        [&](const FieldNames& each) { return each.chat == std::string_view(param).substr(0, end); });
    const auto name = names == field_names.end() ? std::string_view() : name_for(client, *names);
    if (name.empty()) {
        return problem;
    }
    std::string own(name);
    own += param.substr(end);
    std::string message = problem.message();
    if (const auto at = message.find("`" + param + "`"); at != std::string::npos) {
        message.replace(at + 1, param.size(), own);
    }
    return std::move(problem).with_message(std::move(message)).with_param(std::move(own));
}

}  // namespace gatehouse::dialect
