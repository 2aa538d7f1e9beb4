// One request on its way through its plan: the hands that make the calls which policy::Failover names, and
// tell everybody how they ended.
// Room: pipeline, private.
#pragma once

#include "failures.hpp"

#include "gatehouse/core/random.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/upstream/followed_stream.hpp"
#include "gatehouse/upstream/hedged_attempt.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace gatehouse::pipeline {

class Journey {
public:
    /// All outlive it. REQUIRES: the exchange has a plan.
    Journey(Exchange& x, upstream::Callers& callers, Random& random);
    Journey(const Journey&) = delete;
    Journey& operator=(const Journey&) = delete;

    /// As DispatchStage::run. Once.
    Task<Result<Outcome>> run();

private:
    class Alone;
    class Race;

    Instant now() const noexcept { return callers_.clock().now(); }
    policy::NextStep next_step();
    void take_standings();
    /// Its provider's place for one call; false: others were quicker.
    bool take_room(std::size_t target);
    upstream::RoomHold taken_room();
    /// The call that it was taken for is not made.
    void drop_room() noexcept;
    /// Room at the target's provider and money for a call beside `running` others, or neither.
    bool take_room_and_money(std::size_t target, std::size_t running);
    /// Others may have taken the last of the budget since it was asked. A permission holds until the call is
    /// made, also where others have taken its room meanwhile.
    bool may_retry(std::size_t target);
    upstream::CallInFlight begin(std::size_t target, policy::CallReason reason);
    /// Until when a call may begin that takes the place of the one that is running; nothing: none may.
    /// `beside`: the target of a call beside it. `untold`: how many of these calls are not on the trail.
    std::optional<Instant> replaceable_until(std::optional<std::size_t> beside, std::size_t untold);
    chat::ReplySink& sink() noexcept;
    upstream::AnswerForm form() const noexcept;

    /// A failure that ends the request sets `ended_`; of the others the plan knows more.
    Task<Result<upstream::Answer>> call(const policy::Call& chosen);
    /// `at`: of the target's place in the plan.
    Task<Result<upstream::Answer>> ask(const upstream::Target& target, const chat::Request& request,
                                       std::size_t at, const upstream::AttemptTerms& as,
                                       upstream::CallInFlight& in_flight);

    /// After how long a call is made beside this one; nothing: none is.
    std::optional<Milliseconds> hedge_after(const policy::Call& chosen);
    std::optional<std::size_t> hedge_target();
    /// As `call`, with another one beside it once it is slow.
    Task<Result<upstream::Answer>> call_hedged(const policy::Call& chosen, Milliseconds after);

    /// The answer broke off after some of it was sent: another target goes on with it, or this is its end.
    Task<Result<Outcome>> go_on(Problem broken);
    std::optional<policy::Call> who_goes_on();
    /// `rest`: the request that has the answer so far in it.
    Task<Result<upstream::Answer>> call_for_rest(const policy::Call& chosen, const chat::Request& rest);

    /// Tells everybody how a call ended: the target's health, the failover, and what the client may be told.
    void settle(std::size_t at, upstream::CallInFlight& in_flight, upstream::HedgedAttempt::Ending& ending);
    /// Did a call end for want of time because the client gives less than the operator?
    bool was_impatient(std::size_t at, const upstream::HedgedAttempt::Ending& ending) const;
    void succeeded(upstream::CallInFlight& in_flight, const upstream::HedgedAttempt::Ending& ending);
    void cannot_be_asked(std::size_t at, const Problem& problem);
    void failed(std::size_t at, const Problem& problem, int calls);
    Problem verdict(const policy::NextStep& step) const;

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

}  // namespace gatehouse::pipeline
