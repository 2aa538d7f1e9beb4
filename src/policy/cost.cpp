#include "gatehouse/policy/cost.hpp"

#include "model_name.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>

namespace gatehouse::policy {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t millionths = 1'000'000;

using Price = std::optional<PicoUsd>;

const Price& either(const Price& own, const Price& other) noexcept {
    return own ? own : other;
}

/// Where nothing is said, the cache takes what the prompt costs; twice that for the longer time, if it takes
/// more than the prompt at all.
Price long_write(const TokenPrices& prices) noexcept {
    if (prices.cache_write_1h || !prices.input) {
        return prices.cache_write_1h;
    }
    return prices.cache_write ? PicoUsd(2 * prices.input->value()) : *prices.input;
}

/// A bill in the making: nothing as soon as a price is missing.
class Bill {
public:
    void add(TokenCount tokens, const Price& price) noexcept {
        if (tokens.value() == 0) {
            return;
        }
        if (!price) {
            complete_ = false;
            return;
        }
        sum_ += Wide{tokens.value()} * price->value();
    }

    Price times(std::int64_t multiplier) const noexcept {
        if (!complete_) {
            return std::nullopt;
        }
        const Wide product = sum_ * multiplier;
        const Wide rounded = (product + millionths - 1) / millionths;
        return PicoUsd(
            static_cast<std::int64_t>(std::min<Wide>(rounded, std::numeric_limits<std::int64_t>::max())));
    }

private:
    Wide sum_{0};
    bool complete_{true};
};

std::optional<std::int64_t> multiplier_of(chat::Service service, const Multipliers* known) noexcept {
    if (service == chat::Service::standard) {
        return millionths;
    }
    if (known == nullptr) {
        return std::nullopt;
    }
    switch (service) {
        case chat::Service::batch:
            return known->batch;
        case chat::Service::flex:
            return known->flex;
        case chat::Service::priority:
            return known->priority;
        case chat::Service::fast:
            return known->fast;
        default:
            return std::nullopt;
    }
}

std::int64_t dearest_multiplier(const Multipliers* known) noexcept {
    auto dearest = millionths;
    if (known != nullptr) {
        for (const auto& each : {known->batch, known->flex, known->priority, known->fast}) {
            dearest = std::max(dearest, each.value_or(0));
        }
    }
    return dearest;
}

void raise(Price& dearest, std::initializer_list<Price> prices) noexcept {
    for (const auto& price : prices) {
        dearest = std::max(dearest, price);  // nothing is less than any price
    }
}

/// The dearest of many sheets' prices for a token on either side.
struct Dearest {
    Price input;
    Price output;
    bool media{false};

    void see(const TokenPrices& prices) noexcept {
        raise(input, {prices.input, prices.cached_input, prices.cache_write, long_write(prices)});
        raise(output, {prices.output});
        if (media) {
            raise(input, {prices.input_image, prices.input_audio, prices.input_video});
            raise(output, {prices.output_audio, prices.output_image});
        }
    }
};

const ModelPrices& no_price_at_all() {
    static const ModelPrices free = [] {
        constexpr PicoUsd nothing(0);
        PriceSheet sheet;
        sheet.standard.input = nothing;
        sheet.standard.output = nothing;
        sheet.standard.input_audio = nothing;
        sheet.standard.output_audio = nothing;
        sheet.standard.output_image = nothing;
        return ModelPrices({std::move(sheet)});
    }();
    return free;
}

Rates rates_of(const ModelEntry* entry) noexcept {
    return entry == nullptr || !entry->prices.known() ? Rates{} : Rates{&entry->prices, &entry->multipliers};
}

/// The entry that surely speaks of the model.
const ModelEntry* certain(const KnownModel& model) noexcept {
    return model.likeness == Likeness::exact || model.likeness == Likeness::same ? model.entry : nullptr;
}

}  // namespace

std::optional<PicoUsd> cost_of(const chat::Usage& usage, const Rates& rates, WallTime when) noexcept {
    if (usage.unbilled) {
        return PicoUsd(0);
    }
    const auto* prices =
        usage.known && rates.prices != nullptr ? rates.prices->at(when, usage.prompt()) : nullptr;
    const auto multiplier = multiplier_of(usage.service, rates.multipliers);
    if (prices == nullptr || !multiplier) {
        return std::nullopt;
    }
    Bill bill;
    bill.add(usage.input, prices->input);
    bill.add(usage.cached_input, either(prices->cached_input, prices->input));
    bill.add(usage.output, prices->output);
    bill.add(usage.reasoning, prices->output);
    bill.add(usage.cache_write, either(prices->cache_write, prices->input));
    bill.add(usage.cache_write_1h, long_write(*prices));
    bill.add(usage.input_image, either(prices->input_image, prices->input));
    bill.add(usage.input_video, either(prices->input_video, prices->input));
    bill.add(usage.input_audio, prices->input_audio);
    bill.add(usage.output_audio, prices->output_audio);
    bill.add(usage.output_image, prices->output_image);
    return bill.times(*multiplier);
}

std::optional<PicoUsd> worst_case(const MostTokens& most, const Rates& rates, WallTime when) noexcept {
    if (rates.prices == nullptr) {
        return std::nullopt;
    }
    const auto& sheets = rates.prices->sheets();
    Dearest dearest;
    dearest.media = most.media;
    for (std::size_t i = 0; i < sheets.size(); ++i) {
        const bool over = i + 1 < sheets.size() && sheets[i + 1].from <= when;
        if (over) {
            continue;
        }
        dearest.see(sheets[i].standard);
        for (const auto& tier : sheets[i].tiers) {
            dearest.see(tier.prices);
        }
    }
    Bill bill;
    bill.add(most.input, dearest.input);
    bill.add(most.output, dearest.output);
    return bill.times(dearest_multiplier(rates.multipliers));
}

TargetRates::TargetRates(const ModelCatalog& catalog, Vendor vendor, const KnownModel& model,
                         const ModelPrices* own)
    : vendor_(vendor), asked_(rates_of(certain(model))) {
    if (own == nullptr) {
        catalog_ = &catalog;
        entry_ = asked_.prices == nullptr ? nullptr : model.entry;
        return;
    }
    asked_.prices = own;
    if (asked_.multipliers == nullptr) {
        asked_.multipliers = &catalog.multipliers(vendor);
    }
}

TargetRates TargetRates::free() noexcept {
    TargetRates rates;
    rates.asked_.prices = &no_price_at_all();
    return rates;
}

Rates TargetRates::of(std::string_view answered) const noexcept {
    if (catalog_ == nullptr || answered.empty() || (entry_ != nullptr && answered == entry_->name)) {
        return asked_;
    }
    const auto* exact = catalog_->named(vendor_, answered);
    if (exact == nullptr && entry_ != nullptr && without_date(answered) == entry_->name) {
        return asked_;
    }
    const auto rates = rates_of(exact != nullptr ? exact : certain(catalog_->find(vendor_, answered)));
    return rates.prices == nullptr ? asked_ : rates;
}

std::optional<PicoUsd> TargetRates::cost_of(const chat::Usage& usage, std::string_view answered,
                                            WallTime when) const noexcept {
    if (usage.parts == nullptr) {
        return policy::cost_of(usage, of(answered), when);
    }
    PicoUsdSum sum;
    for (const auto& part : *usage.parts) {
        const auto cost = policy::cost_of(part.usage, of(part.model.empty() ? answered : part.model), when);
        if (!cost) {
            return std::nullopt;
        }
        sum += *cost;
    }
    return sum.clamped();
}

}  // namespace gatehouse::policy
