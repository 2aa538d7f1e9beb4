// Reservation: the tokens and the money that are set aside for one request, until it ends.
// Room: pipeline, private.
#pragma once

#include "call_cost.hpp"

#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/policy/account.hpp"

#include <cstddef>
#include <optional>

namespace gatehouse::pipeline {

/// Settles in its destructor, with what the trail knows by then: also when the client has left.
class Reservation : public SpendGuard {
public:
    Reservation(Exchange& x, Clock& clock, const CallSize& size)
        : x_(x), clock_(clock), size_(size), cap_(output_cap(x, size)) {}
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() override;

    /// What the output is limited to, if anything says so.
    const std::optional<std::int64_t>& cap() const noexcept { return cap_; }
    /// The worst case of one call of the target; of one without a price nothing at all
    /// is known, or no money is set aside where the budgets allow such.
    std::optional<PicoUsd> worst_case(const upstream::Target& target) const;
    /// Sets aside `tokens`, and `money` for each call.
    std::optional<policy::Refusal> open(std::int64_t tokens, PicoUsd money);

    bool may_call(std::size_t running) override;
    bool could_call(std::size_t running) const override;
    bool covers(const upstream::Target& target) const override;

private:
    policy::Used used() const noexcept;
    /// Calls to be covered, if one more is made.
    std::size_t needed(std::size_t running) const noexcept;

    Exchange& x_;
    Clock& clock_;
    CallSize size_;
    std::optional<std::int64_t> cap_;
    PicoUsd per_call_;
    std::size_t calls_{1};  // that are covered
    policy::Claim claim_;
    bool open_{false};
};

}  // namespace gatehouse::pipeline
