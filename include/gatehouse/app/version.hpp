// The version of this build; the project() line of CMakeLists.txt says the same (tests/architecture checks
// it). Room: app.
#pragma once

namespace gatehouse::app {

inline constexpr const char* version = "0.1.0";

}  // namespace gatehouse::app
