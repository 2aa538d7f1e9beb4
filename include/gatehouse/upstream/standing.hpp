// How a target stands at this moment, for whoever decides who is called next or tells who would be.
// Room: upstream. May include: core, policy.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/upstream/health.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstdint>

namespace gatehouse::upstream {

/// Its health, its provider's room for one more call of so many tokens, and what it takes. Calls nobody and
/// takes nothing. `draw` of [0, 1).
policy::TargetStanding standing_of(const Target& target, const Resilience& resilience, std::int64_t tokens,
                                   Instant now, double draw);

}  // namespace gatehouse::upstream
