// Loading YAML in tests: an environment and files that the test writes, findings as one line each.
#pragma once

#include "gatehouse/config/load.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config::test {

using Texts = std::map<std::string, std::string>;

inline std::optional<std::string> look_up(const Texts& texts, const std::string& name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::nullopt : std::optional(found->second);
}

inline Loaded load(const std::string& yaml, const Texts& environment = {}, const Texts& files = {}) {
    Sources sources;
    sources.environment = [&](const std::string& name) { return look_up(environment, name); };
    sources.file = [&](const std::string& path) { return look_up(files, path); };
    sources.document = sources.file;
    return load_text(yaml, sources);
}

/// `line:column: text`.
inline std::vector<std::string> lines_of(const std::vector<Finding>& findings) {
    std::vector<std::string> lines;
    for (const Finding& finding : findings) {
        lines.push_back(std::to_string(finding.line) + ":" + std::to_string(finding.column) + ": " +
                        finding.text);
    }
    return lines;
}

inline std::vector<std::string> errors_in(const std::string& yaml, const Texts& environment = {},
                                          const Texts& files = {}) {
    return lines_of(load(yaml, environment, files).errors);
}

inline std::vector<std::string> warnings_in(const std::string& yaml, const Texts& environment = {},
                                            const Texts& files = {}) {
    return lines_of(load(yaml, environment, files).warnings);
}

/// A configuration without findings, to which a test adds the part it is about.
inline const std::string sound =
    "auth: {required: false}\n"
    "providers: {sim: {kind: simulated}}\n"
    "models: {chat: {targets: [{provider: sim, model: chat}]}}\n";

}  // namespace gatehouse::config::test
