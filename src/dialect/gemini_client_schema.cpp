#include "gemini_client_request.hpp"
#include "gemini_parts.hpp"
#include "json_out.hpp"
#include "openai_words.hpp"
#include "reply_words.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

constexpr std::size_t most_client_levels = 64;
constexpr std::size_t most_bytes = std::size_t{1024} * 1024;

struct SchemaMember {
    std::string key;  // in camelCase, but for names of properties
    std::string_view value;
    JsonType type{JsonType::invalid};
};

enum class Keys : std::uint8_t { words, names };

std::vector<SchemaMember> members_of(std::string_view object, Keys keys) {
    std::vector<SchemaMember> members;
    JsonReader json(object, reply_limits);
    json.begin_object();
    while (json.next_member()) {
        SchemaMember member;
        member.key = keys == Keys::words ? camel_case(json.key()) : std::string(json.key());
        member.type = json.peek();
        member.value = read_json(json, object);
        members.push_back(std::move(member));
    }
    return members;
}

std::string text_of(const SchemaMember& member) {
    return member.type == JsonType::string
               ? wire::unescape_json(member.value.substr(1, member.value.size() - 2))
               : std::string();
}

const SchemaMember* find(const std::vector<SchemaMember>& members, std::string_view key) {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const SchemaMember& member) { return member.key == key; });
    return found == members.end() ? nullptr : &*found;
}

