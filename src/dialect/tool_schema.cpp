#include "tool_schema.hpp"

#include "schema_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

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

using NameList = std::vector<std::string>;

/// The names that a list of them holds, each once.
NameList names_in(const Json& node, const char* key) {
    NameList names;
    std::set<std::string> seen;
    const auto found = node.find(key);
    if (found == node.end() || !found->is_array()) {
        return names;
    }
    for (const auto& name : *found) {
        if (name.is_string() && seen.insert(name.get<std::string>()).second) {
            names.push_back(name.get<std::string>());
        }
    }
    return names;
}

NameList united(NameList names, const NameList& more) {
    std::set<std::string> seen(names.begin(), names.end());
    for (const auto& name : more) {
        if (seen.insert(name).second) {
            names.push_back(name);
        }
    }
    return names;
}

NameList intersected(const NameList& names, const NameList& others) {
    const std::set<std::string> known(others.begin(), others.end());
    NameList both;
    std::copy_if(names.begin(), names.end(), std::back_inserter(both),
                 [&](const auto& name) { return known.count(name) > 0; });
    return both;
}

/// Puts the forms that may stand at a schema's top together into one object. Every form is looked at once,
/// however often it is referred to, and names are found without a search through all of them.
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
        if (!added_.empty()) {
            schema_["properties"] = Json(std::move(added_));
        }
    }

private:
    void merge(const Json& branches, std::string_view keyword) {
        const bool all = keyword == "allOf";
        std::optional<NameList> common;  // what every branch requires
        std::set<std::string> referred;
        for (const auto& branch : branches) {
            const auto* form = &branch;
            if (branch.is_object() && branch.contains("$ref")) {
                auto reference = text_in(branch, "$ref");
                const auto* target = definition(schema_, reference);
                form = target == nullptr ? form : target;
                if (!referred.insert(std::move(reference)).second) {
                    continue;
                }
            }
            if (!form->is_object()) {
                continue;
            }
            add_properties(*form);
            auto needed = names_in(*form, "required");
            if (!common) {
                common = std::move(needed);
            } else if (all) {
                std::move(needed.begin(), needed.end(), std::back_inserter(*common));
            } else {
                common = intersected(*common, needed);
            }
        }
        const auto required = united(names_in(schema_, "required"), common.value_or(NameList()));
        if (!required.empty()) {
            schema_["required"] = required;
        }
        if (!all) {
            add_to_description(schema_, fmt::format("Must match {} of these JSON Schemas: {}",
                                                    keyword == "oneOf" ? "exactly one" : "at least one",
                                                    json_text(branches)));
        }
    }

    void add_properties(const Json& form) {
        const auto properties = form.find("properties");
        if (properties == form.end() || !properties->is_object()) {
            return;
        }
        take_own_properties();
        for (const auto& [name, property] : properties->items()) {
            const auto [place, fresh] = places_.try_emplace(name, std::ssize(added_));
            if (fresh) {
                added_.emplace_back(name, property);
                continue;
            }
            auto& known = (added_.begin() + place->second)->second;
            if (chosen_.count(name) > 0) {
                known["anyOf"].push_back(property);
            } else if (known != property) {
                known = Json{{"anyOf", Json::array({known, property})}};
                chosen_.insert(name);
            }
        }
    }

    void take_own_properties() {
        if (std::exchange(taken_, true)) {
            return;
        }
        const auto own = std::exchange(schema_["properties"], Json::object());  // keeps its place
        if (own.is_object()) {
            for (const auto& [name, property] : own.items()) {
                places_.emplace(name, std::ssize(added_));
                added_.emplace_back(name, property);
            }
        }
    }

    Json& schema_;
    Json::object_t added_;                          // the properties, those of the schema itself first
    std::map<std::string, std::ptrdiff_t> places_;  // in `added_`, by name
    std::set<std::string> chosen_;                  // names that became a choice between forms
    bool taken_{false};
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
