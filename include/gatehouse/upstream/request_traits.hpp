// What a request holds and how long its prompt is, for those who choose a model before a provider is known.
//
// Room: upstream. May include: core, chat, dialect, tokens.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/request_traits.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/tokens/estimate.hpp"

namespace gatehouse::upstream {

/// Of a request to any endpoint, in any client's words.
chat::RequestTraits traits_of(const chat::Request& request);

/// The prompt in tokens of OpenAI's present models: no target is chosen yet. A text above 1 MiB is counted in
/// part, and the rest taken to be like it.
TokenCount prompt_tokens(const chat::RequestTraits& traits, const tokens::TokenCounter& counter);

}  // namespace gatehouse::upstream
