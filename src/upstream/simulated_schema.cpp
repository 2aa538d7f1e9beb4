#include "simulated_schema.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest = 48;
// Bounds what a schema can make us build: `minItems: 1000000000` is no reason to do it.
constexpr std::size_t most_items = 64;
constexpr std::size_t longest_string = 4096;
constexpr int most_in_schema = 4096;
constexpr std::size_t most_copied = 256 * 1024;  // about the bytes of the schema's own values in an instance
constexpr std::size_t weight_of_value = 32;

const Json* member(const Json& schema, const char* key) {
    if (!schema.is_object()) {
        return nullptr;
    }
    const auto found = schema.find(key);
    return found == schema.end() ? nullptr : &*found;
}

double number_of(const Json& schema, const char* key, double otherwise) {
    const Json* value = member(schema, key);
    return value != nullptr && value->is_number() ? value->get<double>() : otherwise;
}

std::size_t size_of(const Json& schema, const char* key, std::size_t most) {
    const double value = std::clamp(number_of(schema, key, 0), 0.0, static_cast<double>(most));
    return static_cast<std::size_t>(value);
}

std::string string_for(const Json& schema) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> formats{
        {{"date-time", "2026-01-01T00:00:00Z"},
         {"date", "2026-01-01"},
         {"time", "00:00:00Z"},
         {"duration", "PT1S"},
         {"email", "simulated@example.com"},
         {"hostname", "simulated.example.com"},
         {"ipv4", "192.0.2.1"},
         {"uri", "https://example.com/simulated"},
         {"uuid", "00000000-0000-4000-8000-000000000000"}}};
    const Json* format = member(schema, "format");
    if (format != nullptr && format->is_string()) {
        const auto& name = format->get_ref<const std::string&>();
        const auto known = std::find_if(formats.begin(), formats.end(),
                                        [&name](const auto& entry) { return entry.first == name; });
        if (known != formats.end()) {
            return std::string(known->second);
        }
    }
    std::string text("simulated");
    const auto longest = static_cast<std::size_t>(
        std::clamp(number_of(schema, "maxLength", static_cast<double>(longest_string)), 0.0,
                   static_cast<double>(longest_string)));
    text.resize(std::min(text.size(), longest));
    text.resize(std::max(text.size(), size_of(schema, "minLength", longest_string)), 'x');
    return text;
}

/// The multiple of `step` nearest to zero within the bounds.
double number_for(const Json& schema, double step) {
    const double low =
        std::max(number_of(schema, "minimum", -HUGE_VAL), number_of(schema, "exclusiveMinimum", -HUGE_VAL));
    const double high =
        std::min(number_of(schema, "maximum", HUGE_VAL), number_of(schema, "exclusiveMaximum", HUGE_VAL));
    const bool low_open = number_of(schema, "exclusiveMinimum", -HUGE_VAL) >= low && std::isfinite(low);
    const bool high_open = number_of(schema, "exclusiveMaximum", HUGE_VAL) <= high && std::isfinite(high);
    if ((low < 0 || (low == 0 && !low_open)) && (high > 0 || (high == 0 && !high_open))) {
        return 0;
    }
    double value = 0;
    if (low >= 0) {
        value = std::ceil(low / step) * step;
        value += low_open && value <= low ? step : 0;
    } else {
        value = std::floor(high / step) * step;
        value -= high_open && value >= high ? step : 0;
    }
    // A step too wide for the bounds: the middle of them is as good as anything.
    const bool too_high = high_open ? value >= high : value > high;
    const bool too_low = low_open ? value <= low : value < low;
    if (too_high || too_low) {
        value = std::isfinite(low) && std::isfinite(high) ? low + (high - low) / 2 : value;
    }
    return value;
}

/// About the bytes that a copy takes; what is past `limit` is not counted.
std::size_t weight_of(const Json& json, std::size_t limit) {
    std::size_t weight = weight_of_value;
    if (json.is_string()) {
        return weight + json.get_ref<const std::string&>().size();
    }
    if (json.is_structured()) {
        for (const auto& [key, value] : json.items()) {
            if (weight > limit) {
                break;
            }
            weight += (json.is_object() ? key.size() : 0) + weight_of(value, limit - weight);
        }
    }
    return weight;
}

Json integer_for(const Json& schema) {
    const double step = std::max(1.0, std::floor(number_of(schema, "multipleOf", 1)));
    const double value = number_for(schema, step);
    constexpr double largest = 9.0e15;  // integers are exact in a double up to 2^53
    return static_cast<std::int64_t>(std::clamp(value, -largest, largest));
}

Json decimal_for(const Json& schema) {
    const double step = number_of(schema, "multipleOf", 0);
    const double value = number_for(schema, step > 0 ? step : 1);
    return value;
}

class Builder {
public:
    explicit Builder(const Json& root) : root_(root) {}

