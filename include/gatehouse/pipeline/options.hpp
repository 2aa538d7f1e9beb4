// Options of the pipeline room: models and callers, as the configuration says them.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/account.hpp"
#include "gatehouse/policy/budget.hpp"
#include "gatehouse/policy/cache_options.hpp"
#include "gatehouse/policy/continuation.hpp"
#include "gatehouse/policy/prices.hpp"
#include "gatehouse/policy/slow_stream.hpp"
#include "gatehouse/policy/strategy.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {

struct TargetOptions {
    std::string provider;
    std::string model;                // upstream name; `*`: what the pattern matched
    double weight{1};                 // yaml: models.*.targets.weight
    policy::ModelPrices price{};      // yaml: models.*.targets.price; none: the price list's
    bool price_unknown{false};        // yaml: the same, `unknown`: not the list's either
    std::optional<bool> continues{};  // yaml: models.*.targets.continues; absent: if the model is known to
};

struct ModelOptions {
    std::string name;                      // may hold one `*`
    std::vector<TargetOptions> targets{};  // in order
    policy::Strategy strategy{policy::Strategy::ordered};
    // Other models, tried after the targets, and where every target would refuse the request.
    std::vector<std::string> fallbacks{};                 // yaml: models.*.fallbacks
    std::vector<std::string> context_length_fallbacks{};  // .context_length_fallbacks
    std::vector<std::string> content_policy_fallbacks{};  // .content_policy_fallbacks
    // Timeouts that differ for this model, longer or shorter; absent: the provider's.
    std::optional<std::chrono::milliseconds> first_byte{};   // yaml: models.*.timeouts.first_byte
    std::optional<std::chrono::milliseconds> first_token{};  // .first_token
    std::optional<std::chrono::milliseconds> idle{};         // .idle
    std::optional<std::chrono::milliseconds> total{};        // .total
    std::optional<policy::SlowStreamOptions> slow_stream{};  // yaml: models.*.slow_stream; absent: off
    policy::MidstreamFailure midstream{};                    // yaml: models.*.on_midstream_failure
    policy::LimitOptions limits{};                           // yaml: models.*.limits; of all callers together
    // What callers with a budget get who name no number of tokens. yaml: models.*.max_output_tokens
    std::optional<std::int64_t> max_output_tokens{};
    policy::CacheOptions cache{};  // yaml: models.*.cache, on top of cache
};

struct KeyOptions {
    std::string name;
    Digest hash{};                                   // SHA-256 of the key
    std::optional<std::vector<std::string>> models;  // absent: all
    std::optional<WallTime> expires;
    std::string team;
    std::map<std::string, std::string> tags;
    bool debug{false};
    bool admin{false};
    policy::LimitOptions limits{};                  // yaml: keys.*.requests_per_minute and its neighbours
    std::optional<policy::BudgetOptions> budget{};  // yaml: keys.*.budget
};

struct TeamOptions {
    std::string name;
    std::string organisation{};                     // yaml: teams.*.organisation; empty: none
    policy::LimitOptions limits{};                  // yaml: teams.*.limits
    std::optional<policy::BudgetOptions> budget{};  // yaml: teams.*.budget
};

struct OrganisationOptions {
    std::string name;
    policy::LimitOptions limits{};                  // yaml: organisations.*.limits
    std::optional<policy::BudgetOptions> budget{};  // yaml: organisations.*.budget
};

/// Whose keys they are, and what they share.
struct Groups {
    std::vector<TeamOptions> teams{};
    std::vector<OrganisationOptions> organisations{};
    policy::LimitOptions gateway{};  // yaml: limits; of everything together
};

}  // namespace gatehouse::pipeline
