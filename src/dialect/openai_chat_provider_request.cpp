#include "openai_chat_provider_request.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::OutputKind;

void write_sampling(JsonOut& json, const chat::Conversation& said, const OpenaiPlan& plan,
                    const chat::ModelFacts& facts) {
    write_openai_sampling(json, plan);
    if (facts.penalties && said.presence_penalty.value_or(0) != 0) {
        json.key("presence_penalty").number(*said.presence_penalty);
    }
    if (facts.penalties && said.frequency_penalty.value_or(0) != 0) {
        json.key("frequency_penalty").number(*said.frequency_penalty);
    }
    if (said.seed) {
        json.key("seed").integer(*said.seed);
    }
    if (said.choices > 1) {
        json.key("n").integer(said.choices);
    }
    if (said.logprobs) {
        json.key("logprobs").boolean(true);
        if (said.top_logprobs) {
            json.key("top_logprobs").integer(*said.top_logprobs);
        }
    }
    if (!said.stop.empty()) {
        json.key("stop").begin_array();
        for (const auto& stop : said.stop) {
            json.string(stop);
        }
        json.end_array();
    }
}

void write_output(JsonOut& json, const chat::Conversation& said, const OpenaiPlan& plan, Losses& losses) {
    const auto& output = said.output;
    const bool any_json = output.kind != OutputKind::text && output.schema.empty();
    if (!plan.schema && !any_json) {
        return;
    }
    json.key("response_format").begin_object().key("type");
    if (plan.schema) {
        json.string("json_schema").key("json_schema").begin_object();
        write_openai_schema_format(json, output, losses);
        json.end_object();
    } else {
        json.string("json_object");
    }
    json.end_object();
}

void write_effort(JsonOut& json, const OpenaiPlan& plan) {
    if (plan.effort != chat::Effort::unsaid) {
        json.key("reasoning_effort").string(chat::name_of(plan.effort));
    }
    if (!plan.verbosity.empty()) {
        json.key("verbosity").string(plan.verbosity);
    }
}

}  // namespace

Result<Written> write_openai_chat(const chat::Conversation& conversation, bool stream,
                                  const TranslateOptions& options) {
    static const chat::ModelFacts unknown_model;
    const auto& facts = options.facts == nullptr ? unknown_model : *options.facts;
    Losses losses(options.strict);
    const auto plan = plan_openai(conversation, facts, OpenaiForm::chat, losses);
    TurnRules rules;
    rules.system_anywhere = true;
    const auto turns = in_turns(conversation, rules);
    if (!turns) {
        return turns.problem();
    }
    Written written;
    written.path = "/chat/completions";
    written.body.reserve(options.likely_size);
    JsonOut json(written.body);
    json.begin_object().key("model").string(options.model);
    if (plan.max_tokens) {
        json.key(facts.newer_fields ? "max_completion_tokens" : "max_tokens").integer(*plan.max_tokens);
    }
    if (stream) {
        json.key("stream").boolean(true).key("stream_options").begin_object();
        json.key("include_usage").boolean(true).end_object();
    }
    write_sampling(json, conversation, plan, facts);
    write_openai_service(json, plan, facts);
    write_effort(json, plan);
    write_output(json, conversation, plan, losses);
    write_openai_tools(json, conversation, plan, facts, OpenaiForm::chat, losses, written.map);
    write_openai_chat_messages(json, *turns, plan, facts, losses);
    json.end_object();
    if (auto problem = losses.problem()) {
        return *std::move(problem);
    }
    written.dropped = losses.dropped();
    return written;
}

}  // namespace gatehouse::dialect
