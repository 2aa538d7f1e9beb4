// What a model's tokens cost: prices per token, tiers for long prompts, changes announced for a day,
// multipliers.
//
// Values only; what a request costs is computed in cost.hpp.
// Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace gatehouse::policy {

/// For one token each. Absent: not offered, or not known.
struct TokenPrices {
    std::optional<PicoUsd> input;
    std::optional<PicoUsd> cached_input;    // read from the provider's cache
    std::optional<PicoUsd> cache_write;     // written to it for the shorter time
    std::optional<PicoUsd> cache_write_1h;  // written to it for the longer time
    std::optional<PicoUsd> output;          // thoughts included
    std::optional<PicoUsd> input_image;
    std::optional<PicoUsd> input_audio;
    std::optional<PicoUsd> input_video;
    std::optional<PicoUsd> output_audio;
    std::optional<PicoUsd> output_image;

    bool operator==(const TokenPrices&) const = default;
};

/// A prompt longer than `above` tokens makes the whole request cost these.
struct PriceTier {
    TokenCount above;
    TokenPrices prices;
};

/// The prices that hold from an instant on.
struct PriceSheet {
    WallTime from{WallTime::min()};
    TokenPrices standard;
    std::vector<PriceTier> tiers;  // ascending
};

/// What a way of serving costs in relation to the standard, in millionths. Absent: not known.
struct Multipliers {
    std::optional<std::int64_t> batch;
    std::optional<std::int64_t> flex;
    std::optional<std::int64_t> priority;
    std::optional<std::int64_t> fast;

    /// What is absent here, from `other`.
    void fill_from(const Multipliers& other) noexcept;
};

/// The sheets of one model, in the order of time.
class ModelPrices {
public:
    ModelPrices() = default;
    /// In any order.
    explicit ModelPrices(std::vector<PriceSheet> sheets);

    bool known() const noexcept { return !sheets_.empty(); }
    const std::vector<PriceSheet>& sheets() const noexcept { return sheets_; }
    /// For a request with a prompt (cached and written tokens included) of this length at this time; null
    /// when nothing is known for it.
    const TokenPrices* at(WallTime when, TokenCount prompt) const noexcept;

private:
    std::vector<PriceSheet> sheets_;
};

}  // namespace gatehouse::policy
