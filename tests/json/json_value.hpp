// A JSON value to be compared with what a test expects.
//
// The library's header and templates cost a source of checks more than its checks do: they are compiled once,
// in json_value.cpp. Room: tests.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect::test {

/// Never changes. Looking for what is not there gives null.
class JsonValue {
public:
    JsonValue();  // null
    JsonValue(std::string_view text);
    JsonValue(const std::string& text) : JsonValue(std::string_view(text)) {}
    JsonValue(const char* text) : JsonValue(std::string_view(text)) {}
    JsonValue(std::nullptr_t) : JsonValue() {}
    JsonValue(double number);
    template <std::integral Number>
    JsonValue(Number number) : JsonValue(integer_or_truth(number)) {}

    /// Equal to nothing, if it is no JSON.
    static JsonValue parsed(std::string_view text);
    /// A file under tests/golden.
    static JsonValue golden(const std::string& path);

    JsonValue operator[](const char* member) const;
    JsonValue operator[](std::size_t element) const;
    JsonValue operator[](int element) const { return (*this)[static_cast<std::size_t>(element)]; }
    bool contains(std::string_view member) const;
    /// Of an object, in its order.
    std::vector<std::string> members() const;
    /// Of a list; of anything else none.
    std::vector<JsonValue> elements() const;
    std::size_t size() const;
    bool empty() const { return size() == 0; }
    JsonValue without(const char* member) const;
    /// In the place of the member of that name, or last.
    JsonValue with(const char* member, const JsonValue& value) const;
    /// With every object's members in the order of their names.
    JsonValue sorted() const;

    bool is_object() const;
    bool is_array() const;
    bool is_string() const;
    bool is_null() const;
    /// The text of a string; of anything else, its JSON.
    std::string text() const;
    std::vector<std::string> texts() const;
    /// 0 and false for anything else.
    std::int64_t integer() const;
    bool truth() const;
    /// In one line; with an indent, over many.
    std::string dump(int indent = -1) const;

    /// The order of an object's members counts: prompt caches live by it.
    friend bool operator==(const JsonValue& left, const JsonValue& right);
    friend void PrintTo(const JsonValue& value, std::ostream* out);

private:
    explicit JsonValue(std::shared_ptr<const nlohmann::ordered_json> json) : json_(std::move(json)) {}

    static JsonValue of_integer(std::int64_t number);
    static JsonValue of_truth(bool truth);
    template <class Number>
    static JsonValue integer_or_truth(Number number) {
        if constexpr (std::same_as<Number, bool>) {
            return of_truth(number);
        } else {
            return of_integer(static_cast<std::int64_t>(number));
        }
    }

    std::shared_ptr<const nlohmann::ordered_json> json_;  // part of a larger one, perhaps
};

inline JsonValue parsed(std::string_view text) {
    return JsonValue::parsed(text);
}

}  // namespace gatehouse::dialect::test
