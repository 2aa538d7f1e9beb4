#include "gemini_request.hpp"
#include "gemini_schema.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::dialect {
namespace {

constexpr std::size_t most_stops = 5;

class GenerationWriter {
public:
    GenerationWriter(const GeminiTask& task, JsonOut& json)
        : task_(task), said_(task.conversation), facts_(task.facts), losses_(task.losses), json_(json) {}

    void write(GeminiAnswer answer) {
        json_.key("generationConfig").begin_object();
        write_limit();
        write_sampling();
        write_choices();
        write_stop();
        write_penalty("presencePenalty", "presence_penalty", said_.presence_penalty);
        write_penalty("frequencyPenalty", "frequency_penalty", said_.frequency_penalty);
        write_form(answer);
        if (!task_.extras.modalities.empty()) {
            json_.key("responseModalities").raw(task_.extras.modalities);
        }
        write_gemini_thinking(task_, json_);
        json_.end_object();
    }

    void write_tier() {
        const auto& tier = said_.service_tier;
        if (tier == "flex") {
            json_.key("serviceTier").string("flex");
        } else if (tier == "priority" || tier == "fast") {
            json_.key("serviceTier").string("priority");
        } else if (!tier.empty() && tier != "auto" && tier != "default") {
            losses_.drop("service_tier");
        }
    }

private:
    void write_limit() {
        if (!said_.max_tokens) {
            return;
        }
        if (*said_.max_tokens == 0) {
            losses_.refuse("max_completion_tokens",
                           "only Anthropic's models warm their cache without an answer");
        }
        auto limit = std::max(*said_.max_tokens, facts_.least_output);
        if (facts_.max_output) {
            limit = std::min(limit, *facts_.max_output);
        }
        if (limit != *said_.max_tokens) {
            losses_.drop("max_completion_tokens");
        }
        json_.key("maxOutputTokens").integer(limit);
    }

    void write_sampling() {
        write_sampled("temperature", "temperature", said_.temperature);
        write_sampled("topP", "top_p", said_.top_p);
        if (said_.top_k && facts_.sampling) {
            json_.key("topK").integer(*said_.top_k);
        } else if (said_.top_k) {
            losses_.drop("top_k");
        }
    }

    /// 1 is the default of both.
    void write_sampled(std::string_view own, std::string_view field, const std::optional<double>& value) {
        if (value && facts_.sampling) {
            json_.key(own).number(*value);
        } else if (value && *value != 1) {
            losses_.drop(field);
        }
    }

    void write_choices() {
        if (said_.choices > 1 && !facts_.several_choices) {
            losses_.refuse("n", "the model gives one answer");
        } else if (said_.choices > 1) {
            json_.key("candidateCount").integer(said_.choices);
        }
        if (said_.seed) {
            // A seed of 64 bits is as good as its lowest 31.
            constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
            constexpr std::int64_t least = std::numeric_limits<std::int32_t>::min();
            const bool fits = *said_.seed >= least && *said_.seed <= most;
            json_.key("seed").integer(fits ? *said_.seed : *said_.seed & most);
        }
        if (said_.logprobs && !facts_.logprobs) {
            losses_.refuse("logprobs", "the model gives no probabilities");
        } else if (said_.logprobs) {
            json_.key("responseLogprobs").boolean(true);
            if (said_.top_logprobs) {
                json_.key("logprobs").integer(*said_.top_logprobs);
            }
        }
    }

    void write_stop() {
        std::vector<std::string_view> stops;
        for (const auto& stop : said_.stop) {
            if (!stop.empty()) {
                stops.push_back(stop);
            }
        }
        if (stops.size() > most_stops) {
            stops.resize(most_stops);
            losses_.drop("stop");
        }
        if (stops.empty()) {
            return;
        }
        json_.key("stopSequences").begin_array();
        for (const auto stop : stops) {
            json_.string(stop);
        }
        json_.end_array();
    }

    void write_penalty(std::string_view own, std::string_view field, const std::optional<double>& value) {
        if (!value || *value == 0) {
            return;
        }
        if (facts_.penalties) {
            json_.key(own).number(*value);
        } else {
            losses_.drop(field);
        }
    }

    void write_form(GeminiAnswer answer) {
        if (answer != GeminiAnswer::json && answer != GeminiAnswer::schema) {
            return;
        }
        json_.key("responseMimeType").string("application/json");
        if (answer == GeminiAnswer::json) {
            return;
        }
        const auto form = facts_.json_schemas ? GeminiSchemaForm::json_schema : GeminiSchemaForm::open_api;
        const auto schema = gemini_schema(said_.output.schema, form, GeminiSchemaUse::answer, task_.schemas);
        if (!schema) {
            losses_.refuse("response_format", "its schema is too deep, or refers to what it does not hold");
        } else {
            json_.key(facts_.json_schemas ? "responseJsonSchema" : "responseSchema").raw(*schema);
        }
    }

    const GeminiTask& task_;
    const chat::Conversation& said_;
    const chat::ModelFacts& facts_;
    Losses& losses_;
    JsonOut& json_;
};

}  // namespace

void write_gemini_generation(const GeminiTask& task, GeminiAnswer answer, JsonOut& json) {
    GenerationWriter writer(task, json);
    writer.write(answer);
    writer.write_tier();
}

}  // namespace gatehouse::dialect
