#include "gatehouse/upstream/told_cost.hpp"

#include "gatehouse/dialect/told_cost.hpp"

namespace gatehouse::upstream {

std::optional<std::string> told_for_free(std::string_view bytes) {
    const auto costs = dialect::told_costs(bytes);
    if (costs.empty()) {
        return std::nullopt;
    }
    std::string told;
    std::size_t done = 0;
    for (const auto& cost : costs) {
        told.append(bytes.substr(done, cost.begin - done)).append("0");
        done = cost.end;
    }
    return told.append(bytes.substr(done));
}

}  // namespace gatehouse::upstream
