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

}  // namespace

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto parameter = query.substr(0, end);
        const auto equals = std::min(parameter.find('='), parameter.size());
        if (decoded(parameter.substr(0, equals)) == name) {
            return decoded(parameter.substr(std::min(equals + 1, parameter.size())));
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return std::nullopt;
}

}  // namespace gatehouse::wire