    Json build(const Json& schema, int depth) {
        if (depth > deepest || ++values_ > most_in_schema || !schema.is_object()) {
            return schema.is_boolean() && schema.get<bool>() ? Json("simulated") : Json();
        }
        if (const Json* target = referenced(schema)) {
            return build(*target, depth + 1);
        }
        for (const char* key : {"const", "default"}) {
            if (const Json* value = member(schema, key)) {
                return copy_of(*value);
            }
        }
        if (const Json* values = member(schema, "enum");
            values != nullptr && values->is_array() && !values->empty()) {
            return copy_of(values->front());
        }
        if (const Json* all = member(schema, "allOf"); all != nullptr && all->is_array()) {
            if (!may_copy(schema)) {
                return {};
            }
            return build(merged(schema, *all), depth + 1);
        }
        for (const char* key : {"anyOf", "oneOf"}) {
            const Json* choices = member(schema, key);
            if (choices != nullptr && choices->is_array() && !choices->empty()) {
                return build(choices->front(), depth + 1);
            }
        }
        return typed(schema, depth);
    }

private:
    bool may_copy(const Json& part) {
        const std::size_t weight = weight_of(part, copies_left_);
        const bool may = weight <= copies_left_;
        copies_left_ -= may ? weight : 0;
        return may;
    }
    /// Null once too much has been copied: a long value may be asked for in every place of the instance.
    Json copy_of(const Json& value) { return may_copy(value) ? value : Json(); }

    const Json* referenced(const Json& schema) const {
        const Json* reference = member(schema, "$ref");
        if (reference == nullptr || !reference->is_string()) {
            return nullptr;
        }
        const auto& text = reference->get_ref<const std::string&>();
        if (text == "#") {
            return &root_;
        }
        if (!text.starts_with("#/")) {
            return nullptr;
        }
        const Json* at = &root_;
        for (std::size_t begin = 2; begin <= text.size() && at != nullptr;) {
            const auto end = std::min(text.find('/', begin), text.size());
            at = step(*at, text.substr(begin, end - begin));
            begin = end + 1;
        }
        return at;
    }

    static const Json* step(const Json& at, std::string key) {
        for (const auto& [code, plain] : {std::pair("~1", "/"), std::pair("~0", "~")}) {
            for (auto found = key.find(code); found != std::string::npos; found = key.find(code, found + 1)) {
                key.replace(found, 2, plain);
            }
        }
        return member(at, key.c_str());
    }

    /// The schema with the members of its `allOf` in it; properties and required of all parts together.
    Json merged(const Json& schema, const Json& all) {
        Json whole = schema;
        whole.erase("allOf");
        for (const Json& entry : all) {
            const Json* target = referenced(entry);
            const Json& part = target != nullptr ? *target : entry;
            if (!part.is_object() || !may_copy(part)) {
                continue;
            }
            for (const auto& [key, value] : part.items()) {
                Json& into = whole[key];
                if (into.is_object() && value.is_object()) {
                    into.update(value);
                } else if (into.is_array() && value.is_array()) {
                    into.insert(into.end(), value.begin(), value.end());
                } else {
                    into = value;
                }
            }
        }
        return whole;
    }

    Json typed(const Json& schema, int depth) {
        const std::string type = type_of(schema);
        if (type == "object") {
            return object(schema, depth);
        }
        if (type == "array") {
            return array(schema, depth);
        }
        if (type == "integer") {
            return integer_for(schema);
        }
        if (type == "number") {
            return decimal_for(schema);
        }
        if (type == "boolean") {
            return true;
        }
        if (type == "null") {
            return nullptr;
        }
        return string_for(schema);
    }

    static std::string type_of(const Json& schema) {
        const Json* type = member(schema, "type");
        if (type != nullptr && type->is_array() && !type->empty()) {
            type = &type->front();
        }
        if (type != nullptr && type->is_string()) {
            return type->get<std::string>();
        }
        if (member(schema, "properties") != nullptr || member(schema, "required") != nullptr) {
            return "object";
        }
        return member(schema, "items") != nullptr || member(schema, "prefixItems") != nullptr ? "array"
                                                                                              : "string";
    }

    Json object(const Json& schema, int depth) {
        Json built = Json::object();
        const Json* required = member(schema, "required");
        const Json* properties = member(schema, "properties");
        if (required == nullptr || !required->is_array()) {
            return built;
        }
        for (const Json& name : *required) {
            if (!name.is_string()) {
                continue;
            }
            if (values_ > most_in_schema) {
                break;
            }
            const auto& key = name.get_ref<const std::string&>();
            const Json* property = properties != nullptr ? member(*properties, key.c_str()) : nullptr;
            values_ += property != nullptr ? 0 : 1;
            built[key] = property != nullptr ? build(*property, depth + 1) : Json("simulated");
        }
        return built;
    }

    Json array(const Json& schema, int depth) {
        Json built = Json::array();
        if (const Json* prefix = member(schema, "prefixItems"); prefix != nullptr && prefix->is_array()) {
            for (const Json& item : *prefix) {
                if (values_ > most_in_schema) {
                    break;
                }
                built.push_back(build(item, depth + 1));
            }
        }
        const Json* items = member(schema, "items");
        const Json any = true;
        for (const auto wanted = size_of(schema, "minItems", most_items); built.size() < wanted;) {
            built.push_back(build(items != nullptr ? *items : any, depth + 1));
        }
        return built;
    }

    const Json& root_;
    int values_{0};
    std::size_t copies_left_{most_copied};
};

}  // namespace

nlohmann::ordered_json instance_of(const nlohmann::ordered_json& schema) {
    return Builder(schema).build(schema, 0);
}

}  // namespace gatehouse::upstream
