// Requests for embeddings and their replies, input by input, for who must not know dialects.
// Room: upstream. May include: core, chat, dialect, tokens.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/embedding_inputs.hpp"
#include "gatehouse/tokens/estimate.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

using dialect::CanonicalEmbeddings;
using dialect::EmbeddingInputs;

/// As the functions of the same names in dialect/embedding_inputs.hpp.
std::optional<EmbeddingInputs> embedding_inputs(chat::Endpoint endpoint, std::string_view body);
std::optional<CanonicalEmbeddings> canonical_embeddings(const chat::Request& request);
Result<chat::Original> asking_for(chat::Endpoint endpoint, std::string_view body,
                                  const EmbeddingInputs& inputs, std::span<const std::size_t> wanted);

/// How many tokens each of those inputs is for a model, about: what the tokens of all together are shared out
/// by. `counter`: null, or more than 64 KiB to be counted: their bytes stand for them.
std::vector<std::int64_t> weights_of(chat::Endpoint endpoint, std::string_view body,
                                     const EmbeddingInputs& inputs, std::span<const std::size_t> wanted,
                                     const tokens::TokenCounter* counter, std::string_view model);

/// As the functions of the same names in dialect/embedding_replies.hpp.
std::optional<std::vector<std::string>> split_vectors(chat::Endpoint endpoint, std::string_view reply,
                                                      std::span<const std::int64_t> weights);
std::optional<std::string> join_vectors(chat::Endpoint endpoint, std::string_view frame,
                                        std::span<const std::string_view> replies);

}  // namespace gatehouse::upstream
