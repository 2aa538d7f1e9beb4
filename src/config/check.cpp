#include "check.hpp"

#include "nearest.hpp"
#include "references.hpp"
#include "values.hpp"

#include "gatehouse/core/secret.hpp"
#include "gatehouse/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_name = 256;

/// Units of number_of() in one unit of a shape's bounds.
std::int64_t scale_of(Type type) noexcept {
    return type == Type::percent ? 100 : type == Type::decimal ? 1'000'000 : 1;
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool holds_controls(std::string_view text) {
    return without_controls(text) != text;
}

/// Would a literal here be a credential in the file?
bool is_credential_header(std::string_view name) {
    constexpr std::array<std::string_view, 6> marks = {"auth",   "key",    "token",
                                                       "secret", "cookie", "password"};
    const std::string lower = to_lower(name);
    return std::any_of(marks.begin(), marks.end(),
                       [&](std::string_view mark) { return lower.find(mark) != std::string::npos; });
}

/// Could text at this place be a secret, so that no message may repeat it? Where a hash or a list of keys
/// belongs, a key itself is the likeliest mistake.
bool may_be_secret(const Shape& shape) {
    return shape.type == Type::secret || shape.type == Type::header || shape.type == Type::digest ||
           (shape.item && may_be_secret(*shape.item)) ||
           std::any_of(shape.fields.begin(), shape.fields.end(),
                       [](const Field& field) { return may_be_secret(field.shape); });
}

/// One bound as it would be written.
std::string written(Type type, std::int64_t value) {
    switch (type) {
        case Type::duration:
            return value % 86'400'000 == 0 && value > 0 ? fmt::format("{}d", value / 86'400'000)
                                                        : fmt::format("{}ms", value);
        case Type::size:
            return value % (1 << 30) == 0 && value > 0   ? fmt::format("{}GiB", value >> 30)
                   : value % (1 << 20) == 0 && value > 0 ? fmt::format("{}MiB", value >> 20)
                                                         : fmt::format("{}B", value);
        case Type::percent:
            return fmt::format("{}%", value);
        default:
            return fmt::format("{}", value);
    }
}

/// Where the walk is.
struct Place {
    std::string path;             // server.limits.header
    std::string_view name;        // the last key, for headers
    std::string* unset{nullptr};  // inside an optional entry: what of it is unset goes here
    bool built{true};             // false below a key that was already warned about
    Place below(std::string_view key) const {
        return {path.empty() ? std::string(key) : fmt::format("{}.{}", path, key), key, unset, built};
    }
    Place at(std::size_t index) const { return {fmt::format("{}[{}]", path, index), name, unset, built}; }
};

class Checker {
public:
    Checker(const Sources& sources, Findings& findings) : sources_(sources), findings_(findings) {}

    Checked run(const Shape& shape, const Node& root) {
        visit(shape, root, Place{});
        return std::move(checked_);
    }

private:
    void visit(const Shape& shape, const Node& node, const Place& place) {
        switch (shape.type) {
            case Type::object:
                return visit_object(shape, node, place);
            case Type::table:
                return visit_table(shape, node, place);
            case Type::list:
                return visit_list(shape, node, place);
            default:
                return visit_scalar(shape, node, place);
        }
    }

    void wrong(const Shape& shape, const Node& node, const Place& place) {
        std::string found;
        switch (node.kind) {
            case Node::Kind::null:
                found = "nothing";
                break;
            case Node::Kind::sequence:
                found = "a list";
                break;
            case Node::Kind::mapping:
                found = "a mapping";
                break;
            case Node::Kind::scalar:
                found = may_be_secret(shape) ? "other text" : quote(node.text);
                break;
        }
        const std::string subject = place.path.empty() ? std::string("the file") : quote(place.path);
        findings_.error(node, fmt::format("{}: expected {}, found {}", subject, describe(shape), found));
    }

    void visit_object(const Shape& shape, const Node& node, const Place& place) {
        if (node.kind == Node::Kind::scalar && contains(shape.words, node.text)) {
            return visit_word(shape, node, place);
        }
        if (node.kind != Node::Kind::mapping && node.kind != Node::Kind::null) {
            return wrong(shape, node, place);
        }
        std::string unset;
        Place inside = place;
        const Node* optional = shape.optional_entry ? node.find("optional") : nullptr;
        if (optional != nullptr && optional->text == "true") {
            inside.unset = &unset;
        }
        for (const Entry& entry : node.entries) {
            visit_field(shape, entry, inside);
        }
        for (const Field& field : shape.fields) {
            if (field.required && node.entry(field.name) == nullptr) {
                findings_.error(node, fmt::format("{}: `{}` is missing", quote(place.path), field.name));
            }
        }
        if (!unset.empty()) {
            checked_.left_out.emplace(&node, std::move(unset));
        }
    }

    void visit_field(const Shape& shape, const Entry& entry, const Place& place) {
        const std::string& name = entry.key->text;
        const Field* field = shape.field(name);
        if (field == nullptr) {
            std::vector<std::string> known;
            for (const Field& candidate : shape.fields) {
                known.push_back(candidate.name);
            }
            findings_.error(*entry.key,
                            fmt::format("unknown key {}{}{}", quote(name),
                                        place.path.empty() ? std::string() : " in " + quote(place.path),
                                        suggestion(name, known)));
            return;
        }
        Place inside = place.below(name);
        if (!field->built && place.built && entry.value->kind != Node::Kind::null) {
            findings_.warning(*entry.key, fmt::format("{} is accepted but not built yet and has no effect",
                                                      quote(inside.path)));
            inside.built = false;
        }
        visit(field->shape, *entry.value, inside);
    }

    void visit_table(const Shape& shape, const Node& node, const Place& place) {
        if (node.kind != Node::Kind::mapping && node.kind != Node::Kind::null) {
            return wrong(shape, node, place);
        }
        for (const Entry& entry : node.entries) {
            const std::string& name = entry.key->text;
            if (name.empty() || name.size() > longest_name || holds_controls(name)) {
                findings_.error(*entry.key,
                                fmt::format("{}: a name is 1 to {} bytes without control characters",
                                            quote(place.path), longest_name));
            }
            visit(*shape.item, *entry.value, place.below(name));
        }
    }

    void visit_list(const Shape& shape, const Node& node, const Place& place) {
        if (node.kind == Node::Kind::scalar && shape.or_single) {
            return visit(*shape.item, node, place);
        }
        const bool empty =
            node.kind == Node::Kind::null || (node.kind == Node::Kind::sequence && node.items.empty());
        if (!empty && node.kind != Node::Kind::sequence) {
            return wrong(shape, node, place);
        }
        if (empty && shape.least > 0) {
            findings_.error(node, fmt::format("{}: must not be empty", quote(place.path)));
        }
        if (node.items.size() > static_cast<std::size_t>(shape.most)) {
            findings_.error(node, fmt::format("{}: {} entries are more than the most allowed, {}",
                                              quote(place.path), node.items.size(), shape.most));
        }
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            visit(*shape.item, *node.items[i], place.at(i));
        }
    }

    void visit_scalar(const Shape& shape, const Node& node, const Place& place) {
        if (node.kind != Node::Kind::scalar) {
            return wrong(shape, node, place);
        }
        if (shape.type == Type::secret || shape.type == Type::url || shape.type == Type::header) {
            return visit_reference(shape, node, place);
        }
        if (contains(shape.words, node.text)) {
            return visit_word(shape, node, place);
        }
        if (holds_reference(node.text)) {
            findings_.error(node, fmt::format("{}: references work in secrets, header values and URLs only",
                                              quote(place.path)));
            return;
        }
        if (shape.type == Type::choice) {
            findings_.error(node, fmt::format("{}: expected {}, found {}{}", quote(place.path),
                                              describe(shape), quote(node.text), hint_of(shape, node.text)));
            return;
        }
        if (!well_formed(shape, node)) {
            return wrong(shape, node, place);
        }
        check_bounds(shape, node, place);
    }

    static std::string hint_of(const Shape& shape, const std::string& text) {
        const auto near = nearest(text, shape.words);
        return near ? fmt::format("; did you mean {}?", quote(*near)) : std::string();
    }

    void visit_word(const Shape& shape, const Node& node, const Place& place) {
        if (place.built && contains(shape.later_words, node.text)) {
            // A provider kind is reported where the provider is left out, with all that hangs on it.
            if (place.name != "kind") {
                findings_.warning(node, fmt::format("{}: {} is accepted but not built yet and has no effect",
                                                    quote(place.path), quote(node.text)));
            }
        }
    }

    void visit_reference(const Shape& shape, const Node& node, const Place& place) {
        Expanded found = expand(node.text, sources_);
        if (!found.malformed.empty()) {
            findings_.error(node, fmt::format("{}: {}", quote(place.path), found.malformed));
            return;
        }
        if (!found.unset.empty()) {
            if (place.unset == nullptr) {
                findings_.error(node, fmt::format("{}: {}", quote(place.path), found.unset));
            } else if (place.unset->empty()) {
                *place.unset = found.unset;
            }
            return;
        }
        if (shape.type == Type::url) {
            const std::string_view fault = url_fault(*found.value);
            if (!fault.empty()) {
                findings_.error(node, fmt::format("{}: not a usable URL: {}", quote(place.path), fault));
                return;
            }
        } else if (found.value->empty() || holds_controls(*found.value)) {
            findings_.error(
                node, fmt::format("{}: {}", quote(place.path),
                                  found.value->empty() ? "must not be empty" : "holds a control character"));
            return;
        }
        const bool credential =
            shape.type == Type::secret || (shape.type == Type::header && is_credential_header(place.name));
        if (credential && !found.by_reference) {
            findings_.warning(node,
                              fmt::format("{}: a secret written out in the file; better is ${{NAME}} or "
                                          "${{file:PATH}}",
                                          quote(place.path)));
        }
        checked_.expanded[&node] = std::move(*found.value);
    }

    static bool well_formed(const Shape& shape, const Node& node) {
        switch (shape.type) {
            case Type::boolean:
                return !node.in_quotes && (node.text == "true" || node.text == "false");
            case Type::text:
                return !node.text.empty() && !holds_controls(node.text);
            case Type::digest:
                return node.text.substr(0, 7) == "sha256:" &&
                       digest_from_hex(node.text.substr(7)).has_value();
            case Type::address:
                return parse_address(node.text).has_value();
            case Type::timestamp:
                return parse_timestamp(node.text).has_value();
            case Type::comparison:
                return parse_comparison(node.text).has_value();
            case Type::week_time:
                return parse_week_hours(node.text).has_value();
            default:
                return number_of(shape.type, node.text).has_value();
        }
    }

    void check_bounds(const Shape& shape, const Node& node, const Place& place) {
        const auto number = number_of(shape.type, node.text);
        if (!number) {
            return;  // a type without bounds
        }
        const std::int64_t scale = scale_of(shape.type);
        if (*number < shape.least * scale) {
            findings_.error(node, fmt::format("{}: {} is below the least allowed, {}", quote(place.path),
                                              quote(node.text), written(shape.type, shape.least)));
        } else if (shape.most <= std::numeric_limits<std::int64_t>::max() / scale &&
                   *number > shape.most * scale) {
            findings_.error(node, fmt::format("{}: {} is above the most allowed, {}", quote(place.path),
                                              quote(node.text), written(shape.type, shape.most)));
        }
    }

    const Sources& sources_;
    Findings& findings_;
    Checked checked_;
};

}  // namespace

