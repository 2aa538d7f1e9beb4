#include "schema_fault.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace gatehouse::dialect {
namespace {

constexpr std::size_t most_sane_levels = 64;
constexpr std::size_t most_members = 5'000;  // of one object: what OpenAI's own strict mode bears

/// Reads the next value; false if an object in it has too many members, or a list of their names too many.
bool is_of_sane_size(wire::JsonReader& json, bool names = false) {
    const auto type = json.peek();
    bool sane = true;
    std::size_t members = 0;
    if (type == wire::JsonType::object) {
        json.begin_object();
        while (json.next_member()) {
            const bool required = json.key() == "required";
            sane = is_of_sane_size(json, required) && ++members <= most_members && sane;
        }
    } else if (type == wire::JsonType::array) {
        json.begin_array();
        while (json.next_element()) {
            sane = is_of_sane_size(json) && (!names || ++members <= most_members) && sane;
        }
    } else {
        json.skip();
    }
    return sane;
}

bool has_foreign_reference(const nlohmann::ordered_json& node) {
    if (node.is_object()) {
        const auto reference = node.find("$ref");
        if (reference != node.end() && reference->is_string() &&
            !reference->get_ref<const std::string&>().starts_with('#')) {
            return true;
        }
    }
    return node.is_structured() && std::any_of(node.begin(), node.end(), has_foreign_reference);
}

}  // namespace

bool is_sane_schema(std::string_view schema) {
    wire::JsonReader json(schema, wire::JsonLimits{most_sane_levels});
    const bool sane = is_of_sane_size(json);
    return json.finish() && sane;
}

std::string fault_of_schema(std::string_view schema) {
    if (!is_sane_schema(schema)) {
        return fmt::format("it must be JSON of at most {} levels and {} members in each object",
                           most_sane_levels, most_members);
    }
    const auto root = nlohmann::ordered_json::parse(schema, nullptr, false);
    return has_foreign_reference(root) ? "references to other documents are not followed" : std::string();
}

}  // namespace gatehouse::dialect
