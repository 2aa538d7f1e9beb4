// Which answers are shared between requests in flight, and which are kept for later ones: as the operator has
// said it for a model.
// Room: policy.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/policy/cache_evidence.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::policy {

/// Whose requests may get an answer that another one was given.
enum class SharingScope : std::uint8_t { key, team, organisation, gateway };

/// How an answer that is kept was found. Each way includes those before it.
enum class CacheTier : std::uint8_t { none, exact, signature, semantic };

/// `off`, `exact`, `signature`, `semantic`: the word of headers, metrics and logs.
std::string_view name_of(CacheTier tier) noexcept;

struct ExactCacheOptions {
    bool enabled{true};                          // yaml: cache.exact.enabled
    Milliseconds ttl{std::chrono::minutes(10)};  // yaml: cache.exact.ttl; 0: nothing is kept
};

struct SemanticCacheOptions {
    CacheTier most{CacheTier::none};            // yaml: cache.semantic.mode; none, signature or semantic
    Milliseconds ttl{std::chrono::hours(1)};    // yaml: cache.semantic.ttl
    std::string embedder{"local"};              // yaml: cache.semantic.embedder
    double threshold{0.85};                     // yaml: cache.semantic.threshold; cosine similarity
    std::optional<EvidenceOptions> adaptive{};  // yaml: cache.semantic.adaptive; absent: the guard is enough
};

/// Of one model.
struct CacheOptions {
    bool coalesce{true};                    // yaml: cache.coalesce
    double max_temperature{0};              // yaml: cache.max_temperature
    SharingScope scope{SharingScope::key};  // yaml: cache.scope
    bool store_fallbacks{false};            // yaml: cache.store_fallbacks
    ExactCacheOptions exact{};
    SemanticCacheOptions semantic{};
};

/// Of all models together.
struct CacheBounds {
    std::size_t max_size{std::size_t{256} * 1024 * 1024};  // yaml: cache.exact.max_size; bytes
    bool persist{false};                                   // yaml: cache.exact.persist
    std::size_t max_entries{100'000};                      // yaml: cache.semantic.max_entries
};

/// The last tier that the operator allows.
constexpr CacheTier most_allowed(const CacheOptions& options) noexcept {
    if (options.semantic.most != CacheTier::none) {
        return options.semantic.most;
    }
    return options.exact.enabled ? CacheTier::exact : CacheTier::none;
}

}  // namespace gatehouse::policy
