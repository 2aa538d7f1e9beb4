// Reservation: the tokens and the money that are set aside for one request, until it ends.
// Room: pipeline, private.
#pragma once

#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/needs.hpp"
#include "gatehouse/policy/account.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace gatehouse::pipeline {

/// Settles in its destructor, with what the trail knows by then: also when the client has left.
class Reservation : public SpendGuard {
public:
    /// For the calls that come: a request that goes this way once more has settled those before.
    Reservation(Exchange& x, Clock& clock, const Needs& needs)
        : x_(x), clock_(clock), needs_(needs), first_(x.trail.attempts.size()) {}
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() override;

    /// Sets aside what the request needs, with the money of one call.
    std::optional<policy::Refusal> open();

    bool may_call(std::size_t running) override;
    bool could_call(std::size_t running) const override;
    bool covers(const upstream::Target& target) const override;

private:
    policy::Used used() const noexcept;
    std::span<const telemetry::AttemptRecord> calls() const noexcept {
        return std::span(x_.trail.attempts).subspan(first_);
    }
    PicoUsd per_call() const noexcept { return needs_.money.value_or(PicoUsd()); }
    /// By the calls on the trail: what they cost, or the worst case where nobody can tell.
    PicoUsdSum spent() const noexcept;
    /// A call of a model without a price, where the budgets allow such.
    bool counts_as_nothing(const telemetry::AttemptRecord& attempt) const noexcept;
    /// To be set aside besides, if one more call is made beside `running` ones.
    PicoUsdSum missing_for(std::size_t running) const noexcept;

    Exchange& x_;
    Clock& clock_;
    Needs needs_;
    std::size_t first_;  // call of its own, on the trail
    policy::Claim claim_;
    bool open_{false};
};

}  // namespace gatehouse::pipeline
