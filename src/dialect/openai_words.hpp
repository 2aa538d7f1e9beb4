// What all readers of OpenAI requests and replies share: limits, names of types, truth of a value, usage, and
// how a bad answer is reported.
//
// Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::dialect {

/// Providers echo what they were sent, some levels deeper than it came (a tool's schema inside a Responses
/// event).
inline constexpr wire::JsonLimits reply_limits{512};

/// "an object", "null" …: what a value of a wrong type is, for messages.
std::string_view with_article(wire::JsonType type) noexcept;

/// No reply has more tokens than this; above it the number is a fault, and sums could overflow.
inline constexpr std::int64_t most_tokens = 1'000'000'000'000;

/// Reads a value as JavaScript's `if` does: the official SDKs take a truthy top-level `error` as an error.
bool read_truth(wire::JsonReader& json);

/// Passes over the next value; true if it is a string or array that holds something, or any object.
bool read_presence(wire::JsonReader& json);

/// Reads a `usage` value of any endpoint into disjoint numbers and overwrites `usage` with them, but for
/// `service`: compatible servers repeat running totals. A negative, fractional or absurd number makes the
/// whole value unknown, and `usage` stays as it was: better no bill than a wrong one.
void read_usage(wire::JsonReader& json, chat::Usage& usage);

/// Reads `service_tier` and its like; anything but a string changes nothing.
void read_service(wire::JsonReader& json, chat::Service& service);

/// Spaces, tabs and line ends at both sides taken off: some providers pad their data lines.
std::string_view without_padding(std::string_view text) noexcept;

/// A 200 that is no answer: another try may bring one. `what` completes "the provider sent …".
Problem no_answer(std::string_view what);

}  // namespace gatehouse::dialect
