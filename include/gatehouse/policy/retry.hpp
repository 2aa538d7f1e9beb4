// What the outcome of an attempt means for the next one: the table of docs/api.md, "What is retried, what
// moves on", how long to wait, and how many retries a target may be given.
//
// Pure arithmetic over instants and draws given by the caller. Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"

#include <array>
#include <cstdint>

namespace gatehouse::policy {

struct RetryOptions {
    int attempts{4};                   // yaml: retry.attempts; all upstream calls of one request
    Milliseconds deadline{120'000};    // yaml: retry.deadline; no attempt starts after it
    double budget{0.2};                // yaml: retry.budget; of the target's first calls of the last 10 s
    Milliseconds backoff_base{250};    // yaml: retry.backoff.base
    Milliseconds backoff_cap{10'000};  // yaml: retry.backoff.cap
};

/// Whose failure it is.
enum class Blame : std::uint8_t {
    nobody,           // the request, or something that another call would meet as well
    target,           // counts against the target's circuit breaker
    credential_here,  // this credential has no more calls of this model for now
    credential,       // this credential is refused for every model
};

/// Which list of other models may help where every target would say the same.
enum class SpecialFallback : std::uint8_t { none, context_length, content_policy };

struct Consequence {
    bool same_target{false};      // may answer the same call later
    bool next_credential{false};  // may answer it with another credential
    bool next_target{false};
    SpecialFallback special{SpecialFallback::none};
    Blame blame{Blame::nobody};
};

/// Of an attempt that failed before any content.
Consequence consequence_of(const Problem& problem) noexcept;

/// Is it the provider's failure, and not the request's or the client's?
bool is_providers_failure(ProblemKind kind) noexcept;

/// How long a credential that was refused like this is left alone where the provider gives no hint.
/// `refusals`: how many in a row there were, this one included.
Milliseconds parking_time(ProblemKind kind, int refusals) noexcept;

/// Full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): a share `draw` of
/// [0, 1) of min(cap, base * 2^retry). `retry` counts from 0.
Milliseconds backoff(const RetryOptions& options, int retry, double draw) noexcept;

/// Retries of one target: at most a share of its first calls of the last ten seconds, plus ten.
class RetryBudget {
public:
    /// A call that is no retry.
    void first_call(Instant now) noexcept;
    /// May one more retry be made?
    bool allows(const RetryOptions& options, Instant now) const noexcept;
    void retry(Instant now) noexcept;

private:
    static constexpr std::size_t seconds = 10;
    static constexpr std::int64_t floor = 10;
    struct Second {
        std::int64_t number{-1};  // of the clock; -1: never
        std::int64_t first_calls{0};
        std::int64_t retries{0};
    };
    Second& at(Instant now) noexcept;

    std::array<Second, seconds> ring_{};
};

}  // namespace gatehouse::policy
