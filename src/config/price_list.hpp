// The price list: what is known of the providers' models, compiled in, and a file that adds to it and
// overrides it.
//
// Checked like the configuration: every fault with its place. What the values do is policy's and dialect's.
// Room: config. May include: core, policy.
#pragma once

#include "findings.hpp"
#include "schema.hpp"
#include "view.hpp"

#include "gatehouse/policy/model_catalog.hpp"

#include <string>
#include <string_view>

namespace gatehouse::config {

/// The text of config/prices.yaml, from the build.
std::string_view built_in_price_list() noexcept;
/// How messages name it.
inline constexpr std::string_view built_in_price_list_name = "prices.yaml (built in)";

/// What a price list may say.
const Shape& price_list_schema();

/// What token_prices() describes; what is no number is left out (the check reports it).
policy::TokenPrices read_token_prices(View price);

/// The list in `yaml` on top of `base`: an entry replaces what it says of the same model; a new model starts
/// from the facts that `base` has for its name. Faults are in `findings`, and the rest is given all the same.
policy::CatalogParts read_price_list(const std::string& yaml, const policy::CatalogParts& base,
                                     Findings& findings);

}  // namespace gatehouse::config
