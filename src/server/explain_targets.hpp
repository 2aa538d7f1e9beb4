// The part of an explanation that is about targets: who is wanted, in which order, and how they stand.
// Room: server, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/server/explain.hpp"

#include <nlohmann/json_fwd.hpp>

namespace gatehouse::server {

/// `targets` and `first_call`. `prompt`: how long it is, for the prices. REQUIRES: routed, and weighed if
/// anybody counts what it needs.
nlohmann::ordered_json targets_json(const pipeline::Exchange& x, TargetStates states, TokenCount prompt,
                                    Instant now, WallTime wall);

}  // namespace gatehouse::server
