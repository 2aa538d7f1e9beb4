// The embedding model in process, run on workers: an embedder, and what a provider of kind `local` answers
// with. Room: upstream. May include: core, net, vector.
#pragma once

#include "gatehouse/net/worker_pool.hpp"
#include "gatehouse/upstream/embedder.hpp"
#include "gatehouse/vector/encoder.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

class LocalModel : public Embedder {
public:
    using Loaded = Result<std::shared_ptr<const vector::Encoder>>;

    /// `loaded`: a problem where there are no weights. The workers are its own; there are none without
    /// weights.
    explicit LocalModel(Loaded loaded, net::WorkerPoolOptions workers = {});

    const vector::ModelIdentity& identity() const noexcept override { return identity_; }
    Status ready() const override;
    Task<Result<std::vector<float>>> embed(Callers& callers, std::string_view text) const override;

    /// The vectors of all texts, whatever their language. Problem invalid_value names the first that has
    /// none.
    Task<Result<std::vector<vector::Embedding>>> embed_all(std::vector<std::string> texts) const;

private:
    Loaded loaded_;
    vector::ModelIdentity identity_;
    std::unique_ptr<net::WorkerPool> workers_;
};

}  // namespace gatehouse::upstream
