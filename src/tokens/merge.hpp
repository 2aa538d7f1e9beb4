// Byte-pair merging of one piece: of all neighbours that make a token, those of the lowest rank, leftmost
// first, become one, until none is left.
#pragma once

#include "rank_table.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::tokens {

/// Appends the tokens of `piece` to `out`. Returns the steps taken, look-ups and moves: O(n log n) for n
/// bytes. REQUIRES: a table that has every single byte; fewer than 2^32 - 1 bytes.
std::uint64_t merge_piece(const RankTable& table, std::string_view piece, std::vector<TokenId>& out);

}  // namespace gatehouse::tokens
