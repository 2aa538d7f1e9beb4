// A reply says what it has cost to the one who pays for it; others are told something else.
// Room: upstream. May include: core, dialect.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// The same reply, or the same events of one, with a cost of nothing. Absent: they tell none.
std::optional<std::string> told_for_free(std::string_view bytes);

}  // namespace gatehouse::upstream
