// The parts that the reader of Responses requests is put together from; each has a source of its own.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "field_reader.hpp"

#include "gatehouse/chat/conversation.hpp"

#include <vector>

namespace gatehouse::dialect {

/// responses_request_items.cpp: `input`, a string or items.
void read_response_input(FieldReader& fields, const Place& at, chat::Conversation& conversation);

/// responses_request_parts.cpp: a message's content or a call's output, a string or parts; null: none. One
/// part for each element, so that their places stay known.
std::vector<chat::Part> read_response_content(FieldReader& fields, const Place& at);

/// responses_request_tools.cpp: `tools` and `tool_choice`.
void read_response_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation);
void read_response_tool_choice(FieldReader& fields, const Place& at, chat::ToolChoice& choice);

}  // namespace gatehouse::dialect
