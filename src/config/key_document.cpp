#include "gatehouse/config/key_document.hpp"

#include "check.hpp"
#include "document.hpp"
#include "findings.hpp"
#include "readers.hpp"
#include "render.hpp"
#include "schema.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace gatehouse::config {
namespace {

using nlohmann::json;

Shape build_key_shape() {
    const Shape& of_file = *file_schema().field("keys")->shape.item;
    Shape shape = of_file;
    const auto is_secret = [](const Field& field) { return field.name == "value" || field.name == "hash"; };
    shape.fields.erase(std::remove_if(shape.fields.begin(), shape.fields.end(), is_secret),
                       shape.fields.end());
    return shape;
}

/// A key of the file without what proves it.
const Shape& key_shape() {
    static const Shape shape = build_key_shape();
    return shape;
}

Status check_size(std::string_view text) {
    if (text.size() > KeyDocumentLimits::bytes) {
        return Problem(ProblemKind::request_too_large,
                       fmt::format("The settings of a key have at most {} bytes.", KeyDocumentLimits::bytes));
    }
    return done();
}

/// An object within the limit of depth, no member of which stands there twice.
Result<json> parse_object(std::string_view text) {
    bool too_deep = false;
    std::string twice;
    std::vector<std::set<std::string>> members;
    const auto watch = [&](int depth, json::parse_event_t event, const json& parsed) {
        if (event == json::parse_event_t::object_start) {
            members.emplace_back();
        } else if (event == json::parse_event_t::object_end) {
            members.pop_back();
        } else if (event == json::parse_event_t::key) {
            const auto& name = parsed.get_ref<const std::string&>();
            if (!members.back().insert(name).second && twice.empty()) {
                twice = name;
            }
        }
        too_deep = too_deep || depth > static_cast<int>(KeyDocumentLimits::depth);
        return depth <= static_cast<int>(KeyDocumentLimits::depth);
    };
    json value = json::parse(text, watch, false);
    if (too_deep || value.is_discarded()) {
        return Problem(ProblemKind::invalid_json,
                       too_deep ? "The body is nested too deep." : "The body is not valid JSON.");
    }
    if (!twice.empty()) {
        return Problem(ProblemKind::invalid_value, fmt::format("{} stands there twice.", quote(twice)))
            .with_param(twice);
    }
    if (!value.is_object()) {
        return Problem(ProblemKind::invalid_type, "The body must be a JSON object.");
    }
    return value;
}

/// Numbers may stand as such or, with their units, as text; everything else has one JSON type.
bool has_json_type(const Shape& shape, const json& value) {
    switch (shape.type) {
        case Type::boolean:
            return value.is_boolean();
        case Type::count:
        case Type::decimal:
        case Type::money:
            return value.is_number() || value.is_string();
        case Type::list:
            return value.is_array();
        case Type::table:
        case Type::object:
            return value.is_object();
        default:
            return value.is_string();
    }
}

std::string_view name_of_json_type(const json& value) {
    switch (value.type()) {
        case json::value_t::object:
            return "an object";
        case json::value_t::array:
            return "a list";
        case json::value_t::string:
            return "a string";
        case json::value_t::boolean:
            return "a boolean";
        case json::value_t::null:
            return "null";
        default:
            return "a number";
    }
}

/// JSON as the tree that the checker walks. The line of a node is the place of its path in a list, so that a
/// finding leads back to the member at fault.
class Tree {
public:
    NodePtr grow(const json& value, const Shape* shape, const std::string& path) {
        auto node = std::make_shared<Node>();
        node->line = number_of_path(path);
        if (shape != nullptr && !has_json_type(*shape, value) && !wrong_type_) {
            wrong_type_ =
                Problem(ProblemKind::invalid_type, fmt::format("{}: expected {}, found {}.", quote(path),
                                                               describe(*shape), name_of_json_type(value)))
                    .with_param(path);
        }
        if (value.is_object()) {
            node->kind = Node::Kind::mapping;
            for (const auto& [name, below] : value.items()) {
                node->entries.push_back(entry(name, below, shape, path));
            }
        } else if (value.is_array()) {
            node->kind = Node::Kind::sequence;
            const Shape* item = shape == nullptr ? nullptr : shape->item.get();
            for (std::size_t i = 0; i < value.size(); ++i) {
                node->items.push_back(grow(value[i], item, fmt::format("{}[{}]", path, i)));
            }
        } else if (!value.is_null()) {
            node->kind = Node::Kind::scalar;
            node->in_quotes = value.is_string();
            node->text = value.is_string() ? value.get<std::string>() : value.dump();
        }
        return node;
    }
    std::optional<Problem>& wrong_type() noexcept { return wrong_type_; }
    /// REQUIRES: the line of a node of this tree.
    const std::string& path(int line) const { return paths_[static_cast<std::size_t>(line) - 1]; }

private:
    int number_of_path(const std::string& path) {
        paths_.push_back(path);
        return static_cast<int>(paths_.size());
    }
    Entry entry(const std::string& name, const json& value, const Shape* shape, const std::string& path) {
        const std::string below = path.empty() ? name : path + "." + name;
        auto key = std::make_shared<Node>();
        key->kind = Node::Kind::scalar;
        key->text = name;
        key->line = number_of_path(below);
        const Shape* inside = nullptr;
        if (shape != nullptr) {
            const Field* field = shape->field(name);
            inside = field != nullptr ? &field->shape : shape->item.get();
        }
        return {std::move(key), grow(value, inside, below)};
    }

