// What readers of providers' replies share: strings out of JSON, and what is done to the JSON of a tool call
// before a client gets it.
//
// Room: dialect, private. May include: core, wire.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Strings of one JSON text: where they stand, if no escape is in them, else unescaped and kept here until
/// `clear`. The room that was once needed is kept.
class Texts {
public:
    /// Reads a string; anything else is passed over and empty.
    std::string_view read(wire::JsonReader& json);
    std::string_view keep(std::string text);
    void clear() noexcept { used_ = 0; }

private:
    std::deque<std::string> kept_;
    std::size_t used_{0};
};

/// Begin the object or array that comes next; anything else is passed over, and false.
bool begin_object(wire::JsonReader& json);
bool begin_array(wire::JsonReader& json);

/// Passes over the next value and gives its text. `data` is what `json` reads.
std::string_view read_json(wire::JsonReader& json, std::string_view data);

/// The same JSON without blanks between its tokens. REQUIRES: `json` is valid.
std::string compact_json(std::string_view json);

/// Code points, as annotations count them. REQUIRES: UTF-8.
std::size_t characters_in(std::string_view text) noexcept;

bool is_json_object(std::string_view json);

/// The text in `{"input":"text"}`, as which free-text tools are offered where tools take JSON only; anything
/// else is given back as it is.
std::string free_text_of(std::string arguments);

}  // namespace gatehouse::dialect
