// A whole number shared out.
// Room: core.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gatehouse::inline core {

/// Parts of `total` in proportion to `weights`: whole numbers, none of them negative, whose sum is `total`.
/// Where no weight is above 0 all count the same. REQUIRES: none of the numbers is negative, and the weights'
/// sum fits 64 bits.
std::vector<std::int64_t> shares_of(std::int64_t total, std::span<const std::int64_t> weights);

}  // namespace gatehouse::inline core
