// What a reply's head says of the caller's limits and budgets: x-ratelimit-*, in Anthropic's dialect
// anthropic-ratelimit-* too, and x-gatehouse-budget-warning.
// Room: server, private.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <string>

namespace gatehouse::server {

/// As OpenAI writes the time after which a limit is full again: `1h2m3s`, `6m0s`, `1.5s`, `120ms`, `0s`.
std::string reset_text(Milliseconds time);

/// Appends the lines that apply: none without a limit.
void append_rate_fields(std::string& block, const telemetry::Trail& trail, chat::Vendor vendor, WallTime now);

}  // namespace gatehouse::server
