// What other calls of a request cost that is on its way, for the one that tells its client.
//
// Room: upstream. May include: core.
#pragma once

#include "gatehouse/core/units.hpp"

#include <optional>

namespace gatehouse::upstream {

class SpentBeside {
public:
    virtual ~SpentBeside() = default;
    /// Of all calls that are not on this call's own trail, as if those that run ended now; nothing: not
    /// known.
    virtual std::optional<PicoUsdSum> spent() const = 0;
};

}  // namespace gatehouse::upstream