template <std::size_t Count>
bool is_one_of(std::string_view key, const std::array<std::string_view, Count>& keys) noexcept {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// As JSON, unless it is no number.
std::string_view number_in(std::string_view text) {
    JsonReader json(text, {});
    const bool number = json.peek() == JsonType::number;
    json.skip();
    return number && json.finish() ? text : std::string_view();
}

class SchemaWriter {
public:
    explicit SchemaWriter(JsonOut& json) : json_(json) {}

    bool failed() const noexcept { return failed_; }

    /// What is no object stays what it is.
    void write(std::string_view schema, JsonType type, std::size_t level) {
        failed_ = failed_ || level > most_client_levels;
        if (failed_ || type != JsonType::object) {
            json_.raw(schema);
            return;
        }
        const auto members = members_of(schema, Keys::words);
        const auto* nullable = find(members, "nullable");
        Node node;
        node.level = level;
        node.may_be_null = nullable != nullptr && nullable->value == "true";
        node.typed = find(members, "type") != nullptr;
        node.order = find(members, "propertyOrdering");
        json_.begin_object();
        for (const auto& member : members) {
            write_member(member, node);
        }
        json_.end_object();
    }

private:
    /// What its members must know of the whole.
    struct Node {
        std::size_t level{0};
        bool may_be_null{false};
        bool typed{false};
        const SchemaMember* order{nullptr};  // propertyOrdering; null: none
    };

    void write_member(const SchemaMember& member, const Node& node) {
        static constexpr std::array<std::string_view, 3> ours{"nullable", "propertyOrdering", "example"};
        static constexpr std::array<std::string_view, 8> numbers{"minItems",      "maxItems",     "minLength",
                                                                 "maxLength",     "minimum",      "maximum",
                                                                 "minProperties", "maxProperties"};
        static constexpr std::array<std::string_view, 2> schemas{"items", "additionalProperties"};
        static constexpr std::array<std::string_view, 3> lists{"anyOf", "oneOf", "prefixItems"};
        static constexpr std::array<std::string_view, 3> maps{"properties", "defs", "$defs"};
        const std::string_view key = member.key;
        if (is_one_of(key, ours) || (key == "format" && text_of(member) == "enum")) {
            return;
        }
        if (key == "type") {
            write_type(member, node.may_be_null);
        } else if (is_one_of(key, numbers) && member.type == JsonType::string) {
            const auto text = text_of(member);
            const auto number = number_in(text);
            json_.key(key).raw(number.empty() ? member.value : number);
        } else if (is_one_of(key, schemas)) {
            json_.key(key);
            write(member.value, member.type, node.level + 1);
        } else if (is_one_of(key, lists) && member.type == JsonType::array) {
            write_list(member, node.may_be_null && key == "anyOf" && !node.typed, node.level);
        } else if (key == "enum" && node.may_be_null && member.type == JsonType::array) {
            write_enum(member.value);
        } else if (is_one_of(key, maps) && member.type == JsonType::object) {
            json_.key(key == "properties" ? key : "$defs");
            write_map(member.value, key == "properties" ? node.order : nullptr, node.level);
        } else {
            json_.any_key(key).raw(member.value);
        }
    }

    void write_type(const SchemaMember& member, bool may_be_null) {
        const auto type = to_lower(text_of(member));
        if (type == "type_unspecified") {
            return;
        }
        json_.key("type");
        if (type.empty()) {
            json_.raw(member.value);  // a list, as JSON Schema has it
        } else if (may_be_null && type != "null") {
            json_.begin_array().string(type).string("null").end_array();
        } else {
            json_.string(type);
        }
    }

    void write_list(const SchemaMember& member, bool or_null, std::size_t level) {
        json_.key(member.key).begin_array();
        JsonReader json(member.value, reply_limits);
        json.begin_array();
        while (json.next_element()) {
            const auto type = json.peek();
            write(read_json(json, member.value), type, level + 1);
        }
        if (or_null) {
            json_.begin_object().key("type").string("null").end_object();
        }
        json_.end_array();
    }

    void write_enum(std::string_view values) {
        json_.key("enum").begin_array();
        JsonReader json(values, reply_limits);
        bool null = false;
        json.begin_array();
        while (json.next_element()) {
            null = null || json.peek() == JsonType::null;
            json_.raw(read_json(json, values));
        }
        if (!null) {
            json_.null();
        }
        json_.end_array();
    }

    /// Schemas by their names; those that `order` names come first, in its order.
    void write_map(std::string_view map, const SchemaMember* order, std::size_t level) {
        const auto members = members_of(map, Keys::names);
        std::map<std::string_view, std::size_t> places;
        std::vector<const SchemaMember*> in_order;
        for (const auto& member : members) {
            places.emplace(member.key, in_order.size());
            in_order.push_back(&member);
        }
        json_.begin_object();
        if (order != nullptr && order->type == JsonType::array) {
            JsonReader json(order->value, reply_limits);
            json.begin_array();
            while (json.next_element()) {
                const auto name =
                    json.peek() == JsonType::string ? json.string() : (json.skip(), std::string());
                if (const auto found = places.find(name); found != places.end()) {
                    write_named(*in_order[found->second], level);
                    in_order[found->second] = nullptr;
                    places.erase(found);
                }
            }
        }
        for (const auto* member : in_order) {
            if (member != nullptr) {
                write_named(*member, level);
            }
        }
        json_.end_object();
    }

    void write_named(const SchemaMember& member, std::size_t level) {
        json_.any_key(member.key);
        write(member.value, member.type, level + 1);
    }

    JsonOut& json_;
    bool failed_{false};
};

}  // namespace

std::optional<std::string> json_schema_of(std::string_view schema) {
    if (schema.size() > most_bytes) {
        return std::nullopt;
    }
    std::string out;
    JsonOut json(out);
    SchemaWriter writer(json);
    writer.write(schema, JsonReader(schema, reply_limits).peek(), 1);
    if (writer.failed()) {
        return std::nullopt;
    }
    return out;
}

std::string read_google_schema(FieldReader& fields, const Place& at) {
    const auto schema = fields.optional_object_json(at);
    if (schema.empty() || fields.faulty()) {
        return {};
    }
    auto converted = json_schema_of(schema);
    if (!converted) {
        fields.invalid(at, "a schema of at most 64 levels and 1 MiB");
        return {};
    }
    return *std::move(converted);
}

}  // namespace gatehouse::dialect
