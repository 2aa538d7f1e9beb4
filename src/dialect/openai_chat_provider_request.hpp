// The messages of a request for OpenAI's chat completions.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "openai_provider.hpp"

namespace gatehouse::dialect {

/// wire-formats 2.2, 10.1: appends `messages`. openai_chat_provider_messages.cpp.
void write_openai_chat_messages(JsonOut& json, const Turns& turns, const OpenaiPlan& plan,
                                const chat::ModelFacts& facts, Losses& losses);

}  // namespace gatehouse::dialect