    std::vector<std::string> paths_;
    std::optional<Problem> wrong_type_;
};

/// The members of `root` that `said` names too.
Node only(const Node& root, const json& said) {
    Node part = root;
    std::erase_if(part.entries, [&](const Entry& entry) { return !said.contains(entry.key->text); });
    return part;
}

}  // namespace

struct KeyDocument::Reader {
    /// What a client sends.
    static Result<json> parse_said(std::string_view text) {
        auto fits = check_size(text);
        if (!fits) {
            return std::move(fits.problem());
        }
        return parse_object(text);
    }

    /// `names`: what the members that `said` names too may refer to; null: anything.
    static Result<KeyDocument> read(const json& document, const json& said, const KeyNames* names) {
        if (!document.contains("name")) {
            return Problem(ProblemKind::missing_parameter, "`name` is missing.").with_param("name");
        }
        Tree tree;
        const NodePtr root = tree.grow(document, &key_shape(), {});
        if (tree.wrong_type()) {
            return std::move(*tree.wrong_type());
        }
        Findings findings;
        check_document(key_shape(), *root, findings);
        const auto& name = root->find("name")->text;
        if (name.size() > KeyDocumentLimits::name) {
            findings.error(*root->find("name"),
                           fmt::format("`name`: more than {} bytes", KeyDocumentLimits::name));
        }
        if (names != nullptr && !findings.has_errors()) {
            const Node part = only(*root, said);
            check_key_names(View(&part), *names, findings);
        }
        const auto errors = findings.take_errors();
        if (!errors.empty()) {
            const auto& first = errors.front();
            return Problem(ProblemKind::invalid_value, first.text + ".").with_param(tree.path(first.line));
        }
        auto text = masked_json(key_shape(), *root);
        // What a patch adds up to, too: what was taken once is read again at every start.
        auto fits = names == nullptr ? done() : check_size(text);
        if (!fits) {
            return std::move(fits.problem());
        }
        return KeyDocument(std::move(text), read_key(View(root.get())));
    }
};

Result<KeyDocument> KeyDocument::read(std::string_view json_text, const KeyNames& names) {
    const auto said = Reader::parse_said(json_text);
    if (!said) {
        return said.problem();
    }
    json document = json::object();
    document.merge_patch(*said);  // leaves out what is null
    return Reader::read(document, document, &names);
}

Result<KeyDocument> KeyDocument::restored(std::string_view text) {
    const auto document = parse_object(text);
    if (!document) {
        return document.problem();
    }
    return Reader::read(*document, *document, nullptr);
}

Result<KeyDocument> KeyDocument::patched(std::string_view patch, const KeyNames& names) const {
    const auto said = Reader::parse_said(patch);
    if (!said) {
        return said.problem();
    }
    if (const auto renamed = said->find("name"); renamed != said->end() && *renamed != name()) {
        return Problem(ProblemKind::invalid_value, "A key keeps its name.").with_param("name");
    }
    json document = json::parse(text_);
    document.merge_patch(*said);
    return Reader::read(document, *said, &names);
}

std::string KeyDocument::changes_to(const KeyDocument& later) const {
    const json before = json::parse(text_);
    const json after = json::parse(later.text_);
    json changes = json::object();
    for (const auto& field : key_shape().fields) {
        const json from = before.value(field.name, json());
        const json to = after.value(field.name, json());
        if (from != to) {
            changes[field.name] = {{"from", from}, {"to", to}};
        }
    }
    return changes.dump();
}

}  // namespace gatehouse::config
