#include "gemini_schema.hpp"

#include "schema_fault.hpp"
#include "schema_words.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_schema_levels = 64;

/// What `reference` (`#/$defs/x`) points to; null: nothing here.
const Json* resolve(const Json& root, std::string_view reference) {
    if (!reference.starts_with('#')) {
        return nullptr;
    }
    const Json* node = &root;
    std::string_view path = reference.substr(1);
    while (!path.empty()) {
        if (path.front() != '/') {
            return nullptr;
        }
        path.remove_prefix(1);
        const auto end = std::min(path.find('/'), path.size());
        std::string name(path.substr(0, end));
        path.remove_prefix(end);
        for (const auto& [escaped, plain] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}}) {
            for (auto at = name.find(escaped); at != std::string::npos; at = name.find(escaped, at + 1)) {
                name.replace(at, 2, plain);
            }
        }
        if (!node->is_object() || !node->contains(name)) {
            return nullptr;
        }
        node = &(*node)[name];
    }
    return node;
}

void add_members(Json& to, const char* key, const Json& from) {
    auto& members = to[key];
    if (!members.is_object()) {
        members = Json::object();
    }
    for (const auto& [name, value] : from.items()) {
        if (!members.contains(name)) {
            members[name] = value;
        }
    }
}

void add_elements(Json& to, const char* key, const Json& from) {
    auto& elements = to[key];
    if (!elements.is_array()) {
        elements = Json::array();
    }
    for (const auto& value : from) {
        if (std::find(elements.begin(), elements.end(), value) == elements.end()) {
            elements.push_back(value);
        }
    }
}

class Rewriter {
public:
    Rewriter(const Json& root, GeminiSchemaForm form, GeminiSchemaUse use, GeminiSchemaBudget& budget)
        : root_(root), form_(form), use_(use), budget_(budget) {}

    bool failed() const noexcept { return failed_; }

    Json rewrite(const Json& node, std::size_t level) {
        failed_ = failed_ || level > most_schema_levels;
        if (failed_ || !node.is_object()) {
            return Json::object();
        }
        if (!inside_.empty() && !spend(1, own_bytes_in(node))) {
            return Json::object();
        }
        const bool reference = node.contains("$ref") && node["$ref"].is_string();
        if (form_ == GeminiSchemaForm::open_api) {
            return reference ? inlined(node, level) : open_api(merged(node, level), level);
        }
        return reference ? referring(node, level) : json_schema(merged(node, level), level);
    }

private:
    bool spend(std::size_t nodes, std::size_t bytes) {
        failed_ = failed_ || !budget_.spend(nodes, bytes);
        return !failed_;
    }

    /// Without `allOf`: its branches are part of the node. A lone reference stays one.
    Json merged(const Json& node, std::size_t level) {
        const auto found = node.find("allOf");
        if (found == node.end() || !found->is_array() || found->empty()) {
            return node;
        }
        if (!spend(found->size(), bytes_in(node))) {
            return Json::object();
        }
        auto out = node;
        out.erase("allOf");
        const auto& branches = *found;
        if (form_ == GeminiSchemaForm::json_schema && branches.size() == 1 && branches[0].contains("$ref") &&
            !out.contains("properties")) {
            return branches[0];
        }
        for (const auto& branch : branches) {
            const Json* target = &branch;
            if (const auto reference = text_in(branch, "$ref"); !reference.empty()) {
                target = resolve(root_, reference);
            }
            failed_ = failed_ || level > most_schema_levels || target == nullptr || !target->is_object();
            if (failed_ || !spend(members_of(*target), bytes_in(*target))) {
                return out;
            }
            const auto flat = merged(*target, level + 1);
            for (const auto& [key, value] : flat.items()) {
                if (key == "properties" && value.is_object()) {
                    add_members(out, "properties", value);
                } else if (key == "required" && value.is_array()) {
                    add_elements(out, "required", value);
                } else if (!out.contains(key)) {
                    out[key] = value;
                }
            }
        }
        return out;
    }

    /// What putting a branch in takes: each of these is searched for.
    static std::size_t members_of(const Json& branch) {
        std::size_t members = 1;
        for (const char* key : {"properties", "required"}) {
            const auto found = branch.find(key);
            members += found != branch.end() && found->is_structured() ? found->size() : 0;
        }
        return members;
    }

