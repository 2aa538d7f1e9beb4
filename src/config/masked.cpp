#include "check.hpp"
#include "render.hpp"
#include "schema.hpp"

#include "gatehouse/core/secret.hpp"

#include <nlohmann/json.hpp>

namespace gatehouse::config {
namespace {

using Json = nlohmann::json;

Json masked(const Shape& shape, const Node& node, std::string_view name);

Json masked_scalar(const Shape& shape, const Node& node, std::string_view name) {
    switch (shape.type) {
        case Type::secret:
        case Type::digest:
            return std::string(Secret::masked());
        case Type::header:
            return is_harmless_header(name) ? Json(node.text) : Json(std::string(Secret::masked()));
        case Type::boolean:
            return node.text == "true";
        case Type::count: {
            const auto number = number_of(shape.type, node.text);
            return number ? Json(*number) : Json(node.text);
        }
        default:
            return node.text;
    }
}

Json masked_mapping(const Shape& shape, const Node& node) {
    Json result = Json::object();
    for (const Entry& entry : node.entries) {
        const Field* field = shape.field(entry.key->text);
        const Shape* below = field == nullptr ? shape.item.get() : &field->shape;
        if (below != nullptr) {
            result[entry.key->text] = masked(*below, *entry.value, entry.key->text);
        }
    }
    return result;
}

Json masked(const Shape& shape, const Node& node, std::string_view name) {
    if (node.kind == Node::Kind::null) {
        return shape.type == Type::list ? Json::array() : Json::object();
    }
    if (shape.type == Type::object || shape.type == Type::table) {
        return masked_mapping(shape, node);
    }
    if (shape.type != Type::list) {
        return masked_scalar(shape, node, name);
    }
    Json result = Json::array();
    if (node.kind == Node::Kind::scalar) {
        result.push_back(masked(*shape.item, node, name));
    }
    for (const NodePtr& item : node.items) {
        result.push_back(masked(*shape.item, *item, name));
    }
    return result;
}

}  // namespace

std::string masked_json(const Node& root) {
    // The text is valid UTF-8; escapes inside quotes could still have built something that is not.
    return masked(file_schema(), root, {}).dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string masked_json(const Shape& shape, const Node& root) {
    return masked(shape, root, {}).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gatehouse::config
