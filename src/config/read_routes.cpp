#include "nearest.hpp"
#include "readers.hpp"
#include "texts.hpp"
#include "time_zones.hpp"
#include "values.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/policy/language.hpp"
#include "gatehouse/policy/model_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace gatehouse::config {
namespace {

std::vector<std::pair<std::string, std::string>> pairs_of(View value) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const Entry& entry : value.entries()) {
        pairs.emplace_back(entry.key->text, entry.value->text);
    }
    return pairs;
}

std::optional<policy::Bound> bound_of(View value) {
    const auto comparison = value.is_scalar() ? parse_comparison(value.text()) : std::nullopt;
    return comparison ? std::optional(policy::Bound{comparison->at_least, comparison->bound}) : std::nullopt;
}

std::optional<policy::WeekTime> read_time(View value, Findings& findings) {
    const auto hours = value.is_scalar() ? parse_week_hours(value.text()) : std::nullopt;
    if (!hours) {
        return std::nullopt;  // absent, or reported by the checker
    }
    auto zone = find_time_zone(hours->zone);
    if (!zone) {
        const auto known = time_zone_names();
        findings.error(value.node(), fmt::format("unknown time zone {}{}", quote(hours->zone),
                                                 known.empty() ? ": the system has no time zones (tzdata)"
                                                               : suggestion(hours->zone, known)));
        return std::nullopt;
    }
    return policy::WeekTime{hours->first_day, hours->last_day, hours->from, hours->until, std::move(zone)};
}

std::vector<std::string> read_languages(View value, Findings& findings) {
    const auto codes = policy::known_languages();
    const std::vector<std::string> known(codes.begin(), codes.end());
    for (const Node* item : value.scalars()) {
        if (std::find(known.begin(), known.end(), item->text) == known.end()) {
            findings.error(*item, fmt::format("unknown language {}: a code such as `de` is expected{}",
                                              quote(item->text), suggestion(item->text, known)));
        }
    }
    return texts_of(value);
}

policy::RouteRule read_rule(View rule, Findings& findings) {
    const View when = rule["when"];
    policy::RouteRule o;
    o.name = rule["name"].text();
    o.models = texts_of(when["model"]);
    o.use = rule["use"].text();
    for (const Node* item : when["has"].scalars()) {
        if (const auto content = chat::content_named(item->text)) {
            o.has.add(*content);
        }
    }
    o.prompt_tokens = bound_of(when["prompt_tokens"]);
    o.max_tokens = bound_of(when["max_tokens"]);
    o.tags = pairs_of(when["tags"]);
    o.keys = texts_of(when["key"]);
    o.classes = texts_of(when["class"]);
    o.headers = pairs_of(when["header"]);
    for (auto& [name, value] : o.headers) {
        name = to_lower(name);
    }
    o.languages = read_languages(when["language"], findings);
    o.time = read_time(when["time"], findings);
    o.budget_used = bound_of(when["budget_used"]);
    return o;
}

/// Keys and teams that are written down; others may come at run time.
std::vector<std::string> callers_of(View root, const std::vector<pipeline::KeyOptions>& keys) {
    std::set<std::string> names;
    for (const auto& key : keys) {
        names.insert(key.name);
        if (!key.team.empty()) {
            names.insert(key.team);
        }
    }
    for (const View team : root["teams"].mappings()) {
        names.insert(team["name"].text());
    }
    return {names.begin(), names.end()};
}

/// The names that requests of one key have on their way through the rules: those that it may ask for, and
/// what rules make of them.
std::set<std::string> names_met(View root, const std::vector<std::string>& routed,
                                const policy::ModelAllowList& allowed) {
    std::multimap<std::string, std::string> uses;
    for (const View rule : root["routes"].mappings()) {
        for (const Node* name : rule["when"]["model"].scalars()) {
            uses.emplace(name->text, rule["use"].text());
        }
    }
    std::vector<std::string> open;
    std::copy_if(routed.begin(), routed.end(), std::back_inserter(open),
                 [&](const std::string& name) { return allowed.allows(name); });
    std::set<std::string> met(open.begin(), open.end());
    while (!open.empty()) {
        const auto [first, last] = uses.equal_range(open.back());
        open.pop_back();
        for (auto use = first; use != last; ++use) {
            if (met.insert(use->second).second) {
                open.push_back(use->second);
            }
        }
    }
    return met;
}

