// The items of a request for OpenAI's Responses.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "openai_provider.hpp"

namespace gatehouse::dialect {

/// wire-formats 3.1, 10.3, 15.3: appends `input`. openai_responses_provider_items.cpp.
void write_openai_responses_input(JsonOut& json, const Turns& turns, const OpenaiPlan& plan,
                                  const chat::ModelFacts& facts, Losses& losses);

}  // namespace gatehouse::dialect
