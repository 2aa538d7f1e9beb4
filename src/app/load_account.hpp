// How loading the configuration went: what /admin/config shows.
// Room: app.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::app {

struct FailedReload {
    WallTime at;
    std::string findings;  // one a line
};

struct LoadAccount {
    std::string file;
    std::uint64_t version{0};  // of what is in force
    WallTime loaded_at;
    std::string masked;  // JSON text without secrets
    std::vector<std::string> warnings;
    std::optional<FailedReload> failed;  // the newest attempt, when it changed nothing
};

/// A JSON text.
std::string show(const LoadAccount& account);

}  // namespace gatehouse::app
