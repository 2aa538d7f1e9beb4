#include "effort_share.hpp"
#include "gemini_request.hpp"

#include <algorithm>

namespace gatehouse::dialect {
namespace {

using chat::Effort;

constexpr std::int64_t usual_max_output = 65'536;
constexpr std::int64_t automatic_budget = -1;

std::string_view level_of(Effort effort) noexcept {
    switch (effort) {
        case Effort::none:
        case Effort::minimal:
            return "MINIMAL";
        case Effort::low:
            return "LOW";
        case Effort::medium:
            return "MEDIUM";
        case Effort::high:
            return "HIGH";
        default:
            return "XHIGH";
    }
}

class ThinkingWriter {
public:
    ThinkingWriter(const GeminiTask& task, JsonOut& json)
        : task_(task), wish_(task.conversation.reasoning), facts_(task.facts), json_(json) {}

    void write() {
        if (!task_.extras.thinking_config.empty()) {
            json_.key("thinkingConfig").raw(task_.extras.thinking_config);
            return;
        }
        const bool thinks = !facts_.efforts.empty() || facts_.budget_range;
        // A budget below 0 leaves it to the model, as a model with levels does by itself.
        const bool said = wish_.budget ? *wish_.budget >= 0 || facts_.budget_range.has_value()
                                       : wish_.effort != Effort::unsaid;
        if (!thinks) {
            // A model that cannot think does what `none` asks for.
            if (said && wish_.effort != Effort::none && wish_.budget != 0) {
                task_.losses.drop("reasoning_effort");
            }
            return;
        }
        if (!said && !wish_.show_text) {
            return;
        }
        json_.key("thinkingConfig").begin_object();
        if (wish_.show_text) {
            json_.key("includeThoughts").boolean(true);
        }
        if (said && facts_.budget_range) {
            write_budget();
        } else if (said) {
            write_level();
        }
        json_.end_object();
    }

private:
    std::int64_t longest() const noexcept { return facts_.max_output.value_or(usual_max_output); }

    void write_budget() {
        const auto [least, most] = *facts_.budget_range;
        auto budget = wish_.budget.value_or(0);
        if (wish_.budget) {
            if (budget < 0) {
                json_.key("thinkingBudget").integer(automatic_budget);
                return;
            }
        } else if (wish_.effort == Effort::max) {
            budget = most;
        } else {
            // How much an effort is worth is ours to say: cutting it to the model's range is no loss.
            budget = std::min(longest() * percent_of(wish_.effort) / 100, most);
        }
        const auto sent = std::clamp(budget, least, most);
        if (sent != budget) {
            task_.losses.drop("reasoning_effort");
        }
        json_.key("thinkingBudget").integer(sent);
    }

    void write_level() {
        const auto asked = wish_.budget ? effort_of_budget() : wish_.effort;
        const auto& known = facts_.efforts;
        auto chosen = known.front();
        for (const auto level : known) {
            chosen = level <= asked ? level : chosen;
        }
        if (chosen != asked) {
            task_.losses.drop("reasoning_effort");
        }
        json_.key("thinkingLevel").string(level_of(chosen));
    }

    Effort effort_of_budget() const noexcept {
        const auto budget = *wish_.budget;
        if (budget == 0) {
            return Effort::none;
        }
        const auto all = std::max<std::int64_t>(task_.conversation.max_tokens.value_or(longest()), 1);
        const auto share = static_cast<double>(budget) / static_cast<double>(all);
        return share < 0.05   ? Effort::minimal
               : share < 0.20 ? Effort::low
               : share < 0.45 ? Effort::medium
               : share < 0.75 ? Effort::high
                              : Effort::xhigh;
    }

    const GeminiTask& task_;
    const chat::ReasoningWish& wish_;
    const chat::ModelFacts& facts_;
    JsonOut& json_;
};

}  // namespace

void write_gemini_thinking(const GeminiTask& task, JsonOut& json) {
    ThinkingWriter(task, json).write();
}

}  // namespace gatehouse::dialect
