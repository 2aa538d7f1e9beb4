#include "recording_sink.hpp"

#include <algorithm>
#include <exception>

namespace gatehouse::pipeline {

// For want of memory a reply is not written down; the client gets it all the same.
void RecordingSink::record(std::span<const chat::Delta> run) noexcept {
    try {
        for (const auto& delta : run) {
            if (delta.kind == chat::DeltaKind::opaque || !add(delta.bytes)) {
                stop();
                return;
            }
            if (delta.kind == chat::DeltaKind::end || delta.kind == chat::DeltaKind::whole) {
                complete();
                return;
            }
        }
    } catch (const std::exception&) {
        stop();
    }
}

void RecordingSink::ended() noexcept {
    if (!recording_ || bytes_.empty()) {
        stop();
        return;
    }
    try {
        complete();
    } catch (const std::exception&) {
        stop();
    }
}

bool RecordingSink::add(std::string_view bytes) {
    const auto size = bytes_.size() + bytes.size();
    if (size > most_) {
        return false;
    }
    if (size > taken_) {
        // A reply that comes in pieces is not moved for each of them.
        const auto wanted = std::min(std::max(size, 2 * taken_), most_);
        if (!room_.take(wanted - taken_)) {
            return false;
        }
        taken_ = wanted;
        bytes_.reserve(wanted);
    }
    bytes_ += bytes;
    return true;
}

void RecordingSink::complete() {
    recording_ = false;
    keeper_.complete(std::move(bytes_));
    stop();
}

void RecordingSink::stop() noexcept {
    recording_ = false;
    bytes_ = std::string();
    room_.give_back(std::exchange(taken_, 0));
}

}  // namespace gatehouse::pipeline
