// Looking for an answer by the meaning of a request's question: what the stage `cache` does, step by step,
// and what it would do, for whoever wants to know it beforehand.
//
// Every step is bounded: a request never waits long for what only may spare it a call. Room: pipeline. May
// include: core, policy, store, upstream, vector.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/pipeline/cache_look.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/question_index.hpp"
#include "gatehouse/policy/cache_evidence.hpp"
#include "gatehouse/upstream/attempt.hpp"
#include "gatehouse/vector/model_identity.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::pipeline {

/// A request's question, prepared to be compared.
struct PreparedQuestion {
    std::shared_ptr<const AskedQuestion> question{};  // null: there is none
    /// Without a question: `no_vector`; empty: it is none that can be compared.
    std::string_view refusal{};
};

/// Asks the embedder, who has until `until`, and not longer than its own `longest_wait`. REQUIRES:
/// goes_by_meaning.
Task<PreparedQuestion> prepare_question(const Exchange& x, upstream::Callers& callers, Instant until);

/// A search in the index. Problem overloaded: too many wait, or it was not over by `until` or within its own
/// 250 ms.
Task<Result<AlikeAnswers>> searched(Task<Result<AlikeAnswers>> search, Clock& clock, Instant until);

/// Whose evidence a hit by meaning is: the model's with the embedder's. Similarities of two embedders have
/// nothing to do with each other.
std::string evidence_of(const Exchange& x, const vector::ModelIdentity& vectors);

/// Why a hit meets a fresh answer instead of being given, in adaptive mode: `unproven`, `checked`; empty: it
/// is given.
std::string_view why_not_given(policy::EvidenceVerdict verdict, const Exchange& x);

/// What would be found by its meaning, and how near it was.
struct MeaningForesight {
    CacheLook look{};  // `refusal` also: unproven, checked, no_vector, no_search, failed
    double threshold{0};
    std::size_t compared{0};
    std::optional<double> nearest{};  // similarity of the most similar question that was compared
};

/// Decides as the stage does, and changes nothing of the cache: no answer or question stays the longer for
/// it, none is forgotten, nothing is counted. The embedder is asked as for any request. REQUIRES:
/// goes_by_meaning, and a cache with an index.
Task<MeaningForesight> foresee_by_meaning(const Exchange& x, const CacheParts& parts,
                                          upstream::Callers& callers);

}  // namespace gatehouse::pipeline
