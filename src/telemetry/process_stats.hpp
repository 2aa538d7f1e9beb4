// What the kernel knows about this process, for the scrape.
// Room: telemetry, private.
#pragma once

#include <chrono>
#include <cstdint>

namespace gatehouse::telemetry {

struct ProcessStats {
    std::int64_t resident_bytes{0};
    std::int64_t open_descriptors{0};
    std::chrono::nanoseconds cpu{0};  // user and system, all threads
};

/// A number that cannot be read (no /proc) is 0.
ProcessStats process_stats();

}  // namespace gatehouse::telemetry
