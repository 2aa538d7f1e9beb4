// Options of the telemetry room.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gatehouse::telemetry {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { json, text };

struct LogOptions {
    LogLevel level{LogLevel::info};     // yaml: telemetry.log.level: debug | info | warning | error
    LogFormat format{LogFormat::json};  // yaml: telemetry.log.format: json | text
    // Lines waiting for the writer; beyond it they are lost and counted. After a halt of the disk the lines
    // of all rows that waited for it (32 Ki) come at once.
    std::size_t queue{40 * 1024};
};

}  // namespace gatehouse::telemetry
