// Replies with vectors taken apart into one reply for each input, and put together again.
//
// Vectors are moved as the bytes that a provider wrote, numbers or base64, and never read as numbers; what
// stands around them stays as it was, but for their places and the tokens. Pure. Room: dialect. May include:
// core, wire, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// The replies that each of the inputs would have had alone, in the order of the inputs. The tokens that
/// `reply` tells are shared out in proportion to `weights`, one for each input, so that their sum stays; the
/// reply to a single input stays as it is. Nothing: it has not one vector for each of them, or is no reply
/// with vectors. `endpoint`: embeddings or batch_embed_contents.
std::optional<std::vector<std::string>> split_vectors(chat::Endpoint endpoint, std::string_view reply,
                                                      std::span<const std::int64_t> weights);

/// One reply with the vectors of all `replies`, in their order, and the sum of their tokens; each has one
/// vector, and one may stand there more than once. All else is as in `frame`, a reply with any number of
/// vectors. Nothing: one of them is none.
std::optional<std::string> join_vectors(chat::Endpoint endpoint, std::string_view frame,
                                        std::span<const std::string_view> replies);

}  // namespace gatehouse::dialect
