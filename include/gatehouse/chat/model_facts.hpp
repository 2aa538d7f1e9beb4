// What is known of a provider's model and decides how a request must be written for it. Data, not code: from
// the price list (config/prices.yaml).
//
// Room: chat. May include: core.
#pragma once

#include "gatehouse/chat/conversation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::chat {

/// Ways to switch thinking, as Anthropic names them.
struct ThinkingTypes {
    bool enabled{false};  // with a budget in tokens
    bool adaptive{false};
    bool disabled{false};
    bool between_tools{false};
};

/// Every member has the value that is right for a model nobody knows: the newest of its family.
struct ModelFacts {
    std::optional<std::int64_t> max_output;  // tokens
    std::vector<Effort> efforts;             // accepted, ascending; of Gemini: thinking levels
    ThinkingTypes thinking;
    bool thinks_by_default{false};
    std::optional<std::pair<std::int64_t, std::int64_t>> budget_range;  // of Gemini's thinkingBudget
    bool sampling{false};          // takes temperature, top_p, top_k that are no defaults
    bool both_sampling{true};      // temperature and top_p together
    bool forced_tool{true};        // tool_choice may force a call
    bool prefill{false};           // a last message of the assistant may be continued
    bool later_system{false};      // system messages may stand behind the first user message
    bool output_schema{true};      // JSON schema natively
    bool schema_with_tools{true};  // beside function tools
    bool penalties{false};         // presence and frequency penalty
    bool several_choices{false};   // n > 1
    bool logprobs{false};
    bool signatures_required{false};  // Gemini 3 and later: calls go back with theirs
    bool call_ids{true};              // Gemini 3 and later: calls have ids
    bool system_instruction{true};    // Gemma has none
    bool links{true};                 // fetches https links in the request by itself
    bool media_in_results{true};      // Gemini 3 and later: media may be part of a tool's result
    bool image_detail{true};          // Gemini 3 and later: a resolution for each image
    bool json_schemas{true};          // Gemini after 2.0: JSON schemas; before, OpenAPI's subset
    bool newer_fields{false};         // of OpenAI's own: the fields that compatible servers do not know
    bool tools_with_reasoning{true};  // on chat completions, function tools beside reasoning
    bool responses_only{false};       // of OpenAI: exists at /responses, not at /chat/completions
    std::int64_t least_output{0};     // Gemini 4: with a smaller limit it thinks and answers nothing
    std::vector<std::string> media;   // accepted kinds: `image`, `pdf`, `audio` …; empty: nobody knows, all
};

}  // namespace gatehouse::chat
