// The inside of a JSON string, unescaped piece by piece: for who reads long ones and keeps none.
// Room: wire.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gatehouse::wire {

/// Unescapes the beginning of the inside of a JSON string that has been validated, as much of it as fits, and
/// cuts it off there; returns the bytes written. A surrogate that stands alone keeps its value, in the three
/// bytes of a code point, where unescape_json replaces it: for who must tell texts from each other.
/// REQUIRES: out.size() >= 4.
std::size_t unescape_json_piece(std::string_view& inside, std::span<char> out) noexcept;

}  // namespace gatehouse::wire
