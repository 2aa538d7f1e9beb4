#include "gatehouse/upstream/local_model.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse::upstream {
namespace {

using vector::Embedding;
using Embeddings = std::vector<Embedding>;

/// Texts that one job takes: more would keep a worker from others for long.
constexpr std::size_t texts_of_a_job = 16;
/// A text with more unknown characters than one in so many is one in another language: the vectors of such
/// texts are alike whatever they say.
constexpr std::size_t known_to_unknown = 10;

Result<Embeddings> embedded(const vector::Encoder& encoder, const std::vector<std::string>& texts) {
    Embeddings embeddings;
    for (const auto& text : texts) {
        auto embedding = encoder.embed(text);
        if (!embedding) {
            return std::move(embedding.problem()).with_param("input");
        }
        embeddings.push_back(*std::move(embedding));
    }
    return embeddings;
}

}  // namespace

LocalModel::LocalModel(Loaded loaded, net::WorkerPoolOptions workers)
    : loaded_(std::move(loaded)),
      identity_(loaded_ ? (*loaded_)->identity() : vector::ModelIdentity()),
      workers_(loaded_ ? std::make_unique<net::WorkerPool>(workers) : nullptr) {}

Status LocalModel::ready() const {
    return loaded_ ? done() : Status(loaded_.problem());
}

Task<Result<std::vector<float>>> LocalModel::embed(Callers&, std::string_view text) const {
    std::vector<std::string> texts(1, std::string(text));
    auto embeddings = co_await embed_all(std::move(texts));
    if (!embeddings) {
        co_return std::move(embeddings.problem());
    }
    Embedding& only = embeddings->front();
    if (only.unknown_characters * known_to_unknown > only.characters) {
        co_return Problem(ProblemKind::invalid_value, "The local model does not know the text's language.");
    }
    co_return std::move(only.vector);
}

Task<Result<Embeddings>> LocalModel::embed_all(std::vector<std::string> texts) const {
    if (!loaded_) {
        co_return loaded_.problem();
    }
    Embeddings all;
    auto next = std::make_move_iterator(texts.begin());
    const auto end = std::make_move_iterator(texts.end());
    while (next != end) {
        const auto count = std::min(end - next, static_cast<std::ptrdiff_t>(texts_of_a_job));
        std::vector<std::string> some(next, next + count);
        next += count;
        auto job = [encoder = *loaded_, some = std::move(some)] { return embedded(*encoder, some); };
        auto ran = co_await workers_->run(std::move(job));
        if (!ran) {
            co_return std::move(ran.problem());
        }
        if (!*ran) {
            co_return std::move(ran->problem());
        }
        std::move((*ran)->begin(), (*ran)->end(), std::back_inserter(all));
    }
    co_return all;
}

}  // namespace gatehouse::upstream
