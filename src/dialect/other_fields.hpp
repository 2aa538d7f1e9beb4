// Fields of a client's request that have no place in the neutral conversation.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "field_reader.hpp"

#include "gatehouse/chat/conversation.hpp"

#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Reads the value that comes next into `others`, under a name that is fit to stand in a header. Null and
/// nothing in a bracket mean nothing; all else is for the provider's side to honour or to name.
void read_other(FieldReader& fields, std::string_view name, std::vector<chat::Member>& others);

}  // namespace gatehouse::dialect
