#include "gatehouse/wire/query.hpp"

#include "characters.hpp"

#include <algorithm>

namespace gatehouse::wire {
namespace {

std::string decoded(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const char c = raw[i];
        const int high = c == '%' && i + 2 < raw.size() ? hex_value(raw[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(raw[i + 2]) : -1;
        if (low >= 0) {
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(c == '+' ? ' ' : c);
        }
    }
    return out;
}

/// Takes the first parameter off, as it is written: its name, and its value if it has one.
std::pair<std::string_view, std::string_view> take_parameter(std::string_view& query) {
    const auto end = std::min(query.find('&'), query.size());
    const auto parameter = query.substr(0, end);
    const auto equals = std::min(parameter.find('='), parameter.size());
    query.remove_prefix(std::min(end + 1, query.size()));
    return {parameter.substr(0, equals), parameter.substr(std::min(equals + 1, parameter.size()))};
}

}  // namespace

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto [key, value] = take_parameter(query);
        if (decoded(key) == name) {
            return decoded(value);
        }
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> all;
    while (!query.empty()) {
        const auto [key, value] = take_parameter(query);
        if (!key.empty()) {
            all.emplace_back(decoded(key), decoded(value));
        }
    }
    return all;
}

}  // namespace gatehouse::wire