    /// Beside a reference only members that begin with `$` may stand.
    Json referring(const Json& node, std::size_t level) {
        auto reference = node["$ref"].get<std::string>();
        failed_ = failed_ || resolve(root_, reference) == nullptr;
        constexpr std::string_view old = "#/definitions/";
        if (reference.starts_with(old)) {
            reference = "#/$defs/" + reference.substr(old.size());
        }
        Json out;
        out["$ref"] = std::move(reference);
        for (const char* key : {"$defs", "definitions"}) {
            if (node.contains(key)) {
                out["$defs"] = each(node[key], level);
            }
        }
        return out;
    }

    Json inlined(const Json& node, std::size_t level) {
        const auto reference = node["$ref"].get<std::string>();
        const auto* target = resolve(root_, reference);
        if (target == nullptr) {
            failed_ = true;
            return Json::object();
        }
        if (std::find(inside_.begin(), inside_.end(), reference) != inside_.end()) {
            return Json{{"type", "OBJECT"}};  // a cycle, cut here
        }
        inside_.push_back(reference);
        auto out = rewrite(*target, level + 1);
        inside_.pop_back();
        return out;
    }

    /// The values of an object of schemas.
    Json each(const Json& schemas, std::size_t level) {
        Json out = Json::object();
        if (schemas.is_object()) {
            for (const auto& [name, schema] : schemas.items()) {
                out[name] = rewrite(schema, level + 1);
            }
        }
        return out;
    }

    Json list(const Json& schemas, std::size_t level) {
        Json out = Json::array();
        for (const auto& schema : schemas) {
            out.push_back(rewrite(schema, level + 1));
        }
        return out;
    }

    Json json_schema(const Json& node, std::size_t level) {
        if (node.contains("$ref") && node["$ref"].is_string()) {
            return referring(node, level);
        }
        constexpr std::array texts{"title", "description", "format", "$id", "$anchor"};
        constexpr std::array numbers{"minItems", "maxItems", "minimum", "maximum"};
        Json out = Json::object();
        for (const auto& [key, value] : node.items()) {
            if (key == "properties") {
                out[key] = each(value, level);
            } else if (key == "$defs" || key == "definitions") {
                out["$defs"] = each(value, level);
            } else if (key == "items" && value.is_array()) {
                out["prefixItems"] = list(value, level);
            } else if (key == "items") {
                out[key] = rewrite(value, level + 1);
            } else if (key == "prefixItems" && value.is_array()) {
                out[key] = list(value, level);
            } else if ((key == "anyOf" || key == "oneOf") && value.is_array() && !value.empty()) {
                out["anyOf"] = list(value, level);
            } else if (key == "additionalProperties") {
                out[key] = value.is_boolean() ? value : rewrite(value, level + 1);
            } else if (key == "enum" || key == "const") {
                set_values(out, key == "const" ? Json::array({value}) : value);
            } else if (key == "type") {
                out[key] = value;
            } else if (key == "required" && value.is_array() && !value.empty()) {
                out[key] = value;
            } else if ((value.is_string() && std::find(texts.begin(), texts.end(), key) != texts.end()) ||
                       (value.is_number() &&
                        std::find(numbers.begin(), numbers.end(), key) != numbers.end())) {
                out[key] = value;
            }
        }
        if (node.value("nullable", Json()) == true && out.contains("type") && out["type"].is_string()) {
            out["type"] = Json::array({out["type"], "null"});
        }
        if (use_ == GeminiSchemaUse::answer && out.contains("properties") && out["properties"].size() > 1) {
            out["propertyOrdering"] = names_of(out["properties"]);
        }
        return out;
    }

    /// Strings and numbers may be listed; where null is among them, the type says so as well.
    static void set_values(Json& out, const Json& values) {
        if (!values.is_array()) {
            return;
        }
        Json kept = Json::array();
        for (const auto& value : values) {
            if (value.is_string() || value.is_number()) {
                kept.push_back(value);
            } else if (!value.is_null()) {
                return;
            }
        }
        if (!kept.empty()) {
            out["enum"] = std::move(kept);
        }
    }

    static Json names_of(const Json& properties) {
        Json names = Json::array();
        for (const auto& [name, schema] : properties.items()) {
            names.push_back(name);
        }
        return names;
    }

