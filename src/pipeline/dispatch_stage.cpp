#include "failures.hpp"
#include "plan.hpp"

#include "gatehouse/pipeline/stages.hpp"
#include "gatehouse/policy/failover.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::pipeline {

namespace {

using policy::CallReason;
using policy::SpecialFallback;
using policy::StopReason;

Problem unavailable(const Exchange& x, std::optional<Milliseconds> wait) {
    Problem problem(ProblemKind::upstream_unavailable,
                    "Every target of the model `" + x.request.model + "` is failing and is left alone.");
    return wait ? std::move(problem).with_wait(*wait) : std::move(problem);
}

}  // namespace

/// One request on its way through its plan.
class DispatchStage::Journey {
public:
    Journey(Exchange& x, upstream::Callers& callers, Random& random)
        : x_(x),
          callers_(callers),
          random_(random),
          resilience_(x.settings->resilience()),
          failover_(resilience_.retry, resilience_.breaker.all_open, x.plan.size(), callers.clock().now()) {
        if (x.total_timeout) {
            failover_.narrow_deadline(now() + *x.total_timeout);
        }
    }

    Task<Result<Outcome>> run() {
        while (true) {
            const auto step = next_step();
            if (!step.call) {
                co_return verdict(step);
            }
            if (step.call->reason == CallReason::retry && !may_retry(step.call->target)) {
                continue;
            }
            if (step.call->at > now()) {
                co_await callers_.clock().sleep_until(step.call->at);
            }
            auto outcome = co_await call(*step.call);
            if (outcome) {
                co_return Outcome{outcome->usage};
            }
            if (ended_) {
                co_return std::move(outcome.problem());
            }
        }
    }

private:
    Instant now() const noexcept { return callers_.clock().now(); }

    policy::NextStep next_step() {
        standings_.clear();
        for (const auto& target : x_.plan) {
            standings_.push_back(
                target.health->standing(resilience_, target.provider->credentials(), now(), random_.unit()));
        }
        return failover_.next(standings_, now(), random_.unit());
    }

    /// Others may have taken the last of the budget since it was asked.
    bool may_retry(std::size_t target) { return x_.plan[target].health->take_retry(resilience_, now()); }

    /// A failure that ends the request sets `ended_`; of the others the plan knows more.
    Task<Result<upstream::Answer>> call(const policy::Call& chosen) {
        const auto& target = x_.plan[chosen.target];
        auto in_flight = target.health->begin(resilience_, target.provider->credentials(), chosen.reason,
                                              callers_.clock());
        const auto began = now();
        const auto calls_before = x_.trail.attempts.size();
        const upstream::AttemptTerms terms{x_.caller->name, in_flight.credential(), chosen.reason};
        upstream::Attempt attempt(callers_, target, x_.trail, terms);
        auto answer = co_await attempt.run(x_.request, x_.sink);
        if (const auto exhausted = attempt.exhausted_for()) {
            in_flight.exhausted_for(*exhausted);
        }
        const auto calls = static_cast<int>(x_.trail.attempts.size() - calls_before);
        if (answer) {
            if (calls > 0) {
                succeeded(in_flight, attempt, began);
            }
            co_return answer;
        }
        if (calls == 0) {
            cannot_be_asked(answer.problem());
            co_return answer;
        }
        in_flight.failed(answer.problem());
        if (!attempt.can_be_repeated()) {
            ended_ = true;
            co_return attributed(std::move(answer.problem()), target);
        }
        failed(target, answer.problem(), calls);
        co_return answer;
    }

    void succeeded(upstream::CallInFlight& in_flight, const upstream::Attempt& attempt, Instant began) {
        if (x_.request.stream) {
            in_flight.succeeded(upstream::AnswerForm::stream, attempt.first_content_after());
        } else {
            in_flight.succeeded(upstream::AnswerForm::whole,
                                std::chrono::duration_cast<Milliseconds>(now() - began));
        }
    }

    void cannot_be_asked(const Problem& problem) {
        failover_.cannot_be_asked();
        if (!unasked_) {
            unasked_ = problem;
        }
    }

    void failed(const upstream::Target& target, const Problem& problem, int calls) {
        failures_.add(target, problem, now());
        failover_.failed(problem, calls, now());
        const auto special = policy::consequence_of(problem).special;
        if (special == SpecialFallback::none || x_.fallback_off) {
            return;
        }
        const auto& options = *x_.model->options;
        const auto& names = special == SpecialFallback::context_length ? options.context_length_fallbacks
                                                                       : options.content_policy_fallbacks;
        // One detour: its targets fail for themselves.
        if (std::exchange(detour_taken_, true) || names.empty()) {
            return;
        }
        auto more = plan_of_models(x_, names, now(), random_);
        if (more.empty()) {
            return;
        }
        narrow_timeouts(x_, more);
        failover_.fall_back_to(more.size());
        x_.plan.insert(x_.plan.end(), std::make_move_iterator(more.begin()),
                       std::make_move_iterator(more.end()));
    }

    Problem verdict(const policy::NextStep& step) const {
        if (step.stop == StopReason::all_open && !unasked_) {
            return unavailable(x_, step.wait);
        }
        if (failures_.empty()) {
            return unasked_ ? *unasked_ : unavailable(x_, step.wait);
        }
        return step.stop == StopReason::final_answer ? failures_.last() : failures_.verdict(now());
    }

    Exchange& x_;
    upstream::Callers& callers_;
    Random& random_;
    const upstream::Resilience& resilience_;
    policy::Failover failover_;
    std::vector<policy::TargetStanding> standings_;
    Failures failures_;
    std::optional<Problem> unasked_;  // of the first target that cannot be asked this
    bool detour_taken_{false};
    bool ended_{false};
};

Task<Result<Outcome>> DispatchStage::run(Exchange& x, Next) {
    Journey journey(x, callers_, random_);
    auto outcome = co_await journey.run();
    co_return outcome;
}

}  // namespace gatehouse::pipeline
