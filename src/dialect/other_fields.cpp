#include "other_fields.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace gatehouse::dialect {
namespace {

/// A client's own name for a field, fit to stand in a header that says what was dropped.
std::string shown(std::string_view name) {
    constexpr std::size_t longest = 64;
    std::string out(name.substr(0, longest));
    std::replace_if(
        out.begin(), out.end(),
        [](char c) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            return !letter && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-';
        },
        '_');
    return out.empty() ? "_" : out;
}

}  // namespace

void read_other(FieldReader& fields, std::string_view name, std::vector<chat::Member>& others) {
    auto shown_name = shown(name);
    auto value = fields.json();
    const bool empty = value.size() >= 2 &&
                       (value.front() == '{' || value.front() == '[' || value.front() == '"') &&
                       value.find_first_not_of(" \t\r\n", 1) == value.size() - 1;
    if (!empty && value != "null") {
        others.push_back({std::move(shown_name), std::move(value)});
    }
}

}  // namespace gatehouse::dialect
