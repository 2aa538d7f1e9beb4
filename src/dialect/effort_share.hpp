// How much of an answer an effort may spend on thoughts, for models that take a budget instead of an effort,
// and the other way round.
//
// Room: dialect, private. May include: chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"

#include <cstdint>
#include <span>

namespace gatehouse::dialect {

/// Percent of the longest answer (the defaults of vercel/ai); 0 for `none` and unsaid.
std::int64_t percent_of(chat::Effort effort) noexcept;

/// The effort that a budget says in a model of efforts: by its share of the longest answer, in tokens both.
chat::Effort effort_of(std::int64_t budget, std::int64_t longest) noexcept;

/// The nearest level that a model has: below, or above where none is below. REQUIRES: it has one.
chat::Effort nearest_effort(chat::Effort wish, std::span<const chat::Effort> efforts) noexcept;

}  // namespace gatehouse::dialect
