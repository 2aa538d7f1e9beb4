// What a call of a model costs, from the tokens that its provider reported; and the most that one can cost.
//
// Whole pico-dollars throughout, sums in 128 bits, so that a stream and a whole reply agree to the last
// digit. One rounding: a multiplier leaves millionths of a pico-dollar, and what is begun of one counts in
// full. Pure. Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/policy/model_catalog.hpp"
#include "gatehouse/policy/prices.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::policy {

/// What the tokens of one model cost, by one who knows; both live as long as where they come from.
struct Rates {
    const ModelPrices* prices{nullptr};       // null: not known
    const Multipliers* multipliers{nullptr};  // null: only the standard way of serving has a price
};

/// The cost of a reply, by the sheet that holds at `when`. The length of the whole prompt decides the tier,
/// the reply's own word the multiplier. Nothing if the usage or a price that it needs is not known.
///
/// Where a kind has no price of its own: cached input, and what is written to the cache for the shorter time,
/// cost what input does; what is written for the longer time costs twice that where writing has a price at
/// all; pictures and video in a prompt cost what input does; reasoning is output. Sound, and pictures in an
/// answer, must have one.
std::optional<PicoUsd> cost_of(const chat::Usage& usage, const Rates& rates, WallTime when) noexcept;

/// A request, as far as it bounds what it may cost.
struct MostTokens {
    TokenCount input;   // of the whole prompt
    TokenCount output;  // as many as it may get, reasoning included
    bool media{false};  // there is more than text in it, or may be in the answer
};

/// The most that such a request can cost, whatever of it is cached and however it is served: at the dearest
/// of all tiers, of the sheets from `when` on, and of the multipliers that are known. Nothing if input, or
/// output that may come, has no price.
std::optional<PicoUsd> worst_case(const MostTokens& most, const Rates& rates, WallTime when) noexcept;

/// Where the prices of one target's calls come from: its own, which the operator wrote beside it; else those
/// of the model that answered, as the catalog knows it; else those of the name that was asked for.
class TargetRates {
public:
    /// No price is known.
    TargetRates() = default;
    /// `own` may be null. Catalog and `own` must outlive this. An entry counts that speaks of the model by
    /// its name, with or without a date or a platform's additions; the price of a model whose name merely
    /// begins alike would be a guess.
    TargetRates(const ModelCatalog& catalog, Vendor vendor, const KnownModel& model, const ModelPrices* own);
    TargetRates(const ModelCatalog& catalog, Vendor vendor, std::string_view model, const ModelPrices* own)
        : TargetRates(catalog, vendor, catalog.find(vendor, model), own) {}
    /// Of calls that cost nothing.
    static TargetRates free() noexcept;

    /// For the model that the reply names; empty: it names none. A name that is the one asked for, dated or
    /// not, costs no search.
    Rates of(std::string_view answered) const noexcept;
    /// For the name that is asked for.
    const Rates& asked() const noexcept { return asked_; }

    /// What a reply costs whose model names itself so; of one with parts, the sum of theirs.
    std::optional<PicoUsd> cost_of(const chat::Usage& usage, std::string_view answered,
                                   WallTime when) const noexcept;

private:
    const ModelCatalog* catalog_{nullptr};  // null: what is asked for decides
    const ModelEntry* entry_{nullptr};      // of what is asked for, if it has a price
    Vendor vendor_{Vendor::openai};
    Rates asked_;
};

}  // namespace gatehouse::policy
