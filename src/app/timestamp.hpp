// Calendar time as the admin answers write it.
// Room: app.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <string>

namespace gatehouse::app {

/// RFC 3339 in UTC, whole seconds: `2027-01-01T00:00:00Z`.
std::string timestamp(WallTime time);

}  // namespace gatehouse::app
