#include "gatehouse/pipeline/routing.hpp"

#include "plan.hpp"

#include "gatehouse/core/text.hpp"

#include <string>
#include <utility>

namespace gatehouse::pipeline {
namespace {

// No provider's name is half as long. Behind a pattern the name goes on into a response header, and clients
// refuse long ones.
constexpr std::size_t longest_name = 512;

bool is_name(const std::string& model) {
    return model.size() <= longest_name && without_controls(model) == model;
}

Problem not_found(std::string message) {
    return Problem(ProblemKind::model_not_found, std::move(message)).with_param("model");
}

/// The client's own: models that its key may use and that have targets.
Status admit_fallbacks(const Exchange& x) {
    for (std::size_t i = 0; i < x.request.fallbacks.size(); ++i) {
        const auto& name = x.request.fallbacks[i];
        const bool allowed = !x.caller->models || x.caller->models->allows(name);
        if (!is_name(name) || !allowed || !x.settings->find_model(name)) {
            return Problem(ProblemKind::invalid_value, "Invalid value for 'fallbacks': `" +
                                                           without_controls(name.substr(0, longest_name)) +
                                                           "` is no model that this API key may use.")
                .with_param("fallbacks[" + std::to_string(i) + "]");
        }
    }
    return done();
}

}  // namespace

Status admit(Exchange& x) {
    const auto& asked = x.request.model;
    if (!is_name(asked)) {
        return Problem(ProblemKind::invalid_value, "Invalid value for 'model': a name is at most " +
                                                       std::to_string(longest_name) +
                                                       " bytes without control characters.")
            .with_param("model");
    }
    // Before the look-up, so that a key cannot find out which models exist beside its own.
    if (x.caller->models && !x.caller->models->allows(asked)) {
        return Problem(ProblemKind::model_not_allowed, "This API key may not use the model `" + asked + "`.")
            .with_param("model");
    }
    x.model = x.settings->find_model(asked);
    if (!x.model && !x.settings->routes().serves(asked)) {
        return not_found("The model `" + asked + "` does not exist.");
    }
    auto fallbacks = admit_fallbacks(x);
    if (!fallbacks) {
        return fallbacks;
    }
    // A label: a name that rules list is as bounded as the entries are.
    x.trail.model = x.model ? x.model->options->name : asked;
    return done();
}

Status route(Exchange& x, policy::RequestFacts& facts, Instant now, Random& random,
             std::vector<policy::RouteLook>* looked) {
    const auto& asked = x.request.model;
    const auto& rules = x.settings->routes();
    const bool routed = rules.serves(asked);
    const auto decision = routed ? rules.decide(asked, facts, looked) : policy::RouteDecision{nullptr, asked};
    if (decision.rule != nullptr) {
        x.model = x.settings->find_model(decision.model);
        x.trail.route = decision.rule->name;
    }
    if (x.model) {
        x.trail.model = x.model->options->name;
        x.plan = plan_of(x, now, random);
        narrow_timeouts(x, x.plan);
    }
    if (!x.plan.empty()) {
        return done();
    }
    if (routed && decision.rule == nullptr) {
        return not_found("No rule serves this request for the model `" + asked +
                         "`, and it has no targets of its own.");
    }
    return not_found("The model `" + asked + "` has no provider that can be used.");
}

policy::AccountSet accounts_of(const Exchange& x) {
    policy::AccountSet set;
    const auto add = [&set](const policy::AccountRef& account) {
        if (account.limits_anything()) {
            set.add(account);
        }
    };
    for (const auto& account : x.caller->accounts) {
        add(account);
    }
    if (x.model) {
        add(x.settings->account_of(*x.model));
    }
    add(x.settings->gateway_account());
    return set;
}

void note_class(const ExchangeFacts& facts, telemetry::Trail& trail) {
    const auto& found = facts.classified();
    if (!found) {
        return;
    }
    if (found->counted) {
        trail.prompt_class = name_of(found->counted->prompt_class);
        trail.class_probability = found->counted->probability;
    }
    for (std::size_t i = 0; i < policy::prompt_class_count; ++i) {
        trail.class_scores.emplace_back(name_of(static_cast<policy::PromptClass>(i)),
                                        found->verdict.probabilities[i]);
    }
}

}  // namespace gatehouse::pipeline
