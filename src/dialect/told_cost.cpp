#include "gatehouse/dialect/told_cost.hpp"

#include "openai_words.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::dialect {
namespace {

/// Of the object that comes next, or of what it has inside; nothing else of the value counts.
std::optional<wire::ByteRange> cost_within(wire::JsonReader& json, std::string_view inside) {
    std::optional<wire::ByteRange> found;
    if (json.peek() != wire::JsonType::object) {
        json.skip();
        return found;
    }
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        std::optional<wire::ByteRange> cost;
        if (inside == "usage" && key == "cost") {
            cost = json.skip();
        } else if (inside.empty() && key == "response") {
            cost = cost_within(json, "response");
        } else if (inside != "usage" && key == "usage") {
            cost = cost_within(json, "usage");
        } else {
            json.skip();
        }
        found = cost ? cost : found;
    }
    return found;
}

void add_cost_of(std::string_view bytes, std::size_t begin, std::size_t end,
                 std::vector<wire::ByteRange>& costs) {
    wire::JsonReader json(bytes.substr(begin, end - begin), reply_limits);
    const auto cost = cost_within(json, "");
    if (cost && json.finish()) {
        costs.push_back({begin + cost->begin, begin + cost->end});
    }
}

}  // namespace

std::vector<wire::ByteRange> told_costs(std::string_view bytes) {
    std::vector<wire::ByteRange> costs;
    if (bytes.find(R"("cost")") == std::string_view::npos) {
        return costs;
    }
    constexpr std::string_view data = "data:";
    if (bytes.find_first_not_of(" \t\r\n") == bytes.find('{')) {
        add_cost_of(bytes, 0, bytes.size(), costs);
        return costs;
    }
    for (std::size_t begin = 0; begin < bytes.size();) {
        const auto end = std::min(bytes.find('\n', begin), bytes.size());
        if (bytes.substr(begin, end - begin).starts_with(data)) {
            add_cost_of(bytes, begin + data.size(), end, costs);
        }
        begin = end + 1;
    }
    return costs;
}

}  // namespace gatehouse::dialect
