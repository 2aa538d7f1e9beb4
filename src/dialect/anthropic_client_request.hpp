// The parts that the reader of Anthropic's requests is put together from; each has a source of its own.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "field_reader.hpp"

#include "gatehouse/chat/conversation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// anthropic_client_request_messages.cpp: the array of messages. Results of a user's message become messages
/// of the role `tool` before it.
void read_anthropic_turns(FieldReader& fields, const Place& at, chat::Conversation& conversation);
/// The same source: a string, or an array of text blocks.
std::vector<chat::Part> read_anthropic_system(FieldReader& fields, const Place& at);

/// Blocks of a type that no one role has to itself: text, images, documents, search results. Appends what
/// they show to `parts`; what of them has no neutral form, to `others`. False, and nothing read, if `type` is
/// none of these. anthropic_client_request_shown.cpp.
bool read_shown_block(FieldReader& fields, const Place& at, std::string_view type,
                      std::vector<chat::Part>& parts, std::vector<chat::Member>& others);

/// The type of the block that comes next. Without one, the block is passed over as a fault.
std::optional<std::string> block_type(FieldReader& fields, const Place& at);
/// A block of a type that cannot stand there: noted and passed over.
void refuse_block(FieldReader& fields, const Place& at, std::string_view type);

/// anthropic_client_request_tools.cpp.
void read_anthropic_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation);
void read_anthropic_tool_choice(FieldReader& fields, const Place& at, chat::Conversation& conversation);

}  // namespace gatehouse::dialect
