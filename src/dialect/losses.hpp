// What a provider cannot honour of a request: named to the client, or, in strict mode, refused.
//
// Room: dialect, private. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Three outcomes per field (wire-formats: loss policy): map, drop, error. This is about the second and
/// third.
class Losses {
public:
    explicit Losses(bool strict) : strict_(strict) {}

    /// Leaving `field` out, or changing it, is harmless to the meaning: it is named.
    void drop(std::string_view field);
    /// The caller relies on it: the request cannot go there. The first such field is kept.
    void refuse(std::string_view field, std::string_view why);

    /// The refusal, if there is one.
    std::optional<Problem> problem() const;
    bool refused() const noexcept { return refused_.has_value(); }
    /// Ascending, each once.
    std::vector<std::string> dropped() const { return {dropped_.begin(), dropped_.end()}; }

private:
    bool strict_;
    std::set<std::string, std::less<>> dropped_;
    std::optional<Problem> refused_;
};

}  // namespace gatehouse::dialect
