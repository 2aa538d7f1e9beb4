#include "readers.hpp"

#include "gatehouse/policy/cost.hpp"

#include <fmt/format.h>

#include <set>
#include <string_view>

namespace gatehouse::config {

namespace {

/// A price of its own that says nothing of the prompt or of the answer: what needs that has no cost at all.
void check_own(View target, const policy::ModelCatalog& catalog, policy::Vendor vendor, Findings& findings) {
    const View price = target["price"];
    const auto* known = catalog.named(vendor, target["model"].text());
    const bool answers_cost_nothing =
        known != nullptr && known->prices.known() && !known->prices.sheets().front().standard.output;
    for (const std::string_view part : {"input", "output"}) {
        if (price[part].present() || (part == "output" && answers_cost_nothing)) {
            continue;
        }
        findings.warning(
            price.node(),
            fmt::format("`price` of model {} has no `{}`: the cost of every request that uses such "
                        "tokens is not known; `{}: \"0\"` says that they cost nothing",
                        quote(target["model"].text()), part, part));
    }
}

}  // namespace

void check_prices(View root, const Providers& providers, const policy::ModelCatalog& catalog,
                  Findings& findings) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const Entry& entry : root["models"].entries()) {
        for (const View target : View(entry.value.get())["targets"].mappings()) {
            const auto provider = target["provider"].text();
            const auto model = target["model"].text();
            const auto vendor = policy::vendor_named(root["providers"][provider]["kind"].text());
            if (vendor && target["price"].is_mapping()) {
                check_own(target, catalog, *vendor, findings);
            }
            const bool needs_one = vendor && !target["price"].present() && target["model"].is_scalar() &&
                                   model.find('*') == std::string::npos && providers.is_usable(provider);
            if (!needs_one || !seen.emplace(provider, model).second) {
                continue;
            }
            const policy::TargetRates rates(catalog, *vendor, model, nullptr);
            if (rates.asked().prices == nullptr) {
                findings.warning(target["model"].node(),
                                 fmt::format("the price of model {} at provider {} is not known: what its "
                                             "requests cost is not told; a `price` of the target or the "
                                             "list under `prices` can say it",
                                             quote(model), quote(provider)));
            }
        }
    }
}

}  // namespace gatehouse::config
