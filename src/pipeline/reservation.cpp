#include "reservation.hpp"

#include "refusals.hpp"

#include <algorithm>

namespace gatehouse::pipeline {
namespace {

/// A provider that answers with an error bills nothing, nor does one that was never reached. Of a call that
/// was cut off nobody knows.
bool may_have_been_billed(const telemetry::AttemptRecord& attempt) noexcept {
    if (attempt.status != 0) {
        return attempt.status >= 200 && attempt.status <= 299;
    }
    return attempt.problem != ProblemKind::upstream_connect && attempt.problem != ProblemKind::upstream_tls;
}

std::size_t billed_calls(const telemetry::Trail& trail) noexcept {
    return static_cast<std::size_t>(
        std::count_if(trail.attempts.begin(), trail.attempts.end(), may_have_been_billed));
}

std::int64_t all_tokens(const telemetry::Trail& trail) noexcept {
    return trail.input_tokens.value() + trail.cached_input_tokens.value() + trail.cache_write_tokens.value() +
           trail.output_tokens.value() + trail.reasoning_tokens.value();
}

}  // namespace

Reservation::~Reservation() {
    if (!open_) {
        return;
    }
    const auto spent = used();
    const auto now = clock_.now();
    const auto wall = clock_.wall();
    x_.settings->accounts()->with(
        [&](policy::AccountBook& book) { book.settle(x_.accounts, claim_, spent, now, wall); });
}

policy::Used Reservation::used() const noexcept {
    const auto& trail = x_.trail;
    const bool billed = billed_calls(trail) > 0;
    policy::Used used;
    if (trail.usage_known || trail.usage_estimated) {
        used.tokens = all_tokens(trail);
    } else if (billed) {
        used.tokens = claim_.tokens;
    }
    if (trail.cost) {
        used.money = std::max(*trail.cost, PicoUsd());
    } else if (billed) {
        used.money = claim_.money;
    }
    return used;
}

std::optional<PicoUsd> Reservation::worst_case(const upstream::Target& target) const {
    auto worst = worst_case_of(*x_.settings, target, size_, cap_, clock_.wall());
    if (!worst && x_.accounts.unknown_price() == policy::UnknownPrice::allow) {
        worst = PicoUsd();
    }
    return worst;
}

std::optional<policy::Refusal> Reservation::open(std::int64_t tokens, PicoUsd money) {
    per_call_ = money;
    claim_.tokens = tokens;
    claim_.money = money;
    const auto now = clock_.now();
    const auto wall = clock_.wall();
    return x_.settings->accounts()->with([&](policy::AccountBook& book) {
        auto refusal = book.reserve(x_.accounts, claim_, now, wall);
        open_ = !refusal;
        x_.settles = open_;
        note_rates(book, x_.accounts, now, x_.trail);
        note_warning(book, x_.accounts, wall, x_.trail);
        return refusal;
    });
}

bool Reservation::may_call(std::size_t running) {
    const auto needed = billed_calls(x_.trail) + running + 1;
    const auto wall = clock_.wall();
    while (calls_ < needed) {
        const auto refusal = x_.settings->accounts()->with([&](policy::AccountBook& book) {
            return book.reserve_more(x_.accounts, claim_, per_call_, wall);
        });
        if (refusal) {
            return false;
        }
        ++calls_;
    }
    return true;
}

bool Reservation::covers(const upstream::Target& target) const {
    const auto worst = worst_case(target);
    return worst && *worst <= per_call_;
}

}  // namespace gatehouse::pipeline
