#include "process_stats.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace gatehouse::telemetry {
namespace {

std::int64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::int64_t total = 0;
    std::int64_t resident = 0;
    if (!(statm >> total >> resident)) {
        return 0;
    }
    return resident * sysconf(_SC_PAGESIZE);
}

std::int64_t open_descriptors() {
    std::error_code failure;
    std::filesystem::directory_iterator entry("/proc/self/fd", failure);
    std::int64_t count = 0;
    while (!failure && entry != std::filesystem::directory_iterator()) {
        ++count;
        entry.increment(failure);
    }
    return count > 0 ? count - 1 : 0;  // without the one that reads the directory
}

std::chrono::nanoseconds cpu_time() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

ProcessStats process_stats() {
    return {resident_bytes(), open_descriptors(), cpu_time()};
}

}  // namespace gatehouse::telemetry
