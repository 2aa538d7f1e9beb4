// What the cache has for a request: the decision of the stage `cache`, also for whoever wants to know it
// beforehand.
//
// Room: pipeline. May include: core, policy, store.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/policy/cache_options.hpp"
#include "gatehouse/store/answer_cache.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace gatehouse::pipeline {

struct CacheLook {
    /// Null: there is none that may be given.
    std::shared_ptr<const store::KeptAnswer> answer{};
    policy::CacheTier tier{policy::CacheTier::none};  // how it was found
    std::optional<double> similarity{};
    std::chrono::seconds age{0};
    /// Why an answer that was there is not given: `too_old`, `dropped_params`, or what a guard said; empty:
    /// there was none. A static name.
    std::string_view refusal{};
    /// Of a request whose inputs are looked for one by one: how many of them are there.
    std::size_t kept_inputs{0};
};

/// Why the cache has nothing to do with a request, be it to give or to keep an answer: a static name. Empty:
/// it has. REQUIRES: the exchange has its identity.
std::string_view why_bypassed(const Exchange& x) noexcept;

/// Is there an answer, and may it be given? REQUIRES: not bypassed.
CacheLook look_for_answer(const Exchange& x, store::AnswerCache& answers, WallTime now);

/// The same of what is kept under a digest, with nothing but the exact words to go by.
CacheLook look_for_exactly(const Exchange& x, const Digest& digest, store::AnswerCache& answers,
                           WallTime now);

/// The other name under which an answer to the request is found by those that mean the same; nothing: it has
/// none, or the operator does not want it.
std::optional<Digest> alias_of(const Exchange& x);

/// How long an answer to the request is worth keeping; zero: it is not.
Milliseconds lifetime_of(const Exchange& x);
/// The same as these options have it.
Milliseconds lifetime_under(const Exchange& x, const policy::CacheOptions& options);

}  // namespace gatehouse::pipeline
