#include "gatehouse/policy/route_rules.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::policy {
namespace {

constexpr std::array<std::string_view, condition_count> condition_names = {
    "key",  "header",        "time",     "has",   "max_tokens",
    "tags", "prompt_tokens", "language", "class", "budget_used"};

bool holds_any(const std::vector<std::string>& words, std::string_view word) noexcept {
    return !word.empty() && std::find(words.begin(), words.end(), word) != words.end();
}

bool meets_headers(const RouteRule& rule, RequestFacts& facts) {
    return std::all_of(rule.headers.begin(), rule.headers.end(),
                       [&](const auto& wanted) { return facts.header(wanted.first) == wanted.second; });
}

bool meets_tags(const RouteRule& rule, RequestFacts& facts) {
    return std::all_of(rule.tags.begin(), rule.tags.end(),
                       [&](const auto& wanted) { return facts.tag(wanted.first) == wanted.second; });
}

bool meets(const std::optional<Bound>& bound, const std::optional<std::int64_t>& number) noexcept {
    return number && bound->holds(*number);
}

bool is_met(const RouteRule& rule, Condition condition, RequestFacts& facts) {
    switch (condition) {
        case Condition::key:
            return holds_any(rule.keys, facts.key()) || holds_any(rule.keys, facts.team());
        case Condition::header:
            return meets_headers(rule, facts);
        case Condition::time:
            return rule.time->holds(facts.now());
        case Condition::has:
            return rule.has.without(facts.contents()).empty();
        case Condition::max_tokens:
            return meets(rule.max_tokens, facts.max_tokens());
        case Condition::tags:
            return meets_tags(rule, facts);
        case Condition::prompt_tokens:
            return rule.prompt_tokens->holds(facts.prompt_tokens().value());
        case Condition::language:
            return holds_any(rule.languages, facts.language());
        case Condition::prompt_class: {
            const auto found = facts.classification();
            return found && holds_any(rule.classes, found->name);
        }
        case Condition::budget_used:
            return meets(rule.budget_used, facts.budget_used());
    }
    return false;
}

}  // namespace

std::string_view name_of(Condition condition) noexcept {
    return condition_names[static_cast<std::size_t>(condition)];
}

bool asks_for(const RouteRule& rule, Condition condition) noexcept {
    switch (condition) {
        case Condition::key:
            return !rule.keys.empty();
        case Condition::header:
            return !rule.headers.empty();
        case Condition::time:
            return rule.time.has_value();
        case Condition::has:
            return !rule.has.empty();
        case Condition::max_tokens:
            return rule.max_tokens.has_value();
        case Condition::tags:
            return !rule.tags.empty();
        case Condition::prompt_tokens:
            return rule.prompt_tokens.has_value();
        case Condition::language:
            return !rule.languages.empty();
        case Condition::prompt_class:
            return !rule.classes.empty();
        case Condition::budget_used:
            return rule.budget_used.has_value();
    }
    return false;
}

std::optional<Condition> first_unmet(const RouteRule& rule, RequestFacts& facts) {
    for (std::size_t i = 0; i < condition_count; ++i) {
        const auto condition = static_cast<Condition>(i);
        if (asks_for(rule, condition) && !is_met(rule, condition, facts)) {
            return condition;
        }
    }
    return std::nullopt;
}

RouteTable::RouteTable(std::vector<RouteRule> rules) : rules_(std::move(rules)) {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        for (const auto& name : rules_[i].models) {
            auto& indices = by_name_[name];
            if (indices.empty()) {
                names_.push_back(name);
            }
            if (indices.empty() || indices.back() != i) {
                indices.push_back(i);
            }
        }
        for (const auto& [name, value] : rules_[i].headers) {
            if (std::find(headers_.begin(), headers_.end(), name) == headers_.end()) {
                headers_.push_back(name);
            }
        }
    }
}

std::vector<const RouteRule*> RouteTable::rules_for(std::string_view name) const {
    std::vector<const RouteRule*> rules;
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        for (const auto index : found->second) {
            rules.push_back(&rules_[index]);
        }
    }
    return rules;
}

const RouteRule* RouteTable::first_match(std::string_view name, RequestFacts& facts,
                                         std::vector<RouteLook>* looked) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
        return nullptr;
    }
    for (const auto index : found->second) {
        const RouteRule& rule = rules_[index];
        const auto unmet = first_unmet(rule, facts);
        if (looked != nullptr) {
            looked->push_back({&rule, name, unmet});
        }
        if (!unmet) {
            return &rule;
        }
    }
    return nullptr;
}

RouteDecision RouteTable::decide(std::string_view asked, RequestFacts& facts,
                                 std::vector<RouteLook>* looked) const {
    RouteDecision decision{nullptr, asked};
    // Loading has refused cycles; should one be left, it ends after every name's turn.
    for (std::size_t turn = 0; turn < names_.size(); ++turn) {
        const RouteRule* match = first_match(decision.model, facts, looked);
        if (match == nullptr) {
            break;
        }
        const bool stays = match->use == decision.model;
        decision = {match, match->use};
        if (stays) {
            break;
        }
    }
    return decision;
}

}  // namespace gatehouse::policy
