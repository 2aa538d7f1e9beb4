// The values of a client's request, read one by one: what is not what the dialect says becomes a fault with
// the path of the value, and reading goes on.
//
// Knows types and ranges, no field of any dialect. Room: dialect, private. May include: core, wire.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Where a value stands: `messages[2].content[0].type`. Points to the place above it, so it lives on the
/// stack of whoever reads there, and costs nothing until a fault needs its text.
class Place {
public:
    Place() = default;  // the body itself
    /// `name` is a literal.
    Place(const Place& above, std::string_view name) : above_(&above), name_(name) {}
    Place(const Place& above, std::size_t index) : above_(&above), index_(index), element_(true) {}
    std::string text() const;

private:
    const Place* above_{nullptr};
    std::string_view name_;
    std::size_t index_{0};
    bool element_{false};
};

/// A pull reader that remembers the first fault. Each call that reads consumes one value, right or wrong.
class FieldReader {
public:
    /// `body` must outlive the reader.
    explicit FieldReader(std::string_view body, wire::JsonLimits limits = {wire::deepest_json})
        : body_(body), json_(body, limits) {}

    /// To be asked once, at the end: the first fault; before it, that the text is no JSON at all.
    Status status();
    bool faulty() const noexcept { return fault_.has_value(); }

    wire::JsonType peek() noexcept { return json_.peek(); }
    bool next_member() { return json_.next_member(); }
    std::string_view key() const noexcept { return json_.key(); }
    bool next_element() { return json_.next_element(); }
    /// Where the value stood.
    wire::ByteRange skip() { return json_.skip(); }
    /// As read_presence.
    bool presence();
    /// Where the next value begins.
    std::size_t offset() noexcept { return json_.offset(); }
    /// The string that the object which comes next has for `member`; nothing for any other value. Consumes
    /// nothing. For objects whose other members mean something only together with this one.
    std::optional<std::string> member_ahead(std::string_view member) const;

    /// Passes over a null, which is as good as no value.
    bool null();
    /// Begin the object or array that comes next. False, and a fault, for anything else.
    bool object(const Place& at);
    bool array(const Place& at);
    /// The same, where null means that there is none.
    bool optional_object(const Place& at) { return !null() && object(at); }
    bool optional_array(const Place& at) { return !null() && array(at); }

    std::string string(const Place& at);
    std::optional<std::string> optional_string(const Place& at);
    /// A string if it is one; anything else is passed over. For what other gateways made up.
    std::string any_string();
    /// A number if it is one; anything else is passed over.
    std::optional<double> any_number();
    /// Nothing for null, and for what is no integer from `low` to `high` (a fault).
    std::optional<std::int64_t> integer(const Place& at, std::int64_t low, std::int64_t high);
    std::optional<double> number(const Place& at, double low, double high);
    std::optional<bool> boolean(const Place& at);
    /// The number of the word among `words`; nothing, and a fault, for any other.
    std::optional<std::size_t> word(const Place& at, std::span<const std::string_view> words);
    /// Any value as its author wrote it, but for surrogate escapes that stand alone: they become U+FFFD.
    std::string json();
    /// The same of an object; null: empty.
    std::string optional_object_json(const Place& at);

    /// A value of the wrong type: noted and passed over.
    void wrong_type(const Place& at, std::string_view expected);
    /// A value of the right type that was read, and is not allowed there. `expected` completes "expected".
    void invalid(const Place& at, std::string_view expected);
    void missing(const Place& at);
    /// A value that is all right where it comes from, and can be honoured nowhere else.
    void unsupported(const Place& at, std::string_view why);

private:
    bool expect(wire::JsonType type, const Place& at, std::string_view expected);
    void fault(ProblemKind kind, const Place& at, std::string message);

    std::string_view body_;
    wire::JsonReader json_;
    std::optional<Problem> fault_;
};

/// JSON, or what should be, with every surrogate escape that stands alone as `\ufffd`: providers refuse them.
std::string with_whole_surrogates(std::string_view json);

}  // namespace gatehouse::dialect
