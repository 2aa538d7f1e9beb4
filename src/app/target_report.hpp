// How the targets and the budgets stand, for operators and for /metrics.
// Room: app.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <string>
#include <vector>

namespace gatehouse::app {

/// `/admin/targets`: a JSON text.
std::string show_targets(const pipeline::Settings& settings, Instant now);

std::vector<telemetry::TargetGauge> target_gauges(const pipeline::Settings& settings, Instant now);

/// Of the budgets that are used most.
std::vector<telemetry::BudgetGauge> budget_gauges(const pipeline::Settings& settings, WallTime wall);

}  // namespace gatehouse::app
