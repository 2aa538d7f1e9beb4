// The layer tables of docs/architecture.md, read from that page, and what they say of one include.
#pragma once

#include "source_text.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::architecture {

struct Layers {
    std::map<std::string, std::set<std::string>> sees;                     // room -> rooms
    std::vector<std::pair<std::string, std::vector<std::string>>> owners;  // header prefix -> file patterns
};

/// Reads both tables. A page without them gives empty tables.
Layers read_layers(std::string_view page);

/// The room of a file below include/gatehouse or src; empty for files outside any room.
std::string room_of(std::string_view path);

/// Why `path` may not include `include`; nothing if it may.
std::optional<std::string> objection(const Layers& layers, std::string_view path, const Include& include);

/// Which rooms each gatehouse_room(...) of CMakeLists.txt SEES.
std::map<std::string, std::set<std::string>> rooms_in_cmake(std::string_view cmake);

}  // namespace gatehouse::architecture
