// What the writer of Gemini's replies is made of: its calls, its words for ends and usage.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "json_out.hpp"

#include "gatehouse/chat/event.hpp"
#include "gatehouse/chat/usage.hpp"

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// A call while its arguments come: Gemini's clients take them whole.
struct GatheredCall {
    std::string id;
    std::string name;
    std::string signature;
    std::string arguments;
    bool custom{false};
    bool written{false};
};

/// The arguments are what Gemini has for a call: an object.
bool is_sound(const GatheredCall& call);
/// The value of `args`: what is no object stands in one, under `_raw`.
void write_arguments(JsonOut& json, const GatheredCall& call);

/// wire-formats 11.1. `refused`: the model said that it would not answer.
std::string_view gemini_finish_reason(chat::Finish finish, bool refused) noexcept;

/// The member `usageMetadata`.
void write_usage_metadata(JsonOut& json, const chat::Usage& usage);

}  // namespace gatehouse::dialect
