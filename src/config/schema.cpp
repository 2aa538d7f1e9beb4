#include "schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace gatehouse::config {
namespace {

Shape plain(Type type) {
    Shape shape;
    shape.type = type;
    return shape;
}

Shape bounded(Type type, std::int64_t least, std::int64_t most) {
    Shape shape = plain(type);
    shape.least = least;
    shape.most = most;
    return shape;
}

Shape around(Type type, Shape item) {
    Shape shape = plain(type);
    shape.item = std::make_shared<const Shape>(std::move(item));
    return shape;
}

void append(std::vector<Field>& fields, std::vector<Field> more) {
    for (Field& field : more) {
        fields.push_back(std::move(field));
    }
}

Shape build_file_schema() {
    std::vector<Field> fields;
    fields.push_back(server_schema());
    fields.push_back(
        key("data_dir", text(), "./data",
            "Directory of what is kept: conversations, ledger and keys now; jobs and files later."));
    fields.push_back(
        key("storage",
            object({key("backend", choice({"sqlite", "postgres"}), "sqlite", "Where durable state lives."),
                    later("url", secret(), "", "Of the Postgres server; may hold a password.")}),
            "", "Durable state."));
    fields.push_back(later("shared_state",
                           object({key("backend", choice({"memory", "redis"}), "memory",
                                       "Where limits, budgets and cache are shared across instances."),
                                   key("url", secret(), "", "Of the Redis server; may hold a password.")}),
                           "", "State shared by several gateways."));
    fields.push_back(providers_schema());
    fields.push_back(models_schema());
    fields.push_back(routes_schema());
    append(fields, caller_schemas());
    append(fields, upstream_schemas());
    append(fields, feature_schemas());
    fields.push_back(telemetry_schema());
    return object(std::move(fields));
}

}  // namespace

const Field* Shape::field(std::string_view name) const noexcept {
    for (const Field& candidate : fields) {
        if (candidate.name == name) {
            return &candidate;
        }
    }
    return nullptr;
}

Shape boolean() {
    return plain(Type::boolean);
}
Shape text() {
    return plain(Type::text);
}
Shape secret() {
    return plain(Type::secret);
}
Shape url() {
    return plain(Type::url);
}
Shape header() {
    return plain(Type::header);
}
Shape digest() {
    return plain(Type::digest);
}
Shape address() {
    return plain(Type::address);
}
Shape timestamp() {
    return plain(Type::timestamp);
}
Shape comparison() {
    return plain(Type::comparison);
}
Shape week_time() {
    return plain(Type::week_time);
}
Shape money() {
    return plain(Type::money);
}
Shape percent() {
    return bounded(Type::percent, 0, 100);
}
Shape decimal(std::int64_t least, std::int64_t most) {
    return bounded(Type::decimal, least, most);
}
Shape count(std::int64_t least, std::int64_t most) {
    return bounded(Type::count, least, most);
}
Shape size(std::int64_t least, std::int64_t most) {
    return bounded(Type::size, least, most);
}
Shape duration(std::int64_t least, std::int64_t most) {
    return bounded(Type::duration, least, most);
}

Shape choice(std::vector<std::string> words, std::vector<std::string> later) {
    Shape shape = plain(Type::choice);
    shape.words = std::move(words);
    shape.later_words = std::move(later);
    return shape;
}

Shape list(Shape item, std::int64_t most) {
    Shape shape = around(Type::list, std::move(item));
    shape.most = most;
    return shape;
}

Shape one_or_list(Shape item) {
    Shape shape = list(std::move(item));
    shape.or_single = true;
    shape.least = 1;
    return shape;
}

Shape table(Shape item) {
    return around(Type::table, std::move(item));
}

Shape object(std::vector<Field> fields) {
    Shape shape = plain(Type::object);
    shape.fields = std::move(fields);
    return shape;
}

Shape with_word(Shape shape, std::string word) {
    shape.words.push_back(std::move(word));
    return shape;
}

Field key(std::string name, Shape shape, std::string standard, std::string meaning) {
    return {std::move(name), std::move(shape), std::move(standard), std::move(meaning), false, true};
}

Field needed(std::string name, Shape shape, std::string meaning) {
    return {std::move(name), std::move(shape), "", std::move(meaning), true, true};
}

Field later(std::string name, Shape shape, std::string standard, std::string meaning) {
    return {std::move(name), std::move(shape), std::move(standard), std::move(meaning), false, false};
}

std::string describe(const Shape& shape) {
    std::string plain_words;
    switch (shape.type) {
        case Type::boolean:
            return "true or false";
        case Type::count:
            plain_words = "a whole number (600, 5k, 2M)";
            break;
        case Type::decimal:
            plain_words = "a decimal number (0.85)";
            break;
        case Type::percent:
            plain_words = "a percentage (80%)";
            break;
        case Type::money:
            plain_words = "US dollars in decimal (\"0.25\")";
            break;
        case Type::duration:
            plain_words = "a duration with a unit (250ms, 30s, 10m, 24h, 30d)";
            break;
        case Type::size:
            plain_words = "a size with a unit (512B, 16KiB, 32MiB, 1GiB)";
            break;
        case Type::text:
            plain_words = "text";
            break;
        case Type::secret:
            plain_words = "a secret (${NAME} or ${file:PATH})";
            break;
        case Type::url:
            plain_words = "an http or https URL";
            break;
        case Type::header:
            plain_words = "the value of a header";
            break;
        case Type::digest:
            plain_words = "sha256: and 64 hex digits";
            break;
        case Type::address:
            plain_words = "an address and port (127.0.0.1:8080, [::]:8080)";
            break;
        case Type::timestamp:
            plain_words = "an instant (2027-01-01T00:00:00Z)";
            break;
        case Type::comparison:
            plain_words = "a comparison (\">= 60k\", \"<= 500\", \">= 80%\")";
            break;
        case Type::week_time:
            plain_words = "days, hours and zone (Mon-Fri 08:00-18:00 Europe/Berlin)";
            break;
        case Type::choice:
            return fmt::format("one of {}", fmt::join(shape.words, ", "));
        case Type::list:
            return shape.or_single
                       ? fmt::format("{}, or a list of such", describe(*shape.item))
                       : std::string(shape.item->type == Type::object ? "a list of mappings" : "a list");
        case Type::table:
            return "a mapping of names";
        case Type::object:
            return "a mapping";
    }
    return shape.words.empty() ? plain_words
                               : fmt::format("{}, or {}", plain_words, fmt::join(shape.words, ", "));
}

const Shape& file_schema() {
    static const Shape schema = build_file_schema();
    return schema;
}

}  // namespace gatehouse::config
