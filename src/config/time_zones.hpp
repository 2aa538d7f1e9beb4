// Time zones of the system, looked up when a configuration is loaded.
//
// Reads the files under /usr/share/zoneinfo (Debian: tzdata), and nothing else. Room: config. May include:
// core, policy.
#pragma once

#include "gatehouse/policy/week_time.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::config {

/// Null: there is no such zone, or its file cannot be read. Its offsets are those from 2020 on, and those
/// that the file foretells (Debian's: to 2037).
std::shared_ptr<const policy::TimeZone> find_time_zone(const std::string& name);
/// Empty: the system has no time zones.
std::vector<std::string> time_zone_names();

}  // namespace gatehouse::config