std::optional<std::int64_t> number_of(Type type, std::string_view text) noexcept {
    switch (type) {
        case Type::count:
            return parse_count(text);
        case Type::decimal:
            return parse_decimal(text);
        case Type::percent:
            return parse_percent(text);
        case Type::money:
            return parse_money(text);
        case Type::duration:
            return parse_duration_ms(text);
        case Type::size: {
            const auto bytes = parse_size(text);
            const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
            return bytes && *bytes <= most ? std::optional(static_cast<std::int64_t>(*bytes)) : std::nullopt;
        }
        default:
            return std::nullopt;
    }
}

const std::string* Checked::value(const Node& node) const noexcept {
    const auto found = expanded.find(&node);
    return found == expanded.end() ? nullptr : &found->second;
}

Checked check_document(const Node& root, const Sources& sources, Findings& findings) {
    return Checker(sources, findings).run(file_schema(), root);
}

void check_document(const Shape& shape, const Node& root, Findings& findings) {
    const Sources none;
    Checker(none, findings).run(shape, root);
}

bool is_harmless_header(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 7> harmless = {
        "openai-organization", "openai-project", "openai-beta", "anthropic-version",
        "anthropic-beta",      "user-agent",     "http-referer"};
    return std::any_of(harmless.begin(), harmless.end(),
                       [&](std::string_view known) { return equals_ignoring_case(known, name); });
}

}  // namespace gatehouse::config
