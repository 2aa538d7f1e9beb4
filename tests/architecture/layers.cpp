#include "layers.hpp"

#include <algorithm>
#include <sstream>

namespace gatehouse::architecture {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, '|');) {
        const auto first = cell.find_first_not_of(' ');
        const auto last = cell.find_last_not_of(' ');
        cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    if (!cells.empty()) {
        cells.erase(cells.begin());  // left of the first bar
    }
    return cells;
}

std::vector<std::string> quoted_words(std::string_view cell) {
    std::vector<std::string> words;
    for (auto open = cell.find('`'); open != std::string_view::npos;) {
        const auto close = cell.find('`', open + 1);
        if (close == std::string_view::npos) {
            break;
        }
        words.emplace_back(cell.substr(open + 1, close - open - 1));
        open = cell.find('`', close + 1);
    }
    return words;
}

bool is_system_name(std::string_view name) {
    return name.find_first_of("./") == std::string_view::npos;
}

std::optional<std::string> objection_to_ours(const Layers& layers, std::string_view room,
                                             std::string_view name) {
    const auto slash = name.find('/');
    const auto other = std::string(name.substr(0, slash));
    const auto row = layers.sees.find(std::string(room));
    if (row == layers.sees.end()) {
        return room.empty() ? "a file outside the rooms includes none of them"
                            : "room '" + std::string(room) + "' has no row in the layer table";
    }
    if (other == room) {
        return std::nullopt;
    }
    if (!row->second.contains(other)) {
        return "room '" + std::string(room) + "' may not include '" + other + "'";
    }
    if (room == "config" && other != "core" && other != "policy" && !name.ends_with("/options.hpp")) {
        return "'config' may include only the options.hpp of '" + other + "'";
    }
    return std::nullopt;
}

}  // namespace

Layers read_layers(std::string_view page) {
    Layers layers;
    std::istringstream in{std::string(page)};
    std::vector<std::string> head;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with('|')) {
            head.clear();
            continue;
        }
        const auto cells = cells_of(line);
        if (cells.size() < 2 || cells[0].starts_with("---")) {
            continue;
        }
        if (head.empty()) {
            head = cells;
        } else if (head[0] == "room" && head[1] == "core") {
            auto& row = layers.sees[cells[0]];
            for (std::size_t i = 1; i < cells.size() && i < head.size(); ++i) {
                if (cells[i] == "x") {
                    row.insert(head[i]);
                }
            }
        } else if (head[0] == "header" && head[1] == "only in") {
            for (const auto& header : quoted_words(cells[0])) {
                layers.owners.emplace_back(header, quoted_words(cells[1]));
            }
        }
    }
    return layers;
}

std::string room_of(std::string_view path) {
    for (const std::string_view root : {"include/gatehouse/", "src/"}) {
        if (path.starts_with(root)) {
            path.remove_prefix(root.size());
            const auto slash = path.find('/');
            return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
        }
    }
    return "";
}

std::optional<std::string> objection(const Layers& layers, std::string_view path, const Include& include) {
    constexpr std::string_view ours = "gatehouse/";
    const auto room = room_of(path);
    if (include.name.starts_with(ours)) {
        if (!include.quoted) {
            return "our own headers are included in quotes";
        }
        return objection_to_ours(layers, room, std::string_view(include.name).substr(ours.size()));
    }
    if (include.quoted) {
        if (include.name.find('/') != std::string::npos || path.starts_with("include/")) {
            return "a private header is included by its plain name, from its own room's sources";
        }
        return std::nullopt;
    }

    const std::vector<std::string>* owners = nullptr;
    std::size_t longest = 0;
    for (const auto& [header, patterns] : layers.owners) {
        const bool meant = header.ends_with('/') ? include.name.starts_with(header) : include.name == header;
        if (meant && header.size() > longest) {
            longest = header.size();
            owners = &patterns;
        }
    }
    if (owners == nullptr) {
        return is_system_name(include.name) ? std::nullopt
                                            : std::optional<std::string>("this header has no owner");
    }
    const bool allowed =
        std::ranges::any_of(*owners, [&](const auto& pattern) { return fits(pattern, path); });
    return allowed ? std::nullopt : std::optional<std::string>("this header belongs to others");
}

std::map<std::string, std::set<std::string>> rooms_in_cmake(std::string_view cmake) {
    constexpr std::string_view call = "\ngatehouse_room(";
    std::map<std::string, std::set<std::string>> rooms;
    for (auto at = cmake.find(call); at != std::string_view::npos; at = cmake.find(call, at + 1)) {
        const auto begin = at + call.size();
        std::istringstream words{std::string(cmake.substr(begin, cmake.find(')', begin) - begin))};
        std::string room;
        words >> room;
        auto& seen = rooms[room];
        bool listing = false;
        for (std::string word; words >> word;) {
            if (word == "SEES" || word == "LINKS") {
                listing = word == "SEES";
            } else if (listing) {
                seen.insert(word);
            }
        }
    }
    return rooms;
}

}  // namespace gatehouse::architecture
