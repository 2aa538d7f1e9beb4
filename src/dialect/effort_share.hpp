// How much of an answer an effort may spend on thoughts, for models that take a budget instead of an effort.
//
// Room: dialect, private. May include: chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"

#include <cstdint>

namespace gatehouse::dialect {

/// Percent of the longest answer (the defaults of vercel/ai); 0 for `none` and unsaid.
std::int64_t percent_of(chat::Effort effort) noexcept;

}  // namespace gatehouse::dialect
