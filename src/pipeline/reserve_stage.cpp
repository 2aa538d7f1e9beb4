#include "call_cost.hpp"
#include "lent.hpp"
#include "plan.hpp"
#include "refusals.hpp"
#include "reservation.hpp"

#include "gatehouse/pipeline/stages.hpp"
#include "gatehouse/upstream/output_cap.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
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
std::optional<PicoUsd> dearest_of_plan(Exchange& x, const Reservation& reservation, Instant now,
                                       Random& random) {
    PicoUsd dearest;
    const auto take = [&](const upstream::Target& target) {
        const auto worst = reservation.worst_case(target);
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

}  // namespace

// Not a coroutine: where nobody asks it costs no frame, and no token is counted.
Task<Result<Outcome>> ReserveStage::run(Exchange& x, Next next) {
    const auto asked = [&] {
        return x.accounts.limits_tokens() || x.accounts.has_budget() || limits_tokens(x.plan) ||
               limits_tokens(special_targets(x, sources_.clock.now(), random_));
    };
    return !is_free(x.request.endpoint) && asked() ? reserved(x, next) : next(x);
}

Task<Result<Outcome>> ReserveStage::reserved(Exchange& x, Next next) {
    std::optional<ExchangeFacts> own;
    std::optional<Lent<ExchangeFacts>> own_lent;
    if (x.facts == nullptr) {
        own.emplace(sources_, x.request, *x.caller, x.labels);
        own_lent.emplace(x.facts, *own);
    }
    const auto size = size_of(x, *x.facts);
    Reservation reservation(x, sources_.clock, size);
    const bool money_counts = x.accounts.has_budget();
    // What is going to be said to the provider, which the operator's limit is only where money counts.
    const auto output = money_counts ? reservation.cap() : size.output;
    x.tokens = size.prompt + output.value_or(0) * size.answers;
    PicoUsd money;
    if (money_counts) {
        const auto dearest = dearest_of_plan(x, reservation, sources_.clock.now(), random_);
        if (!dearest) {
            co_return unpriced(x);
        }
        money = *dearest;
    }
    if (money_counts || x.accounts.limits_tokens()) {
        const auto refusal = reservation.open(*x.tokens, money);
        if (refusal) {
            co_return refused(*refusal, sources_.clock.wall(), x.trail);
        }
    }
    std::optional<Lent<SpendGuard>> spend_lent;
    if (money_counts) {
        spend_lent.emplace(x.spend, reservation);
        if (!size.output && reservation.cap()) {
            upstream::cap_output(x.request, x.plan, *reservation.cap());
        }
    }
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline
