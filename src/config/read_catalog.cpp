#include "price_list.hpp"
#include "readers.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

/// The list of the build, read once: it is the same at each load.
struct BuiltIn {
    policy::CatalogParts parts;
    Findings findings;
    std::shared_ptr<const policy::ModelCatalog> catalog;
};

BuiltIn read_built_in() {
    BuiltIn built;
    built.parts = read_price_list(std::string(built_in_price_list()), {}, built.findings);
    built.catalog = std::make_shared<const policy::ModelCatalog>(built.parts);
    return built;
}

const BuiltIn& built_in() {
    static const BuiltIn read = read_built_in();
    return read;
}

}  // namespace

std::shared_ptr<const policy::ModelCatalog> read_catalog(View root, const Sources& sources,
                                                         Findings& findings) {
    const BuiltIn& built = built_in();
    findings.add(std::string(built_in_price_list_name), built.findings);
    const View prices = root["prices"];
    if (!prices.is_scalar()) {
        return built.catalog;
    }
    const std::string path = prices.text();
    const auto yaml = sources.document(path);
    if (!yaml) {
        findings.error(prices.node(), fmt::format("`prices`: {} cannot be read, is not a regular file or is "
                                                  "larger than 4 MiB",
                                                  quote(path)));
        return built.catalog;
    }
    Findings found;
    auto parts = read_price_list(*yaml, built.parts, found);
    findings.add(path, std::move(found));
    return std::make_shared<const policy::ModelCatalog>(std::move(parts));
}

}  // namespace gatehouse::config
