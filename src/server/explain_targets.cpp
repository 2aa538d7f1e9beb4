#include "explain_targets.hpp"

#include "gatehouse/core/money.hpp"
#include "gatehouse/core/random.hpp"
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/upstream/standing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace gatehouse::server {
namespace {

using Json = nlohmann::ordered_json;

/// How a target has been answering, and so whether it is left alone.
Json state_json(const upstream::Target& target, const policy::TargetStanding& standing,
                const upstream::Resilience& resilience, Instant now) {
    const auto report = target.health->report(resilience, now);
    const auto probe = report.opens_again_in;
    const auto wait = standing.free_at
                          ? std::optional(std::max(std::chrono::ceil<Milliseconds>(*standing.free_at - now),
                                                   Milliseconds(0)))
                          : std::nullopt;
    return {{"breaker", name_of(report.state)},
            {"order", name_of(report.order)},
            {"probe_in_ms", probe ? Json(probe->count()) : Json()},
            {"failures_in_a_row", report.failures_in_a_row},
            {"in_flight", report.load.in_flight},
            {"credentials", target.provider->credentials().size()},
            {"credentials_parked",
             {{"for_this_model", report.credentials_parked},
              {"for_every_model", report.provider_credentials_parked}}},
            {"has_credential", standing.has_credential},
            {"has_room", standing.has_room},
            {"free_in_ms", wait ? Json(wait->count()) : Json()},
            {"may_retry", standing.may_retry}};
}

/// The targets in the order in which they are wanted, and which of them would be called first as they stand.
struct Wanted {
    std::vector<Json> states;  // null: not known
    Json first_call;
};

Wanted wanted(const pipeline::Exchange& x, TargetStates states, Instant now) {
    Wanted wanted{std::vector<Json>(x.plan.size()), {}};
    if (states == TargetStates::unknown || x.plan.empty()) {
        return wanted;
    }
    const auto& resilience = x.settings->resilience();
    SystemRandom random;
    std::vector<policy::TargetStanding> standings;
    for (std::size_t i = 0; i < x.plan.size(); ++i) {
        const auto& target = x.plan[i];
        standings.push_back(
            upstream::standing_of(target, resilience, x.tokens.value_or(0), now, random.unit()));
        wanted.states[i] = state_json(target, standings[i], resilience, now);
    }
    policy::Failover failover(resilience.retry, resilience.breaker.all_open, x.plan.size(), now);
    if (const auto step = failover.next(standings, now, random.unit()); step.call) {
        wanted.first_call = {{"target", step.call->target}, {"why", name_of(step.call->reason)}};
    }
    return wanted;
}

/// US dollars for a million tokens of each kind, for a prompt of this length; null: not known.
Json price_json(const upstream::Target& target, TokenCount prompt, WallTime when) {
    const auto* known = target.rates.asked().prices;
    const auto* prices = known == nullptr ? nullptr : known->at(when, prompt);
    if (prices == nullptr) {
        return {};
    }
    constexpr std::int64_t million = 1'000'000;
    Json price = Json::object();
    const auto add = [&](const char* kind, const std::optional<PicoUsd>& each) {
        if (each) {
            price[kind] = usd_text(PicoUsd(each->value() * million));
        }
    };
    add("input", prices->input);
    add("cached_input", prices->cached_input);
    add("cache_write", prices->cache_write);
    add("cache_write_1h", prices->cache_write_1h);
    add("output", prices->output);
    add("input_image", prices->input_image);
    add("input_audio", prices->input_audio);
    add("input_video", prices->input_video);
    add("output_audio", prices->output_audio);
    add("output_image", prices->output_image);
    return price;
}

Json target_json(const upstream::Target& target, Json state, TokenCount prompt, WallTime when) {
    const auto& timeouts = target.timeouts;
    return {{"provider", target.provider->name()},
            {"model", target.model},
            {"price", price_json(target, prompt, when)},
            {"timeouts_ms",
             {{"connect", timeouts.connect.count()},
              {"first_byte", timeouts.first_byte.count()},
              {"first_token", timeouts.first_token.count()},
              {"idle", timeouts.idle.count()},
              {"total", timeouts.total.count()}}},
            {"state", std::move(state)}};
}

}  // namespace

Json targets_json(const pipeline::Exchange& x, TargetStates states, TokenCount prompt, Instant now,
                  WallTime wall) {
    auto found = wanted(x, states, now);
    Json targets = Json::array();
    for (std::size_t i = 0; i < x.plan.size(); ++i) {
        targets.push_back(target_json(x.plan[i], std::move(found.states[i]), prompt, wall));
    }
    return {{"targets", std::move(targets)}, {"first_call", std::move(found.first_call)}};
}

}  // namespace gatehouse::server
