#include "timestamp.hpp"

#include <array>
#include <ctime>

namespace gatehouse::app {

std::string timestamp(WallTime time) {
    const auto seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string(text.data(), size);
}

}  // namespace gatehouse::app