/// Warns of keys in `when.key` whose requests never come to the rule, because of the models they may use. Of
/// teams nobody knows: they may get keys at run time.
class KeysOfRules {
public:
    KeysOfRules(View root, const std::vector<pipeline::KeyOptions>& keys) : root_(root) {
        for (const auto& key : keys) {
            keys_.emplace(key.name, &key);
            teams_.insert(key.team);
        }
        for (const View team : root["teams"].mappings()) {
            teams_.insert(team["name"].text());
        }
    }

    void check(View rule, const std::vector<std::string>& routed, Findings& findings) {
        for (const Node* name : rule["when"]["key"].scalars()) {
            const auto key = keys_.find(name->text);
            if (key == keys_.end() || !key->second->models || teams_.contains(name->text)) {
                continue;
            }
            auto met = met_.find(name->text);
            if (met == met_.end()) {
                const policy::ModelAllowList allowed(*key->second->models);
                met = met_.emplace(name->text, names_met(root_, routed, allowed)).first;
            }
            const auto serves = rule["when"]["model"].scalars();
            if (std::none_of(serves.begin(), serves.end(),
                             [&](const Node* model) { return met->second.contains(model->text); })) {
                findings.warning(*name,
                                 fmt::format("no request of key {} comes to this rule: it may use none "
                                             "of the models that lead here",
                                             quote(name->text)));
            }
        }
    }

private:
    View root_;
    std::map<std::string, const pipeline::KeyOptions*> keys_;
    std::set<std::string> teams_;
    std::map<std::string, std::set<std::string>> met_;
};

/// A model's own targets, or those of its fallbacks. A name that is not known counts as having some: it was
/// reported.
bool has_targets(View root, const std::vector<pipeline::ModelOptions>& models, const std::string& name) {
    std::vector<std::string> open{name};
    std::set<std::string> seen{name};
    while (!open.empty()) {
        const Entry* entry = find_model(root, open.back());
        open.pop_back();
        const auto model = std::find_if(models.begin(), models.end(), [&](const auto& candidate) {
            return entry != nullptr && candidate.name == entry->key->text;
        });
        if (model == models.end() || !model->targets.empty()) {
            return true;
        }
        for (const auto& fallback : model->fallbacks) {
            if (seen.insert(fallback).second) {
                open.push_back(fallback);
            }
        }
    }
    return false;
}

}  // namespace

std::vector<policy::RouteRule> read_routes(View root, const std::vector<pipeline::ModelOptions>& models,
                                           const std::vector<pipeline::KeyOptions>& keys,
                                           Findings& findings) {
    std::vector<policy::RouteRule> rules;
    const auto callers = callers_of(root, keys);
    const auto routed = routed_names(root);
    KeysOfRules keys_of_rules(root, keys);
    for (const View rule : root["routes"].mappings()) {
        const View use = rule["use"];
        const bool routed_again = std::find(routed.begin(), routed.end(), use.text()) != routed.end();
        if (use.is_scalar() && !routed_again && !has_targets(root, models, use.text())) {
            findings.warning(use.node(), fmt::format("{} has no usable target: what this rule takes is "
                                                     "answered with model_not_found",
                                                     quote(use.text())));
        }
        for (const Node* caller : rule["when"]["key"].scalars()) {
            if (std::find(callers.begin(), callers.end(), caller->text) == callers.end()) {
                findings.warning(*caller, fmt::format("no key and no team is named {}{}", quote(caller->text),
                                                      suggestion(caller->text, callers)));
            }
        }
        keys_of_rules.check(rule, routed, findings);
        rules.push_back(read_rule(rule, findings));
    }
    return rules;
}

}  // namespace gatehouse::config
