#include "recording_sink.hpp"

#include <exception>

namespace gatehouse::pipeline {

void RecordingSink::record(std::span<const chat::Delta> run) {
    try {
        for (const auto& delta : run) {
            if (delta.kind == chat::DeltaKind::opaque || bytes_.size() + delta.bytes.size() > most_) {
                recording_ = false;
                bytes_ = std::string();
                return;
            }
            bytes_ += delta.bytes;
            if (delta.kind == chat::DeltaKind::end || delta.kind == chat::DeltaKind::whole) {
                recording_ = false;
                keeper_.complete(std::move(bytes_));
                return;
            }
        }
    } catch (const std::exception&) {
        // No memory for it: the client gets its reply all the same.
        recording_ = false;
    }
}

void RecordingSink::ended() noexcept {
    if (!std::exchange(recording_, false) || bytes_.empty()) {
        return;
    }
    try {
        keeper_.complete(std::move(bytes_));
    } catch (const std::exception&) {
        // No memory for it, as above.
    }
}

}  // namespace gatehouse::pipeline
