#include "gatehouse/pipeline/stages.hpp"

namespace gatehouse::pipeline {

namespace {

/// Where the provider found fault with the request itself, its words are the answer; so are ours where the
/// client is at fault.
bool is_providers_failure(ProblemKind kind) noexcept {
    switch (kind) {
        case ProblemKind::upstream_connect:
        case ProblemKind::upstream_tls:
        case ProblemKind::upstream_redirect:
        case ProblemKind::upstream_timeout:
        case ProblemKind::upstream_lost:
        case ProblemKind::upstream_protocol:
        case ProblemKind::upstream_overloaded:
        case ProblemKind::upstream_failed:
        case ProblemKind::upstream_rate_limited:
        case ProblemKind::upstream_quota:
        case ProblemKind::upstream_credentials:
        case ProblemKind::upstream_not_found:
            return true;
        default:
            return false;
    }
}

/// The failure with its provider and status before its words: a caller does not know who was asked.
Problem attributed(Problem problem, const upstream::Target& target) {
    if (!is_providers_failure(problem.kind())) {
        return problem;
    }
    std::string message = "The provider `" + target.provider->name() + "` ";
    if (problem.upstream_status() != 0) {
        message += "answered " + std::to_string(problem.upstream_status());
    } else {
        message += "failed";
    }
    message += ": " + problem.message();
    return std::move(problem).with_message(std::move(message));
}

}  // namespace

Task<Result<Outcome>> DispatchStage::run(Exchange& x, Next) {
    upstream::Attempt attempt(callers_, x.plan.front(), x.trail, x.caller->name);
    auto answer = co_await attempt.run(x.request, x.sink);
    if (!answer) {
        co_return attributed(std::move(answer.problem()), x.plan.front());
    }
    co_return Outcome{answer->usage};
}

}  // namespace gatehouse::pipeline
