// How an answer changes its form: events put together to the whole, and the whole told as events.
//
// By the members of each vendor's objects, so that those which nobody here knows go along. Room: dialect,
// private. May include: core, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Says all there is in the data of a stream's events. Nothing: it is none of this dialect's, or not
/// complete. Without what the gateway said of its cost. replay_joined.cpp.
std::optional<std::string> joined_events(chat::Endpoint endpoint,
                                         const std::vector<std::string_view>& events);

/// An event to be told.
struct ToldEvent {
    std::string_view name{};  // a literal; empty: events of this dialect have none
    std::string data{};
};

/// The events that say the same as a whole answer; nothing if it is none. Usage stands where the dialect has
/// it. replay_told.cpp, and for responses replay_told_response.cpp.
std::optional<std::vector<ToldEvent>> told_in_events(chat::Endpoint endpoint, std::string_view whole);
std::optional<std::vector<ToldEvent>> response_in_events(std::string_view whole);

}  // namespace gatehouse::dialect
