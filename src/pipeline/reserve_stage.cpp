#include "call_cost.hpp"
#include "plan.hpp"
#include "refusals.hpp"
#include "reservation.hpp"

#include "gatehouse/pipeline/stages.hpp"
#include "gatehouse/upstream/output_cap.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace gatehouse::pipeline {
namespace {

bool a_provider_limits_tokens(const Exchange& x) noexcept {
    return std::any_of(x.plan.begin(), x.plan.end(), [](const upstream::Target& target) {
        return target.provider->options().limits.tokens_per_minute.has_value();
    });
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

}  // namespace

// Not a coroutine: where nobody asks it costs no frame, and no token is counted.
Task<Result<Outcome>> ReserveStage::run(Exchange& x, Next next) {
    const bool asked = x.accounts.limits_tokens() || x.accounts.has_budget() || a_provider_limits_tokens(x);
    return asked && !is_free(x.request.endpoint) ? reserved(x, next) : next(x);
}

Task<Result<Outcome>> ReserveStage::reserved(Exchange& x, Next next) {
    std::optional<ExchangeFacts> own;
    if (x.facts == nullptr) {
        own.emplace(sources_, x.request, *x.caller, x.labels);
        x.facts = &*own;
    }
    const auto size = size_of(x, *x.facts);
    x.tokens = size.prompt + size.output.value_or(0) * size.answers;
    Reservation reservation(x, sources_.clock, size);
    const bool money_counts = x.accounts.has_budget();
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
    if (money_counts) {
        x.spend = &reservation;
        if (!size.output && reservation.cap()) {
            upstream::cap_output(x.request, x.plan, *reservation.cap());
        }
    }
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline
