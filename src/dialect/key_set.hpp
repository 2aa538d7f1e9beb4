// The keys of one JSON object, to find one that comes twice.
//
// Room: dialect.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Few keys, as requests have, cost no allocation; very many cost no more than n log n, whatever they are.
class KeySet {
public:
    /// False if the key was there. Keeps a copy only of keys that do not lie in `text`.
    bool add(std::string_view key, std::string_view text);

private:
    std::array<std::string_view, 32> few_;
    std::size_t count_{0};
    std::set<std::string_view> many_;
    std::deque<std::string> unescaped_;
};

}  // namespace gatehouse::dialect
