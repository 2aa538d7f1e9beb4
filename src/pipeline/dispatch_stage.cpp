#include "failures.hpp"
#include "plan.hpp"

#include "gatehouse/pipeline/stages.hpp"
#include "gatehouse/policy/failover.hpp"
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
    Problem problem(ProblemKind::upstream_rate_limited,
                    "Every provider of the model `" + x.request.model +
                        "` is at the limit that the gateway's operator has set for it.");
    return wait ? std::move(problem).with_wait(*wait) : std::move(problem);
}

Problem unavailable(const Exchange& x, std::optional<Milliseconds> wait) {
    Problem problem(ProblemKind::upstream_unavailable,
                    "Every target of the model `" + x.request.model + "` is failing and is left alone.");
    return wait ? std::move(problem).with_wait(*wait) : std::move(problem);
}

/// Hears the first of a reply that goes by.
class HeardSink : public chat::ReplySink {
public:
    HeardSink(chat::ReplySink& sink, upstream::CallInFlight& call) : sink_(sink), call_(call) {}

    void head(chat::ReplyHead head) override { sink_.head(std::move(head)); }
    // Not a coroutine: a chunk costs no frame more.
    Task<Status> push(std::span<const chat::Delta> run) override {
        if (!std::exchange(heard_, true)) {
            call_.answering();
        }
        return sink_.push(run);
    }
    Task<Status> finish() override { return sink_.finish(); }
    Task<Status> fail(const Problem& problem) override { return sink_.fail(problem); }
    bool content_sent() const noexcept override { return sink_.content_sent(); }

private:
    chat::ReplySink& sink_;
    upstream::CallInFlight& call_;
    bool heard_{false};
};

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
            if (!take_room(step.call->target)) {
                continue;
            }
            // One that may have been billed before needs money of its own.
            if (x_.spend != nullptr && !x_.spend->may_call(0)) {
                co_return failures_.verdict(now());
            }
            const auto after = hedge_after(*step.call);
            auto attempt = after ? call_hedged(*step.call, *after) : call(*step.call);
            auto outcome = co_await std::move(attempt);
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
        take_standings();
        return failover_.next(standings_, now(), random_.unit());
    }

    void take_standings() {
        standings_.clear();
        for (const auto& target : x_.plan) {
            auto& standing = standings_.emplace_back(
                target.health->standing(resilience_, target.provider->credentials(), now(), random_.unit()));
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
        room_.reset();
        auto room = chosen.health->room().take(chosen.provider->options().limits, x_.tokens.value_or(0),
                                               callers_.clock());
        if (room) {
            room_.emplace(std::move(*room));
        }
        return room.has_value();
    }

    upstream::RoomHold taken_room() {
        upstream::RoomHold taken = room_ ? std::move(*room_) : upstream::RoomHold();
        room_.reset();
        return taken;
    }

    /// Others may have taken the last of the budget since it was asked.
    bool may_retry(std::size_t target) { return x_.plan[target].health->take_retry(resilience_, now()); }

    upstream::CallInFlight begin(std::size_t target, CallReason reason) {
        const auto& chosen = x_.plan[target];
        return chosen.health->begin(resilience_, chosen.provider->credentials(), reason, callers_.clock(),
                                    taken_room());
    }

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
        const bool pays = may && (x_.spend == nullptr || x_.spend->may_call(running));
        return pays && take_room(*other) ? other : std::nullopt;
    }

    /// The two calls of a race, for those who keep their books.
    class Race : public upstream::HedgedAttempt::Observer {
    public:
        using Contender = upstream::HedgedAttempt::Contender;

        explicit Race(Journey& journey) : journey_(journey) {}
        Contender enter(std::size_t side, std::size_t target, CallReason reason) {
            targets[side] = target;
            in_flight[side].emplace(journey_.begin(target, reason));
            const auto& x = journey_.x_;
            return {&x.plan[target], {x.caller->name, in_flight[side]->credential(), reason}};
        }
        void won(std::size_t side) override { in_flight[side]->answering(); }
        void lost(std::size_t side) override {
            in_flight[side]->give_up();
            in_flight[side].reset();
        }
        std::optional<Contender> second() override {
            const auto other = journey_.hedge_target();
            return other ? std::optional(enter(1, *other, CallReason::hedge)) : std::nullopt;
        }

        std::array<std::size_t, 2> targets{};
        std::array<std::optional<upstream::CallInFlight>, 2> in_flight;

    private:
        Journey& journey_;
    };

    /// As `call`, with another one beside it once it is slow.
    Task<Result<upstream::Answer>> call_hedged(const policy::Call& chosen, Milliseconds after) {
        Race race(*this);
        const auto first = race.enter(0, chosen.target, chosen.reason);
        std::optional<upstream::HedgedAttempt> attempt;
        attempt.emplace(callers_, x_.trail, first, after, race);
        auto endings = co_await attempt->run(x_.request, x_.sink);
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
        upstream::HedgedAttempt::Ending ending;
        ending.began = now();
        const auto calls_before = x_.trail.attempts.size();
        const upstream::AttemptTerms terms{x_.caller->name, in_flight.credential(), chosen.reason};
        upstream::Attempt attempt(callers_, x_.plan[chosen.target], x_.trail, terms);
        HeardSink heard(x_.sink, in_flight);
        auto answer = co_await attempt.run(x_.request, heard);
        ending.answer = std::move(answer);
        ending.calls = static_cast<int>(x_.trail.attempts.size() - calls_before);
        ending.can_be_repeated = attempt.can_be_repeated();
        ending.first_content_after = attempt.first_content_after();
        ending.exhausted_for = attempt.exhausted_for();
        ending.overlooked = attempt.overlooked();
        settle(chosen.target, in_flight, ending);
        co_return std::move(*ending.answer);
    }

    /// Tells everybody how a call ended: the target's health, the failover, and what the client may be told.
    void settle(std::size_t at, upstream::CallInFlight& in_flight, upstream::HedgedAttempt::Ending& ending) {
        auto& answer = *ending.answer;
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
            answer = attributed(std::move(answer.problem()), x_.plan[at]);
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
    std::optional<upstream::RoomHold> room_;  // of the call that is about to begin
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
