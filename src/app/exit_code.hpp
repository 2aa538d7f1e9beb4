// What the commands say to a shell.
// Room: app.
#pragma once

namespace gatehouse::app {

inline constexpr int exit_done = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_usage = 2;        // the command line, or what is in a file that it names
inline constexpr int exit_by_signal = 128;  // plus its number, as shells count

}  // namespace gatehouse::app
