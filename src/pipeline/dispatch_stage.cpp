#include "failures.hpp"
#include "heard_sink.hpp"
#include "plan.hpp"

#include "gatehouse/pipeline/stages.hpp"
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/upstream/followed_stream.hpp"
#include "gatehouse/upstream/hedged_attempt.hpp"

#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace gatehouse::pipeline {

namespace {

using policy::CallReason;
using policy::SpecialFallback;
using policy::StopReason;

Problem no_room(const Exchange& x, std::optional<Milliseconds> wait) {
    x.trail.refused_by = "provider";
    x.trail.refused_for = "room";
    if (!wait) {  // a limit of 0, or one that this request alone is more than
        return {ProblemKind::rate_limited,
                "No provider of the model `" + x.request.model +
                    "` can ever take this request within the limit that the gateway's operator has set for "
                    "it."};
    }
    Problem problem(ProblemKind::upstream_rate_limited,
                    "Every provider of the model `" + x.request.model +
                        "` is at the limit that the gateway's operator has set for it.");
    return std::move(problem).with_wait(*wait);
}

constexpr bool was_not_reached(ProblemKind kind) noexcept {
    return kind == ProblemKind::upstream_connect || kind == ProblemKind::upstream_tls;
}

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
        const bool follows = x.model && x.model->options->midstream == policy::MidstreamFailure::go_on &&
                             x.request.stream && chat::is_conversation(x.request.endpoint);
        if (follows) {
            followed_.emplace(x.request, x.trail, x.sink);
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
            // One that may have been billed before needs money of its own.
            if (x_.spend != nullptr && !x_.spend->may_call(0)) {
                co_return failures_.verdict(now());
            }
            if (!take_room(step.call->target)) {
                continue;
            }
            retry_permitted_.reset();
            const auto after = hedge_after(*step.call);
            auto attempt = after ? call_hedged(*step.call, *after) : call(*step.call);
            auto outcome = co_await std::move(attempt);
            if (outcome) {
                co_return Outcome{outcome->usage};
            }
            if (ended_) {
                auto rest = co_await go_on(std::move(outcome.problem()));
                co_return rest;
            }
        }
    }

