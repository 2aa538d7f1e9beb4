#include "reservation.hpp"

#include "call_cost.hpp"
#include "refusals.hpp"

#include <algorithm>

namespace gatehouse::pipeline {
namespace {

/// What a call cost says it, where that is known. Else: a provider that answers with an error bills nothing,
/// nor does one that was never reached. Of a call that was cut off nobody knows.
bool may_have_been_billed(const telemetry::AttemptRecord& attempt) noexcept {
    if (attempt.cost) {
        return attempt.cost->value() > 0;
    }
    if (attempt.status != 0) {
        return attempt.status >= 200 && attempt.status <= 299;
    }
    return attempt.problem != ProblemKind::upstream_connect && attempt.problem != ProblemKind::upstream_tls;
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
    policy::Used used;
    std::int64_t guessed = 0;
    for (const auto& attempt : calls()) {
        if (attempt.tokens) {
            used.tokens += attempt.tokens->value();
        } else if (may_have_been_billed(attempt)) {
            guessed = claim_.tokens;
        }
    }
    used.tokens += guessed;
    used.money = spent().clamped();
    return used;
}

PicoUsdSum Reservation::spent() const noexcept {
    PicoUsdSum known;
    PicoUsdSum guessed;
    for (const auto& attempt : calls()) {
        if (attempt.cost) {
            known += *attempt.cost;
        } else if (may_have_been_billed(attempt) && !counts_as_nothing(attempt)) {
            guessed += per_call();
        }
    }
    // One call may be several on the trail, that ask for parts: together they are no more than was set aside.
    return std::max(known, PicoUsdSum()) + std::min(guessed, PicoUsdSum(claim_.money));
}

bool Reservation::counts_as_nothing(const telemetry::AttemptRecord& attempt) const noexcept {
    if (x_.accounts.unknown_price() != policy::UnknownPrice::allow) {
        return false;
    }
    return std::any_of(x_.plan.begin(), x_.plan.end(), [&](const upstream::Target& target) {
        return target.model == attempt.model && target.provider->name() == attempt.provider &&
               target.rates.asked().prices == nullptr;
    });
}

std::optional<policy::Refusal> Reservation::open() {
    claim_.tokens = needs_.tokens;
    claim_.money = needs_.money.value_or(PicoUsd());
    const auto now = clock_.now();
    const auto wall = clock_.wall();
    return x_.settings->accounts()->with([&](policy::AccountBook& book) {
        auto refusal = book.reserve(x_.accounts, claim_, now, wall);
        open_ = !refusal;
        x_.settles = x_.settles || open_;
        note_rates(book, x_.accounts, now, x_.trail);
        note_warning(book, x_.accounts, wall, x_.trail);
        return refusal;
    });
}

PicoUsdSum Reservation::missing_for(std::size_t running) const noexcept {
    auto needed = spent() + per_call();
    for (std::size_t i = 0; i < running; ++i) {
        needed += per_call();
    }
    return needed - claim_.money;
}

bool Reservation::could_call(std::size_t running) const {
    const auto missing = missing_for(running).clamped();
    if (missing <= PicoUsd()) {
        return true;
    }
    const auto wall = clock_.wall();
    return x_.settings->accounts()->with([&](const policy::AccountBook& book) {
        return !book.refuses_more(x_.accounts, claim_, missing, wall);
    });
}

bool Reservation::may_call(std::size_t running) {
    const auto missing = missing_for(running).clamped();
    if (missing <= PicoUsd()) {
        return true;
    }
    const auto wall = clock_.wall();
    return x_.settings->accounts()->with(
        [&](policy::AccountBook& book) { return !book.reserve_more(x_.accounts, claim_, missing, wall); });
}

bool Reservation::covers(const upstream::Target& target) const {
    const auto worst = counted_worst_case(x_, target, needs_, clock_.wall());
    return worst && *worst <= per_call();
}

}  // namespace gatehouse::pipeline
