// How much of its client's time a request may spend before its provider is asked.
// Room: pipeline, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/unless.hpp"
#include "gatehouse/pipeline/exchange.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::pipeline {

/// What only may spare a call has a quarter of the time that the client gives all of it, or a stream's first
/// token; without a word of the client's it has its own bounds alone.
inline Instant aid_until(const Exchange& x, Instant now) {
    constexpr int part = 4;
    auto until = x.total_timeout ? now + *x.total_timeout / part : Instant::max();
    if (x.request.stream && x.first_token_timeout) {
        until = std::min(until, now + *x.first_token_timeout / part);
    }
    return until;
}

/// Takes off what was spent since `began`: the client's time is that of all that is done for it.
inline void take_off(Exchange& x, Instant began, Instant now) {
    const auto spent = std::chrono::duration_cast<Milliseconds>(now - began);
    for (auto* const given : {&x.total_timeout, &x.first_token_timeout}) {
        if (*given) {
            **given = std::max(**given - spent, Milliseconds(1));
        }
    }
}

/// Problem overloaded, too, when it is not over by `until`: it is then cancelled.
template <typename Value>
Task<Result<Value>> in_time(Task<Result<Value>> work, Clock& clock, Instant until) {
    auto over = clock.sleep_until(until);
    auto ended = co_await net::unless(std::move(work), std::move(over));
    if (!ended) {
        co_return Problem(ProblemKind::overloaded, "It took too long.");
    }
    co_return std::move(*ended);
}

}  // namespace gatehouse::pipeline
