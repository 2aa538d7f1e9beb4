// Counting a request's tokens without its provider: what is to be counted, and how the number is told.
//
// Pure. Room: dialect. May include: core, chat.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace gatehouse::dialect {

/// What a prompt consists of, as far as it becomes tokens.
struct Countable {
    std::string text;         // of all messages, calls, results, tools and schemas
    std::size_t messages{0};  // each costs some tokens for its frame
    std::size_t tools{0};
    std::size_t media{0};  // pictures, documents, sound: their tokens are a guess
};

/// Of a request of a conversation's endpoint or of one that counts. Problems: those of the reader of the
/// client's dialect.
Result<Countable> countable_of(const chat::Request& request);

/// The answer of an endpoint that counts. REQUIRES: `endpoint` is one.
std::string token_count_body(chat::Endpoint endpoint, std::int64_t tokens);

}  // namespace gatehouse::dialect
