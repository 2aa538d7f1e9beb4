// Accounts: what a key, its team, their organisation, a model and the whole gateway may use, and have used.
//
// A request meets several at once. Every question is put to all of them before anything is taken from one, so
// a request that one refuses has used nothing of the others. Accounts are known by level and name, and keep
// their state when their limits change. What they spend is counted where nothing is limited too, so that a
// budget that comes later knows it. Pure: no clock, no lock, no I/O; who shares a book guards it. Room:
// policy. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/policy/budget.hpp"
#include "gatehouse/policy/token_bucket.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::policy {

/// Absent: no limit; 0: nothing is let through.
struct LimitOptions {
    std::optional<std::int64_t> requests_per_minute{};  // yaml: requests_per_minute
    std::optional<std::int64_t> tokens_per_minute{};    // yaml: tokens_per_minute
    std::optional<std::int64_t> concurrency{};          // yaml: concurrency
};

/// From the narrowest to the widest.
enum class Level : std::uint8_t { key, team, organisation, model, gateway };
inline constexpr std::size_t level_count = 5;
std::string_view name_of(Level level) noexcept;

/// What there may be too little of.
enum class Measure : std::uint8_t { requests, tokens, concurrency, money };
inline constexpr std::size_t measure_count = 4;
std::string_view name_of(Measure measure) noexcept;

/// Who does not let a request through: of several the one that has to be waited for longest.
struct Refusal {
    Level level{};
    std::string name;  // of the account
    Measure measure{};
    std::int64_t limit{0};               // of money: in PicoUsd
    std::optional<Milliseconds> wait{};  // until it might; nothing: it never will
};

class Account;

/// One account, as others hold it: only its book looks inside. What it limits is said as it was when the
/// account was opened.
class AccountRef {
public:
    AccountRef() = default;
    /// Requests or concurrency.
    bool limits_requests() const noexcept { return limits_requests_; }
    bool limits_tokens() const noexcept { return limits_tokens_; }
    bool has_budget() const noexcept { return has_budget_; }
    /// Of its budget.
    UnknownPrice unknown_price() const noexcept { return unknown_price_; }
    bool limits_anything() const noexcept { return limits_requests_ || limits_tokens_ || has_budget_; }
    /// Adds what a request has spent that began at `when` and for which nothing was set aside. Any thread,
    /// without the book's guard. False: not added, as it is the first of its day; AccountBook::note does it.
    bool note(PicoUsd cost, WallTime when) const noexcept;

private:
    friend class AccountBook;
    friend class AccountSet;
    std::shared_ptr<Account> account_;
    bool limits_requests_{false};
    bool limits_tokens_{false};
    bool has_budget_{false};
    UnknownPrice unknown_price_{UnknownPrice::refuse};
};

/// The accounts that one request meets, one of each level at most. Their refs must outlive it.
class AccountSet {
public:
    void add(const AccountRef& ref) noexcept {
        if (!ref.account_ || size_ == accounts_.size()) {
            return;
        }
        accounts_[size_++] = ref.account_.get();
        limits_tokens_ = limits_tokens_ || ref.limits_tokens();
        has_budget_ = has_budget_ || ref.has_budget();
        if (ref.has_budget() && ref.unknown_price() == UnknownPrice::refuse) {
            unknown_price_ = UnknownPrice::refuse;
        }
    }
    bool empty() const noexcept { return size_ == 0; }
    bool contains(const AccountRef& ref) const noexcept {
        return std::find(accounts_.begin(), accounts_.end(), ref.account_.get()) != accounts_.end();
    }
    /// One of them does.
    bool limits_tokens() const noexcept { return limits_tokens_; }
    bool has_budget() const noexcept { return has_budget_; }
    /// The strictest of their budgets.
    UnknownPrice unknown_price() const noexcept { return unknown_price_; }

private:
    friend class AccountBook;
    std::array<Account*, level_count> accounts_{};
    std::size_t size_{0};
    bool limits_tokens_{false};
    bool has_budget_{false};
    UnknownPrice unknown_price_{UnknownPrice::allow};
};

/// What is set aside for a request.
struct Claim {
    std::int64_t tokens{0};
    PicoUsd money{};
    // By the book: for each account of the set the time under which the money is filed.
    std::array<WallTime, level_count> filed{};
};

/// What it came to.
struct Used {
    std::int64_t tokens{0};
    PicoUsd money{};
};

/// How much of a limit is left.
struct RateView {
    std::int64_t limit{0};
    std::int64_t remaining{0};
    std::optional<Milliseconds> full_after{};  // nothing: never
    bool operator==(const RateView&) const = default;
};

struct BudgetView {
    BudgetOptions options{};
    PicoUsdSum settled{};
    PicoUsdSum reserved{};
    std::int64_t used{0};            // hundredths of a percent
    std::optional<WallTime> ends{};  // of the period
};

/// A budget of which more has been used than the operator wants to know nothing of.
struct BudgetWarning {
    Level level{};
    std::string name;
    std::int64_t used{0};  // hundredths of a percent
    std::optional<WallTime> ends{};
};

/// How much of one budget is used.
struct BudgetUse {
    Level level{};
    std::string name;
    std::int64_t used{0};  // hundredths of a percent
};

/// All of one account, for people.
struct AccountReport {
    Level level{};
    std::string name;
    LimitOptions limits{};
    std::optional<RateView> requests{};
    std::optional<RateView> tokens{};
    std::int64_t running{0};
    std::optional<BudgetView> budget{};
};

class AccountBook {
public:
    AccountBook();
    ~AccountBook();
    AccountBook(const AccountBook&) = delete;
    AccountBook& operator=(const AccountBook&) = delete;

    /// Names come from the configuration; beyond so many, accounts that nobody uses are forgotten whatever
    /// they have spent.
    static constexpr std::size_t most_accounts = 100'000;

    /// The account of that level and name, with these limits from now on.
    AccountRef open(Level level, const std::string& name, const LimitOptions& limits,
                    const std::optional<BudgetOptions>& budget, Instant now);
    /// Forgets what nobody holds a ref to and what has spent nothing that a budget would have to know.
    void prune(WallTime now);
    std::size_t size() const noexcept { return accounts_.size(); }
    /// What the account had spent in the period that holds `now` before this book was begun: once for each
    /// period, as it is added to what is known here. Also of names that nobody has opened yet, so that a
    /// limit that comes later knows it; beyond `most_accounts` those are left out.
    void restore(Level level, const std::string& name, Period period, PicoUsdSum spent, WallTime now);

    /// What AccountRef::note could not add.
    void note(const AccountRef& ref, PicoUsd cost, WallTime when) noexcept;

    /// Takes one request and one place of each, or nothing.
    std::optional<Refusal> enter(const AccountSet& set, Instant now);
    /// Gives the places back.
    void leave(const AccountSet& set) noexcept;
    /// Gives the requests back: somebody else has refused.
    void give_back_request(const AccountSet& set, Instant now) noexcept;

    /// Sets the claim aside in each, or in none.
    std::optional<Refusal> reserve(const AccountSet& set, Claim& claim, Instant now, WallTime wall);
    /// Would `reserve_more` refuse?
    std::optional<Refusal> refuses_more(const AccountSet& set, const Claim& claim, PicoUsd money,
                                        WallTime wall) const;
    /// Sets `money` aside besides, for one more call of the same request, or nothing. Where a period has
    /// ended in between, all of the claim belongs to the new one from now on.
    std::optional<Refusal> reserve_more(const AccountSet& set, Claim& claim, PicoUsd money, WallTime wall);
    /// The end of a claim.
    void settle(const AccountSet& set, const Claim& claim, const Used& used, Instant now,
                WallTime wall) noexcept;

    /// Of the one with the least left. Nothing: none has such a limit. REQUIRES: requests or tokens.
    std::optional<RateView> tightest(const AccountSet& set, Measure measure, Instant now) const;
    /// The largest share used of a budget, in hundredths of a percent; nothing: there is no budget.
    std::optional<std::int64_t> budget_used(const AccountSet& set, WallTime wall) const;
    /// Of the budgets that are past what they warn at, the one that is most used.
    std::optional<BudgetWarning> warning(const AccountSet& set, WallTime wall) const;

    /// Those of the set, from the narrowest to the widest.
    std::vector<AccountReport> report(const AccountSet& set, Instant now, WallTime wall) const;
    /// All that somebody holds a ref to and that limit anything, by level and name.
    std::vector<AccountReport> report(Instant now, WallTime wall) const;
    /// Of the budgets that somebody holds a ref to, the `most` that are most used, by level and name.
    std::vector<BudgetUse> budgets(WallTime wall, std::size_t most) const;

private:
    static void collect(const AccountSet& set) noexcept;

    std::map<std::pair<Level, std::string>, std::shared_ptr<Account>> accounts_;
};

}  // namespace gatehouse::policy
