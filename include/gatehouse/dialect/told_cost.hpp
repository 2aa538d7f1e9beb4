// Where a reply tells its client what it has cost.
// Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// The values of `usage.cost` in a reply, or in events of a stream, as a client gets them; also those within
/// a `response`. Empty: it tells none.
std::vector<wire::ByteRange> told_costs(std::string_view bytes);

}  // namespace gatehouse::dialect
