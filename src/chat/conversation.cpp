#include "gatehouse/chat/conversation.hpp"

#include "gatehouse/chat/event.hpp"

#include <array>

namespace gatehouse::chat {

namespace {

constexpr std::array<std::string_view, 8> effort_names{"",       "none", "minimal", "low",
                                                       "medium", "high", "xhigh",   "max"};

}  // namespace

std::string_view name_of(Effort effort) noexcept {
    return effort_names[static_cast<std::size_t>(effort)];
}

std::optional<Effort> effort_named(std::string_view name) noexcept {
    for (std::size_t i = 1; i < effort_names.size(); ++i) {
        if (effort_names[i] == name) {
            return static_cast<Effort>(i);
        }
    }
    return std::nullopt;
}

std::string_view name_of(Finish finish) noexcept {
    switch (finish) {
        case Finish::stop:
            return "stop";
        case Finish::tool_calls:
            return "tool_calls";
        case Finish::length:
            return "length";
        case Finish::content_filter:
            break;
    }
    return "content_filter";
}

}  // namespace gatehouse::chat
