// `${NAME}` and `${file:PATH}` in a value.
// Room: config. May include: core.
#pragma once

#include "gatehouse/config/load.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

struct Expanded {
    std::optional<std::string> value;  // absent: see the two below
    std::string unset;                 // what has no value: "environment variable X is not set"
    std::string malformed;             // why the text is no reference
    bool by_reference{false};          // the text holds at least one
};

bool holds_reference(std::string_view text) noexcept;

/// Replaces every reference by what it names. A trailing line break of a file is trimmed; an empty value
/// counts as unset (container tools pass unset variables on as empty ones).
Expanded expand(std::string_view text, const Sources& sources);

}  // namespace gatehouse::config
