#include "plan.hpp"

#include "gatehouse/pipeline/stages.hpp"

namespace gatehouse::pipeline {

Task<Result<Outcome>> RouteStage::run(Exchange& x, Next next) {
    x.plan = plan_of(x, clock_.now(), random_);
    if (x.plan.empty()) {
        co_return Problem(ProblemKind::model_not_found,
                          "The model `" + x.request.model + "` has no provider that can be used.")
            .with_param("model");
    }
    narrow_timeouts(x, x.plan);
    x.trail.route = x.model->options->name;
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline
