// Strategy: in which order the targets of one model are wanted.
//
// Pure: loads and draws come from the caller, and whether a target can be called now is not asked here
// (policy/failover passes over those that cannot). Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/random.hpp"
#include "gatehouse/core/units.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

enum class Strategy : std::uint8_t {
    ordered,
    weighted,
    least_latency,
    least_busy,
    cheapest,
    sticky,
};

/// One target as the strategies see it.
struct Contender {
    double weight{1};                     // 0: only when the others fail
    std::optional<Milliseconds> latency;  // lately; absent: not known
    int in_flight{0};
    std::optional<PicoUsd> cost;  // of this request, about; absent: not known
    std::uint64_t identity{0};    // of provider and model, the same in every process
};

/// Indices into `contenders`, the most wanted first. Ties keep the given order.
///
/// weighted: each place is drawn in proportion to the weights (P. Efraimidis, P. Spirakis, "Weighted random
/// sampling with a reservoir", 2006). least_latency: by latency, those of which nothing is known first, and
/// one request in twenty to any, so that the others' numbers stay fresh. least_busy: by calls in flight for
/// each unit of weight. cheapest: by cost, unknown ones last. sticky: by weighted rendezvous hashing of
/// `sticky_key` (D. Thaler, C. Ravishankar, 1998; logarithmic weights of J. Resch, 2015): a target that comes
/// or goes moves only its own share.
std::vector<std::size_t> order_of(Strategy strategy, std::span<const Contender> contenders,
                                  std::uint64_t sticky_key, Random& random);

/// A 64-bit hash that is the same in every process and build (FNV-1a, then mixed).
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) noexcept;

}  // namespace gatehouse::policy
