#include "anthropic_grammar.hpp"

#include "schema_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_references = 256;  // from definition to definition

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Rewrites a schema into what grammars know, and finds out whether that is possible.
class GrammarWriter {
public:
    bool rewrite(Json& root) {
        if (!node(root)) {
            return false;
        }
        std::set<std::string> open;
        return std::all_of(references_.begin(), references_.end(),
                           [&](const auto& from) { return is_finite(from.first, open); });
    }
    std::size_t optional() const noexcept { return optional_; }
    std::size_t unions() const noexcept { return unions_; }

private:
    static constexpr std::array kept{"type", "enum", "const", "required", "title", "description", "default"};
    static constexpr std::array told{"minimum",    "maximum",     "exclusiveMinimum", "exclusiveMaximum",
                                     "multipleOf", "minLength",   "maxLength",        "pattern",
                                     "maxItems",   "uniqueItems", "minProperties",    "maxProperties"};
    static constexpr std::array unsayable{"prefixItems",
                                          "patternProperties",
                                          "propertyNames",
                                          "not",
                                          "if",
                                          "then",
                                          "else",
                                          "dependentSchemas",
                                          "dependentRequired",
                                          "dependencies",
                                          "unevaluatedProperties",
                                          "unevaluatedItems",
                                          "contains",
                                          "minContains",
                                          "maxContains",
                                          "additionalItems",
                                          "$dynamicRef",
                                          "$recursiveRef"};
    static constexpr std::array formats{"date-time", "time", "date", "duration", "email",
                                        "hostname",  "uri",  "ipv4", "ipv6",     "uuid"};

    bool node(Json& schema) {
        if (!schema.is_object()) {
            return false;
        }
        Json out = Json::object();
        std::string notes;
        for (auto& [key, value] : schema.items()) {
            if (!member(out, key, value, notes)) {
                return false;
            }
        }
        if (!notes.empty()) {
            add_to_description(out, "(" + notes + ")");
        }
        schema = std::move(out);
        return close(schema);
    }

    bool member(Json& out, const std::string& key, Json& value, std::string& notes) {
        const auto note = [&] {
            notes += fmt::format("{}{}: {}", notes.empty() ? "" : ", ", key, json_text(value));
            return true;
        };
        if (is_one_of(key, kept)) {
            out[key] = std::move(value);
            return true;
        }
        if (is_one_of(key, told)) {
            return note();
        }
        if (is_one_of(key, unsayable)) {
            return false;
        }
        if (key == "format") {
            const bool known = value.is_string() && is_one_of(value.get<std::string>(), formats);
            return known ? (out[key] = std::move(value), true) : note();
        }
        if (key == "minItems") {
            return value == 0 || value == 1 ? (out[key] = std::move(value), true) : note();
        }
        if (key == "additionalProperties") {
            return value == false;  // set on every object when it is closed
        }
        if (key == "$ref") {
            return reference(out, value);
        }
        return children(out, key, value);
    }

    /// Members that hold schemas. What nobody knows is no rule, and is left out.
    bool children(Json& out, const std::string& key, Json& value) {
        if (key == "properties") {
            return each(value, {}) && (out[key] = std::move(value), true);
        }
        if (key == "$defs" || key == "definitions") {
            return each(value, "#/" + key + "/") && (out[key] = std::move(value), true);
        }
        if (key == "items") {
            return node(value) && (out[key] = std::move(value), true);
        }
        if (key == "anyOf" || key == "oneOf" || key == "allOf") {
            const bool choice = key != "allOf";
            unions_ += choice ? 1 : 0;
            if (!value.is_array() || value.empty() || (choice && out.contains("anyOf"))) {
                return false;
            }
            if (!std::all_of(value.begin(), value.end(), [&](Json& branch) { return node(branch); })) {
                return false;
            }
            out[choice ? "anyOf" : "allOf"] = std::move(value);
        }
        return true;
    }

    /// The values of an object of schemas. `place`: where references find them; empty: they are no
    /// definitions.
    bool each(Json& schemas, const std::string& place) {
        if (!schemas.is_object()) {
            return false;
        }
        for (auto& [name, schema] : schemas.items()) {
            auto outer = inside_;
            if (!place.empty()) {
                inside_ = place + name;
            }
            const bool fine = node(schema);
            inside_ = std::move(outer);
            if (!fine) {
                return false;
            }
        }
        return true;
    }

    bool reference(Json& out, Json& value) {
        if (!value.is_string()) {
            return false;
        }
        const auto& target = value.get_ref<const std::string&>();
        if (!target.starts_with("#/$defs/") && !target.starts_with("#/definitions/")) {
            return false;  // to the root: recursion; to anywhere else: grammars have no names for it
        }
        references_[inside_].push_back(target);
        out["$ref"] = std::move(value);
        return true;
    }

    /// Adds what every node must say.
    bool close(Json& schema) {
        if (!schema.contains("type")) {
            const bool object = schema.contains("properties");
            if (object || schema.contains("items")) {
                schema["type"] = object ? "object" : "array";
            }
        }
        const bool said = schema.contains("type") || schema.contains("enum") || schema.contains("const") ||
                          schema.contains("$ref") || schema.contains("anyOf") || schema.contains("allOf");
        const auto type = schema.value("type", Json());
        unions_ += type.is_array() ? 1 : 0;
        const bool object = type == "object" ||
                            (type.is_array() && std::find(type.begin(), type.end(), "object") != type.end());
        if (!said || (object && !schema.contains("properties"))) {
            return false;
        }
        if (object) {
            const auto required = schema.value("required", Json::array());
            for (const auto& [name, property] : schema["properties"].items()) {
                const bool needed = std::find(required.begin(), required.end(), name) != required.end();
                optional_ += needed ? 0 : 1;
            }
            schema["additionalProperties"] = false;
        }
        return true;
    }

    bool is_finite(const std::string& from, std::set<std::string>& open) const {
        const auto targets = references_.find(from);
        if (targets == references_.end() || finite_.contains(from)) {
            return true;
        }
        if (open.size() == longest_references || !open.insert(from).second) {
            return false;
        }
        for (const auto& target : targets->second) {
            if (!is_finite(target, open)) {
                return false;
            }
        }
        open.erase(from);
        finite_.insert(from);
        return true;
    }

    std::string inside_;  // the definition that is being rewritten; empty: none
    std::map<std::string, std::vector<std::string>> references_;  // from a definition to others
    mutable std::set<std::string> finite_;
    std::size_t optional_{0};
    std::size_t unions_{0};
};

}  // namespace

std::optional<AnthropicGrammar> anthropic_grammar(std::string_view schema) {
    auto root = Json::parse(schema, nullptr, false);
    GrammarWriter writer;
    if (root.is_discarded() || !writer.rewrite(root)) {
        return std::nullopt;
    }
    return AnthropicGrammar{json_text(root), writer.optional(), writer.unions()};
}

}  // namespace gatehouse::dialect
