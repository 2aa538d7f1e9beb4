// Options of the pipeline room: models and callers, as the configuration says them.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/prices.hpp"
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
    std::string model;            // upstream name; `*`: what the pattern matched
    double weight{1};             // yaml: models.*.targets.weight
    policy::ModelPrices price{};  // yaml: models.*.targets.price; none: the price list's
    bool price_unknown{false};    // yaml: the same, `unknown`: not the list's either
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
};

}  // namespace gatehouse::pipeline
