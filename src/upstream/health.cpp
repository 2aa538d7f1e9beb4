#include "gatehouse/upstream/health.hpp"

#include <algorithm>

namespace gatehouse::upstream {

using policy::Blame;
using policy::CallReason;

namespace {

/// No hint parks a credential for longer: whoever waits on a mistake waits for a day at most.
constexpr Milliseconds longest_parking = std::chrono::hours(24);
/// Nor for less: a refusal whose wait is 0 would else be asked again at once, again and again.
constexpr Milliseconds shortest_parking{250};

/// A client that left after this long without any content was let down by the target. Twice what nearly all
/// calls take, of whichever form takes longer; where that is not known, a minute.
Milliseconds patience(const policy::LatencyHistogram& streams, const policy::LatencyHistogram& wholes,
                      Instant now) noexcept {
    constexpr double nearly_all = 0.99;
    constexpr Milliseconds least{10'000};
    constexpr Milliseconds unknown{60'000};
    const auto stream = streams.quantile(nearly_all, now);
    const auto whole = wholes.quantile(nearly_all, now);
    if (!stream && !whole) {
        return unknown;
    }
    return std::max(least, 2 * std::max(stream.value_or(least / 2), whole.value_or(least / 2)));
}

}  // namespace

std::optional<Instant> ParkedCredentials::until(const Digest& credential, Instant now) const noexcept {
    for (const auto& entry : entries_) {
        if (entry.credential == credential && entry.until > now) {
            return entry.until;
        }
    }
    return std::nullopt;
}

ParkedCredentials::Entry& ParkedCredentials::entry(const Digest& credential) {
    for (auto& entry : entries_) {
        if (entry.credential == credential) {
            return entry;
        }
    }
    return entries_.emplace_back(Entry{credential, Instant::min(), 0});
}

void ParkedCredentials::park(const Digest& credential, Instant until) {
    auto& parked = entry(credential);
    parked.until = std::max(parked.until, until);
}

int ParkedCredentials::refused(const Digest& credential) {
    return ++entry(credential).refusals;
}

void ParkedCredentials::answered(const Digest& credential) noexcept {
    for (auto& entry : entries_) {
        if (entry.credential == credential) {
            entry.refusals = 0;
        }
    }
}

std::size_t ParkedCredentials::parked(Instant now) const noexcept {
    return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(),
                                                  [&](const Entry& entry) { return entry.until > now; }));
}

std::optional<Instant> ProviderHealth::parked_until(const Digest& credential, Instant now) const {
    if (!any_.load(std::memory_order_relaxed)) {
        return std::nullopt;
    }
    return parked_.with([&](const ParkedCredentials& parked) { return parked.until(credential, now); });
}

void ProviderHealth::park(const Digest& credential, Instant until) {
    parked_.with([&](ParkedCredentials& parked) { parked.park(credential, until); });
    any_.store(true, std::memory_order_relaxed);
}

std::size_t ProviderHealth::parked(Instant now) const {
    return parked_.with([&](const ParkedCredentials& parked) { return parked.parked(now); });
}

std::optional<Instant> TargetHealth::parked_until(const State& state, const Digest& credential,
                                                  Instant now) const {
    const auto here = state.parked.until(credential, now);
    const auto everywhere = shared_->parked_until(credential, now);
    return here && everywhere ? std::max(here, everywhere) : (here ? here : everywhere);
}

policy::TargetStanding TargetHealth::standing(const Resilience& resilience,
                                              std::span<const Digest> credentials, Instant now,
                                              double draw) const {
    return state_.with([&](const State& state) {
        policy::TargetStanding standing;
        standing.breaker = state.breaker.verdict(resilience.breaker, now, draw);
        standing.may_retry = state.retries.allows(resilience.retry, now);
        std::optional<Instant> free;  // the first credential that will be
        standing.has_credential = false;
        for (const auto& credential : credentials) {
            const auto parked = parked_until(state, credential, now);
            if (!parked) {
                standing.has_credential = true;
                free.reset();
                break;
            }
            free = free ? std::min(*free, *parked) : *parked;
        }
        const auto open = standing.breaker == policy::CircuitBreaker::Verdict::leave
                              ? state.breaker.open_until()
                              : std::nullopt;
        standing.free_at = open && free ? std::max(open, free) : (open ? open : free);
        return standing;
    });
}

bool TargetHealth::take_retry(const Resilience& resilience, Instant now) {
    return state_.with([&](State& state) {
        const bool allowed = state.retries.allows(resilience.retry, now);
        if (allowed) {
            state.retries.retry(now);
        }
        return allowed;
    });
}

CallInFlight TargetHealth::begin(const Resilience& resilience, std::span<const Digest> credentials,
                                 CallReason reason, Clock& clock, RoomHold room) {
    const Instant now = clock.now();
    return state_.with([&](State& state) {
        std::size_t chosen = 0;
        std::optional<Instant> chosen_free;
        for (std::size_t i = 0; i < credentials.size(); ++i) {
            const auto parked = parked_until(state, credentials[i], now);
            if (!parked) {
                chosen = i;
                break;
            }
            if (!chosen_free || *parked < *chosen_free) {
                chosen = i;
                chosen_free = parked;
            }
        }
        if (reason != CallReason::retry && reason != CallReason::next_credential) {
            state.retries.first_call(now);
        }
        ++state.in_flight;
        const auto ticket = state.breaker.begin(resilience.breaker, now);
        return CallInFlight(*this, resilience, ticket, chosen, credentials[chosen], clock, std::move(room));
    });
}

TargetHealth::Load TargetHealth::load_of(const State& state, Instant now) {
    return {state.in_flight, state.first_token.value(now), state.whole.value(now)};
}

TargetHealth::Load TargetHealth::load(Instant now) const {
    return state_.with([&](const State& state) { return load_of(state, now); });
}

std::optional<Milliseconds> TargetHealth::quantile(AnswerForm form, double share, Instant now) const {
    return state_.with([&](const State& state) {
        const auto& times = form == AnswerForm::stream ? state.first_token_times : state.whole_times;
        return times.quantile(share, now);
    });
}

TargetHealth::Report TargetHealth::report(const Resilience& resilience, Instant now) const {
    Report report;
    report.provider = provider_;
    report.model = model_;
    state_.with([&](const State& state) {
        const auto& breaker = state.breaker;
        const auto counts = breaker.counts(resilience.breaker, now);
        report.state = breaker.state(resilience.breaker, now);
        report.order = breaker.ordered();
        if (const auto until = breaker.open_until(); until && *until > now) {
            report.opens_again_in = std::chrono::ceil<Milliseconds>(*until - now);
        }
        report.calls = counts.calls;
        report.failures = counts.failures;
        report.failures_in_a_row = breaker.failures_in_a_row();
        report.credentials_parked = state.parked.parked(now);
        report.provider_credentials_parked = shared_->parked(now);
        report.load = load_of(state, now);
    });
    return report;
}

void TargetHealth::order(policy::BreakerOrder order) {
    state_.with([&](State& state) { state.breaker.order(order); });
}

bool TargetHealth::is_uneventful() const {
    return state_.with([](const State& state) {
        return !state.breaker.open_until() && state.breaker.ordered() == policy::BreakerOrder::none;
    });
}

CallInFlight::CallInFlight(CallInFlight&& other) noexcept
    : target_(std::exchange(other.target_, nullptr)),
      resilience_(other.resilience_),
      ticket_(other.ticket_),
      credential_(other.credential_),
      digest_(other.digest_),
      clock_(other.clock_),
      began_(other.began_),
      answering_(other.answering_),
      room_(std::move(other.room_)) {}

CallInFlight::~CallInFlight() {
    if (target_ == nullptr) {
        return;
    }
    const Instant now = clock_->now();
    target_->state_.with([&](TargetHealth::State& state) {
        --state.in_flight;
        if (!answering_ && now - began_ > patience(state.first_token_times, state.whole_times, now)) {
            state.breaker.fail(ticket_, resilience_->breaker, now);
        } else {
            state.breaker.abandon(ticket_);
        }
    });
}

void CallInFlight::give_up() {
    auto* target = std::exchange(target_, nullptr);
    target->state_.with([&](TargetHealth::State& state) {
        --state.in_flight;
        state.breaker.abandon(ticket_);
    });
}

void CallInFlight::answering() {
    if (std::exchange(answering_, true)) {
        return;
    }
    const Instant now = clock_->now();
    target_->state_.with([&](TargetHealth::State& state) {
        state.breaker.succeed(ticket_, resilience_->breaker, now);
        ticket_ = state.breaker.begin(resilience_->breaker, now);  // what fails later counts as well
        state.parked.answered(digest_);
    });
}

void CallInFlight::succeeded(AnswerForm form, std::optional<Milliseconds> took) {
    const Instant now = clock_->now();
    auto* target = std::exchange(target_, nullptr);
    target->state_.with([&](TargetHealth::State& state) {
        --state.in_flight;
        if (answering_) {
            state.breaker.abandon(ticket_);
        } else {
            state.breaker.succeed(ticket_, resilience_->breaker, now);
            state.parked.answered(digest_);
        }
        if (took) {
            const bool stream = form == AnswerForm::stream;
            (stream ? state.first_token : state.whole).add(*took, now);
            (stream ? state.first_token_times : state.whole_times).add(*took, now);
        }
    });
}

void CallInFlight::failed(const Problem& problem) {
    const auto blame = policy::consequence_of(problem).blame;
    const Instant now = clock_->now();
    auto* target = std::exchange(target_, nullptr);
    Instant parked_until{};
    target->state_.with([&](TargetHealth::State& state) {
        --state.in_flight;
        if (blame == Blame::target) {
            state.breaker.fail(ticket_, resilience_->breaker, now);
            return;
        }
        // A provider that refuses a credential or a request is well.
        if (problem.upstream_status() != 0) {
            state.breaker.succeed(ticket_, resilience_->breaker, now);
        } else {
            state.breaker.abandon(ticket_);
        }
        if (blame == Blame::nobody) {
            return;
        }
        const auto usual = policy::parking_time(problem.kind(), state.parked.refused(digest_));
        parked_until = now + std::clamp(problem.wait().value_or(usual), shortest_parking, longest_parking);
        if (blame == Blame::credential_here) {
            state.parked.park(digest_, parked_until);
        }
    });
    if (blame == Blame::credential) {
        target->shared_->park(digest_, parked_until);
    }
}

void CallInFlight::exhausted_for(Milliseconds wait) {
    const Instant until = clock_->now() + std::min(wait, longest_parking);
    target_->state_.with([&](TargetHealth::State& state) { state.parked.park(digest_, until); });
}

std::shared_ptr<TargetHealth> HealthBoard::of(const std::string& provider, const std::string& model) {
    return entries_.with([&](Entries& entries) {
        auto& shared = entries.providers[provider];
        if (!shared) {
            shared = std::make_shared<ProviderHealth>();
        }
        const auto found = entries.targets.find(Name(provider, model));
        if (found != entries.targets.end()) {
            return found->second;
        }
        auto fresh = std::make_shared<TargetHealth>(provider, model, shared);
        if (entries.targets.size() >= most_targets) {
            std::erase_if(entries.targets, [](const auto& entry) {
                return entry.second.use_count() == 1 && entry.second->is_uneventful();
            });
        }
        if (entries.targets.size() < most_targets) {
            entries.targets.emplace(Name(provider, model), fresh);
        }
        return fresh;
    });
}

std::vector<TargetHealth::Report> HealthBoard::report(const Resilience& resilience, Instant now) const {
    const auto held = entries_.with([](const Entries& entries) { return entries.targets; });
    std::vector<TargetHealth::Report> reports;
    reports.reserve(held.size());
    constexpr auto known_here = 2;  // the board's own reference and this function's
    for (const auto& [name, target] : held) {
        auto report = target->report(resilience, now);
        const bool forgotten = target.use_count() == known_here && report.calls == 0 &&
                               report.state == policy::BreakerState::closed;
        if (!forgotten) {
            reports.push_back(std::move(report));
        }
    }
    return reports;
}

void HealthBoard::first_call(Instant now) {
    hedges_.with([&](policy::HedgeBudget& hedges) { hedges.first_call(now); });
}

bool HealthBoard::take_hedge(const policy::HedgeOptions& options, Instant now) {
    return hedges_.with([&](policy::HedgeBudget& hedges) { return hedges.take(options, now); });
}

bool HealthBoard::order(const std::string& provider, const std::string& model, policy::BreakerOrder order) {
    return entries_.with([&](Entries& entries) {
        const auto found = entries.targets.find(Name(provider, model));
        if (found == entries.targets.end()) {
            return false;
        }
        found->second->order(order);
        return true;
    });
}

}  // namespace gatehouse::upstream
