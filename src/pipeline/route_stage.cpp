#include "lent.hpp"

#include "gatehouse/pipeline/routing.hpp"
#include "gatehouse/pipeline/stages.hpp"

namespace gatehouse::pipeline {

Task<Result<Outcome>> RouteStage::run(Exchange& x, Next next) {
    ExchangeFacts facts(sources_, x.request, *x.caller, x.labels, x.settings->classifier(),
                        x.settings->accounts().get());
    const Lent lent(x.facts, facts);
    auto routed = route(x, facts, sources_.clock.now(), random_);
    facts.remember_class();
    note_class(facts, x.trail);
    if (!routed) {
        co_return std::move(routed.problem());
    }
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline
