#include "account.hpp"

#include <algorithm>
#include <span>

namespace gatehouse::policy {
namespace {

/// Is the first one waited for longer?
bool is_longer(const Refusal& a, const Refusal& b) noexcept {
    if (!a.wait || !b.wait) {
        return !a.wait && b.wait;
    }
    return *a.wait > *b.wait;
}

/// What all are asked; of several refusals the one that is waited for longest, of equal ones the narrowest.
template <typename Ask>
std::optional<Refusal> longest(std::span<Account* const> accounts, Ask ask) {
    std::optional<Refusal> found;
    for (const auto* account : accounts) {
        auto refusal = ask(*account);
        if (refusal && (!found || is_longer(*refusal, *found))) {
            found = std::move(refusal);
        }
    }
    return found;
}

}  // namespace

bool AccountRef::note(PicoUsd cost, WallTime when) const noexcept {
    return !account_ || account_->note(cost, when);
}

AccountBook::AccountBook() = default;
AccountBook::~AccountBook() = default;

AccountRef AccountBook::open(Level level, const std::string& name, const LimitOptions& limits,
                             const std::optional<BudgetOptions>& budget, Instant now) {
    auto& account = accounts_[{level, name}];
    if (!account) {
        account = std::make_shared<Account>(level, name);
    }
    account->configure(limits, budget, now);
    AccountRef ref;
    ref.account_ = account;
    ref.limits_requests_ = limits.requests_per_minute || limits.concurrency;
    ref.limits_tokens_ = limits.tokens_per_minute.has_value();
    ref.has_budget_ = budget.has_value();
    ref.unknown_price_ = budget ? budget->unknown_price : UnknownPrice::refuse;
    return ref;
}

void AccountBook::prune(WallTime now) {
    std::erase_if(accounts_, [&](const auto& entry) {
        entry.second->collect();
        const bool unused = entry.second.use_count() == 1;
        return unused && entry.second->may_be_forgotten(now);
    });
    if (accounts_.size() > most_accounts) {
        std::erase_if(accounts_, [](const auto& entry) { return entry.second.use_count() == 1; });
    }
}

void AccountBook::restore(Level level, const std::string& name, Period period, PicoUsdSum spent,
                          WallTime now) {
    std::pair<Level, std::string> key(level, name);
    auto found = accounts_.find(key);
    if (found == accounts_.end()) {
        if (accounts_.size() >= most_accounts) {
            return;
        }
        found = accounts_.emplace(std::move(key), std::make_shared<Account>(level, name)).first;
    }
    found->second->restore(period, spent, now);
}

void AccountBook::note(const AccountRef& ref, PicoUsd cost, WallTime when) noexcept {
    if (ref.account_) {
        ref.account_->note_first(cost, when);
    }
}

void AccountBook::collect(const AccountSet& set) noexcept {
    for (auto* account : std::span(set.accounts_.data(), set.size_)) {
        account->collect();
    }
}

std::optional<Refusal> AccountBook::enter(const AccountSet& set, Instant now) {
    const std::span accounts(set.accounts_.data(), set.size_);
    auto refused = longest(accounts, [&](const Account& account) { return account.refuses_request(now); });
    if (!refused) {
        for (auto* account : accounts) {
            account->enter(now);
        }
    }
    return refused;
}

void AccountBook::leave(const AccountSet& set) noexcept {
    for (auto* account : std::span(set.accounts_.data(), set.size_)) {
        account->leave();
    }
}

void AccountBook::give_back_request(const AccountSet& set, Instant now) noexcept {
    for (auto* account : std::span(set.accounts_.data(), set.size_)) {
        account->give_back_request(now);
    }
}

std::optional<Refusal> AccountBook::reserve(const AccountSet& set, Claim& claim, Instant now, WallTime wall) {
    collect(set);
    const std::span accounts(set.accounts_.data(), set.size_);
    auto refused =
        longest(accounts, [&](const Account& account) { return account.refuses(claim, now, wall); });
    if (!refused) {
        for (std::size_t i = 0; i < accounts.size(); ++i) {
            claim.filed[i] = accounts[i]->reserve(claim, now, wall);
        }
    }
    return refused;
}

std::optional<Refusal> AccountBook::refuses_more(const AccountSet& set, const Claim& claim, PicoUsd money,
                                                 WallTime wall) const {
    collect(set);
    std::optional<Refusal> refused;
    for (std::size_t i = 0; i < set.size_; ++i) {
        auto refusal = set.accounts_[i]->refuses_more(claim, money, claim.filed[i], wall);
        if (refusal && (!refused || is_longer(*refusal, *refused))) {
            refused = std::move(refusal);
        }
    }
    return refused;
}

std::optional<Refusal> AccountBook::reserve_more(const AccountSet& set, Claim& claim, PicoUsd money,
                                                 WallTime wall) {
    auto refused = refuses_more(set, claim, money, wall);
    if (refused) {
        return refused;
    }
    for (std::size_t i = 0; i < set.size_; ++i) {
        claim.filed[i] = set.accounts_[i]->reserve_more(claim, money, claim.filed[i], wall);
    }
    claim.money = (PicoUsdSum(claim.money) + money).clamped();
    return std::nullopt;
}

void AccountBook::settle(const AccountSet& set, const Claim& claim, const Used& used, Instant now,
                         WallTime wall) noexcept {
    for (std::size_t i = 0; i < set.size_; ++i) {
        set.accounts_[i]->settle(claim, used, claim.filed[i], now, wall);
    }
}

std::optional<RateView> AccountBook::tightest(const AccountSet& set, Measure measure, Instant now) const {
    std::optional<RateView> found;
    for (const auto* account : std::span(set.accounts_.data(), set.size_)) {
        const auto view = account->rate(measure, now);
        if (view && (!found || view->remaining < found->remaining)) {
            found = view;
        }
    }
    return found;
}

std::optional<std::int64_t> AccountBook::budget_used(const AccountSet& set, WallTime wall) const {
    collect(set);
    std::optional<std::int64_t> most;
    for (const auto* account : std::span(set.accounts_.data(), set.size_)) {
        if (const auto used = account->budget_used(wall)) {
            most = std::max(*used, most.value_or(*used));
        }
    }
    return most;
}

std::optional<BudgetWarning> AccountBook::warning(const AccountSet& set, WallTime wall) const {
    collect(set);
    std::optional<BudgetWarning> worst;
    for (const auto* account : std::span(set.accounts_.data(), set.size_)) {
        auto warning = account->warning(wall);
        if (warning && (!worst || warning->used > worst->used)) {
            worst = std::move(warning);
        }
    }
    return worst;
}

std::vector<AccountReport> AccountBook::report(const AccountSet& set, Instant now, WallTime wall) const {
    collect(set);
    std::vector<AccountReport> reports;
    for (const auto* account : std::span(set.accounts_.data(), set.size_)) {
        reports.push_back(account->report(now, wall));
    }
    return reports;
}

std::vector<AccountReport> AccountBook::report(Instant now, WallTime wall) const {
    std::vector<AccountReport> reports;
    for (const auto& [name, account] : accounts_) {
        if (account.use_count() > 1 && account->limits_anything()) {
            account->collect();
            reports.push_back(account->report(now, wall));
        }
    }
    return reports;
}

std::vector<BudgetUse> AccountBook::budgets(WallTime wall, std::size_t most) const {
    struct Found {
        std::int64_t used;
        std::size_t place;  // of its account among all: by level and name
        const std::pair<Level, std::string>* name;
    };
    const auto more_used = [](const Found& a, const Found& b) {
        return a.used != b.used ? a.used > b.used : a.place < b.place;
    };
    std::vector<Found> found;  // a heap, the least used on top
    std::size_t place = 0;
    for (const auto& [name, account] : accounts_) {
        ++place;
        if (account.use_count() == 1 || !account->has_budget()) {
            continue;
        }
        account->collect();
        found.push_back({*account->budget_used(wall), place, &name});
        std::push_heap(found.begin(), found.end(), more_used);
        if (found.size() > most) {
            std::pop_heap(found.begin(), found.end(), more_used);
            found.pop_back();
        }
    }
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.place < b.place; });
    std::vector<BudgetUse> budgets;
    budgets.reserve(found.size());
    for (const auto& each : found) {
        budgets.push_back({each.name->first, each.name->second, each.used});
    }
    return budgets;
}

}  // namespace gatehouse::policy
