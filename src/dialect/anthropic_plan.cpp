#include "anthropic_grammar.hpp"
#include "anthropic_request.hpp"
#include "effort_share.hpp"
#include "schema_fault.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::dialect {
namespace {

using chat::Effort;
using chat::OutputKind;
using chat::ToolChoiceKind;

// Compiling a grammar begins to fail from about here on; above the second it is refused.
constexpr std::size_t many_optional = 10;
constexpr std::size_t most_optional = 23;

constexpr std::int64_t limit_when_thinking = 32'000;
constexpr std::int64_t usual_max_output = 64'000;  // of a model whose maximum nobody knows

bool has_tool(const chat::Conversation& conversation, std::string_view name) {
    return std::any_of(conversation.tools.begin(), conversation.tools.end(),
                       [&](const chat::Tool& tool) { return tool.name == name; });
}

std::string free_tool_name(const chat::Conversation& conversation) {
    std::string name = "json";
    for (int i = 2; has_tool(conversation, name); ++i) {
        name = fmt::format("json_{}", i);
    }
    return name;
}

/// The client's own tools will be called, whatever form the answer should have.
bool must_call(const chat::ToolChoice& choice) {
    return choice.kind == ToolChoiceKind::required || choice.kind == ToolChoiceKind::named ||
           (choice.kind == ToolChoiceKind::allowed && choice.must_call);
}

bool is_object_schema(std::string_view schema) {
    wire::JsonReader json(schema, wire::JsonLimits{});
    bool object = false;
    if (json.peek() == wire::JsonType::object && json.begin_object()) {
        object = true;
        while (json.next_member()) {
            if (json.key() == "type" && json.peek() == wire::JsonType::string) {
                object = json.string() == "object";
            } else {
                json.skip();
            }
        }
    }
    return json.finish() && object;
}

void plan_schema(AnthropicPlan& plan, const chat::Conversation& conversation, const chat::ModelFacts& facts,
                 Losses& losses) {
    const auto& schema = conversation.output.schema;
    if (const auto fault = fault_of_schema(schema); !fault.empty()) {
        losses.refuse("response_format", fault);
        return;
    }
    const bool native = facts.output_schema && (conversation.tools.empty() || facts.schema_with_tools);
    const auto grammar = native ? anthropic_grammar(schema) : std::nullopt;
    if (grammar && grammar->optional <= many_optional) {
        plan.grammar = grammar->schema;
        return;
    }
    if (facts.forced_tool && is_object_schema(schema)) {
        if (!must_call(conversation.tool_choice)) {
            plan.json_tool = free_tool_name(conversation);
        }
        return;
    }
    if (grammar && grammar->optional <= most_optional) {
        plan.grammar = grammar->schema;
        return;
    }
    losses.refuse("response_format", "the model can be held to this schema neither by itself nor by a tool");
}

void plan_output(AnthropicPlan& plan, const chat::Conversation& conversation, const chat::ModelFacts& facts,
                 Losses& losses) {
    const auto& output = conversation.output;
    if (output.kind == OutputKind::json_schema && !output.schema.empty()) {
        plan_schema(plan, conversation, facts, losses);
    } else if (output.kind != OutputKind::text) {
        plan.ask_for_json = true;
        losses.drop("response_format");
    }
}

class ThinkingPlanner {
public:
    ThinkingPlanner(AnthropicPlan& plan, const chat::Conversation& conversation,
                    const chat::ModelFacts& facts, Losses& losses)
        : plan_(plan), wish_(conversation.reasoning), facts_(facts), losses_(losses) {
        max_output_ = facts.max_output.value_or(usual_max_output);
        limit_ = conversation.max_tokens;
    }

    void decide() {
        plan_.thinks = facts_.thinks_by_default;
        plan_.show_thoughts = wish_.show_text;
        const bool with_budget = facts_.thinking.enabled && (facts_.efforts.empty() || wish_.budget);
        if (wish_.effort == Effort::none || wish_.budget == std::int64_t{0}) {
            switch_off();
        } else if (wish_.effort == Effort::unsaid && !wish_.budget) {
            if (wish_.adaptive) {
                think_freely();
            } else {
                show_only();
            }
        } else if (with_budget) {
            think_within(wish_.budget.value_or(max_output_ * percent_of(wish_.effort) / 100));
        } else if (!facts_.efforts.empty()) {
            think_with(wish_.budget ? effort_of(*wish_.budget, limit_.value_or(max_output_)) : wish_.effort);
        } else if (facts_.thinking.adaptive) {
            adapt();
            losses_.drop("reasoning_effort");
        } else {
            losses_.drop("reasoning_effort");
        }
    }

private:
    void switch_off() {
        if (facts_.thinking.disabled && (facts_.thinks_by_default || !facts_.efforts.empty())) {
            plan_.thinking = AnthropicThinking::disabled;
            plan_.thinks = false;
        } else if (facts_.thinks_by_default && facts_.thinking.between_tools) {
            plan_.thinking = AnthropicThinking::between_tools;
            least_effort();
        } else if (facts_.thinks_by_default) {
            least_effort();
        }
    }

