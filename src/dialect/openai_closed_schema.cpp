#include "openai_provider.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array unknown_keywords{"allOf",
                                      "not",
                                      "if",
                                      "then",
                                      "else",
                                      "dependentRequired",
                                      "dependentSchemas",
                                      "dependencies",
                                      "propertyNames",
                                      "prefixItems",
                                      "contains",
                                      "patternProperties",
                                      "unevaluatedProperties",
                                      "unevaluatedItems"};

/// Closes one schema in place. Everything returns false for what cannot be closed.
class Closer {
public:
    bool close_root(Json& schema) {
        if (!schema.is_object() || schema.contains("anyOf") || schema.contains("oneOf")) {
            return false;
        }
        if (!schema.contains("type")) {
            schema["type"] = "object";
        }
        if (schema["type"] != "object") {
            return false;
        }
        if (!schema.contains("properties")) {
            schema["properties"] = Json::object();
        }
        return close(schema);
    }

private:
    static bool is_object(const Json& schema) {
        const auto type = schema.find("type");
        if (type == schema.end()) {
            return schema.contains("properties");
        }
        return *type == "object" ||
               (type->is_array() && std::find(type->begin(), type->end(), "object") != type->end());
    }

    bool close(Json& schema) {
        if (!schema.is_object()) {
            return false;  // `true` is an open schema, and what is no schema is none
        }
        const auto known = [&](const char* keyword) { return !schema.contains(keyword); };
        if (!std::all_of(unknown_keywords.begin(), unknown_keywords.end(), known)) {
            return false;
        }
        if (is_object(schema) && !close_object(schema)) {
            return false;
        }
        if (const auto items = schema.find("items"); items != schema.end() && !close(*items)) {
            return false;
        }
        for (const char* keyword : {"$defs", "definitions"}) {
            if (const auto found = schema.find(keyword); found != schema.end() && !close_each(*found)) {
                return false;
            }
        }
        return close_choice(schema);
    }

    bool close_each(Json& schemas) {
        return schemas.is_structured() &&
               std::all_of(schemas.begin(), schemas.end(), [&](Json& each) { return close(each); });
    }

    bool close_choice(Json& schema) {
        if (schema.contains("anyOf") && schema.contains("oneOf")) {
            return false;
        }
        if (const auto one = schema.find("oneOf"); one != schema.end()) {
            auto branches = std::move(*one);
            schema.erase("oneOf");
            schema["anyOf"] = std::move(branches);
        }
        const auto any = schema.find("anyOf");
        return any == schema.end() || (any->is_array() && close_each(*any));
    }

    bool close_object(Json& schema) {
        const auto properties = schema.find("properties");
        const auto more = schema.find("additionalProperties");
        if (properties == schema.end() || !properties->is_object() ||
            (more != schema.end() && *more != false)) {
            return false;  // an open map cannot be said there
        }
        std::vector<std::string> required;
        if (const auto said = schema.find("required"); said != schema.end() && said->is_array()) {
            for (const auto& name : *said) {
                required.push_back(name.is_string() ? name.get<std::string>() : std::string());
            }
        }
        bool any_optional = false;
        for (const auto& [name, property] : properties->items()) {
            if (!close(property)) {
                return false;
            }
            if (std::find(required.begin(), required.end(), name) == required.end()) {
                any_optional = true;
                allow_null(property);
            }
        }
        if (any_optional || !schema.contains("required")) {
            auto all = Json::array();
            for (const auto& [name, property] : properties->items()) {
                all.push_back(name);
            }
            schema["required"] = std::move(all);
        }
        schema["additionalProperties"] = false;
        return true;
    }

    static void allow_null(Json& schema) {
        const auto type = schema.find("type");
        if (const auto any = schema.find("anyOf"); any != schema.end()) {
            const Json null{{"type", "null"}};
            if (std::find(any->begin(), any->end(), null) == any->end()) {
                any->push_back(null);
            }
            return;
        }
        if (type == schema.end() || schema.contains("const") || schema.contains("$ref")) {
            schema = Json{{"anyOf", Json::array({schema, Json{{"type", "null"}}})}};
            return;
        }
        if (type->is_string() && *type != "null") {
            *type = Json::array({*type, "null"});
        } else if (type->is_array() && std::find(type->begin(), type->end(), "null") == type->end()) {
            type->push_back("null");
        }
        if (const auto choice = schema.find("enum");
            choice != schema.end() && choice->is_array() &&
            std::find(choice->begin(), choice->end(), nullptr) == choice->end()) {
            choice->push_back(nullptr);
        }
    }
};

}  // namespace

std::optional<std::string> closed_schema(std::string_view schema) {
    auto json = Json::parse(schema, nullptr, false);
    if (json.is_discarded()) {
        return std::nullopt;
    }
    const auto original = json;
    if (!Closer().close_root(json)) {
        return std::nullopt;
    }
    return json == original ? std::string(schema) : json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gatehouse::dialect
