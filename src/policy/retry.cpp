#include "gatehouse/policy/retry.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::policy {

namespace {

std::int64_t second_of(Instant when) noexcept {
    return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
}

Blame blame_of(ProblemKind kind, int status) noexcept {
    switch (kind) {
        case ProblemKind::upstream_connect:
        case ProblemKind::upstream_tls:
        case ProblemKind::upstream_redirect:
        case ProblemKind::upstream_timeout:
        case ProblemKind::upstream_lost:
        case ProblemKind::upstream_protocol:
        case ProblemKind::upstream_overloaded:
        case ProblemKind::upstream_failed:
            return Blame::target;
        case ProblemKind::upstream_rate_limited:
            return Blame::credential_here;
        case ProblemKind::upstream_credentials:
            // A 403 is as often about one model as about the key.
            return status == 403 ? Blame::credential_here : Blame::credential;
        case ProblemKind::upstream_quota:
            return Blame::credential;
        default:
            return Blame::nobody;
    }
}

}  // namespace

bool is_providers_failure(ProblemKind kind) noexcept {
    return kind == ProblemKind::upstream_not_found || blame_of(kind, 0) != Blame::nobody;
}

Consequence consequence_of(const Problem& problem) noexcept {
    Consequence consequence;
    consequence.blame = blame_of(problem.kind(), problem.upstream_status());
    switch (problem.kind()) {
        case ProblemKind::context_length:
            consequence.special = SpecialFallback::context_length;
            return consequence;
        case ProblemKind::content_policy:
            consequence.special = SpecialFallback::content_policy;
            return consequence;
        default:
            break;
    }
    consequence.next_target = is_providers_failure(problem.kind());
    consequence.same_target = consequence.next_target && problem.retry() == Retry::same_place;
    consequence.next_credential =
        consequence.blame == Blame::credential_here || consequence.blame == Blame::credential;
    return consequence;
}

Milliseconds parking_time(ProblemKind kind, int refusals) noexcept {
    using std::chrono::seconds;
    if (kind == ProblemKind::upstream_quota) {
        return std::chrono::minutes(10);  // a bill that is not paid, a limit of a day
    }
    if (kind == ProblemKind::upstream_credentials) {
        return std::chrono::minutes(1);
    }
    const int doublings = std::clamp(refusals - 1, 0, 5);
    return seconds(std::int64_t{1} << doublings);
}

Milliseconds backoff(const RetryOptions& options, int retry, double draw) noexcept {
    constexpr int most_doublings = 30;
    const double longest =
        std::ldexp(static_cast<double>(options.backoff_base.count()), std::clamp(retry, 0, most_doublings));
    const double bounded = std::min(longest, static_cast<double>(options.backoff_cap.count()));
    return Milliseconds(static_cast<std::int64_t>(bounded * std::clamp(draw, 0.0, 1.0)));
}

RetryBudget::Second& RetryBudget::at(Instant now) noexcept {
    const auto number = second_of(now);
    auto& second = ring_[static_cast<std::size_t>(number) % seconds];
    if (second.number != number) {
        second = {number, 0, 0};
    }
    return second;
}

void RetryBudget::first_call(Instant now) noexcept {
    ++at(now).first_calls;
}

void RetryBudget::retry(Instant now) noexcept {
    ++at(now).retries;
}

bool RetryBudget::allows(const RetryOptions& options, Instant now) const noexcept {
    const auto oldest = second_of(now) - static_cast<std::int64_t>(seconds) + 1;
    std::int64_t first_calls = 0;
    std::int64_t retries = 0;
    for (const auto& second : ring_) {
        if (second.number >= oldest) {
            first_calls += second.first_calls;
            retries += second.retries;
        }
    }
    const auto share = options.budget * static_cast<double>(first_calls);
    return static_cast<double>(retries) < static_cast<double>(floor) + share;
}

}  // namespace gatehouse::policy
