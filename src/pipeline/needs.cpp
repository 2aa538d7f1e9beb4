#include "gatehouse/pipeline/needs.hpp"

#include "call_cost.hpp"
#include "plan.hpp"
#include "refusals.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace gatehouse::pipeline {
namespace {

bool limits_tokens(const std::vector<upstream::Target>& plan) noexcept {
    return std::any_of(plan.begin(), plan.end(), [](const upstream::Target& target) {
        return target.provider->options().limits.tokens_per_minute.has_value();
    });
}

/// Those for special cases, that are asked where others have failed.
std::vector<upstream::Target> special_targets(const Exchange& x, Instant now, Random& random) {
    std::vector<upstream::Target> all;
    if (x.fallback_off || !x.model) {
        return all;
    }
    const auto& options = *x.model->options;
    for (const auto* names : {&options.context_length_fallbacks, &options.content_policy_fallbacks}) {
        auto more = names->empty() ? std::vector<upstream::Target>() : plan_of_models(x, *names, now, random);
        all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return all;
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
    for (const auto& target : special_targets(x, now, random)) {
        take(target);
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

bool is_weighed(const Exchange& x, Instant now, Random& random) {
    if (is_free(x.request.endpoint)) {
        return false;
    }
    return x.accounts.limits_tokens() || x.accounts.has_budget() || limits_tokens(x.plan) ||
           limits_tokens(special_targets(x, now, random));
}

Result<Needs> weigh(Exchange& x, ExchangeFacts& facts, Instant now, WallTime wall, Random& random) {
    Needs needs;
    needs.size = size_of(x, facts);
    needs.output_cap = output_cap(x, needs.size);
    // What is going to be said to the provider, which the operator's limit is only where money counts.
    const auto output = x.accounts.has_budget() ? needs.output_cap : needs.size.output;
    needs.tokens = needs.size.prompt + output.value_or(0) * needs.size.answers;
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
