#include "gatehouse/pipeline/needs.hpp"

#include "call_cost.hpp"
#include "plan.hpp"
#include "refusals.hpp"

#include <algorithm>

namespace gatehouse::pipeline {
namespace {

bool a_provider_limits_tokens(const Exchange& x) noexcept {
    return std::any_of(x.plan.begin(), x.plan.end(), [](const upstream::Target& target) {
        return target.provider->options().limits.tokens_per_minute.has_value();
    });
}

/// The plan without the targets that have no price, and what the dearest of the others costs, the ones for
/// special cases included. Nothing: no target is left.
std::optional<PicoUsd> dearest_of_plan(Exchange& x, const Needs& needs, Instant now, WallTime wall,
                                       Random& random) {
    PicoUsd dearest;
    const auto take = [&](const upstream::Target& target) {
        const auto worst = counted_worst_case(x, target, needs, wall);
        dearest = std::max(dearest, worst.value_or(PicoUsd()));
        return worst.has_value();
    };
    std::erase_if(x.plan, [&](const upstream::Target& target) { return !take(target); });
    if (x.plan.empty()) {
        return std::nullopt;
    }
    if (!x.fallback_off && x.model) {
        const auto& options = *x.model->options;
        for (const auto* names : {&options.context_length_fallbacks, &options.content_policy_fallbacks}) {
            for (const auto& target : plan_of_models(x, *names, now, random)) {
                take(target);
            }
        }
    }
    return dearest;
}

Problem unpriced(const Exchange& x) {
    return Problem(ProblemKind::price_unknown,
                   "The model `" + x.request.model +
                       "` has no known price, or no known limit to its output, and this API key has a budget "
                       "that does not allow such models.")
        .with_param("model");
}

Status verdict(const std::optional<policy::Refusal>& refusal, const Exchange& x, WallTime wall) {
    if (refusal) {
        return refused(*refusal, wall, x.trail);
    }
    return done();
}

}  // namespace

bool is_weighed(const Exchange& x) noexcept {
    const bool counted = x.accounts.limits_tokens() || x.accounts.has_budget() || a_provider_limits_tokens(x);
    return counted && !is_free(x.request.endpoint);
}

Result<Needs> weigh(Exchange& x, ExchangeFacts& facts, Instant now, WallTime wall, Random& random) {
    Needs needs;
    needs.size = size_of(x, facts);
    needs.output_cap = output_cap(x, needs.size);
    needs.tokens = needs.size.prompt + needs.size.output.value_or(0) * needs.size.answers;
    x.tokens = needs.tokens;
    if (x.accounts.has_budget()) {
        needs.money = dearest_of_plan(x, needs, now, wall, random);
        if (!needs.money) {
            return unpriced(x);
        }
    }
    return needs;
}

// Both take and give back under one hold of the lock, so that nobody sees it and the answer is the book's
// own.
Status would_enter(const Exchange& x, Instant now, WallTime wall) {
    const auto refusal = x.settings->accounts()->with([&](policy::AccountBook& book) {
        auto against = book.enter(x.accounts, now);
        if (!against) {
            book.leave(x.accounts);
            book.give_back_request(x.accounts, now);
        }
        return against;
    });
    return verdict(refusal, x, wall);
}

Status would_reserve(const Exchange& x, const Needs& needs, Instant now, WallTime wall) {
    policy::Claim claim;
    claim.tokens = needs.tokens;
    claim.money = needs.money.value_or(PicoUsd());
    const auto refusal = x.settings->accounts()->with([&](policy::AccountBook& book) {
        auto against = book.reserve(x.accounts, claim, now, wall);
        if (!against) {
            book.settle(x.accounts, claim, policy::Used(), now, wall);
        }
        return against;
    });
    return verdict(refusal, x, wall);
}

std::optional<PicoUsd> worst_case(const Exchange& x, ExchangeFacts& facts, WallTime now) {
    const auto size = size_of(x, facts);
    const auto cap = output_cap(x, size);
    std::optional<PicoUsd> dearest;
    for (const auto& target : x.plan) {
        if (const auto worst = worst_case_of(*x.settings, target, size, cap, now)) {
            dearest = std::max(*worst, dearest.value_or(*worst));
        }
    }
    return dearest;
}

}  // namespace gatehouse::pipeline
