// What the cache has done since the process began: for its operator.
//
// Any thread may call any function: each counts in a part of its own, and who wants the sums adds them up.
// Room: pipeline. May include: core, policy.
#pragma once

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/policy/cache_options.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::pipeline {

/// Of one model, or of all.
struct CacheSums {
    static constexpr std::size_t tiers = 4;
    std::array<std::uint64_t, tiers> hits{};  // by tier; none: 0
    std::uint64_t misses{0};
    std::uint64_t partial{0};  // of the misses and refreshes: those of whose inputs not all were asked for
    std::uint64_t refreshes{0};
    std::uint64_t bypasses{0};
    PicoUsdSum saved{};  // by hits, and by what was there of others
    std::uint64_t saved_tokens{0};
    // Requests that read the reply of a call that another one opened, and what they saved.
    std::uint64_t coalesced{0};
    PicoUsdSum coalesced_saved{};
    std::uint64_t coalesced_tokens{0};

    std::uint64_t all_hits() const noexcept;
    CacheSums& operator+=(const CacheSums& other) noexcept;
};

struct CacheReport {
    std::map<std::string, CacheSums, std::less<>> models;
    std::map<std::string_view, std::uint64_t> bypasses;  // by reason
    std::map<std::string_view, std::uint64_t> refusals;  // of answers to questions that are alike, by reason
};

class CacheTally {
public:
    void hit(std::string_view model, policy::CacheTier tier, PicoUsd saved, std::uint64_t tokens);
    void missed(std::string_view model);
    void refreshed(std::string_view model);
    /// A request read the reply of another one's call.
    void coalesced(std::string_view model, PicoUsd saved, std::uint64_t tokens);
    /// A miss, or a refresh, for a part of which nobody was called.
    void saved_in_part(std::string_view model, PicoUsd saved, std::uint64_t tokens);
    /// `reason`: a static name.
    void bypassed(std::string_view model, std::string_view reason);
    /// An answer was there, and its question means something else. `reason`: a static name.
    void refused(std::string_view reason);
    CacheReport report() const;

private:
    /// Of some threads; lanes are fewer, so that none waits for another one. In a line of the memory of its
    /// own, for the same reason.
    struct alignas(64) Part {
        Guarded<CacheReport> report{};
    };
    static constexpr std::size_t part_count = 32;

    Guarded<CacheReport>& mine() noexcept;

    std::array<Part, part_count> parts_;
};

}  // namespace gatehouse::pipeline
