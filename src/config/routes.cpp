// Rules that can never match: without a model, with conditions that exclude each other's bounds, or behind an
// earlier rule that takes everything they could take.
#include "readers.hpp"
#include "values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>

namespace gatehouse::config {
namespace {

std::set<std::string> words_of(View value) {
    std::set<std::string> words;
    for (const Node* item : value.scalars()) {
        words.insert(item->text);
    }
    return words;
}

/// One of these values (`model`, `key`, `class`, `language`): the wider list takes more.
bool any_of_implies(View wide, View narrow) {
    const auto outer = words_of(wide);
    const auto inner = words_of(narrow);
    return std::includes(outer.begin(), outer.end(), inner.begin(), inner.end());
}

/// All of these values (`has`): the shorter list takes more.
bool all_of_implies(View wide, View narrow) {
    return any_of_implies(narrow, wide);
}

/// All of these pairs (`tags`, `header`).
bool pairs_imply(View wide, View narrow) {
    return std::all_of(wide.entries().begin(), wide.entries().end(), [&](const Entry& entry) {
        const View same = narrow[entry.key->text];
        return same.is_scalar() && same.text() == entry.value->text;
    });
}

bool bounds_imply(View wide, View narrow) {
    const auto outer = parse_comparison(wide.text());
    const auto inner = parse_comparison(narrow.text());
    if (!outer || !inner || outer->at_least != inner->at_least || outer->share != inner->share) {
        return false;
    }
    return outer->at_least ? inner->bound >= outer->bound : inner->bound <= outer->bound;
}

bool same_text(View wide, View narrow) {
    return wide.text() == narrow.text();
}

struct Condition {
    std::string_view name;
    bool (*implies)(View wide, View narrow);
};

constexpr std::array<Condition, 11> conditions = {{{"model", any_of_implies},
                                                   {"has", all_of_implies},
                                                   {"prompt_tokens", bounds_imply},
                                                   {"max_tokens", bounds_imply},
                                                   {"tags", pairs_imply},
                                                   {"key", any_of_implies},
                                                   {"class", any_of_implies},
                                                   {"header", pairs_imply},
                                                   {"language", any_of_implies},
                                                   {"time", same_text},
                                                   {"budget_used", bounds_imply}}};

/// Does every request that `later` could take meet `earlier` as well?
bool takes_all_of(View earlier, View later) {
    return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
        const View wide = earlier[condition.name];
        return !wide.present() ||
               (later[condition.name].present() && condition.implies(wide, later[condition.name]));
    });
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

void check_routes(View root, Findings& findings) {
    const std::vector<View> rules = root["routes"].mappings();
    distinct_names(root["routes"], "route", findings);
    if (rules.size() > static_cast<std::size_t>(most_rules)) {
        return;  // reported by the checker
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
        check_comparisons(rules[i], findings);
        const View when = rules[i]["when"];
        const std::string name = quote(rules[i]["name"].text("(no name)"));
        if (when["model"].scalars().empty()) {
            findings.error(
                rules[i].node(),
                fmt::format("rule {} can never match: `when.model` names no model that it serves", name));
            continue;
        }
        for (std::size_t j = 0; j < i; ++j) {
            const View earlier = rules[j]["when"];
            if (!earlier["model"].scalars().empty() && takes_all_of(earlier, when)) {
                findings.error(
                    rules[i].node(),
                    fmt::format(
                        "rule {} can never match: rule {} at line {} takes every request it could take", name,
                        quote(rules[j]["name"].text("(no name)")), rules[j].node().line));
                break;
            }
        }
    }
}

}  // namespace gatehouse::config
