#include "schema_words.hpp"

#include <nlohmann/json.hpp>

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

}  // namespace gatehouse::dialect
