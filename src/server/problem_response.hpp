// The one map from a Problem to what a client sees: status, type, code, param, headers.
// Room: server, private.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <string>

namespace gatehouse::server {

/// REQUIRES: `problem` outlives the view.
dialect::ErrorView view_of(const Problem& problem) noexcept;
/// Retry-After, x-should-retry, WWW-Authenticate, Allow: appends those that apply to `fields`.
void append_problem_fields(std::string& fields, const Problem& problem);
/// Can the connection not go on after this Problem?
bool ends_connection(const Problem& problem) noexcept;
/// How a request ended that was answered with this Problem.
telemetry::RequestOutcome outcome_of(const Problem& problem) noexcept;

}  // namespace gatehouse::server
