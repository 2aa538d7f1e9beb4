#include "attempt_notes.hpp"

namespace gatehouse::upstream {

void note_dropped(telemetry::Trail& trail, std::span<const std::string> fields) {
    trail.dropped_params.clear();
    for (const auto& field : fields) {
        trail.dropped_params += trail.dropped_params.empty() ? "" : ", ";
        trail.dropped_params += field;
    }
}

}  // namespace gatehouse::upstream