    Json open_api(const Json& node, std::size_t level) {
        Json out = Json::object();
        set_open_type(out, node);
        for (const auto& [key, value] : node.items()) {
            if (key == "properties" && !value.empty()) {
                out[key] = each(value, level);
            } else if (key == "items" && value.is_object()) {
                out[key] = rewrite(value, level + 1);
            } else if ((key == "anyOf" || key == "oneOf") && value.is_array() && !value.empty()) {
                set_open_choice(out, value, level);
            } else if (key == "enum" || key == "const") {
                set_open_values(out, key == "const" ? Json::array({value}) : value);
            } else if (key == "required" && value.is_array() && !value.empty()) {
                out[key] = value;
            } else if ((key == "title" || key == "description") && value.is_string() && !out.contains(key)) {
                out[key] = value;
            } else if (key == "format" && value.is_string()) {
                set_open_format(out, value);
            } else if ((key == "minItems" || key == "maxItems") && value.is_number_integer()) {
                out[key] = std::to_string(value.get<std::int64_t>());
            } else if ((key == "minimum" || key == "maximum") && value.is_number()) {
                out[key] = value;
            } else if (key == "nullable" && value == true) {
                out[key] = true;
            }
        }
        return out;
    }

    static void set_open_type(Json& out, const Json& node) {
        const auto found = node.find("type");
        if (found == node.end()) {
            return;
        }
        for (const auto& type : found->is_array() ? *found : Json::array({*found})) {
            if (type == "null") {
                out["nullable"] = true;
            } else if (type.is_string() && !out.contains("type")) {
                auto name = type.get<std::string>();
                std::transform(name.begin(), name.end(), name.begin(), [](char c) {
                    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
                });
                out["type"] = std::move(name);
            }
        }
    }

    /// A choice between something and null is that something, which may be null.
    void set_open_choice(Json& out, const Json& branches, std::size_t level) {
        Json kept = Json::array();
        for (const auto& branch : branches) {
            if (text_in(branch, "type") == "null") {
                out["nullable"] = true;
            } else {
                kept.push_back(rewrite(branch, level + 1));
            }
        }
        if (kept.size() != 1) {
            out["anyOf"] = std::move(kept);
            return;
        }
        for (const auto& [key, value] : kept[0].items()) {
            if (!out.contains(key)) {
                out[key] = value;
            }
        }
    }

    /// Only strings may be listed; numbers as strings would mean something else, so that they are described.
    static void set_open_values(Json& out, const Json& values) {
        if (!values.is_array() || values.empty()) {
            return;
        }
        Json kept = Json::array();
        for (const auto& value : values) {
            if (value.is_string()) {
                kept.push_back(value);
            } else if (!value.is_null()) {
                add_to_description(out, "One of: " + values.dump());
                return;
            }
        }
        if (!kept.empty()) {
            out["type"] = "STRING";
            out["enum"] = std::move(kept);
        }
    }

    static void set_open_format(Json& out, const Json& format) {
        constexpr std::array known{"enum", "date-time", "int32", "int64", "float", "double"};
        if (std::find(known.begin(), known.end(), format) != known.end()) {
            out["format"] = format;
        }
    }

    const Json& root_;
    GeminiSchemaForm form_;
    GeminiSchemaUse use_;
    GeminiSchemaBudget& budget_;
    bool failed_{false};
    std::vector<std::string> inside_;  // references that are being inlined
};

/// Parameters without any are left out: an object without properties is refused by some models.
bool says_nothing(const Json& schema) {
    const auto extra = schema.find("additionalProperties");
    const bool open = extra != schema.end() && *extra != false;
    const bool any = schema.contains("properties") && !schema["properties"].empty();
    return !any && !open && !schema.contains("$ref") && !schema.contains("anyOf");
}

}  // namespace

bool GeminiSchemaBudget::spend(std::size_t more_nodes, std::size_t more_bytes) noexcept {
    const bool enough = more_nodes <= nodes && more_bytes <= bytes;
    nodes = enough ? nodes - more_nodes : 0;
    bytes = enough ? bytes - more_bytes : 0;
    return enough;
}

std::optional<std::string> gemini_schema(std::string_view schema, GeminiSchemaForm form, GeminiSchemaUse use,
                                         GeminiSchemaBudget& budget) {
    if (schema.empty()) {
        return std::string();
    }
    if (!is_sane_schema(schema)) {
        return std::nullopt;
    }
    const auto root = Json::parse(schema, nullptr, false);
    if (root.is_discarded()) {
        return std::nullopt;
    }
    Rewriter rewriter(root, form, use, budget);
    const auto out = rewriter.rewrite(root, 0);
    if (rewriter.failed()) {
        return std::nullopt;
    }
    if (use == GeminiSchemaUse::parameters && says_nothing(out)) {
        return std::string();
    }
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gatehouse::dialect
