// Who could take the place of a stream that turns out too slow. Only whoever has the plan knows.
// Room: upstream. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <optional>

namespace gatehouse::upstream {

class StandIns {
public:
    virtual ~StandIns() = default;
    /// Until when a call to another target may begin that takes the place of the one that asks; nothing:
    /// nobody may be asked, could be asked this, or could be paid. Asked once for a stream at most, when the
    /// first of it has come.
    virtual std::optional<Instant> replaceable_until() = 0;
};

}  // namespace gatehouse::upstream
