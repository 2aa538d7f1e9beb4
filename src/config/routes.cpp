// Rules that can never match by themselves: without a model, with conditions that nothing meets.
#include "nearest.hpp"
#include "readers.hpp"
#include "values.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/policy/own_headers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::config {
namespace {

/// A rule that asked for one of these would have a caller's key in the file.
bool is_credential(const std::string& header) {
    static constexpr std::array<std::string_view, 5> credentials = {"authorization", "proxy-authorization",
                                                                    "cookie", "x-api-key", "x-goog-api-key"};
    return std::find(credentials.begin(), credentials.end(), header) != credentials.end();
}

bool is_unknown_own_header(std::string_view name) {
    const auto& own = policy::own_headers;
    return name.starts_with(policy::own_header_prefix) &&
           std::find(own.begin(), own.end(), name) == own.end();
}

/// An empty mapping would ask for nothing: whoever writes it meant something.
void check_not_empty(View when, const char* name, Findings& findings) {
    const Entry* entry = when.present() ? when.node().entry(name) : nullptr;
    const bool empty = entry != nullptr && entry->value->entries.empty() &&
                       (entry->value->kind == Node::Kind::mapping || entry->value->kind == Node::Kind::null);
    if (empty) {
        findings.error(*entry->value, fmt::format("`when.{}`: must not be empty", name));
    }
}

/// A header of a rule that no request can meet.
void check_header(View rule, const Entry& entry, Findings& findings) {
    const std::string name = to_lower(entry.key->text);
    const std::string& value = entry.value->text;
    if (is_credential(name)) {
        findings.error(*entry.key, fmt::format("{}: a rule cannot ask for a credential; ask for its `key`",
                                               quote(entry.key->text)));
    } else if (is_unknown_own_header(name)) {
        const std::vector<std::string> known(policy::own_headers.begin(), policy::own_headers.end());
        findings.error(*entry.key,
                       fmt::format("{}: the gateway has no such header, and refuses requests that "
                                   "name one{}",
                                   quote(entry.key->text), suggestion(name, known)));
    } else if (trim(value) != value) {
        findings.error(*entry.value, fmt::format("rule {}: no header's value begins or ends with a blank",
                                                 quoted_name(rule)));
    }
}

/// Conditions that nothing meets, or that nobody would mean.
void check_conditions(View rule, Findings& findings) {
    const View when = rule["when"];
    for (const Node* name : when["model"].scalars()) {
        if (name->text.find('*') != std::string::npos) {
            findings.error(*name, fmt::format("{}: a rule serves names, no patterns", quote(name->text)));
        }
    }
    check_not_empty(when, "tags", findings);
    check_not_empty(when, "header", findings);
    std::set<std::string> headers;
    for (const Entry& entry : when["header"].entries()) {
        const std::string name = to_lower(entry.key->text);
        check_header(rule, entry, findings);
        if (!headers.insert(name).second) {
            findings.error(*entry.key,
                           fmt::format("rule {}: the header {} stands there twice (names have no case)",
                                       quoted_name(rule), quote(entry.key->text)));
        }
    }
}

/// Comparisons that belong to one kind of number, and the ones that nothing meets.
void check_comparisons(View rule, Findings& findings) {
    const View when = rule["when"];
    for (const std::string_view name : {"prompt_tokens", "max_tokens", "budget_used"}) {
        const auto comparison = when[name].is_scalar() ? parse_comparison(when[name].text()) : std::nullopt;
        if (comparison && comparison->share != (name == "budget_used")) {
            findings.error(when[name].node(),
                           fmt::format("`{}` is compared with {}", name,
                                       comparison->share ? "a number, not a percentage" : "a percentage"));
        }
    }
}

}  // namespace

std::string quoted_name(View rule) {
    return quote(rule["name"].text("(no name)"));
}

void check_routes(View root, Findings& findings) {
    const std::vector<View> rules = root["routes"].mappings();
    distinct_names(root["routes"], "route", findings);
    if (rules.size() > static_cast<std::size_t>(most_rules)) {
        return;  // reported by the checker
    }
    for (const View rule : rules) {
        check_comparisons(rule, findings);
        check_conditions(rule, findings);
        if (rule["when"]["model"].scalars().empty()) {
            findings.error(rule.node(),
                           fmt::format("rule {} can never match: `when.model` names no model that it serves",
                                       quoted_name(rule)));
        }
    }
    check_shadowed_routes(root, findings);
}

}  // namespace gatehouse::config
