#include "account.hpp"

#include <chrono>

namespace gatehouse::policy {
namespace {

/// Nobody knows when a place becomes free: calls take seconds.
constexpr Milliseconds wait_for_a_place{1'000};

/// So much at most is kept aside without the guard: many lanes may add to it at once, and it shall not
/// overflow.
constexpr std::int64_t most_unfiled = std::numeric_limits<std::int64_t>::max() / 1024;

std::int64_t day_of(WallTime when) noexcept {
    return std::chrono::floor<std::chrono::days>(when).time_since_epoch().count();
}

RateView view_of(const TokenBucket& bucket, Instant now) noexcept {
    return {bucket.per_minute(), bucket.remaining(now), bucket.full_after(now)};
}

/// A limit that was not there before begins with a full bucket.
void follow(TokenBucket& bucket, const std::optional<std::int64_t>& before,
            const std::optional<std::int64_t>& limit, Instant now) noexcept {
    if (!limit) {
        return;
    }
    if (before) {
        bucket.resize(*limit, now);
    } else {
        bucket = TokenBucket(*limit, now);
    }
}

}  // namespace

std::string_view name_of(Level level) noexcept {
    switch (level) {
        case Level::key:
            return "key";
        case Level::team:
            return "team";
        case Level::organisation:
            return "organisation";
        case Level::model:
            return "model";
        case Level::gateway:
            break;
    }
    return "gateway";
}

std::string_view name_of(Measure measure) noexcept {
    switch (measure) {
        case Measure::requests:
            return "requests";
        case Measure::tokens:
            return "tokens";
        case Measure::concurrency:
            return "concurrency";
        case Measure::money:
            break;
    }
    return "money";
}

void Account::configure(const LimitOptions& limits, const std::optional<BudgetOptions>& budget, Instant now) {
    follow(requests_, limits_.requests_per_minute, limits.requests_per_minute, now);
    follow(tokens_, limits_.tokens_per_minute, limits.tokens_per_minute, now);
    limits_ = limits;
    budget_ = budget;
}

std::optional<Refusal> Account::refuses_request(Instant now) const {
    if (const auto& most = limits_.requests_per_minute) {
        const auto wait = requests_.wait_for(1, now);
        if (!wait || wait->count() > 0) {
            return refusal(Measure::requests, *most, wait);
        }
    }
    if (const auto& most = limits_.concurrency; most && running_ >= *most) {
        return refusal(Measure::concurrency, *most,
                       *most > 0 ? std::optional(wait_for_a_place) : std::nullopt);
    }
    return std::nullopt;
}

void Account::enter(Instant now) noexcept {
    if (limits_.requests_per_minute) {
        requests_.take(1, now);
    }
    ++running_;
}

void Account::give_back_request(Instant now) noexcept {
    if (limits_.requests_per_minute) {
        requests_.give_back(1, now);
    }
}

std::optional<Refusal> Account::refuses(const Claim& claim, Instant now, WallTime wall) const {
    // Money is waited for longest.
    if (auto refused = refuses_money(claim.money, wall)) {
        return refused;
    }
    if (const auto& most = limits_.tokens_per_minute) {
        const auto wait = tokens_.wait_for(claim.tokens, now);
        if (!wait || wait->count() > 0) {
            return refusal(Measure::tokens, *most, wait);
        }
    }
    return std::nullopt;
}

std::optional<Refusal> Account::refuses_money(PicoUsd money, WallTime wall) const {
    if (!budget_ || spending_.allows(*budget_, money, wall)) {
        return std::nullopt;
    }
    const auto end = end_of(budget_->period, wall);
    const bool ever = end && money <= budget_->limit;
    const auto wait = ever ? std::optional(std::chrono::ceil<Milliseconds>(*end - wall)) : std::nullopt;
    return refusal(Measure::money, budget_->limit.value(), wait);
}

WallTime Account::reserve(const Claim& claim, Instant now, WallTime wall) noexcept {
    if (limits_.tokens_per_minute && claim.tokens > 0) {
        tokens_.take(claim.tokens, now);
    }
    return spending_.reserve(claim.money, wall);
}

std::optional<Refusal> Account::refuses_more(const Claim& claim, PicoUsd more, WallTime filed,
                                             WallTime wall) const {
    if (!budget_) {
        return std::nullopt;
    }
    return refuses_money(spending_.growth(*budget_, claim.money, more, filed, wall), wall);
}

WallTime Account::reserve_more(const Claim& claim, PicoUsd more, WallTime filed, WallTime wall) noexcept {
    return spending_.grow(claim.money, more, filed, wall);
}

void Account::settle(const Claim& claim, const Used& used, WallTime filed, Instant now,
                     WallTime wall) noexcept {
    if (limits_.tokens_per_minute) {
        tokens_.settle(claim.tokens, used.tokens, now);
    }
    spending_.settle(claim.money, used.money, filed, wall);
}

void Account::restore(Period period, PicoUsdSum spent, WallTime wall) noexcept {
    spending_.restore(period, spent, wall);
}

bool Account::note(PicoUsd cost, WallTime when) noexcept {
    if (unfiled_day_.load(std::memory_order_acquire) != day_of(when) ||
        cost.value() > most_unfiled - unfiled_.load(std::memory_order_relaxed)) {
        return false;
    }
    unfiled_.fetch_add(cost.value(), std::memory_order_relaxed);
    return true;
}

void Account::note_first(PicoUsd cost, WallTime when) noexcept {
    collect();
    spending_.settle(PicoUsd(), cost, when, when);
    // A request that began yesterday may end behind the first of today.
    if (day_of(when) > unfiled_day_.load(std::memory_order_relaxed)) {
        unfiled_day_.store(day_of(when), std::memory_order_release);
    }
}

void Account::collect() noexcept {
    if (unfiled_.load(std::memory_order_relaxed) == 0) {
        return;
    }
    const WallTime day{
        std::chrono::sys_days(std::chrono::days(unfiled_day_.load(std::memory_order_relaxed)))};
    spending_.settle(PicoUsd(), PicoUsd(unfiled_.exchange(0, std::memory_order_relaxed)), day, day);
}

std::optional<RateView> Account::rate(Measure measure, Instant now) const {
    const bool tokens = measure == Measure::tokens;
    const auto& limit = tokens ? limits_.tokens_per_minute : limits_.requests_per_minute;
    return limit ? std::optional(view_of(tokens ? tokens_ : requests_, now)) : std::nullopt;
}

std::optional<std::int64_t> Account::budget_used(WallTime wall) const {
    return budget_ ? std::optional(spending_.used(*budget_, wall)) : std::nullopt;
}

std::optional<BudgetWarning> Account::warning(WallTime wall) const {
    if (!budget_ || !budget_->warn_at) {
        return std::nullopt;
    }
    const auto used = spending_.used(*budget_, wall);
    if (used < *budget_->warn_at) {
        return std::nullopt;
    }
    return BudgetWarning{level_, name_, used, end_of(budget_->period, wall)};
}

AccountReport Account::report(Instant now, WallTime wall) const {
    AccountReport report;
    report.level = level_;
    report.name = name_;
    report.limits = limits_;
    report.requests = rate(Measure::requests, now);
    report.tokens = rate(Measure::tokens, now);
    report.running = running_;
    if (budget_) {
        const auto period = budget_->period;
        report.budget =
            BudgetView{*budget_, spending_.settled(period, wall), spending_.reserved(period, wall),
                       spending_.used(*budget_, wall), end_of(period, wall)};
    }
    return report;
}

bool Account::limits_anything() const noexcept {
    return limits_.requests_per_minute || limits_.tokens_per_minute || limits_.concurrency || budget_;
}

}  // namespace gatehouse::policy
