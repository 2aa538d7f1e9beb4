// Where a reply tells its cost: whatever bytes a provider sends, the places lie one behind the other, hold a
// value each, and with other values in them the reply tells those, and no other cost, in the same places.
#include "check.hpp"
#include "dialect/openai_words.hpp"

#include "gatehouse/dialect/told_cost.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

using gatehouse::dialect::told_costs;
using gatehouse::wire::ByteRange;

namespace {

std::string with_nothing_in(std::string_view bytes, const std::vector<ByteRange>& costs) {
    std::string told;
    std::size_t done = 0;
    for (const auto& cost : costs) {
        check(cost.begin >= done && cost.begin < cost.end && cost.end <= bytes.size());
        check(is_json(bytes.substr(cost.begin, cost.size())));
        told.append(bytes.substr(done, cost.begin - done)).append("0");
        done = cost.end;
    }
    return told.append(bytes.substr(done));
}

/// JSON no deeper than a reply may be.
bool is_reply(std::string_view text) {
    gatehouse::wire::JsonReader json(text, gatehouse::dialect::reply_limits);
    json.skip();
    return json.finish();
}

/// The cost in one JSON object, as a client would read it; null: there is none.
nlohmann::json cost_in(const nlohmann::json& object) {
    const auto usage = object.find("usage");
    return usage != object.end() && usage->is_object() ? usage->value("cost", nlohmann::json())
                                                       : nlohmann::json();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = as_text(data, size);
    const auto costs = told_costs(bytes);
    const auto free = with_nothing_in(bytes, costs);
    const auto again = told_costs(free);
    check(again.size() == costs.size());
    check(std::all_of(again.begin(), again.end(), [&](const ByteRange& cost) {
        return std::string_view(free).substr(cost.begin, cost.size()) == "0";
    }));
    // A second opinion. An escaped name is read by clients, and written by nobody.
    const auto reply = is_reply(free) && free.find('\\') == std::string::npos
                           ? nlohmann::json::parse(free, nullptr, false)
                           : nlohmann::json();
    if (reply.is_object()) {
        const auto response = reply.value("response", nlohmann::json());
        for (const auto& cost :
             {cost_in(reply), response.is_object() ? cost_in(response) : nlohmann::json()}) {
            check(cost.is_null() || cost == 0);
        }
    }
    return 0;
}
