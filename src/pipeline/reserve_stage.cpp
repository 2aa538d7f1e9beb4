#include "lent.hpp"
#include "refusals.hpp"
#include "reservation.hpp"

#include "gatehouse/pipeline/needs.hpp"
#include "gatehouse/pipeline/stages.hpp"
#include "gatehouse/upstream/output_cap.hpp"

#include <optional>

namespace gatehouse::pipeline {

// Not a coroutine: where nobody asks it costs no frame, and no token is counted.
Task<Result<Outcome>> ReserveStage::run(Exchange& x, Next next) {
    return is_weighed(x, sources_.clock.now(), random_) ? reserved(x, next) : next(x);
}

Task<Result<Outcome>> ReserveStage::reserved(Exchange& x, Next next) {
    std::optional<ExchangeFacts> own;
    std::optional<Lent<ExchangeFacts>> own_lent;
    if (x.facts == nullptr) {
        own.emplace(sources_, x.request, *x.caller, x.labels);
        own_lent.emplace(x.facts, *own);
    }
    const auto needs = weigh(x, *x.facts, sources_.clock.now(), sources_.clock.wall(), random_);
    if (!needs) {
        co_return needs.problem();
    }
    Reservation reservation(x, sources_.clock, *needs);
    if (needs->money || x.accounts.limits_tokens()) {
        const auto refusal = reservation.open();
        if (refusal) {
            co_return refused(*refusal, sources_.clock.wall(), x.trail);
        }
    }
    std::optional<Lent<SpendGuard>> spend_lent;
    if (needs->money) {
        spend_lent.emplace(x.spend, reservation);
        if (!needs->size.output && needs->output_cap) {
            upstream::cap_output(x.request, x.plan, *needs->output_cap);
        }
    }
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline
