#include "gatehouse/upstream/embedding_items.hpp"

#include "gatehouse/dialect/embedding_replies.hpp"
#include "gatehouse/upstream/request_traits.hpp"

namespace gatehouse::upstream {
namespace {

/// Counting takes about 3 ms for so much; beyond it shares by length are good enough.
constexpr std::size_t most_weighed = std::size_t{64} * 1024;

}  // namespace

std::optional<EmbeddingInputs> embedding_inputs(chat::Endpoint endpoint, std::string_view body) {
    return dialect::embedding_inputs(endpoint, body);
}

std::optional<CanonicalEmbeddings> canonical_embeddings(const chat::Request& request) {
    return dialect::canonical_embeddings(request);
}

Result<chat::Original> asking_for(chat::Endpoint endpoint, std::string_view body,
                                  const EmbeddingInputs& inputs, std::span<const std::size_t> wanted) {
    return dialect::asking_for(endpoint, body, inputs, wanted);
}

std::vector<std::int64_t> weights_of(chat::Endpoint endpoint, std::string_view body,
                                     const EmbeddingInputs& inputs, std::span<const std::size_t> wanted,
                                     const tokens::TokenCounter* counter, std::string_view model) {
    std::vector<std::int64_t> weights;
    weights.reserve(wanted.size());
    std::size_t bytes = 0;
    for (const auto number : wanted) {
        const auto size = inputs.inputs[number].size();
        bytes += size;
        weights.push_back(static_cast<std::int64_t>(size));
    }
    // Nothing is shared out where there is one.
    if (counter == nullptr || bytes > most_weighed || wanted.size() < 2) {
        return weights;
    }
    const auto family = tokens::family_of(model);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto traits = traits_of(dialect::request_of_input(endpoint, body, inputs.inputs[wanted[i]]));
        const auto text = std::string_view(traits.text).substr(0, traits.text.find_last_not_of('\n') + 1);
        weights[i] = counter->estimate(family, text).count.value() + traits.token_ids;
    }
    return weights;
}

std::optional<std::vector<std::string>> split_vectors(chat::Endpoint endpoint, std::string_view reply,
                                                      std::span<const std::int64_t> weights) {
    return dialect::split_vectors(endpoint, reply, weights);
}

std::optional<std::string> join_vectors(chat::Endpoint endpoint, std::string_view frame,
                                        std::span<const std::string_view> replies) {
    return dialect::join_vectors(endpoint, frame, replies);
}

}  // namespace gatehouse::upstream
