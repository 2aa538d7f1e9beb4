// One account: limits and state. Room: policy, private.
#pragma once

#include "gatehouse/policy/account.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::policy {

class Account {
public:
    Account(Level level, std::string name) : level_(level), name_(std::move(name)) {}

    void configure(const LimitOptions& limits, const std::optional<BudgetOptions>& budget, Instant now);

    std::optional<Refusal> refuses_request(Instant now) const;
    void enter(Instant now) noexcept;
    void leave() noexcept { --running_; }
    void give_back_request(Instant now) noexcept;

    std::optional<Refusal> refuses(const Claim& claim, Instant now, WallTime wall) const;
    /// `filed`: under which the claim's money is filed here.
    std::optional<Refusal> refuses_more(const Claim& claim, PicoUsd more, WallTime filed,
                                        WallTime wall) const;
    /// The time under which the money is filed.
    WallTime reserve(const Claim& claim, Instant now, WallTime wall) noexcept;
    WallTime reserve_more(const Claim& claim, PicoUsd more, WallTime filed, WallTime wall) noexcept;
    void settle(const Claim& claim, const Used& used, WallTime filed, Instant now, WallTime wall) noexcept;
    void restore(Period period, PicoUsdSum spent, WallTime wall) noexcept;
    /// As AccountRef::note: the only one that needs no guard.
    bool note(PicoUsd cost, WallTime when) noexcept;
    /// The same under the guard; from then on the others of that day need none.
    void note_first(PicoUsd cost, WallTime when) noexcept;
    /// Brings what was noted without the guard to the rest. Before any question about money.
    void collect() noexcept;

    std::optional<RateView> rate(Measure measure, Instant now) const;
    bool has_budget() const noexcept { return budget_.has_value(); }
    std::optional<std::int64_t> budget_used(WallTime wall) const;
    std::optional<BudgetWarning> warning(WallTime wall) const;
    AccountReport report(Instant now, WallTime wall) const;
    bool limits_anything() const noexcept;
    /// REQUIRES: collected.
    bool may_be_forgotten(WallTime wall) const noexcept { return running_ == 0 && spending_.is_empty(wall); }

private:
    std::optional<Refusal> refuses_money(PicoUsd money, WallTime wall) const;
    Refusal refusal(Measure measure, std::int64_t limit, std::optional<Milliseconds> wait) const {
        return {level_, name_, measure, limit, wait};
    }

    Level level_;
    std::string name_;
    LimitOptions limits_;
    std::optional<BudgetOptions> budget_;
    TokenBucket requests_;
    TokenBucket tokens_;
    std::int64_t running_{0};
    Spending spending_;
    // Spent on the day of that number and not yet brought to `spending_`. They are changed without the guard.
    std::atomic<std::int64_t> unfiled_{0};
    std::atomic<std::int64_t> unfiled_day_{std::numeric_limits<std::int64_t>::min()};
};

}  // namespace gatehouse::policy
