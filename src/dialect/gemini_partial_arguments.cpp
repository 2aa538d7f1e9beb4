#include "gemini_partial_arguments.hpp"

#include "openai_words.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

constexpr std::size_t most_children = 4096;
constexpr std::size_t most_argument_levels = 64;

}  // namespace

bool PartialArguments::add(std::string_view array) {
    wire::JsonReader json(array, reply_limits);
    json.begin_array();
    bool fits = true;
    while (json.next_element()) {
        if (json.peek() == JsonType::object) {
            fits = put(read_leaf(json, array)) && fits;
        } else {
            json.skip();
        }
    }
    return fits && json.finish();
}

PartialArguments::Leaf PartialArguments::read_leaf(wire::JsonReader& json, std::string_view text) {
    Leaf leaf;
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        const auto type = json.peek();
        if (key == "jsonPath" && type == JsonType::string) {
            leaf.path = json.string();
        } else if (key == "stringValue" && type == JsonType::string) {
            leaf.kind = Kind::text;
            leaf.value = json.string();
        } else if ((key == "numberValue" && type == JsonType::number) ||
                   (key == "boolValue" && type == JsonType::boolean)) {
            const auto range = json.skip();
            leaf.kind = Kind::other;
            leaf.value = text.substr(range.begin, range.size());
        } else if (key == "nullValue") {
            json.skip();
            leaf.kind = Kind::other;
            leaf.value = "null";
        } else if (key == "willContinue" && type == JsonType::boolean) {
            leaf.will_continue = json.boolean();
        } else {
            json.skip();
        }
    }
    return leaf;
}

bool PartialArguments::put(const Leaf& leaf) {
    if (leaf.kind == Kind::nothing) {
        return true;
    }
    std::string_view path = leaf.path;
    if (!path.starts_with('$') || path.size() == 1) {
        return false;
    }
    path.remove_prefix(1);
    Node* node = &root_;
    for (std::size_t level = 0; node != nullptr && !path.empty(); ++level) {
        node = level < most_argument_levels ? step(*node, path) : nullptr;
    }
    if (node == nullptr || !node->children.empty()) {
        return false;
    }
    const bool goes_on = node->kind == Kind::text && node->open && leaf.kind == Kind::text;
    node->value = goes_on ? node->value + leaf.value : leaf.value;
    node->kind = leaf.kind;
    node->open = leaf.will_continue;
    return true;
}

PartialArguments::Node* PartialArguments::step(Node& from, std::string_view& path) {
    if (path.starts_with('.')) {
        const auto end = std::min(path.find_first_of(".[", 1), path.size());
        std::string name(path.substr(1, end - 1));
        path.remove_prefix(end);
        return name.empty() ? nullptr : member(from, std::move(name));
    }
    if (path.starts_with("['") || path.starts_with("[\"")) {
        const auto end = path.find(std::string{path[1], ']'}, 2);
        if (end == std::string_view::npos) {
            return nullptr;
        }
        std::string name(path.substr(2, end - 2));
        path.remove_prefix(end + 2);
        return member(from, std::move(name));
    }
    const auto end = path.find(']');
    if (!path.starts_with('[') || end == std::string_view::npos) {
        return nullptr;
    }
    const auto digits = path.substr(1, end - 1);
    path.remove_prefix(end + 1);
    return element(from, digits);
}

PartialArguments::Node* PartialArguments::member(Node& from, std::string name) {
    if (from.kind != Kind::object && from.kind != Kind::nothing) {
        return nullptr;
    }
    from.kind = Kind::object;
    const auto known = std::find(from.names.begin(), from.names.end(), name);
    const auto index = static_cast<std::size_t>(known - from.names.begin());
    if (known == from.names.end()) {
        if (index == most_children) {
            return nullptr;
        }
        from.names.push_back(std::move(name));
        from.children.emplace_back();
    }
    return &from.children[index];
}

PartialArguments::Node* PartialArguments::element(Node& from, std::string_view digits) {
    const auto index = parse_unsigned(digits);
    const bool array = from.kind == Kind::array || from.kind == Kind::nothing;
    if (!array || !index || *index > from.children.size() || *index >= most_children) {
        return nullptr;
    }
    from.kind = Kind::array;
    if (*index == from.children.size()) {
        from.children.emplace_back();
    }
    return &from.children[*index];
}

void PartialArguments::write(const Node& node, std::string& out) {
    switch (node.kind) {
        case Kind::nothing:
            out += "null";
            return;
        case Kind::text:
            out += wire::json_string(node.value);
            return;
        case Kind::other:
            out += node.value;
            return;
        case Kind::object:
        case Kind::array:
            break;
    }
    const bool object = node.kind == Kind::object;
    out.push_back(object ? '{' : '[');
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) {
            out.push_back(',');
        }
        if (object) {
            out += wire::json_string(node.names[i]) + ":";
        }
        write(node.children[i], out);
    }
    out.push_back(object ? '}' : ']');
}

std::string PartialArguments::json() const {
    std::string out;
    if (root_.kind == Kind::object) {
        write(root_, out);
    }
    return out;
}

}  // namespace gatehouse::dialect
