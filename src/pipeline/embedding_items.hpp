// The cache of embeddings: a request is looked for input by input, and nobody is asked again for the vectors
// of those that are kept.
// Room: pipeline, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/cache_look.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/store/answer_cache.hpp"

namespace gatehouse::pipeline {

/// Is there an answer for all inputs, of one model? It is put together from theirs: as old as the oldest, and
/// saving what they save together. REQUIRES: the request's identity has inputs.
CacheLook look_for_inputs(const Exchange& x, store::AnswerSource& answers, WallTime now);

/// Asks for the inputs that are not kept, each of them once, in one call, and answers with all of them; what
/// comes is kept input by input. Where another model answers than the one whose vectors are kept, all inputs
/// are asked for once more: vectors of two models are not to be compared. Problem upstream_protocol: the
/// reply has not one vector for each of the inputs that were asked for, and others were to be put beside
/// them. REQUIRES: as above; the client lets itself be served by a call.
Task<Result<Outcome>> ask_for_inputs(Exchange& x, Next next, const CacheParts& parts,
                                     store::OriginShelf& origins, Clock& clock);

}  // namespace gatehouse::pipeline
