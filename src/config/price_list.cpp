#include "price_list.hpp"

#include "check.hpp"
#include "document.hpp"
#include "values.hpp"
#include "view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

using policy::ModelEntry;
using policy::TokenPrices;

std::optional<std::int64_t> decimal_of(View value) {
    return value.is_scalar() ? parse_decimal(value.text()) : std::nullopt;
}

void take_count(View value, std::optional<std::int64_t>& into) {
    if (const auto number = value.is_scalar() ? parse_count(value.text()) : std::nullopt) {
        into = number;
    }
}

/// Dollars per million tokens, in millionths, are PicoUsd per token.
std::optional<PicoUsd> per_token(View value) {
    const auto millionths = decimal_of(value);
    return millionths ? std::optional(PicoUsd(*millionths)) : std::nullopt;
}

void read_multipliers(View from, policy::Multipliers& into) {
    policy::Multipliers read;
    read.batch = decimal_of(from["batch"]);
    read.flex = decimal_of(from["flex"]);
    read.priority = decimal_of(from["priority"]);
    read.fast = decimal_of(from["fast"]);
    read.fill_from(into);
    into = read;
}

void take_flag(View value, bool& into) {
    into = value.flag(into);
}

void read_thinking(View list, chat::ThinkingTypes& into) {
    if (!list.present()) {
        return;
    }
    into = {};
    for (const Node* type : list.scalars()) {
        into.enabled |= type->text == "enabled";
        into.adaptive |= type->text == "adaptive";
        into.disabled |= type->text == "disabled";
        into.between_tools |= type->text == "between_tools";
    }
}

void read_facts(View from, chat::ModelFacts& facts) {
    read_thinking(from["thinking"], facts.thinking);
    take_flag(from["thinks_by_default"], facts.thinks_by_default);
    take_flag(from["sampling"], facts.sampling);
    take_flag(from["both_sampling"], facts.both_sampling);
    take_flag(from["forced_tool"], facts.forced_tool);
    take_flag(from["prefill"], facts.prefill);
    take_flag(from["later_system"], facts.later_system);
    take_flag(from["output_schema"], facts.output_schema);
    take_flag(from["schema_with_tools"], facts.schema_with_tools);
    take_flag(from["penalties"], facts.penalties);
    take_flag(from["several_choices"], facts.several_choices);
    take_flag(from["logprobs"], facts.logprobs);
    take_flag(from["signatures_required"], facts.signatures_required);
    take_flag(from["call_ids"], facts.call_ids);
    take_flag(from["system_instruction"], facts.system_instruction);
    take_flag(from["links"], facts.links);
    take_flag(from["media_in_results"], facts.media_in_results);
    take_flag(from["image_detail"], facts.image_detail);
    take_flag(from["json_schemas"], facts.json_schemas);
    take_flag(from["newer_fields"], facts.newer_fields);
    take_flag(from["tools_with_reasoning"], facts.tools_with_reasoning);
    take_flag(from["responses_only"], facts.responses_only);
    if (const View least = from["least_output"]; least.is_scalar()) {
        facts.least_output = static_cast<std::int64_t>(least.count(0));
    }
}

class ListReader {
public:
    ListReader(const policy::CatalogParts& base, Findings& findings)
        : known_(base), result_(base), findings_(findings) {
        for (std::size_t i = 0; i < result_.entries.size(); ++i) {
            places_[{result_.entries[i].vendor, result_.entries[i].name}] = i;
        }
    }

    policy::CatalogParts read(View root) {
        result_.as_of = root["as_of"].text(result_.as_of);
        for (std::size_t i = 0; i < policy::vendor_count; ++i) {
            const auto vendor = static_cast<policy::Vendor>(i);
            read_multipliers(root["multipliers"][name_of(vendor)], result_.multipliers[i]);
            for (const Entry& entry : root["models"][name_of(vendor)].entries()) {
                read_model(vendor, entry);
            }
        }
        return std::move(result_);
    }

private:
    void read_model(policy::Vendor vendor, const Entry& entry) {
        const std::string& name = entry.key->text;
        const View model(entry.value.get());
        const bool family = name.find('*') != std::string::npos;
        if (std::count(name.begin(), name.end(), '*') > 1) {
            findings_.error(*entry.key, fmt::format("model {}: a family has one `*`", quote(name)));
            return;
        }
        if (family && model["price"].present()) {
            findings_.error(*entry.key, fmt::format("model {}: a family has no price", quote(name)));
        }
        ModelEntry& read = place(vendor, name);
        read_sheets(name, model, read);
        read_multipliers(model["multipliers"], read.multipliers);
        take_count(model["context_window"], read.context_window);
        take_count(model["max_input"], read.max_input);
        take_count(model["max_output"], read.facts.max_output);
        take_count(model["max_output_whole"], read.max_output_whole);
        take_flag(model["searches"], read.searches);
        read_facts(model["facts"], read.facts);
        read_lists(name, model, read.facts);
    }

