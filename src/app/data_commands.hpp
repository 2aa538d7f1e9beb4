// `gatehouse usage` and `gatehouse backup`: what another process, which may be running, keeps in its data
// directory.
// Room: app.
#pragma once

#include "command.hpp"

#include <iosfwd>

namespace gatehouse::app {

/// Exit codes as of the other commands: 0, 1 for a database that cannot be read or a copy that cannot be
/// written, 2 for bad usage or a bad configuration.
int print_usage(const UsageCommand& command, std::ostream& out, std::ostream& err);
int back_up(const BackupCommand& command, std::ostream& out, std::ostream& err);

}  // namespace gatehouse::app
