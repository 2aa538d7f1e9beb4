// What a client says of answers that are shared or kept: the request directives of Cache-Control (RFC 9111,
// 5.2.1) and the gateway's own headers. It can narrow what the operator allows, never widen it.
//
// Pure. Room: policy. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/policy/cache_options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::policy {

struct CacheWish {
    std::optional<CacheTier> most{};        // x-gatehouse-cache; none: it is `off`
    std::optional<double> threshold{};      // x-gatehouse-cache-threshold; counts if it is stricter
    std::string partition{};                // x-gatehouse-cache-scope; parts the caller's own answers further
    bool no_cache{false};                   // nothing that is kept, but the new answer may be kept
    bool no_store{false};                   // the answer is not to be kept
    bool only_if_cached{false};             // nobody is to be called
    std::optional<Milliseconds> max_age{};  // not older than this

    /// May the request share a call that is in flight, or open one to others? What is asked for as fresh, or
    /// as its own, is not another's.
    bool shares() const noexcept { return most != CacheTier::none && !no_cache && !no_store; }
    /// May an answer that is kept be given?
    bool takes() const noexcept { return most != CacheTier::none && !no_cache && max_age != Milliseconds(0); }
    /// May the answer be kept?
    bool gives() const noexcept { return most != CacheTier::none && !no_store; }
};

/// Adds what one Cache-Control field says. Directives that mean nothing here, and values that are none, are
/// passed over, as RFC 9111 wants it.
void add_cache_control(std::string_view field, CacheWish& wish);

/// The tier that both sides allow.
CacheTier tier_for(const CacheOptions& options, const CacheWish& wish) noexcept;
/// The least similarity that both sides want.
double threshold_for(const CacheOptions& options, const CacheWish& wish) noexcept;

}  // namespace gatehouse::policy