    /// The entry of that name; a new one starts from what is known for its name.
    ModelEntry& place(policy::Vendor vendor, const std::string& name) {
        const auto [at, is_new] = places_.try_emplace({vendor, name}, result_.entries.size());
        if (is_new) {
            ModelEntry entry;
            entry.vendor = vendor;
            entry.name = name;
            entry.facts = known_.facts(vendor, name);
            result_.entries.push_back(std::move(entry));
        }
        return result_.entries[at->second];
    }

    /// A price replaces all that was known of the model's prices.
    void read_sheets(const std::string& name, View model, ModelEntry& into) {
        if (!model["price"].present()) {
            for (const char* key : {"tiers", "price_changes"}) {
                if (model[key].present()) {
                    findings_.error(model[key].node(),
                                    fmt::format("model {}: `{}` stands beside a `price`", quote(name), key));
                }
            }
            return;
        }
        std::vector<policy::PriceSheet> sheets = {read_sheet(name, model)};
        for (const View change : model["price_changes"].mappings()) {
            if (const auto from = parse_timestamp(change["from"].text())) {
                sheets.push_back(read_sheet(name, change));
                sheets.back().from = *from;
            }
        }
        into.prices = policy::ModelPrices(std::move(sheets));
    }

    policy::PriceSheet read_sheet(const std::string& name, View from) {
        policy::PriceSheet sheet;
        sheet.standard = read_token_prices(from["price"]);
        std::int64_t before = 0;
        for (const View tier : from["tiers"].mappings()) {
            const auto above = static_cast<std::int64_t>(tier["above"].count(0));
            if (above <= before) {
                findings_.error(tier.node(),
                                fmt::format("model {}: tiers stand in ascending order", quote(name)));
            }
            before = above;
            sheet.tiers.push_back({TokenCount(above), read_token_prices(tier["price"])});
        }
        return sheet;
    }

    void read_lists(const std::string& name, View model, chat::ModelFacts& facts) {
        if (const View media = model["media"]; media.present()) {
            facts.media.clear();
            for (const Node* kind : media.scalars()) {
                facts.media.push_back(kind->text);
            }
        }
        if (const View efforts = model["efforts"]; efforts.present()) {
            facts.efforts.clear();
            for (const Node* word : efforts.scalars()) {
                const auto effort = chat::effort_named(word->text);
                if (effort && !facts.efforts.empty() && *effort <= facts.efforts.back()) {
                    findings_.error(*word,
                                    fmt::format("model {}: efforts stand in ascending order", quote(name)));
                } else if (effort) {
                    facts.efforts.push_back(*effort);
                }
            }
        }
        if (const View range = model["budget_range"]; range.present()) {
            const auto bounds = range.scalars();
            const auto least = bounds.size() == 2 ? parse_count(bounds[0]->text) : std::nullopt;
            const auto most = bounds.size() == 2 ? parse_count(bounds[1]->text) : std::nullopt;
            if (!least || !most || *least > *most) {
                findings_.error(range.node(),
                                fmt::format("model {}: `budget_range` is [least, most]", quote(name)));
            } else {
                facts.budget_range.emplace(*least, *most);
            }
        }
    }

    policy::ModelCatalog known_;
    policy::CatalogParts result_;
    std::map<std::pair<policy::Vendor, std::string>, std::size_t> places_;
    Findings& findings_;
};

}  // namespace

TokenPrices read_token_prices(View price) {
    TokenPrices prices;
    prices.input = per_token(price["input"]);
    prices.cached_input = per_token(price["cached_input"]);
    prices.cache_write = per_token(price["cache_write"]);
    prices.cache_write_1h = per_token(price["cache_write_1h"]);
    prices.output = per_token(price["output"]);
    prices.input_image = per_token(price["input_image"]);
    prices.input_audio = per_token(price["input_audio"]);
    prices.input_video = per_token(price["input_video"]);
    prices.output_audio = per_token(price["output_audio"]);
    prices.output_image = per_token(price["output_image"]);
    return prices;
}

policy::CatalogParts read_price_list(const std::string& yaml, const policy::CatalogParts& base,
                                     Findings& findings) {
    const NodePtr root = parse_document(yaml, findings);
    if (!root) {
        return base;
    }
    if (root->kind != Node::Kind::mapping && root->kind != Node::Kind::null) {
        findings.error(*root, "a price list is a mapping of sections (as_of:, multipliers:, models:)");
        return base;
    }
    check_document(price_list_schema(), *root, findings);
    return ListReader(base, findings).read(View(root.get()));
}

}  // namespace gatehouse::config
