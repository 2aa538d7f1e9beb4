#include "request_labels.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <string>

namespace gatehouse::server {
namespace {

constexpr std::size_t most_tags = 32;
constexpr std::size_t longest_tag_name = 64;
constexpr std::size_t longest_tag_value = 256;

bool is_tag_name(std::string_view name) noexcept {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.' || c == ':';
    };
    return !name.empty() && name.size() <= longest_tag_name && std::all_of(name.begin(), name.end(), allowed);
}

bool is_tag_value(std::string_view value) noexcept {
    const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
    return !value.empty() && value.size() <= longest_tag_value &&
           std::all_of(value.begin(), value.end(), printable);
}

Problem bad_tags(std::string_view why) {
    return Problem(ProblemKind::invalid_value,
                   "`x-gatehouse-tags` must be `name=value` pairs with commas between: " + std::string(why))
        .with_param("x-gatehouse-tags");
}

}  // namespace

Status add_tags(std::string_view list, policy::Tags& tags) {
    while (true) {
        const auto end = std::min(list.find(','), list.size());
        const auto pair = trim(list.substr(0, end));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) {
            return bad_tags("there is one without `=`.");
        }
        const auto name = trim(pair.substr(0, equals));
        const auto value = trim(pair.substr(equals + 1));
        if (!is_tag_name(name)) {
            return bad_tags("a name is 1 to 64 letters, digits and `_`, `-`, `.`, `:`.");
        }
        if (!is_tag_value(value)) {
            return bad_tags("a value is 1 to 256 printable ASCII characters.");
        }
        if (tags.size() == most_tags) {
            return bad_tags("there are more than 32.");
        }
        if (!tags.emplace(name, value).second) {
            return bad_tags("`" + std::string(name) + "` is there twice.");
        }
        if (end == list.size()) {
            return done();
        }
        list.remove_prefix(end + 1);
    }
}

std::map<std::string, std::string, std::less<>> routed_headers(const wire::Fields& fields,
                                                               const policy::RouteTable& rules) {
    std::map<std::string, std::string, std::less<>> found;
    if (rules.headers().empty()) {
        return found;
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        for (const auto& name : rules.headers()) {
            if (!equals_ignoring_case(fields[i].name, name)) {
                continue;
            }
            auto& value = found[name];
            value += value.empty() ? "" : ", ";
            value += fields[i].value;
        }
    }
    return found;
}

}  // namespace gatehouse::server
