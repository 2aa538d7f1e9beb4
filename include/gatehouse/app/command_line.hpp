// The command line: serve, check, key new.
// Room: app.
#pragma once

namespace gatehouse::app {

/// Exit codes: 0 done, 1 failure at run time, 2 bad configuration or usage, 128 + N cut off by a second
/// signal N.
int run_command_line(int argc, char** argv);

}  // namespace gatehouse::app