private:
    Instant now() const noexcept { return callers_.clock().now(); }

    policy::NextStep next_step() {
        take_standings();
        return failover_.next(standings_, now(), random_.unit());
    }

    void take_standings() {
        standings_.clear();
        for (const auto& target : x_.plan) {
            auto& standing = standings_.emplace_back(
                target.health->standing(resilience_, target.provider->credentials(), now(), random_.unit()));
            standing.goes_on = target.goes_on();
            const auto& limits = target.provider->options().limits;
            if (const auto full = target.health->room().full(limits, x_.tokens.value_or(0), now())) {
                standing.has_room = false;
                standing.free_at = full->free_at;
            }
        }
    }

    /// Its provider's place for one call; false: others were quicker.
    bool take_room(std::size_t target) {
        const auto& chosen = x_.plan[target];
        drop_room();
        auto room = chosen.health->room().take(chosen.provider->options().limits, x_.tokens.value_or(0),
                                               callers_.clock());
        if (room) {
            room_.emplace(std::move(*room));
        }
        return room.has_value();
    }

    /// The call that it was taken for is not made.
    void drop_room() noexcept {
        if (room_) {
            room_->unused();
            room_.reset();
        }
    }

    upstream::RoomHold taken_room() {
        upstream::RoomHold taken = room_ ? std::move(*room_) : upstream::RoomHold();
        room_.reset();
        return taken;
    }

    /// Others may have taken the last of the budget since it was asked. A permission holds until the call is
    /// made, also where others have taken its room meanwhile.
    bool may_retry(std::size_t target) {
        if (retry_permitted_ != target && x_.plan[target].health->take_retry(resilience_, now())) {
            retry_permitted_ = target;
        }
        return retry_permitted_ == target;
    }

    /// Room at the target's provider and money for a call beside `running` others, or neither.
    bool take_room_and_money(std::size_t target, std::size_t running) {
        if (!take_room(target)) {
            return false;
        }
        if (x_.spend != nullptr && !x_.spend->may_call(running)) {
            drop_room();
            return false;
        }
        return true;
    }

    upstream::CallInFlight begin(std::size_t target, CallReason reason) {
        const auto& chosen = x_.plan[target];
        return chosen.health->begin(resilience_, chosen.provider->credentials(), reason, callers_.clock(),
                                    taken_room());
    }

    /// `running`: calls at one time, of which this is the first.
    upstream::AttemptTerms terms(const policy::Call& chosen, std::size_t credential, int running) {
        upstream::AttemptTerms terms{x_.caller->name, credential, chosen.reason};
        if (x_.request.stream && x_.plan[chosen.target].slow_stream) {
            take_standings();
            terms.replaceable_until = failover_.replaceable_until(standings_, running);
        }
        return terms;
    }

    chat::ReplySink& sink() noexcept { return followed_ ? *followed_ : x_.sink; }

    upstream::AnswerForm form() const noexcept {
        return x_.request.stream ? upstream::AnswerForm::stream : upstream::AnswerForm::whole;
    }

    /// After how long a call is made beside this one; nothing: none is.
    std::optional<Milliseconds> hedge_after(const policy::Call& chosen) {
        const auto& hedge = resilience_.hedge;
        const bool may = hedge && chosen.reason == CallReason::first && x_.request.original.rest == nullptr;
        if (!may) {
            return std::nullopt;
        }
        x_.settings->health()->first_call(now());
        return hedge->after ? hedge->after
                            : x_.plan[chosen.target].health->quantile(form(), hedge->quantile, now());
    }

    std::optional<std::size_t> hedge_target() {
        take_standings();
        const auto other = failover_.beside(standings_, now());
        const bool may = other && x_.settings->health()->take_hedge(*resilience_.hedge, now());
        constexpr std::size_t running = 1;
        return may && take_room_and_money(*other, running) ? other : std::nullopt;
    }

    /// The two calls of a race, for those who keep their books.
    class Race : public upstream::HedgedAttempt::Observer {
    public:
        using Contender = upstream::HedgedAttempt::Contender;

        explicit Race(Journey& journey) : journey_(journey) {}
        /// The second one takes the place of one that is slow: it is not replaced for the same.
        Contender enter(std::size_t side, const policy::Call& chosen) {
            targets[side] = chosen.target;
            in_flight[side].emplace(journey_.begin(chosen.target, chosen.reason));
            const auto credential = in_flight[side]->credential();
            const auto& x = journey_.x_;
            if (side != 0) {
                return {&x.plan[chosen.target], {x.caller->name, credential, chosen.reason}};
            }
            return {&x.plan[chosen.target], journey_.terms(chosen, credential, 2)};
        }
        void won(std::size_t side) override { in_flight[side]->answering(); }
        void lost(std::size_t side) override {
            in_flight[side]->give_up();
            in_flight[side].reset();
        }
        std::optional<Contender> second() override {
            const auto other = journey_.hedge_target();
            if (!other) {
                return std::nullopt;
            }
            return enter(1, policy::Call{*other, journey_.now(), CallReason::hedge});
        }

        std::array<std::size_t, 2> targets{};
        std::array<std::optional<upstream::CallInFlight>, 2> in_flight;

    private:
        Journey& journey_;
    };

    /// As `call`, with another one beside it once it is slow.
    Task<Result<upstream::Answer>> call_hedged(const policy::Call& chosen, Milliseconds after) {
        Race race(*this);
        const auto first = race.enter(0, chosen);
        std::optional<upstream::HedgedAttempt> attempt;
        attempt.emplace(callers_, x_.trail, first, after, race);
        auto endings = co_await attempt->run(x_.request, sink());
        attempt.reset();
        std::vector<std::size_t> order;
        for (std::size_t side = 0; side < endings.size(); ++side) {
            if (endings[side].answer) {
                order.push_back(side);
            } else if (endings[side].calls > 0) {
                failover_.spent(race.targets[side], endings[side].calls);
            }
        }
        // What decides most comes last, and is the answer.
        if (order.size() == 2 && decisiveness(endings[order[0]]) > decisiveness(endings[order[1]])) {
            std::swap(order[0], order[1]);
        }
        for (const auto side : order) {
            settle(race.targets[side], *race.in_flight[side], endings[side]);
        }
        co_return std::move(*endings[order.back()].answer);
    }

    static int decisiveness(const upstream::HedgedAttempt::Ending& ending) noexcept {
        if (*ending.answer) {
            return 3;
        }
        if (!ending.can_be_repeated) {
            return 2;
        }
        const bool final_answer =
            ending.calls > 0 && !policy::consequence_of(ending.answer->problem()).next_target;
        return final_answer ? 1 : 0;
    }

    /// A failure that ends the request sets `ended_`; of the others the plan knows more.
    Task<Result<upstream::Answer>> call(const policy::Call& chosen) {
        auto in_flight = begin(chosen.target, chosen.reason);
        const auto as_it_stands = terms(chosen, in_flight.credential(), 1);
        co_return co_await ask(x_.plan[chosen.target], x_.request, chosen.target, as_it_stands, in_flight);
    }

    /// `at`: of the target's place in the plan.
    Task<Result<upstream::Answer>> ask(const upstream::Target& target, const chat::Request& request,
                                       std::size_t at, const upstream::AttemptTerms& as,
                                       upstream::CallInFlight& in_flight) {
        upstream::HedgedAttempt::Ending ending;
        ending.began = now();
        const auto calls_before = x_.trail.attempts.size();
        upstream::Attempt attempt(callers_, target, x_.trail, as);
        HeardSink heard(sink(), in_flight);
        auto answer = co_await attempt.run(request, heard);
        ending.answer = std::move(answer);
        ending.calls = static_cast<int>(x_.trail.attempts.size() - calls_before);
        ending.can_be_repeated = attempt.can_be_repeated();
        ending.first_content_after = attempt.first_content_after();
        ending.exhausted_for = attempt.exhausted_for();
        ending.overlooked = attempt.overlooked();
        settle(at, in_flight, ending);
        co_return std::move(*ending.answer);
    }

    /// The answer broke off after some of it was sent: another target goes on with it, or this is its end.
    Task<Result<Outcome>> go_on(Problem broken) {
        while (true) {
            if (!followed_ || !policy::may_be_gone_on_with(followed_->broken(broken.kind()))) {
                co_return broken;
            }
            const auto rest = followed_->rest();
            const auto next = rest ? who_goes_on() : std::nullopt;
            if (!next) {
                co_return broken;
            }
            ended_ = false;
            auto outcome = co_await call_for_rest(*next, *rest);
            if (outcome) {
                co_return Outcome{outcome->usage};
            }
            if (ended_) {  // once more, further on
                broken = std::move(outcome.problem());
            }
        }
    }

    std::optional<policy::Call> who_goes_on() {
        take_standings();
        const auto next = failover_.go_on(standings_, now());
        return next && take_room_and_money(next->target, 0) ? next : std::nullopt;
    }

    /// `rest`: the request that has the answer so far in it.
    Task<Result<upstream::Answer>> call_for_rest(const policy::Call& chosen, const chat::Request& rest) {
        auto in_flight = begin(chosen.target, chosen.reason);
        going_on_ = true;
        // Whoever declares that it goes on is not asked whether its model is known to.
        upstream::Target target = x_.plan[chosen.target];
        chat::ModelFacts facts = target.facts == nullptr ? chat::ModelFacts() : *target.facts;
        facts.prefill = true;
        target.facts = &facts;
        upstream::AttemptTerms as{x_.caller->name, in_flight.credential(), chosen.reason};
        as.goes_on = followed_->so_far();
        co_return co_await ask(target, rest, chosen.target, as, in_flight);
    }

    /// Tells everybody how a call ended: the target's health, the failover, and what the client may be told.
    void settle(std::size_t at, upstream::CallInFlight& in_flight, upstream::HedgedAttempt::Ending& ending) {
        auto& answer = *ending.answer;
        if (ending.calls == 0 || (!answer && was_not_reached(answer.problem().kind()))) {
            in_flight.unasked();
        }
        if (ending.exhausted_for) {
            in_flight.exhausted_for(*ending.exhausted_for);
        }
        if (answer) {
            if (ending.overlooked) {
                in_flight.failed(*ending.overlooked);
            } else if (ending.calls > 0) {
                succeeded(in_flight, ending);
            } else {
                in_flight.give_up();
            }
            return;
        }
        if (ending.calls == 0) {
            in_flight.give_up();
            cannot_be_asked(at, answer.problem());
            return;
        }
        // A client's own impatience says nothing of the target, and must not close it to others.
        const auto& narrowed = x_.plan[at].narrowed;
        const bool impatient = narrowed && answer.problem().kind() == ProblemKind::upstream_timeout &&
                               now() - ending.began >= *narrowed;
        if (impatient) {
            in_flight.give_up();
        } else {
            in_flight.failed(answer.problem());
        }
        if (!ending.can_be_repeated) {
            ended_ = true;
            failover_.spent(at, ending.calls);
            answer = attributed(std::move(answer.problem()), x_.plan[at]);
            return;
        }
        if (going_on_) {  // what was told before is what counts
            failover_.spent(at, ending.calls);
            return;
        }
        failed(at, answer.problem(), ending.calls);
    }

    void succeeded(upstream::CallInFlight& in_flight, const upstream::HedgedAttempt::Ending& ending) {
        if (const auto& usage = (*ending.answer)->usage; usage.known) {
            in_flight.used(usage.prompt().value() + usage.completion().value());
        }
        const auto whole = std::chrono::duration_cast<Milliseconds>(now() - ending.began);
        in_flight.succeeded(form(), x_.request.stream ? ending.first_content_after : whole);
    }

    void cannot_be_asked(std::size_t at, const Problem& problem) {
        failover_.cannot_be_asked(at);
        if (!unasked_) {
            unasked_ = problem;
        }
    }

    void failed(std::size_t at, const Problem& problem, int calls) {
        failures_.add(x_.plan[at], problem, now());
        failover_.failed(at, problem, calls, now());
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
        if (step.stop == StopReason::no_room && !unasked_) {
            return no_room(x_, step.wait);
        }
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
    std::optional<upstream::RoomHold> room_;      // of the call that is about to begin
    std::optional<std::size_t> retry_permitted_;  // of a target, not used yet
    Failures failures_;
    std::optional<Problem> unasked_;  // of the first target that cannot be asked this
    bool detour_taken_{false};
    bool ended_{false};
    std::optional<upstream::FollowedStream> followed_;  // where another target may go on
    bool going_on_{false};
};

Task<Result<Outcome>> DispatchStage::run(Exchange& x, Next) {
    Journey journey(x, callers_, random_);
    auto outcome = co_await journey.run();
    co_return outcome;
}

}  // namespace gatehouse::pipeline
