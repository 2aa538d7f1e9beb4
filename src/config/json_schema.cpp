#include "schema.hpp"

#include "gatehouse/config/load.hpp"

#include <nlohmann/json.hpp>

#include <limits>

namespace gatehouse::config {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered schema_of(const Shape& shape);

Ordered pattern(const char* expression) {
    return Ordered{{"type", "string"}, {"pattern", expression}};
}

/// A value that YAML reads as a number as well as one in quotes.
Ordered number_or(const char* type, const char* expression) {
    Ordered number{{"type", type}, {"minimum", 0}};
    return Ordered{{"anyOf", Ordered::array({std::move(number), pattern(expression)})}};
}

Ordered schema_of_object(const Shape& shape) {
    Ordered properties = Ordered::object();
    Ordered required = Ordered::array();
    for (const Field& field : shape.fields) {
        Ordered property = schema_of(field.shape);
        property["description"] =
            field.built ? field.meaning : field.meaning + " Accepted, but not built yet: no effect.";
        if (!field.standard.empty() && field.standard != "[]") {
            property["default"] = field.standard;
        }
        properties[field.name] = std::move(property);
        if (field.required) {
            required.push_back(field.name);
        }
    }
    Ordered result{{"type", Ordered::array({"object", "null"})}, {"additionalProperties", false}};
    result["properties"] = std::move(properties);
    if (!required.empty()) {
        result["type"] = "object";
        result["required"] = std::move(required);
    }
    return result;
}

Ordered schema_of_value(Type type) {
    switch (type) {
        case Type::boolean:
            return Ordered{{"type", "boolean"}};
        case Type::count:
            return number_or("integer", "^[0-9]+[kM]?$");
        case Type::decimal:
            return number_or("number", "^[0-9]+(\\.[0-9]{1,6})?$");
        case Type::money:
            return number_or("number", "^[0-9]+(\\.[0-9]{1,12})?$");
        case Type::percent:
            return pattern("^[0-9]+(\\.[0-9]{1,2})?%$");
        case Type::duration:
            return pattern("^[0-9]+(ms|s|m|h|d)$");
        case Type::size:
            return pattern("^[0-9]+(B|KiB|MiB|GiB)$");
        case Type::digest:
            return pattern("^sha256:[0-9a-fA-F]{64}$");
        case Type::comparison:
            return pattern("^[<>]= *[0-9]");
        case Type::timestamp:
            return pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T");
        case Type::address:
            return pattern("^(\\[[0-9a-fA-F:.]+\\]|[0-9.]+|localhost):[0-9]+$");
        case Type::url:
            return pattern("^(https?://|\\$\\{)");
        case Type::text:
            return Ordered{{"type", Ordered::array({"string", "number", "boolean"})}};
        default:
            return Ordered{{"type", "string"}};
    }
}

Ordered or_word(const Shape& shape, Ordered schema) {
    if (shape.words.empty()) {
        return schema;
    }
    Ordered words = shape.words;
    Ordered word{{"enum", std::move(words)}};
    return Ordered{{"anyOf", Ordered::array({std::move(word), std::move(schema)})}};
}

Ordered schema_of(const Shape& shape) {
    switch (shape.type) {
        case Type::object:
            return or_word(shape, schema_of_object(shape));
        case Type::table: {
            Ordered result{{"type", Ordered::array({"object", "null"})}};
            result["additionalProperties"] = schema_of(*shape.item);
            return result;
        }
        case Type::list: {
            Ordered items = schema_of(*shape.item);
            Ordered result{{"type", "array"}, {"items", items}};
            if (shape.least > 0) {
                result["minItems"] = shape.least;
            }
            if (shape.most < std::numeric_limits<std::int64_t>::max()) {
                result["maxItems"] = shape.most;
            }
            return shape.or_single ? Ordered{{"anyOf", Ordered::array({std::move(items), std::move(result)})}}
                                   : result;
        }
        case Type::choice: {
            Ordered words = shape.words;
            return Ordered{{"enum", std::move(words)}};
        }
        default:
            break;
    }
    return or_word(shape, schema_of_value(shape.type));
}

}  // namespace

std::string json_schema() {
    Ordered schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                   {"title", "Gatehouse configuration"}};
    schema.update(schema_of(file_schema()));
    return schema.dump(2) + "\n";
}

}  // namespace gatehouse::config
