#include "gatehouse/policy/failover.hpp"

#include <algorithm>

namespace gatehouse::policy {

namespace {

using Verdict = CircuitBreaker::Verdict;

bool is_ready(const TargetStanding& standing) noexcept {
    return standing.has_credential && standing.has_room &&
           (standing.breaker == Verdict::call || standing.breaker == Verdict::probe);
}

bool is_reluctant(const TargetStanding& standing) noexcept {
    return standing.has_credential && standing.has_room && standing.breaker == Verdict::hold_back;
}

NextStep stopped(StopReason reason) noexcept {
    NextStep step;
    step.stop = reason;
    return step;
}

}  // namespace

std::string_view name_of(CallReason reason) noexcept {
    switch (reason) {
        case CallReason::first:
            return "first";
        case CallReason::next_target:
            return "next_target";
        case CallReason::next_credential:
            return "next_credential";
        case CallReason::retry:
            return "retry";
        case CallReason::hedge:
            return "hedge";
        case CallReason::continuation:
            return "continuation";
        case CallReason::last_resort:
            break;
    }
    return "last_resort";
}

NextStep Failover::go(const Call& call) {
    current_ = call.target;
    auto& target = tried_[call.target];
    if (call.reason == CallReason::retry) {
        ++target.retries;
    }
    if (call.reason == CallReason::last_resort) {
        last_resort_ = call.target;
    }
    NextStep step;
    step.call = call;
    return step;
}

NextStep Failover::next(std::span<const TargetStanding> standings, Instant now, double draw) {
    if (final_) {
        return stopped(StopReason::final_answer);
    }
    if (calls_ >= retry_.attempts) {
        return stopped(StopReason::attempts);
    }
    if (calls_ > 0 && now >= deadline_) {
        return stopped(StopReason::deadline);
    }
    if (const auto call = another_credential(standings, now)) {
        return go(*call);
    }
    if (const auto call = untried(standings, now)) {
        return go(*call);
    }
    if (all_open_ == AllOpen::try_one) {
        if (const auto call = last_resort(standings, now)) {
            return go(*call);
        }
    }
    if (const auto call = retry(standings, now, draw)) {
        return call->at < deadline_ ? go(*call) : stopped(StopReason::deadline);
    }
    return calls_ > 0 ? stopped(StopReason::nothing_left) : nobody_called(standings, now);
}

NextStep Failover::nobody_called(std::span<const TargetStanding> standings, Instant now) const {
    bool left = false;  // somebody might be called but for his state
    bool all_full = true;
    NextStep step;
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        if (tried_[i].finished) {
            continue;
        }
        left = true;
        all_full = all_full && !standings[i].has_room;
        if (standings[i].free_at) {
            const auto until = std::chrono::ceil<Milliseconds>(
                std::max(*standings[i].free_at - now, Instant::duration::zero()));
            step.wait = step.wait ? std::min(*step.wait, until) : until;
        }
    }
    if (left && all_full) {
        step.stop = StopReason::no_room;
        return step;
    }
    if (all_open_ == AllOpen::try_one) {
        return stopped(StopReason::nothing_left);
    }
    step.stop = StopReason::all_open;
    return step;
}

std::optional<Call> Failover::another_credential(std::span<const TargetStanding> standings,
                                                 Instant now) const {
    if (calls_ == 0) {
        return std::nullopt;
    }
    const auto& target = tried_[current_];
    const bool wanted = !target.finished && target.calls > 0 && target.last.next_credential;
    if (!wanted || !standings[current_].has_credential || !standings[current_].has_room) {
        return std::nullopt;
    }
    // A pool of keys that are all limited must not use up what another provider would answer: the last call
    // is another target's.
    const bool last_call = calls_ + 1 >= retry_.attempts;
    if (last_call && first_untried(standings, is_ready)) {
        return std::nullopt;
    }
    return Call{current_, now, CallReason::next_credential};
}

