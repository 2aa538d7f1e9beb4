// JSON being written: members and elements in order, commas where they belong, nothing built in between.
//
// Room: dialect, private. May include: wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Appends to a string. The caller keeps brackets balanced and gives each member a key.
class JsonOut {
public:
    explicit JsonOut(std::string& out) : out_(out) {}

    JsonOut& begin_object() { return open('{'); }
    JsonOut& end_object() { return close('}'); }
    JsonOut& begin_array() { return open('['); }
    JsonOut& end_array() { return close(']'); }
    /// `name` needs no escaping: it is a literal.
    JsonOut& key(std::string_view name);
    /// A key of somebody else's, escaped.
    JsonOut& any_key(std::string_view name);
    JsonOut& string(std::string_view text);
    JsonOut& integer(std::int64_t number);
    /// The shortest text that reads back as the same number.
    JsonOut& number(double number);
    JsonOut& boolean(bool value);
    JsonOut& null();
    /// A value that is JSON already.
    JsonOut& raw(std::string_view json);

private:
    JsonOut& open(char bracket);
    JsonOut& close(char bracket);
    void separate();

    std::string& out_;
    bool first_{true};  // nothing stands yet in the innermost container, or its key was just written
};

}  // namespace gatehouse::dialect
