#include "part_head.hpp"

#include "characters.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::wire {
namespace {

/// Takes a value, quoted or not, from the front of `text`. Nothing if it is malformed.
std::optional<std::string> take_value(std::string_view& text) {
    std::string value;
    if (!text.starts_with('"')) {
        const std::size_t end = std::min(text.find_first_of("; \t\","), text.size());
        value = text.substr(0, end);
        text.remove_prefix(end);
        return value.empty() ? std::nullopt : std::optional(std::move(value));
    }
    std::size_t at = 1;
    for (; at < text.size() && text[at] != '"'; ++at) {
        at += text[at] == '\\' && at + 1 < text.size() ? 1 : 0;
        value.push_back(text[at]);
    }
    if (at >= text.size()) {
        return std::nullopt;
    }
    text.remove_prefix(at + 1);
    return value;
}

}  // namespace

std::optional<std::vector<Parameter>> read_parameters(std::string_view text) {
    std::vector<Parameter> parameters;
    text.remove_prefix(std::min(text.find(';'), text.size()));
    while (text.starts_with(';')) {
        text = trim(text.substr(1));
        if (text.empty()) {
            break;  // a semicolon too many says nothing
        }
        const std::size_t name_end = find_token_end(text, 0);
        const std::string_view name = text.substr(0, name_end);
        if (name.empty() || name_end == text.size() || text[name_end] != '=') {
            return std::nullopt;
        }
        text.remove_prefix(name_end + 1);
        auto value = take_value(text);
        const bool twice = std::any_of(parameters.begin(), parameters.end(), [name](const Parameter& other) {
            return equals_ignoring_case(other.name, name);
        });
        if (!value || twice) {
            return std::nullopt;
        }
        parameters.push_back({name, std::move(*value)});
        text = trim(text);
    }
    return text.empty() ? std::optional(std::move(parameters)) : std::nullopt;
}

const std::string* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) noexcept {
    for (const Parameter& parameter : parameters) {
        if (equals_ignoring_case(parameter.name, name)) {
            return &parameter.value;
        }
    }
    return nullptr;
}

std::optional<PartHead> read_part_head(std::string_view lines) {
    std::optional<PartHead> head;
    while (!lines.empty()) {
        const std::size_t end = lines.find("\r\n");
        const std::string_view line = lines.substr(0, end);
        const std::size_t colon = find_token_end(line, 0);
        if (end == std::string_view::npos || colon == 0 || colon == line.size() || line[colon] != ':' ||
            has_control(line)) {
            return std::nullopt;
        }
        lines.remove_prefix(end + 2);
        if (!is_word(line.substr(0, colon), "content-disposition")) {
            continue;
        }
        const std::string_view value = trim(line.substr(colon + 1));
        const auto parameters = read_parameters(value);
        if (head || !parameters ||
            !equals_ignoring_case(trim(value.substr(0, value.find(';'))), "form-data")) {
            return std::nullopt;
        }
        const std::string* const name = find_parameter(*parameters, "name");
        const bool extended =
            std::any_of(parameters->begin(), parameters->end(), [](const Parameter& parameter) {
                return equals_ignoring_case(parameter.name.substr(0, 5), "name*");
            });
        if (name == nullptr || extended) {
            return std::nullopt;
        }
        const bool file = find_parameter(*parameters, "filename") != nullptr ||
                          find_parameter(*parameters, "filename*") != nullptr;
        head = PartHead{*name, file};
    }
    return head;
}

}  // namespace gatehouse::wire
