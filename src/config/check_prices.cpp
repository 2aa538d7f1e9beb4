#include "readers.hpp"

#include "gatehouse/policy/cost.hpp"

#include <fmt/format.h>

#include <set>

namespace gatehouse::config {

void check_prices(View root, const Providers& providers, const policy::ModelCatalog& catalog,
                  Findings& findings) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const Entry& entry : root["models"].entries()) {
        for (const View target : View(entry.value.get())["targets"].mappings()) {
            const auto provider = target["provider"].text();
            const auto model = target["model"].text();
            const auto vendor = policy::vendor_named(root["providers"][provider]["kind"].text());
            const bool needs_one = vendor && !target["price"].present() &&
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
