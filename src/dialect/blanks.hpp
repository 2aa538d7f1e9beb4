// Text that says nothing. Room: dialect, private.
#pragma once

#include <string_view>

namespace gatehouse::dialect {

/// Nothing but blanks, or nothing at all: providers refuse it where they want text.
inline bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

}  // namespace gatehouse::dialect
