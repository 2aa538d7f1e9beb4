// What the cache has for a request: the decision of the stage `cache`, also for whoever wants to know it
// beforehand.
//
// Room: pipeline. May include: core, policy, store.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/question_index.hpp"
#include "gatehouse/policy/cache_options.hpp"
#include "gatehouse/store/answer_cache.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::pipeline {

struct CacheLook {
    /// Null: there is none that may be given.
    std::shared_ptr<const store::KeptAnswer> answer{};
    policy::CacheTier tier{policy::CacheTier::none};  // how it was found
    std::optional<double> similarity{};
    policy::GuardMatch match{policy::GuardMatch::same_words};  // with a similarity: why it is the same
    Digest found_at{};  // likewise: of the request that it was kept for
    std::chrono::seconds age{0};
    /// Why an answer that was there is not given: `too_old`, or what a guard said; empty: there was none. A
    /// static name.
    std::string_view refusal{};
    /// Of a request whose inputs are looked for one by one: how many of them are there.
    std::size_t kept_inputs{0};
};

/// Why the cache has nothing to do with a request, be it to give or to keep an answer: a static name. Empty:
/// it has. REQUIRES: the exchange has its identity.
std::string_view why_bypassed(const Exchange& x) noexcept;

/// The other name under which an answer to a request is found by those that ask the same thing in trivially
/// other words: computed once, when it is first wanted.
class Alias {
public:
    explicit Alias(const Exchange& x) noexcept : x_(x) {}
    /// Nothing: it has none, or the operator does not want it.
    const std::optional<Digest>& get();

private:
    const Exchange& x_;
    std::optional<std::optional<Digest>> digest_{};
};

/// Is there an answer to the same request, or to one of the same other name, and may it be given? REQUIRES:
/// not bypassed.
CacheLook look_for_answer(const Exchange& x, store::AnswerSource& answers, Alias& alias, WallTime now);

/// The same of what is kept under a digest, with nothing but the exact words to go by.
CacheLook look_for_exactly(const Exchange& x, const Digest& digest, store::AnswerSource& answers,
                           WallTime now);

/// May answers to questions be given that mean the same, and be kept for these?
bool goes_by_meaning(const Exchange& x);
/// The first of those that are still there and may be given. Those that have gone are told.
CacheLook look_among(const AlikeAnswers& alike, const Exchange& x, store::AnswerSource& answers, WallTime now,
                     std::vector<Digest>& gone);
/// The same; what has gone is forgotten by `questions` too.
CacheLook look_among(const AlikeAnswers& alike, const Exchange& x, store::AnswerCache& answers,
                     QuestionIndex& questions, WallTime now);

/// Soon no question leads to an answer that has gone, be it purged, driven out or past its time.
void drop_lost_questions(store::AnswerCache& answers, QuestionIndex& questions, WallTime now);

/// How long an answer to the request is worth keeping; zero: it is not.
Milliseconds lifetime_of(const Exchange& x);
/// The same as these options have it.
Milliseconds lifetime_under(const Exchange& x, const policy::CacheOptions& options);

}  // namespace gatehouse::pipeline
