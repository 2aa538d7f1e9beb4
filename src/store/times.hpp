// Times as the database has them.
//
// Room: store, private.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <chrono>
#include <cstdint>

namespace gatehouse::store {

/// Since the epoch.
inline std::int64_t milliseconds_of(WallTime time) noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace gatehouse::store
