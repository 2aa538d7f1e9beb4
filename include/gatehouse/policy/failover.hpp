// Failover: which call comes next for one request, and when there is none?
//
// A state machine over the plan of one request: told how each call ended and how every target stands, it says
// whom to call next and when. One deadline and one number of calls hold over retries and fallbacks together.
// It makes no call and keeps no time: the stage that dispatches does, and so does the simulation that tests
// it. Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/policy/circuit_breaker.hpp"
#include "gatehouse/policy/retry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// How a target stands at this moment.
struct TargetStanding {
    CircuitBreaker::Verdict breaker{CircuitBreaker::Verdict::call};
    bool has_credential{true};  // one that is not parked
    bool has_room{true};        // within what its provider may be asked for; without nobody calls it, ever
    /// When that will be different: the end of the pause, where the breaker, the parking or the room says so.
    std::optional<Instant> free_at;
    bool may_retry{true};  // its retry budget is not spent
    bool goes_on{false};   // takes answers that others have begun
};

/// Why a call is made.
enum class CallReason : std::uint8_t {
    first,
    next_target,
    next_credential,
    retry,
    hedge,         // beside one that is slow
    last_resort,   // nobody is in a better state: the target whose pause ends first
    continuation,  // goes on with an answer that another one began
};
std::string_view name_of(CallReason reason) noexcept;

/// Why there is no further call.
enum class StopReason : std::uint8_t {
    final_answer,  // another call would say the same
    attempts,
    deadline,
    nothing_left,
    all_open,  // nobody was called
    no_room,   // nor here: everybody is at the limits of the operator
};

struct Call {
    std::size_t target{0};
    Instant at;  // not before
    CallReason reason{CallReason::first};
};

struct StandIn {
    std::size_t target{0};
    Instant until;  // a call to it must begin before
};

struct NextStep {
    std::optional<Call> call;
    StopReason stop{StopReason::final_answer};  // where there is no call
    std::optional<Milliseconds> wait;           // of all_open and no_room: until somebody may be called
};

class Failover {
public:
    /// `targets`: how many the plan holds, in the order in which they are wanted.
    Failover(const RetryOptions& retry, AllOpen all_open, std::size_t targets, Instant began)
        : retry_(retry), all_open_(all_open), deadline_(began + retry.deadline), tried_(targets) {}

    /// No call starts after this instant either.
    void narrow_deadline(Instant deadline) noexcept { deadline_ = std::min(deadline_, deadline); }
    void only_one_call() noexcept { retry_.attempts = 1; }

    /// `standings`: of every target of the plan. `draw` of [0, 1) is the jitter.
    NextStep next(std::span<const TargetStanding> standings, Instant now, double draw);

    /// Who may be called beside the call that is running, if one more is allowed: a target that nobody has
    /// asked and that is in a good state.
    std::optional<std::size_t> beside(std::span<const TargetStanding> standings, Instant now) const;

    /// Who could take the place of the call that is running; nothing: nobody is left, or no more calls are
    /// allowed. `beside`: the target of a call that runs beside it, which is no stand-in.
    std::optional<StandIn> stand_in(std::span<const TargetStanding> standings,
                                    std::optional<std::size_t> beside = std::nullopt) const;

    /// Who goes on with an answer that broke off after some of it was sent; nothing: nobody may. It is a
    /// target that nobody has asked, that takes such answers and is in a good state.
    std::optional<Call> go_on(std::span<const TargetStanding> standings, Instant now);

    /// A call failed before any content. `calls`: how many upstream calls it took.
    void failed(std::size_t target, const Problem& problem, int calls, Instant now);
    /// Calls that were given up, or of which nothing follows here.
    void spent(std::size_t target, int calls);
    /// The target cannot be asked this; it was not called.
    void cannot_be_asked(std::size_t target);
    /// The plan goes on with `more` targets at its end, and with none of those before.
    void fall_back_to(std::size_t more);

    int calls() const noexcept { return calls_; }

private:
    struct Tried {
        int calls{0};
        int retries{0};
        bool finished{false};  // no call of this request may go there any more
        Consequence last;
        std::optional<Instant> not_before;  // the provider's own hint
    };
    using Fits = bool (*)(const TargetStanding&) noexcept;
    std::optional<std::size_t> first_untried(std::span<const TargetStanding> standings, Fits fits) const;
    std::optional<Call> another_credential(std::span<const TargetStanding> standings, Instant now) const;
    std::optional<Call> untried(std::span<const TargetStanding> standings, Instant now) const;
    std::optional<Call> last_resort(std::span<const TargetStanding> standings, Instant now) const;
    std::optional<Call> retry(std::span<const TargetStanding> standings, Instant now, double draw) const;
    NextStep nobody_called(std::span<const TargetStanding> standings, Instant now) const;
    NextStep go(const Call& call);

    RetryOptions retry_;
    AllOpen all_open_;
    Instant deadline_;
    std::vector<Tried> tried_;
    std::size_t current_{0};
    int calls_{0};
    std::optional<std::size_t> last_resort_;
    bool final_{false};
};

}  // namespace gatehouse::policy
