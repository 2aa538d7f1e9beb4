// Requests for embeddings, and the vectors that answer them, in OpenAI's words and in Gemini's: read from
// one, written for the other.
//
// Pure. Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// What is to be embedded, and how, in neutral words.
struct EmbeddingsWish {
    struct Input {
        std::string text;   // never empty
        std::string title;  // of a document; empty: none
    };
    std::vector<Input> inputs;  // at least one
    std::optional<std::int64_t> dimensions;
    std::string task_type;         // Gemini's word (`RETRIEVAL_QUERY`); empty: none
    std::string end_user;          // OpenAI's `user`
    std::set<std::string> others;  // names of what was said beyond that
    bool base64{false};            // the answer's vectors as OpenAI's base64: float32, little-endian
};

/// The text of an array of token ids; nothing: an id is unknown.
using DecodeTokens = std::function<std::optional<std::string>(std::span<const std::int64_t>)>;

/// Reads a body that `Dialect::decode_request` admitted. Problems: missing_parameter, invalid_type,
/// invalid_value (an empty string, a wrong `encoding_format`), and unsupported_parameter for arrays of tokens
/// that `decode_tokens` does not know; an empty function knows none.
Result<EmbeddingsWish> read_openai_embeddings(std::string_view body, const DecodeTokens& decode_tokens);
/// The same of `embed_content` and `batch_embed_contents`. Contents other than text, and requests of one
/// batch that differ in dimensions or task, are unsupported_parameter.
Result<EmbeddingsWish> read_gemini_embeddings(chat::Endpoint endpoint, std::string_view body);

/// Bodies for `:batchEmbedContents`, each of 100 inputs at most, in the order of the inputs. `model`:
/// upstream name.
std::vector<std::string> write_gemini_embeddings(const EmbeddingsWish& wish, std::string_view model);
/// A body for `/embeddings`. OpenAI knows neither tasks nor titles.
std::string write_openai_embeddings(const EmbeddingsWish& wish, std::string_view model);
/// What `write_openai_embeddings` leaves out, and what `write_gemini_embeddings` does; in the client's words,
/// ascending.
std::vector<std::string> lost_of_openai_embeddings(const EmbeddingsWish& wish);
std::vector<std::string> lost_of_gemini_embeddings(const EmbeddingsWish& wish);

struct Embeddings {
    std::vector<std::vector<double>> vectors;  // in the order of the inputs
    chat::Usage usage;
};

/// Appends the vectors of a whole 2xx body of a batch to `embeddings`, of which there must be `expected`.
/// Problems: what an error object says, or upstream_protocol.
Status read_gemini_vectors(std::string_view body, std::size_t expected, Embeddings& embeddings);
/// The same of OpenAI's; vectors may come in either form and any order.
Status read_openai_vectors(std::string_view body, std::size_t expected, Embeddings& embeddings);

/// To length 1, as models do that were trained for it; gemini-embedding-001 does not for shortened vectors. A
/// vector of zeros stays.
void normalise(Embeddings& embeddings);

/// `model`: as the client asked. Without a known usage its numbers are 0.
std::string write_openai_vectors(const Embeddings& embeddings, std::string_view model, bool base64);
/// REQUIRES: at least one vector. `endpoint` says whether it is one or a batch.
std::string write_gemini_vectors(const Embeddings& embeddings, chat::Endpoint endpoint);

}  // namespace gatehouse::dialect
