#include "gatehouse/policy/prices.hpp"

#include <algorithm>

namespace gatehouse::policy {
namespace {

void fill(std::optional<std::int64_t>& value, const std::optional<std::int64_t>& other) noexcept {
    if (!value) {
        value = other;
    }
}

}  // namespace

void Multipliers::fill_from(const Multipliers& other) noexcept {
    fill(batch, other.batch);
    fill(flex, other.flex);
    fill(priority, other.priority);
    fill(fast, other.fast);
}

ModelPrices::ModelPrices(std::vector<PriceSheet> sheets) : sheets_(std::move(sheets)) {
    std::sort(sheets_.begin(), sheets_.end(),
              [](const PriceSheet& a, const PriceSheet& b) { return a.from < b.from; });
    for (PriceSheet& sheet : sheets_) {
        std::sort(sheet.tiers.begin(), sheet.tiers.end(),
                  [](const PriceTier& a, const PriceTier& b) { return a.above < b.above; });
    }
}

const TokenPrices* ModelPrices::at(WallTime when, TokenCount prompt) const noexcept {
    const TokenPrices* found = nullptr;
    for (const PriceSheet& sheet : sheets_) {
        if (sheet.from > when) {
            break;
        }
        found = &sheet.standard;
        for (const PriceTier& tier : sheet.tiers) {
            found = prompt > tier.above ? &tier.prices : found;
        }
    }
    return found;
}

}  // namespace gatehouse::policy
