#include "gatehouse/core/shares.hpp"

#include <algorithm>

namespace gatehouse::inline core {

std::vector<std::int64_t> shares_of(std::int64_t total, std::span<const std::int64_t> weights) {
    __extension__ using Wide = __int128;
    const bool weighed = std::any_of(weights.begin(), weights.end(), [](auto weight) { return weight > 0; });
    Wide sum = 0;
    for (const auto weight : weights) {
        sum += weighed ? weight : 1;
    }
    std::vector<std::int64_t> shares;
    shares.reserve(weights.size());
    // Each part is what all up to it have more than all before it, so that nothing is lost by rounding.
    Wide passed = 0;
    std::int64_t given = 0;
    for (const auto weight : weights) {
        passed += weighed ? weight : 1;
        const auto until = static_cast<std::int64_t>(total * passed / sum);
        shares.push_back(until - given);
        given = until;
    }
    return shares;
}

}  // namespace gatehouse::inline core
