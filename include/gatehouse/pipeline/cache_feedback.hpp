// What follows from an answer that turns out right or wrong for a question that it was found for by its
// meaning, be it that a fresh one or that a caller says so.
//
// Room: pipeline. May include: core, policy, store.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/given_hits.hpp"

#include <string_view>

namespace gatehouse::pipeline {

/// What was done on a caller's word.
struct JudgedHit {
    bool counted{false};    // false: the caller had said so before, and all was done then
    bool forgotten{false};  // the answer is given to nobody any more
    bool recorded{false};   // it is a label of adaptive mode
};

/// A caller says whether an answer that it was given by its meaning answers what it asked. A wrong one is
/// forgotten, and neither of the two questions is found by its meaning any more; where adaptive mode is on
/// the word is a label, a right one once for each pair of questions. What is thrown leaves the word unsaid.
/// Problem not_found: this caller was given no such answer under that id, or too long ago; conflict: it has
/// said the opposite.
Result<JudgedHit> judge_hit(const CacheParts& parts, std::string_view caller, std::string_view request,
                            Judgement judgement, Instant now);

/// The answer that is kept for that request was found for a question that it does not answer. REQUIRES:
/// `parts` has questions.
void forget_wrong_answer(const CacheParts& parts, const Digest& partition, const Digest& found_at);

}  // namespace gatehouse::pipeline
