// The plan of a request: which targets are wanted, in which order.
// Room: pipeline, private.
#pragma once

#include "gatehouse/core/random.hpp"
#include "gatehouse/pipeline/exchange.hpp"

#include <string>
#include <vector>

namespace gatehouse::pipeline {

/// The targets of the exchange's model in the order of its strategy, then those of its fallbacks and of
/// theirs, each once. Only the first where the client wants no fallback.
std::vector<upstream::Target> plan_of(const Exchange& x, Instant now, Random& random);

/// The same for a list of other models, such as those for requests that are too long; without the targets
/// that no money is set aside for.
std::vector<upstream::Target> plan_of_models(const Exchange& x, const std::vector<std::string>& names,
                                             Instant now, Random& random);

/// Puts what the client narrowed in place.
void narrow_timeouts(const Exchange& x, std::vector<upstream::Target>& plan);

}  // namespace gatehouse::pipeline
