// What no provider could take as a JSON schema. Room: dialect, private. May include: core, wire.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Why nobody could take the schema, in words for its author: references to other documents (nothing is
/// fetched), more than 64 levels, thousands of members in one object. Empty: it is fine.
std::string fault_of_schema(std::string_view schema);
/// JSON whose levels, and the members of each object, are not too many to work with.
bool is_sane_schema(std::string_view schema);

}  // namespace gatehouse::dialect
