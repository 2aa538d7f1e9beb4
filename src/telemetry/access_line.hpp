// The access-log line: what one finished request's trail says, as one line.
//
// Headers and bodies are not among the trail's fields, so no credential can reach the line.
// Room: telemetry, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/telemetry/options.hpp"

#include <string_view>

namespace gatehouse::telemetry {

class LineBuffer;
struct Trail;

void append_access_line(LineBuffer& out, LogFormat format, WallTime when, const Trail& trail,
                        std::string_view ledger);

}  // namespace gatehouse::telemetry
