// What was used: questions to the ledger and its sums.
//
// Plain values. Room: store. May include: core.
#pragma once

#include "gatehouse/core/units.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::store {

/// The kinds of tokens that are counted apart, as they are called in tables and answers; they do not overlap.
inline constexpr std::array<std::string_view, 11> token_kinds{
    "input_tokens",       "cached_input_tokens", "cache_write_tokens", "cache_write_1h_tokens",
    "input_image_tokens", "input_audio_tokens",  "input_video_tokens", "output_tokens",
    "reasoning_tokens",   "output_audio_tokens", "output_image_tokens"};

/// Of any number of requests.
struct UsageSums {
    std::int64_t requests{0};
    std::int64_t failed{0};     // those that did not end well
    std::int64_t unpriced{0};   // no price is known: not in the cost
    std::int64_t estimated{0};  // with tokens that were counted here, as the provider did not say
    std::int64_t attempts{0};   // calls of providers
    std::int64_t cached{0};     // answered without one: from the cache, or together with another request
    std::array<std::int64_t, token_kinds.size()> tokens{};
    PicoUsdSum cost;
    PicoUsdSum saved;

    UsageSums& operator+=(const UsageSums& other) noexcept;
    UsageSums& operator-=(const UsageSums& other) noexcept;
};

enum class UsageBy : std::uint8_t {
    day,
    key,
    team,
    organisation,
    endpoint,
    model,     // the entry of `models`
    provider,  // of the answer
    upstream_model,
    tag,
};

struct UsageGrouping {
    UsageBy by{UsageBy::day};
    std::string tag{};  // by tag: its name
};

/// Days are those of UTC; both ends are included. What a name is absent for may be any.
struct UsageQuery {
    std::vector<UsageGrouping> group_by;  // none: one group of all; at most one of them by tag
    std::chrono::sys_days from{};
    std::chrono::sys_days to{};
    std::optional<std::string> key{};
    std::optional<std::string> team{};
    std::optional<std::string> organisation{};
    std::optional<std::string> model{};
    std::optional<std::string> provider{};
    std::size_t most_groups{10'000};
};

struct UsageGroup {
    std::vector<std::string> names;  // one for each grouping; "" where there is none; days as 2026-11-29
    UsageSums sums;
};

struct UsageReport {
    std::vector<UsageGroup> groups;  // by day where that is the first grouping, else the dearest first
    UsageSums total;                 // of all groups, also of those that are left out
    bool cut{false};                 // there were more groups than asked for
};

/// What one caller has spent, under the team and organisation that it then belonged to.
struct Spent {
    std::string key;
    std::string team;
    std::string organisation;
    PicoUsdSum cost;
};

}  // namespace gatehouse::store
