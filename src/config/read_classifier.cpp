#include "readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace gatehouse::config {

std::shared_ptr<const policy::Classifier> read_classifier(View root,
                                                          const std::vector<policy::RouteRule>& routes,
                                                          const Sources& sources, Findings& findings) {
    const View section = root["classifier"];
    const View named = section["table"];
    std::optional<std::string> text;
    if (named.is_scalar()) {
        text = sources.document(named.text());
        if (!text) {
            findings.error(named.node(),
                           fmt::format("`classifier.table`: {} cannot be read, is not a regular file "
                                       "or is larger than 4 MiB",
                                       quote(named.text())));
            return nullptr;
        }
    } else if (std::any_of(routes.begin(), routes.end(),
                           [](const auto& rule) { return !rule.classes.empty(); })) {
        text = policy::built_in_class_table();
    } else {
        return nullptr;
    }
    auto table = policy::ClassTable::read(*text);
    if (!table) {
        findings.error(named.is_scalar() ? named.node() : root.node(),
                       fmt::format("`classifier.table`: {}", table.problem().message()));
        return nullptr;
    }
    return std::make_shared<const policy::Classifier>(
        std::move(*table), section["threshold"].decimal(policy::default_class_threshold));
}

}  // namespace gatehouse::config
