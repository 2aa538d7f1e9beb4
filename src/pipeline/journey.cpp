#include "journey.hpp"

#include "heard_sink.hpp"
#include "plan.hpp"

#include "gatehouse/upstream/standing.hpp"

#include <iterator>
#include <utility>

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

Journey::Journey(Exchange& x, upstream::Callers& callers, Random& random)
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
        followed_.emplace(x.request, x.trail, x.way_out());
    }
}

Task<Result<Outcome>> Journey::run() {
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

policy::NextStep Journey::next_step() {
    take_standings();
    return failover_.next(standings_, now(), random_.unit());
}

void Journey::take_standings() {
    standings_.clear();
    for (const auto& target : x_.plan) {
        standings_.push_back(
            upstream::standing_of(target, resilience_, x_.tokens.value_or(0), now(), random_.unit()));
    }
}

bool Journey::take_room(std::size_t target) {
    const auto& chosen = x_.plan[target];
    drop_room();
    auto room = chosen.health->room().take(chosen.provider->options().limits, x_.tokens.value_or(0),
                                           callers_.clock());
    if (room) {
        room_.emplace(std::move(*room));
    }
    return room.has_value();
}

void Journey::drop_room() noexcept {
    if (room_) {
        room_->unused();
        room_.reset();
    }
}

upstream::RoomHold Journey::taken_room() {
    upstream::RoomHold taken = room_ ? std::move(*room_) : upstream::RoomHold();
    room_.reset();
    return taken;
}

bool Journey::may_retry(std::size_t target) {
    if (retry_permitted_ != target && x_.plan[target].health->take_retry(resilience_, now())) {
        retry_permitted_ = target;
    }
    return retry_permitted_ == target;
}

bool Journey::take_room_and_money(std::size_t target, std::size_t running) {
    if (!take_room(target)) {
        return false;
    }
    if (x_.spend != nullptr && !x_.spend->may_call(running)) {
        drop_room();
        return false;
    }
    return true;
}

upstream::CallInFlight Journey::begin(std::size_t target, CallReason reason) {
    const auto& chosen = x_.plan[target];
    return chosen.health->begin(resilience_, chosen.provider->credentials(), reason, callers_.clock(),
                                taken_room());
}

std::optional<Instant> Journey::replaceable_until(std::optional<std::size_t> beside, std::size_t untold) {
    while (true) {
        take_standings();
        const auto other = failover_.stand_in(standings_, beside);
        // Nothing is set aside for what most streams will not need: whoever is called asks again.
        if (!other || (x_.spend != nullptr && !x_.spend->could_call(untold))) {
            return std::nullopt;
        }
        const auto askable = upstream::Attempt::can_be_asked(x_.request, x_.plan[other->target]);
        if (askable) {
            return other->until;
        }
        cannot_be_asked(other->target, askable.problem());
    }
}

chat::ReplySink& Journey::sink() noexcept {
    return followed_ ? *followed_ : x_.way_out();
}

upstream::AnswerForm Journey::form() const noexcept {
    return x_.request.stream ? upstream::AnswerForm::stream : upstream::AnswerForm::whole;
}

/// Of a call beside which there is no other.
class Journey::Alone : public upstream::StandIns {
public:
    explicit Alone(Journey& journey) : journey_(journey) {}
    std::optional<Instant> replaceable_until() override { return journey_.replaceable_until({}, 0); }

private:
    Journey& journey_;
};

Task<Result<upstream::Answer>> Journey::call(const policy::Call& chosen) {
    auto in_flight = begin(chosen.target, chosen.reason);
    Alone others(*this);
    upstream::AttemptTerms as{x_.caller->name, in_flight.credential(), chosen.reason};
    as.others = &others;
    as.watch = x_.watch;
    co_return co_await ask(x_.plan[chosen.target], x_.request, chosen.target, as, in_flight);
}

Task<Result<upstream::Answer>> Journey::ask(const upstream::Target& target, const chat::Request& request,
                                            std::size_t at, const upstream::AttemptTerms& as,
                                            upstream::CallInFlight& in_flight) {
    upstream::HedgedAttempt::Ending ending;
    ending.began = now();
    upstream::Attempt attempt(callers_, target, x_.trail, as);
    HeardSink heard(sink(), in_flight);
    auto answer = co_await attempt.run(request, heard);
    ending.answer = std::move(answer);
    ending.calls = attempt.calls();
    ending.status = ending.calls > 0 ? x_.trail.attempts.back().status : 0;
    ending.can_be_repeated = attempt.can_be_repeated();
    ending.first_content_after = attempt.first_content_after();
    ending.exhausted_for = attempt.exhausted_for();
    ending.overlooked = attempt.overlooked();
    settle(at, in_flight, ending);
    co_return std::move(*ending.answer);
}

Task<Result<Outcome>> Journey::go_on(Problem broken) {
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
        const auto used = followed_->so_far().used;
        const auto provider = x_.trail.provider;
        const auto model = x_.trail.upstream_model;
        auto outcome = co_await call_for_rest(*next, *rest);
        if (outcome) {
            co_return Outcome{chat::sum_of(used, outcome->usage)};
        }
        if (ended_) {  // once more, further on
            broken = std::move(outcome.problem());
        } else {  // the answer is still that of whose text went out
            x_.trail.provider = provider;
            x_.trail.upstream_model = model;
        }
    }
}

std::optional<policy::Call> Journey::who_goes_on() {
    while (true) {
        take_standings();
        const auto next = failover_.go_on(standings_, now());
        if (!next || (x_.spend != nullptr && !x_.spend->may_call(0))) {
            return std::nullopt;
        }
        if (take_room(next->target)) {
            return next;
        }
    }
}

Task<Result<upstream::Answer>> Journey::call_for_rest(const policy::Call& chosen, const chat::Request& rest) {
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

void Journey::settle(std::size_t at, upstream::CallInFlight& in_flight,
                     upstream::HedgedAttempt::Ending& ending) {
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
    if (answer.problem().kind() == ProblemKind::upstream_timeout && was_impatient(at, ending)) {
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

bool Journey::was_impatient(std::size_t at, const upstream::HedgedAttempt::Ending& ending) const {
    const auto took = now() - ending.began;
    const auto& narrowed = x_.plan[at].narrowed;
    // That limit is on streams, once their head is there.
    const bool waited = x_.request.stream && ending.status != 0 && !ending.first_content_after;
    return (waited && narrowed.first_token && took >= *narrowed.first_token) ||
           (narrowed.total && took >= *narrowed.total);
}

void Journey::succeeded(upstream::CallInFlight& in_flight, const upstream::HedgedAttempt::Ending& ending) {
    if (const auto& usage = (*ending.answer)->usage; usage.known) {
        in_flight.used(usage.prompt().value() + usage.completion().value());
    }
    const auto whole = std::chrono::duration_cast<Milliseconds>(now() - ending.began);
    in_flight.succeeded(form(), x_.request.stream ? ending.first_content_after : whole);
}

void Journey::cannot_be_asked(std::size_t at, const Problem& problem) {
    failover_.cannot_be_asked(at);
    if (!unasked_) {
        unasked_ = problem;
    }
}

void Journey::failed(std::size_t at, const Problem& problem, int calls) {
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
    x_.plan.insert(x_.plan.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Problem Journey::verdict(const policy::NextStep& step) const {
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

}  // namespace gatehouse::pipeline
