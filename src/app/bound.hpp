// What was settled when the process bound its ports and started its lanes, and stays so until it ends.
// Room: app.
#pragma once

#include "gatehouse/server/options.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::app {

/// Puts what is bound in the place of what a changed file wants, so that the options in force never speak of
/// sockets that do not exist. Answers with the keys that a restart would change.
std::vector<std::string> keep_bound(server::ServerOptions& wanted, const server::ServerOptions& bound);

/// One per core unless the file says how many; at least one.
std::size_t lane_count(const server::ServerOptions& options, std::size_t cores) noexcept;

}  // namespace gatehouse::app
