// Ids and names as providers take them.
//
// Room: dialect, private. May include: core.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Letters, digits, `_`, `-`, at most `longest` (20 or more) of them; never empty. A pure function of the id,
/// so that a call and its result, and the same call in the next request, get the same.
std::string fitting_id(std::string_view id, std::size_t longest);

/// The ids of one request, where each stands for one thing only: clients of some models use them anew in
/// every turn. An id that came before is numbered: `c`, `c.2`, `c.3`, each made to fit.
class DistinctIds {
public:
    explicit DistinctIds(std::size_t longest) : longest_(longest) {}
    /// Never the same twice; a function of what was asked for before and of `id`.
    std::string next(std::string_view id);
    /// How many names were tried so far.
    std::size_t tried() const noexcept { return tried_; }

private:
    bool take(const std::string& name);

    std::size_t longest_;
    std::map<std::string, std::size_t, std::less<>> numbers_;  // name: the number to try next for it
    std::size_t tried_{0};
};

}  // namespace gatehouse::dialect
