// Reading what is kept of a conversation: members and elements of JSON that was validated before.
//
// Room: dialect, private. May include: wire.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

inline wire::JsonReader kept_reader(std::string_view text) {
    return wire::JsonReader(text, {wire::deepest_json});
}

inline std::string_view text_at(std::string_view text, wire::ByteRange range) {
    return text.substr(range.begin, range.size());
}

/// The inside of an object's or array's text.
std::string_view inside_of(std::string_view container);
/// Empty if `array` is none.
std::vector<std::string_view> elements_of(std::string_view array);
/// The value of an object's member, the last of that name; empty if there is none.
std::string_view member_of(std::string_view object, std::string_view name);
/// Of a value that is a string; else empty.
std::string string_of(std::string_view value);
/// Nothing but white space.
bool is_blank_json(std::string_view text);
/// Appends elements to the inside of an array, with the comma between.
void append_elements(std::string& inside, std::string_view elements);

}  // namespace gatehouse::dialect
