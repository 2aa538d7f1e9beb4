// The one table of everything the file may say: keys, types, bounds, defaults, meanings, and whether this
// build acts on them.
//
// The checker walks the file against it, the JSON schema and the reference in docs/configuration.md are
// generated from it. It holds no behaviour. Room: config. May include: the standard library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::config {

inline constexpr std::int64_t million = 1'000'000;
inline constexpr std::int64_t mebibyte = 1024 * 1024;
inline constexpr std::int64_t gibibyte = 1024 * mebibyte;

enum class Type : std::uint8_t {
    boolean,
    count,     // 600, 5k, 2M
    decimal,   // 0.85
    percent,   // 80%
    money,     // "0.25"
    duration,  // 30s; bounds in milliseconds
    size,      // 16KiB; bounds in bytes
    text,
    secret,  // ${NAME} or ${file:PATH}
    url,
    header,      // the value of an HTTP header; may hold references; shown only under harmless names
    digest,      // sha256:<hex>
    address,     // 127.0.0.1:8080
    timestamp,   // 2027-01-01T00:00:00Z
    comparison,  // ">= 60k"
    week_time,   // Mon-Fri 08:00-18:00 Europe/Berlin
    choice,      // one of `words`
    list,
    table,   // free names, one shape below each
    object,  // fixed keys
};

struct Field;

struct Shape {
    Type type{Type::text};
    std::int64_t least{0};  // of a number; of a list its length
    std::int64_t most{std::numeric_limits<std::int64_t>::max()};
    std::vector<std::string> words;  // a choice's values; of any other scalar what may stand in its place
    std::vector<std::string> later_words;  // those of them that this build accepts without acting on them
    std::shared_ptr<const Shape> item;     // of a list and a table
    std::vector<Field> fields;             // of an object
    bool or_single{false};                 // list: one item may stand without brackets
    bool optional_entry{false};            // object: with `optional: true` its references may be unset

    const Field* field(std::string_view name) const noexcept;
};

struct Field {
    std::string name;
    Shape shape;
    std::string standard;  // the default, as it would be written; empty: none
    std::string meaning;
    bool required{false};
    bool built{true};
};

Shape boolean();
Shape text();
Shape secret();
Shape url();
Shape header();
Shape digest();
Shape address();
Shape timestamp();
Shape comparison();
Shape week_time();
Shape money();
Shape percent();
Shape decimal(std::int64_t least, std::int64_t most);
Shape count(std::int64_t least, std::int64_t most);
Shape size(std::int64_t least, std::int64_t most);
/// In milliseconds.
Shape duration(std::int64_t least, std::int64_t most = 365LL * 86'400'000);
Shape choice(std::vector<std::string> words, std::vector<std::string> later = {});
Shape list(Shape item, std::int64_t most = std::numeric_limits<std::int64_t>::max());
Shape one_or_list(Shape item);
Shape table(Shape item);
Shape object(std::vector<Field> fields);
/// The same shape, with `word` allowed in place of a value.
Shape with_word(Shape shape, std::string word);

Field key(std::string name, Shape shape, std::string standard, std::string meaning);
/// A key that must be there.
Field needed(std::string name, Shape shape, std::string meaning);
/// A key that this build accepts without acting on it.
Field later(std::string name, Shape shape, std::string standard, std::string meaning);

/// How a value of this shape is written, e.g. "a duration with a unit (250ms, 30s, 10m, 24h)".
std::string describe(const Shape& shape);

/// Rules are compared with each other, so their number is bounded.
inline constexpr std::int64_t most_rules = 1000;

/// The whole file.
const Shape& file_schema();

// Its parts, in the order of the file.
Field server_schema();
Field providers_schema();
Field models_schema();
Field routes_schema();
std::vector<Field> caller_schemas();    // keys, organisations, teams, auth, limits
std::vector<Field> upstream_schemas();  // retry, circuit_breaker, hedge
std::vector<Field> feature_schemas();   // cache, embedders, rag, jobs, guardrails, ledger, classifier, prices
Field telemetry_schema();
Field model_cache_schema();
Shape rate_limits(std::vector<Field> more);
Shape budget();
/// US dollars per million tokens of each kind.
Shape token_prices();

}  // namespace gatehouse::config
