#include "gatehouse/pipeline/stages.hpp"

#include <algorithm>

namespace gatehouse::pipeline {

namespace {

void narrow(std::chrono::milliseconds& timeout, const std::optional<Milliseconds>& by) {
    if (by) {
        timeout = std::min(timeout, *by);
    }
}

}  // namespace

Task<Result<Outcome>> RouteStage::run(Exchange& x, Next next) {
    x.plan = x.settings->targets(*x.model);
    if (x.plan.empty()) {
        co_return Problem(ProblemKind::model_not_found,
                          "The model `" + x.request.model + "` has no provider that can be used.")
            .with_param("model");
    }
    for (auto& target : x.plan) {
        narrow(target.timeouts.total, x.total_timeout);
        narrow(target.timeouts.first_token, x.first_token_timeout);
    }
    x.trail.route = x.model->options->name;
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline
