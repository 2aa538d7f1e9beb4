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
    std::size_t queue{16 * 1024};       // lines waiting for the writer; beyond it lines are lost and counted
};

}  // namespace gatehouse::telemetry
