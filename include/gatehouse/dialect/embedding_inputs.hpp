// A request for embeddings taken apart into its inputs: what decides the vector of each of them, and the same
// request for some of them only.
//
// The words of a client go on as it wrote them. Pure. Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Places in a body.
struct EmbeddingInputs {
    wire::ByteRange list{};                 // the array that holds them, or the one that stands there alone
    std::vector<wire::ByteRange> inputs{};  // JSON values, in the client's order; at least one
};

/// More are not told apart: it is what OpenAI takes at one time.
inline constexpr std::size_t most_embedding_inputs = 2'048;

/// Of `/embeddings` and `:batchEmbedContents`. Nothing: another endpoint, whose requests have one input, or a
/// body in which the inputs cannot be told apart (texts among token ids, too many). REQUIRES: the body was
/// admitted.
std::optional<EmbeddingInputs> embedding_inputs(chat::Endpoint endpoint, std::string_view body);

/// What decides a vector, as digests. An input counts the same alone and among others.
struct CanonicalEmbeddings {
    Digest rest{};                 // everything but the inputs that changes the vectors
    std::vector<Digest> inputs{};  // in their order; equal ones are the same input
};

/// Nothing: as above, or the request is not comparable at all (see canonical_request). Which requests are
/// never kept is for canonical_request of the whole one to say.
std::optional<CanonicalEmbeddings> canonical_embeddings(const chat::Request& request);

/// The request for one of the inputs, of which it holds nothing else: for who wants to know what is in it.
chat::Request request_of_input(chat::Endpoint endpoint, std::string_view body, wire::ByteRange input);

/// The same body with those inputs only, by their numbers. Problems: those of Dialect::decode_request, if
/// `body` was not admitted. REQUIRES: more than one input; at least one is wanted.
Result<chat::Original> asking_for(chat::Endpoint endpoint, std::string_view body,
                                  const EmbeddingInputs& inputs, std::span<const std::size_t> wanted);

}  // namespace gatehouse::dialect
