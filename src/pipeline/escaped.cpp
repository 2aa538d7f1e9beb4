#include "escaped.hpp"

#include "gatehouse/telemetry/log.hpp"

namespace gatehouse::pipeline {

void note_escaped(const std::exception& error) noexcept {
    try {
        telemetry::log(telemetry::LogLevel::error, "escaped_exception", {{"what", error.what()}});
    } catch (const std::exception&) {
        return;  // nothing is left to tell it with
    }
}

}  // namespace gatehouse::pipeline
