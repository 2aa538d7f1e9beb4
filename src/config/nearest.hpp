// "Did you mean ...?": the known name nearest to a wrong one.
// Room: config. May include: the standard library.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// Insertions, deletions, replacements and swaps of neighbours that turn one into the other (optimal string
/// alignment), in bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, if it is near enough to be what was meant: half of its length away at most. The
/// first of several.
std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known);

/// `; did you mean `x`?` or, when nothing is near, `; known: a, b, c` (the first twenty), for the end of a
/// message.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

}  // namespace gatehouse::config
