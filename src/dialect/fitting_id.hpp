// Ids and names as providers take them.
//
// Room: dialect, private. May include: core.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Letters, digits, `_`, `-`, at most `longest` (20 or more) of them; never empty. A pure function of the id,
/// so that a call and its result, and the same call in the next request, get the same.
std::string fitting_id(std::string_view id, std::size_t longest);

}  // namespace gatehouse::dialect
