// What a caller is told that an account does not let through, and what its reply says of its limits.
// Room: pipeline, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/policy/account.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <optional>

namespace gatehouse::pipeline {

/// Problem rate_limited, with the wait if there is an end to it, or budget_spent, with the end of the period
/// in its words. The trail learns who refused.
Problem refused(const policy::Refusal& refusal, WallTime wall, telemetry::Trail& trail);

/// Writes how much is left of the requests and of the tokens of the level that has least.
void note_rates(const policy::AccountBook& book, const policy::AccountSet& set, Instant now,
                telemetry::Trail& trail);

/// Writes what the budgets of the set warn of.
void note_warning(const policy::AccountBook& book, const policy::AccountSet& set, WallTime wall,
                  telemetry::Trail& trail);

}  // namespace gatehouse::pipeline
