// References between the parts of the file that this build only checks.
#include "nearest.hpp"
#include "readers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

void check_reference(View value, std::string_view what, const std::vector<std::string>& known,
                     Findings& findings) {
    if (value.is_scalar() && std::find(known.begin(), known.end(), value.text()) == known.end()) {
        findings.error(value.node(), fmt::format("unknown {} {}{}", what, quote(value.text()),
                                                 suggestion(value.text(), known)));
    }
}

void check_embedder(const Entry& entry, const Providers& providers, Findings& findings) {
    const View embedder(entry.value.get());
    const bool remote = embedder["kind"].text() == "provider";
    check_reference(embedder["provider"], "provider", providers.names, findings);
    for (const char* name : {"path", "provider", "model", "dimensions"}) {
        const Entry* const odd = embedder.node().entry(name);
        if (odd != nullptr && remote == (name == std::string_view("path"))) {
            findings.warning(*odd->key, fmt::format("`embedders.{}.{}` has no meaning for kind {}",
                                                    entry.key->text, name, embedder["kind"].text()));
        }
    }
    for (const char* name : {"provider", "model", "dimensions"}) {
        if (remote && !embedder[name].present()) {
            findings.error(*entry.key, fmt::format("`embedders.{}`: `{}` is missing", entry.key->text, name));
        }
    }
}

}  // namespace

void check_features(View root, const Providers& providers, Findings& findings) {
    std::vector<std::string> embedders = {"local"};  // always there
    for (const Entry& entry : root["embedders"].entries()) {
        embedders.push_back(entry.key->text);
        check_embedder(entry, providers, findings);
    }
    check_reference(root["rag"]["embedder"], "embedder", embedders, findings);
    check_reference(root["cache"]["semantic"]["embedder"], "embedder", embedders, findings);
    for (const Entry& entry : root["models"].entries()) {
        check_reference(View(entry.value.get())["cache"]["semantic"]["embedder"], "embedder", embedders,
                        findings);
    }
    const auto organisations = distinct_names(root["organisations"], "organisation", findings);
    distinct_names(root["teams"], "team", findings);
    for (const View team : root["teams"].mappings()) {
        check_reference(team["organisation"], "organisation", organisations, findings);
    }
    for (const char* part : {"storage", "shared_state"}) {
        const View backend = root[part]["backend"];
        const bool remote = backend.text() == "postgres" || backend.text() == "redis";
        if (remote && !root[part]["url"].present()) {
            findings.error(backend.node(),
                           fmt::format("`{}.url` is missing: {} needs one", part, backend.text()));
        }
    }
}

}  // namespace gatehouse::config
