// How sums of usage stand in a table: the columns, in one order everywhere.
//
// Room: store, private.
#pragma once

#include "database.hpp"

#include "gatehouse/store/usage.hpp"

#include <string>
#include <string_view>

namespace gatehouse::store {

inline constexpr int usage_column_count = 6 + static_cast<int>(token_kinds.size()) + 4;

/// With commas between.
std::string usage_column_list();
/// A statement that adds to the row of these keys. `keys` with commas between; they are bound first.
std::string usage_upsert(std::string_view table, std::string_view keys);
void bind_usage(Statement& statement, int first, const UsageSums& sums);
UsageSums usage_in(const Statement& statement, int first);

}  // namespace gatehouse::store
