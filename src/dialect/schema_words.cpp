#include "schema_words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace gatehouse::dialect {

using nlohmann::ordered_json;

std::string json_text(const ordered_json& json) {
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string text_in(const ordered_json& node, const char* key) {
    const auto found = node.find(key);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void add_to_description(ordered_json& node, std::string_view text) {
    const auto before = text_in(node, "description");
    node["description"] = before + (before.empty() ? "" : " ") + std::string(text);
}

std::size_t bytes_in(const ordered_json& value) {
    if (const auto* text = value.get_ptr<const ordered_json::string_t*>()) {
        return text->size() + 3;
    }
    std::size_t bytes = 6;
    if (value.is_object()) {
        for (const auto& [key, member] : value.items()) {
            bytes += key.size() + 3 + bytes_in(member);
        }
    } else if (value.is_array()) {
        for (const auto& element : value) {
            bytes += bytes_in(element);
        }
    }
    return bytes;
}

std::size_t own_bytes_in(const ordered_json& node) {
    constexpr std::array inner{"allOf", "anyOf", "oneOf", "items", "prefixItems", "additionalProperties"};
    constexpr std::array named{"properties", "$defs", "definitions"};
    std::size_t bytes = 6;
    for (const auto& [key, value] : node.items()) {
        bytes += key.size() + 3;
        if (std::find(named.begin(), named.end(), key) != named.end() && value.is_object()) {
            for (const auto& [name, schema] : value.items()) {
                bytes += name.size() + 3;
            }
        } else if (std::find(inner.begin(), inner.end(), key) == inner.end()) {
            bytes += bytes_in(value);
        }
    }
    return bytes;
}

}  // namespace gatehouse::dialect
