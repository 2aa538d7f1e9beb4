// The one clock of both tools: provider and driver run on one machine, so the provider can write into a chunk
// when it sent it, and the driver can tell how long that chunk was on its way.
#pragma once

#include <time.h>

#include <cstdint>

namespace gatehouse::bench {

inline std::uint64_t now_ns() noexcept {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace gatehouse::bench
