#include "failures.hpp"

#include "gatehouse/policy/retry.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::pipeline {

namespace {

/// The list of attempts is for people: this many say enough.
constexpr std::size_t most_listed = 10;

bool is_refused_credential(ProblemKind kind) noexcept {
    return kind == ProblemKind::upstream_credentials || kind == ProblemKind::upstream_quota;
}

std::string outcome_in_words(const Problem& problem) {
    if (problem.upstream_status() != 0 && problem.upstream_status() != 200) {
        return "answered " + std::to_string(problem.upstream_status());
    }
    switch (problem.kind()) {
        case ProblemKind::upstream_connect:
            return "could not be reached";
        case ProblemKind::upstream_tls:
            return "failed in TLS";
        case ProblemKind::upstream_timeout:
            return "timed out";
        case ProblemKind::upstream_lost:
            return "broke off";
        case ProblemKind::upstream_protocol:
            return "sent no valid answer";
        default:
            return "failed (" + std::string(name_of(problem.kind())) + ")";
    }
}

}  // namespace

Problem attributed(Problem problem, const upstream::Target& target) {
    if (!policy::is_providers_failure(problem.kind())) {
        return problem;
    }
    std::string message = "The provider `" + target.provider->name() + "` ";
    if (problem.upstream_status() != 0) {
        message += "answered " + std::to_string(problem.upstream_status());
    } else {
        message += "failed";
    }
    message += ": " + problem.message();
    return std::move(problem).with_message(std::move(message));
}

void Failures::add(const upstream::Target& target, const Problem& problem, Instant now) {
    entries_.push_back({target.provider->name(), target.model, attributed(problem, target),
                        problem.wait() ? std::optional(now + *problem.wait()) : std::nullopt});
}

bool Failures::one_target() const noexcept {
    const auto& first = entries_.front();
    return std::all_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.provider == first.provider && entry.model == first.model;
    });
}

ProblemKind Failures::common_kind() const noexcept {
    const auto last = entries_.back().problem.kind();
    const auto all = [&](const auto& is) {
        return std::all_of(entries_.begin(), entries_.end(),
                           [&](const Entry& entry) { return is(entry.problem.kind()); });
    };
    // That several targets do not know their models is the operator's matter.
    if (last != ProblemKind::upstream_not_found && all([&](ProblemKind kind) { return kind == last; })) {
        return last;
    }
    if (all(is_refused_credential)) {
        return ProblemKind::upstream_credentials;
    }
    return last == ProblemKind::upstream_timeout ? last : ProblemKind::upstream_failed;
}

Problem Failures::verdict(Instant now) const {
    std::optional<Milliseconds> wait;
    for (const auto& entry : entries_) {
        if (entry.not_before) {
            const auto left =
                std::chrono::ceil<Milliseconds>(std::max(*entry.not_before - now, Instant::duration::zero()));
            wait = wait ? std::min(*wait, left) : left;
        }
    }
    const auto with_wait = [&](Problem problem) {
        return wait ? std::move(problem).with_wait(*wait) : std::move(problem);
    };
    if (one_target()) {
        return with_wait(entries_.back().problem);
    }
    std::string message = "Every target failed: ";
    for (std::size_t i = 0; i < std::min(entries_.size(), most_listed); ++i) {
        const auto& entry = entries_[i];
        message += i == 0 ? "" : "; ";
        message += "`" + entry.provider + "` (" + entry.model + ") " + outcome_in_words(entry.problem);
    }
    message += entries_.size() > most_listed ? "; and more." : ".";
    const auto kind = common_kind();
    Problem problem(kind, std::move(message), entries_.back().problem.retry());
    return with_wait(std::move(problem).with_status(entries_.back().problem.upstream_status()));
}

}  // namespace gatehouse::pipeline
