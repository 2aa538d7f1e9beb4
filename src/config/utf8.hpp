// Is this text fit for the YAML parser? UTF-8, no control characters, no tabs in the indentation.
// Room: config. May include: core.
#pragma once

#include "gatehouse/config/load.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::config {

/// The first place that is not, and why.
std::optional<Finding> first_unreadable(std::string_view text);

}  // namespace gatehouse::config
