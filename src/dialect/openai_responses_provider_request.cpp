#include "openai_responses_provider_request.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::OutputKind;

/// Nothing is kept there, so the thoughts come along, for the client or the gateway to bring back. Models
/// that do not think refuse to be asked for them. Summaries cost nothing, but some accounts may not have
/// them: only for those who read them.
void write_response_reasoning(JsonOut& json, const chat::Conversation& said, const OpenaiPlan& plan) {
    json.key("store").boolean(false);
    if (!plan.reasons) {
        return;
    }
    json.key("include").begin_array().string("reasoning.encrypted_content").end_array();
    const bool effort = plan.effort != chat::Effort::unsaid;
    if (!effort && !said.reasoning.show_text) {
        return;
    }
    json.key("reasoning").begin_object();
    if (effort) {
        json.key("effort").string(chat::name_of(plan.effort));
    }
    if (said.reasoning.show_text) {
        json.key("summary").raw(plan.summary.empty() ? std::string_view("\"auto\"") : plan.summary);
    }
    json.end_object();
}

void write_response_text(JsonOut& json, const chat::Conversation& said, const OpenaiPlan& plan,
                         Losses& losses) {
    const bool any_json = said.output.kind != OutputKind::text && said.output.schema.empty();
    if (!plan.schema && !any_json && plan.verbosity.empty()) {
        return;
    }
    json.key("text").begin_object();
    if (plan.schema || any_json) {
        json.key("format").begin_object().key("type").string(plan.schema ? "json_schema" : "json_object");
        if (plan.schema) {
            write_openai_schema_format(json, said.output, losses);
        }
        json.end_object();
    }
    if (!plan.verbosity.empty()) {
        json.key("verbosity").string(plan.verbosity);
    }
    json.end_object();
}

}  // namespace

Result<Written> write_responses(const chat::Conversation& conversation, bool stream,
                                const TranslateOptions& options) {
    static const chat::ModelFacts unknown_model;
    const auto& facts = options.facts == nullptr ? unknown_model : *options.facts;
    Losses losses(options.strict);
    const auto plan = plan_openai(conversation, facts, OpenaiForm::responses, losses);
    TurnRules rules;
    rules.system_anywhere = true;
    rules.reasoning = true;
    const auto turns = in_turns(conversation, rules);
    if (!turns) {
        return turns.problem();
    }
    Written written;
    written.path = "/responses";
    written.body.reserve(options.likely_size);
    written.map.answer_alone = conversation.output.kind != OutputKind::text;
    JsonOut json(written.body);
    json.begin_object().key("model").string(options.model);
    if (stream) {
        json.key("stream").boolean(true);
    }
    if (plan.max_tokens) {
        json.key("max_output_tokens").integer(*plan.max_tokens);
    }
    write_openai_sampling(json, plan);
    write_openai_service(json, plan, facts);
    write_response_reasoning(json, conversation, plan);
    write_response_text(json, conversation, plan, losses);
    write_openai_tools(json, conversation, plan, facts, OpenaiForm::responses, losses, written.map);
    write_openai_responses_input(json, *turns, plan, facts, losses);
    json.end_object();
    if (auto problem = losses.problem()) {
        return *std::move(problem);
    }
    written.dropped = losses.dropped();
    return written;
}

}  // namespace gatehouse::dialect