std::optional<Call> Failover::untried(std::span<const TargetStanding> standings, Instant now) const {
    const auto reason = calls_ == 0 ? CallReason::first : CallReason::next_target;
    for (const auto fits : {is_ready, is_reluctant}) {
        if (const auto found = first_untried(standings, fits)) {
            return Call{*found, now, reason};
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> Failover::first_untried(std::span<const TargetStanding> standings,
                                                   Fits fits) const {
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        if (!tried_[i].finished && tried_[i].calls == 0 && fits(standings[i])) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<Call> Failover::last_resort(std::span<const TargetStanding> standings, Instant now) const {
    // One that was named and then not called, since others took its room or it cannot be asked this, is none.
    if (last_resort_ && tried_[*last_resort_].calls > 0) {
        return std::nullopt;
    }
    std::optional<std::size_t> best;
    const auto free_at = [&](std::size_t i) { return standings[i].free_at.value_or(never); };
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        const bool may = !tried_[i].finished && tried_[i].calls == 0 && standings[i].has_room;
        if (may && (!best || free_at(i) < free_at(*best))) {
            best = i;
        }
    }
    if (!best) {
        return std::nullopt;
    }
    return Call{*best, now, CallReason::last_resort};
}

std::optional<Call> Failover::retry(std::span<const TargetStanding> standings, Instant now,
                                    double draw) const {
    std::optional<Call> best;
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        const auto& target = tried_[i];
        const auto& standing = standings[i];
        const bool may = !target.finished && target.calls > 0 && target.last.same_target &&
                         standing.may_retry && standing.breaker != Verdict::leave;
        const bool ever_room = standing.has_room || standing.free_at;
        if (!may || !ever_room) {
            continue;
        }
        Instant at = now + backoff(retry_, target.retries, draw);
        at = std::max(at, target.not_before.value_or(at));
        if (!standing.has_room) {
            at = std::max(at, *standing.free_at);
        }
        // Parked credentials do not delay it: parking chooses between alternatives, and here is none.
        if (!best || at < best->at) {
            best = Call{i, at, CallReason::retry};
        }
    }
    return best;
}

std::optional<std::size_t> Failover::beside(std::span<const TargetStanding> standings, Instant now) const {
    constexpr int running = 1;
    if (calls_ + running >= retry_.attempts || now >= deadline_) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < tried_.size(); ++i) {
        if (i != current_ && !tried_[i].finished && tried_[i].calls == 0 && is_ready(standings[i])) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<StandIn> Failover::stand_in(std::span<const TargetStanding> standings,
                                          std::optional<std::size_t> beside) const {
    const int running = beside ? 2 : 1;
    if (calls_ + running >= retry_.attempts) {
        return std::nullopt;
    }
    for (const auto fits : {is_ready, is_reluctant}) {
        for (std::size_t i = 0; i < tried_.size(); ++i) {
            const bool free = i != current_ && i != beside && !tried_[i].finished && tried_[i].calls == 0;
            if (free && fits(standings[i])) {
                return StandIn{i, deadline_};
            }
        }
    }
    return std::nullopt;
}

std::optional<Call> Failover::go_on(std::span<const TargetStanding> standings, Instant now) {
    if (calls_ >= retry_.attempts || now >= deadline_) {
        return std::nullopt;
    }
    for (const auto fits : {is_ready, is_reluctant}) {
        for (std::size_t i = 0; i < tried_.size(); ++i) {
            if (!tried_[i].finished && tried_[i].calls == 0 && standings[i].goes_on && fits(standings[i])) {
                return go(Call{i, now, CallReason::continuation}).call;
            }
        }
    }
    return std::nullopt;
}

void Failover::spent(std::size_t at, int calls) {
    calls_ += calls;
    tried_[at].calls += calls;
}

void Failover::failed(std::size_t at, const Problem& problem, int calls, Instant now) {
    spent(at, calls);
    current_ = at;
    auto& target = tried_[at];
    target.last = consequence_of(problem);
    target.not_before = problem.wait() ? std::optional(now + *problem.wait()) : std::nullopt;
    if (!target.finished) {  // of a plan that was left behind nothing follows
        final_ = final_ || !target.last.next_target;
    }
}

void Failover::cannot_be_asked(std::size_t target) {
    tried_[target].finished = true;
}

void Failover::fall_back_to(std::size_t more) {
    for (auto& target : tried_) {
        target.finished = true;
    }
    tried_.resize(tried_.size() + more);
    final_ = false;
}

}  // namespace gatehouse::policy
