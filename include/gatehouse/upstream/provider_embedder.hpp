// An embedding model of a provider, as an embedder. Room: upstream. May include: core, vector.
#pragma once

#include "gatehouse/upstream/embedder.hpp"
#include "gatehouse/upstream/health.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// Asks by the ordinary way of a call, in any vendor's words, once and for at most one second. While the
/// target fails it is left alone as that of any request would be. A vector longer than wanted is cut, and
/// brought to unit length again: models that take `dimensions` were trained for that, and all are asked the
/// same.
class ProviderEmbedder : public Embedder {
public:
    /// REQUIRES: the target has its health; dimensions > 0.
    ProviderEmbedder(Target target, Resilience resilience, std::uint32_t dimensions);

    const vector::ModelIdentity& identity() const noexcept override { return identity_; }
    Status ready() const override { return done(); }
    Task<Result<std::vector<float>>> embed(Callers& callers, std::string_view text) const override;
    Milliseconds longest_wait() const noexcept override;

private:
    Result<std::vector<float>> vector_in(std::string_view body) const;

    Target target_;
    Resilience resilience_;
    vector::ModelIdentity identity_;
};

}  // namespace gatehouse::upstream
