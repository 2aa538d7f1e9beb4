#include "gatehouse/dialect/told_cost.hpp"

#include "openai_words.hpp"

#include <algorithm>

namespace gatehouse::dialect {
namespace {

/// Those of the object that comes next, or of what it has inside; nothing else of the value counts.
void find_costs(wire::JsonReader& json, std::string_view inside, std::vector<wire::ByteRange>& found) {
    if (json.peek() != wire::JsonType::object) {
        json.skip();
        return;
    }
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        if (inside == "usage" && key == "cost") {
            found.push_back(json.skip());
        } else if (inside.empty() && key == "response") {
            find_costs(json, "response", found);
        } else if (inside != "usage" && key == "usage") {
            find_costs(json, "usage", found);
        } else {
            json.skip();
        }
    }
}

void add_costs_of(std::string_view bytes, std::size_t begin, std::size_t end,
                  std::vector<wire::ByteRange>& costs) {
    wire::JsonReader json(bytes.substr(begin, end - begin), reply_limits);
    std::vector<wire::ByteRange> found;
    find_costs(json, "", found);
    if (json.finish()) {
        for (const auto& cost : found) {
            costs.push_back({begin + cost.begin, begin + cost.end});
        }
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
        add_costs_of(bytes, 0, bytes.size(), costs);
        return costs;
    }
    for (std::size_t begin = 0; begin < bytes.size();) {
        const auto end = std::min(bytes.find_first_of("\r\n", begin), bytes.size());
        if (bytes.substr(begin, end - begin).starts_with(data)) {
            add_costs_of(bytes, begin + data.size(), end, costs);
        }
        begin = end + 1;
    }
    return costs;
}

}  // namespace gatehouse::dialect
