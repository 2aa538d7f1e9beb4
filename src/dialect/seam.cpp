#include "seam.hpp"

#include <algorithm>

namespace gatehouse::dialect {

std::string_view without_blank_end(std::string_view text) noexcept {
    return text.substr(0, text.find_last_not_of(" \t\r\n\f\v") + 1);
}

std::span<const chat::Event> Seam::join(std::span<const chat::Event> events) {
    if (!joins_) {
        return events;
    }
    joined_.clear();
    for (auto event : events) {
        const bool text = event.kind == chat::EventKind::text && event.choice == 0 && !event.text.empty();
        if (text && !doubled_.empty()) {
            const auto [again, rest] =
                std::mismatch(event.text.begin(), event.text.end(), doubled_.begin(), doubled_.end());
            const auto same = static_cast<std::size_t>(again - event.text.begin());
            event.text.remove_prefix(same);
            doubled_.erase(0, event.text.empty() ? same : doubled_.size());
        }
        const bool nothing_left = text && event.text.empty();
        if (!nothing_left && event.kind != chat::EventKind::citation) {
            joined_.push_back(event);
        }
    }
    return joined_;
}

}  // namespace gatehouse::dialect