    /// As near as it comes to none.
    void least_effort() {
        if (!facts_.efforts.empty()) {
            plan_.effort = facts_.efforts.front();
        }
        losses_.drop("reasoning_effort");
    }

    void show_only() {
        if (wish_.show_text && plan_.thinks && facts_.thinking.adaptive) {
            plan_.thinking = AnthropicThinking::adaptive;
        }
    }

    void think_freely() {
        if (facts_.thinking.adaptive && (!facts_.thinks_by_default || wish_.show_text)) {
            adapt();
        } else if (!facts_.thinking.adaptive && facts_.thinking.enabled) {
            think_within(max_output_ * percent_of(Effort::high) / 100);
        }
    }

    void think_with(Effort effort) {
        plan_.effort = nearest_effort(effort, facts_.efforts);
        if (plan_.effort != effort) {
            losses_.drop("reasoning_effort");
        }
        if (facts_.thinking.adaptive && (!facts_.thinks_by_default || wish_.show_text)) {
            adapt();
        }
    }

    void adapt() {
        plan_.thinking = AnthropicThinking::adaptive;
        plan_.thinks = true;
    }

    /// The client's limit counts thoughts too, so that a budget must leave room in it.
    void think_within(std::int64_t budget) {
        if (limit_ && *limit_ <= least_budget) {
            losses_.drop("reasoning_effort");
            return;
        }
        budget = std::clamp(budget, least_budget, std::max(least_budget, max_output_ - 1));
        if (limit_ && std::min(*limit_, max_output_) <= budget + 1) {
            budget = std::max(least_budget, std::min(*limit_, max_output_) / 2);
        }
        plan_.thinking = AnthropicThinking::enabled;
        plan_.budget = budget;
        plan_.thinks = true;
    }

    AnthropicPlan& plan_;
    const chat::ReasoningWish& wish_;
    const chat::ModelFacts& facts_;
    Losses& losses_;
    std::int64_t max_output_;
    std::optional<std::int64_t> limit_;
};

void plan_limit(AnthropicPlan& plan, const chat::Conversation& conversation, const chat::ModelFacts& facts,
                const TranslateOptions& options, Losses& losses) {
    if (conversation.max_tokens) {
        plan.max_tokens = *conversation.max_tokens;
    } else if (plan.thinking == AnthropicThinking::enabled) {
        plan.max_tokens = plan.budget + options.default_max_tokens;
    } else {
        plan.max_tokens = plan.thinks ? std::max(options.default_max_tokens, limit_when_thinking)
                                      : options.default_max_tokens;
    }
    if (facts.max_output && plan.max_tokens > *facts.max_output) {
        plan.max_tokens = *facts.max_output;
        if (conversation.max_tokens) {
            losses.drop("max_completion_tokens");
        }
    }
}

}  // namespace

AnthropicPlan plan_anthropic(const chat::Conversation& conversation, const chat::ModelFacts& facts,
                             const TranslateOptions& options, Losses& losses) {
    AnthropicPlan plan;
    plan_output(plan, conversation, facts, losses);
    ThinkingPlanner(plan, conversation, facts, losses).decide();
    plan_limit(plan, conversation, facts, options, losses);
    if (plan.thinking == AnthropicThinking::enabled && !plan.json_tool.empty()) {
        // The answer's form rests on a forced call, which is refused beside thinking with a budget.
        without_thinking(plan, conversation, facts, options, losses);
    }
    return plan;
}

void without_thinking(AnthropicPlan& plan, const chat::Conversation& conversation,
                      const chat::ModelFacts& facts, const TranslateOptions& options, Losses& losses) {
    plan.thinking = AnthropicThinking::unsaid;
    plan.thinks = facts.thinks_by_default;
    plan.budget = 0;
    losses.drop("reasoning_effort");
    plan_limit(plan, conversation, facts, options, losses);
}

}  // namespace gatehouse::dialect
