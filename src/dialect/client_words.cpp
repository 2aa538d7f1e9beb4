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
    FieldNames{"response_format.strict", "text.format.strict", "output_config.format", "generationConfig"},
    FieldNames{"reasoning_effort", "reasoning.effort", "thinking", "generationConfig.thinkingConfig"},
    FieldNames{"logprobs", "include", "", "generationConfig.responseLogprobs"},
    FieldNames{"top_logprobs", "", "", "generationConfig.logprobs"},
    FieldNames{"tool_choice", "", "", "toolConfig"},
    FieldNames{"parallel_tool_calls", "", "tool_choice.disable_parallel_tool_use", ""},
    FieldNames{"service_tier", "", "", "serviceTier"},
    FieldNames{"temperature", "", "", "generationConfig.temperature"},
    FieldNames{"top_p", "", "", "generationConfig.topP"},
    FieldNames{"top_k", "", "", "generationConfig.topK"},
    FieldNames{"seed", "", "", "generationConfig.seed"},
    FieldNames{"n", "", "", "generationConfig.candidateCount"},
    FieldNames{"stop", "", "stop_sequences", "generationConfig.stopSequences"},
    FieldNames{"presence_penalty", "", "", "generationConfig.presencePenalty"},
    FieldNames{"frequency_penalty", "", "", "generationConfig.frequencyPenalty"},
    FieldNames{"user", "", "metadata.user_id", ""},
    FieldNames{"verbosity", "text.verbosity", "", ""},
    FieldNames{"file.filename", "input_file.filename", "document.title", ""},
    FieldNames{"image_url.detail", "input_image.detail", "", "mediaResolution"},
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

/// Empty: the client's name is the one that it has.
std::string_view own_name(chat::Endpoint client, const chat::Conversation& said,
                          std::string_view field) noexcept {
    const bool level =
        !said.reasoning.budget && !said.reasoning.adaptive && said.reasoning.effort > chat::Effort::none;
    if (field == "reasoning_effort" && client == chat::Endpoint::messages && level) {
        return "output_config.effort";
    }
    if (field == "logprobs" && client == chat::Endpoint::responses && said.top_logprobs.value_or(0) > 0) {
        return "top_logprobs";
    }
    const auto* const names = std::find_if(field_names.begin(), field_names.end(),
                                           [&](const FieldNames& each) { return each.chat == field; });
    return names == field_names.end() ? std::string_view() : name_for(client, *names);
}

std::string renamed(chat::Endpoint client, const chat::Conversation& said, const std::string& field) {
    const auto end = std::min(field.find('['), field.size());
    const auto name = own_name(client, said, std::string_view(field).substr(0, end));
    return name.empty() ? field : std::string(name) + field.substr(end);
}

}  // namespace

Problem in_words_of(chat::Endpoint client, const chat::Conversation& said, Problem problem) {
    const std::string param = problem.param();
    auto own = renamed(client, said, param);
    if (own == param) {
        return problem;
    }
    std::string message = problem.message();
    if (const auto at = message.find("`" + param + "`"); at != std::string::npos) {
        message.replace(at + 1, param.size(), own);
    }
    return std::move(problem).with_message(std::move(message)).with_param(std::move(own));
}

std::vector<std::string> in_words_of(chat::Endpoint client, const chat::Conversation& said,
                                     std::vector<std::string> dropped) {
    for (auto& field : dropped) {
        field = renamed(client, said, field);
    }
    std::sort(dropped.begin(), dropped.end());
    dropped.erase(std::unique(dropped.begin(), dropped.end()), dropped.end());
    return dropped;
}

}  // namespace gatehouse::dialect
