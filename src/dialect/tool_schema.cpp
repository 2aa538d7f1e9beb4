#include "tool_schema.hpp"

#include "schema_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

/// What `#/$defs/name` or `#/definitions/name` points to; null: nothing, or it points elsewhere.
const Json* definition(const Json& root, const std::string& reference) {
    for (const char* place : {"$defs", "definitions"}) {
        const auto prefix = fmt::format("#/{}/", place);
        const auto found = root.find(place);
        if (reference.starts_with(prefix) && found != root.end() && found->is_object()) {
            const auto target = found->find(reference.substr(prefix.size()));
            return target == found->end() ? nullptr : &*target;
        }
    }
    return nullptr;
}

/// Puts the forms that may stand at a schema's top together into one object.
class TopChoice {
public:
    explicit TopChoice(Json& schema) : schema_(schema) {}

    void merge() {
        for (const char* keyword : {"allOf", "anyOf", "oneOf"}) {
            const auto found = schema_.find(keyword);
            if (found == schema_.end()) {
                continue;
            }
            const auto branches = *found;
            schema_.erase(keyword);
            if (branches.is_array() && !branches.empty()) {
                merge(branches, std::string_view(keyword));
            }
        }
    }

private:
    void merge(const Json& branches, std::string_view keyword) {
        const bool all = keyword == "allOf";
        auto required = schema_.value("required", Json::array());
        Json common;  // what every branch requires
        for (const auto& branch : branches) {
            const auto* form = &branch;
            if (branch.is_object() && branch.contains("$ref")) {
                const auto* target = definition(schema_, text_in(branch, "$ref"));
                form = target == nullptr ? form : target;
            }
            if (!form->is_object()) {
                continue;
            }
            add_properties(form->value("properties", Json::object()));
            const auto needed = form->value("required", Json::array());
            if (all || common.is_null()) {
                common = all ? united(std::move(common), needed) : needed;
            } else {
                common = intersected(common, needed);
            }
        }
        required = united(std::move(required), common);
        if (!required.empty()) {
            schema_["required"] = std::move(required);
        }
        if (!all) {
            add_to_description(schema_, fmt::format("Must match {} of these JSON Schemas: {}",
                                                    keyword == "oneOf" ? "exactly one" : "at least one",
                                                    json_text(branches)));
        }
    }

    void add_properties(const Json& properties) {
        if (!properties.is_object()) {
            return;
        }
        auto& ours = schema_["properties"];
        if (!ours.is_object()) {
            ours = Json::object();
        }
        for (const auto& [name, property] : properties.items()) {
            if (!ours.contains(name)) {
                ours[name] = property;
            } else if (ours[name] != property) {
                const auto other = std::exchange(ours[name], Json::object());
                ours[name]["anyOf"] = Json::array({other, property});
            }
        }
    }

    static Json united(Json names, const Json& more) {
        if (!names.is_array()) {
            names = Json::array();
        }
        for (const auto& name : more) {
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(name);
            }
        }
        return names;
    }

    static Json intersected(const Json& names, const Json& others) {
        Json both = Json::array();
        for (const auto& name : names) {
            if (std::find(others.begin(), others.end(), name) != others.end()) {
                both.push_back(name);
            }
        }
        return both;
    }

    Json& schema_;
};

}  // namespace

std::string tool_schema(std::string_view schema) {
    auto root = Json::parse(schema.empty() ? "{}" : schema, nullptr, false);
    if (!root.is_object()) {
        root = Json::object();
    }
    const auto before = root;
    if (root.value("type", Json()) != "object") {
        if (root.contains("type")) {
            root["type"] = "object";
        } else {
            Json typed{{"type", "object"}};
            typed.update(root);
            root = std::move(typed);
        }
    }
    root.erase("$schema");
    root.erase("$id");
    TopChoice(root).merge();
    if (!root.contains("properties")) {
        root["properties"] = Json::object();
    }
    return root == before ? std::string(schema) : json_text(root);
}

}  // namespace gatehouse::dialect
