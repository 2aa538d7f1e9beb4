// For tests of the simulation: a call in, the script's body or events as JSON out.
#pragma once

#include "upstream/simulated_script.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream::test {

using Json = nlohmann::ordered_json;

inline SimulatedScript ask(std::string_view target, const Json& body) {
    const std::string text = body.dump();
    return simulate({"POST", target, text, 1'700'000'000, {}});
}

inline std::string bytes_of(const SimulatedScript& script) {
    std::string bytes;
    for (const auto& step : script.steps) {
        bytes += step.bytes;
    }
    return bytes;
}

inline Json whole(const SimulatedScript& script) {
    return Json::parse(bytes_of(script));
}

/// The data of each event, `[DONE]` as a string.
inline std::vector<Json> events(const SimulatedScript& script) {
    std::vector<Json> found;
    const std::string bytes = bytes_of(script);
    for (std::size_t begin = bytes.find("data: "); begin != std::string::npos;
         begin = bytes.find("data: ", begin)) {
        begin += 6;
        const auto data = bytes.substr(begin, bytes.find('\n', begin) - begin);
        found.push_back(data == "[DONE]" ? Json(data) : Json::parse(data));
    }
    return found;
}

}  // namespace gatehouse::upstream::test
