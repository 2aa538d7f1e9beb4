// Log probabilities of tokens between the chat dialect's form and Gemini's.
//
// Room: dialect, private. May include: the standard library.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Gemini's `logprobsResult` as the elements of the chat dialect's `logprobs.content`, with commas between
/// (wire-formats 11.2). Empty if there are none.
std::string chat_logprobs(std::string_view logprobs_result);

/// The way back: elements as above as a `logprobsResult`.
std::string gemini_logprobs(std::string_view elements);

}  // namespace gatehouse::dialect
