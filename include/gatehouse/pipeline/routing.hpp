// Which model answers a request, and where it is asked for: the decisions of the stages `admit` and `route`,
// also for whoever wants to know them beforehand.
//
// They call nobody; what they find stands in the exchange. Room: pipeline.
#pragma once

#include "gatehouse/core/random.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/request_facts.hpp"
#include "gatehouse/policy/route_rules.hpp"

#include <vector>

namespace gatehouse::pipeline {

/// May this caller ask for the name, and does anything answer to it? Sets `model` to the name's own entry, if
/// it has one. Problems: invalid_value (a name that is none), model_not_found, model_not_allowed (a model
/// that the key may not use is 403 whether it exists or not). The allow-list is about the name that is asked
/// for, not about where it is routed.
Status admit(Exchange& x);

/// Sets `model` to what the rules say if they list the name (if none of them matches it stays the name's own)
/// and `plan` to its targets. `looked`: filled with the rules that were looked at. Problem model_not_found
/// when there is no target that can be used. REQUIRES: admitted; the facts are those of `x`.
Status route(Exchange& x, policy::RequestFacts& facts, Instant now, Random& random,
             std::vector<policy::RouteLook>* looked = nullptr);

/// The accounts that the request meets and that limit anything, from the narrowest to the widest; the model
/// is the one that was asked for. REQUIRES: admitted, and not routed yet.
policy::AccountSet accounts_of(const Exchange& x);

/// Writes what the classifier found into the trail, if it was asked.
void note_class(const ExchangeFacts& facts, telemetry::Trail& trail);

}  // namespace gatehouse::pipeline
