// Questions of answers that are kept, brought back into the index: after a restart, and when another model
// makes the vectors. Room: pipeline.
#pragma once

#include "gatehouse/core/task.hpp"
#include "gatehouse/pipeline/question_index.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/store/answer_cache.hpp"
#include "gatehouse/upstream/attempt.hpp"

#include <memory>

namespace gatehouse::pipeline {

/// One after the other, and half of the time none, so that requests find the embedder free. Those of models
/// whose options no longer go by meaning are left out, and texts that have no vector. While an embedder fails
/// it is asked again, more and more seldom. Ends when all are back, with a line in the log, or when the index
/// is to keep the vectors of other models. Everything but the settings outlives it; on the lane of `callers`.
Task<void> restore_questions(store::AnswerCache& answers, QuestionIndex& questions,
                             std::shared_ptr<const Settings> settings, upstream::Callers& callers);

}  // namespace gatehouse::pipeline
