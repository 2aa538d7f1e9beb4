// What a fuzz target says when an oracle is wrong: a crash that the fuzzer keeps.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

inline void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

/// A stream's bytes without line ends: an event that ends in the middle of a CRLF may leave half of it
/// behind, which its reader takes for the same.
inline std::string without_line_ends(std::string text) {
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    return text;
}

/// nlohmann has no place for numbers beyond a double; in JSON they are numbers like any other.
inline bool is_json(std::string_view text) {
    gatehouse::wire::JsonReader json(text, {gatehouse::wire::deepest_json});
    json.skip();
    return static_cast<bool>(json.finish());
}
