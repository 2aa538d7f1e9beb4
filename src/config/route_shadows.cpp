// Rules behind earlier ones that take everything they could take.
#include "readers.hpp"
#include "values.hpp"

#include "gatehouse/core/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

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

/// All of these pairs (`tags`).
bool pairs_imply(View wide, View narrow) {
    return std::all_of(wide.entries().begin(), wide.entries().end(), [&](const Entry& entry) {
        const View same = narrow[entry.key->text];
        return same.is_scalar() && same.text() == entry.value->text;
    });
}

/// The same of `header`, whose names have no case.
bool headers_imply(View wide, View narrow) {
    return std::all_of(wide.entries().begin(), wide.entries().end(), [&](const Entry& entry) {
        return std::any_of(narrow.entries().begin(), narrow.entries().end(), [&](const Entry& same) {
            return equals_ignoring_case(same.key->text, entry.key->text) &&
                   same.value->text == entry.value->text;
        });
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

constexpr std::string_view counted = "prompt_tokens";  // every request has a number of them

// Beside `model`.
constexpr std::array<Condition, 10> conditions = {{{"has", all_of_implies},
                                                   {counted, bounds_imply},
                                                   {"max_tokens", bounds_imply},
                                                   {"tags", pairs_imply},
                                                   {"key", any_of_implies},
                                                   {"class", any_of_implies},
                                                   {"header", headers_imply},
                                                   {"language", any_of_implies},
                                                   {"time", same_text},
                                                   {"budget_used", bounds_imply}}};

/// Is it a condition that every request meets?
bool asks_nothing(std::string_view name, View condition) {
    const auto bound = name == counted ? parse_comparison(condition.text()) : std::nullopt;
    return !condition.present() || (bound && bound->at_least && bound->bound <= 0);
}

/// Does every request for one model that `later` could take meet `earlier` as well, but for one condition?
bool takes_all_of(View earlier, View later, std::string_view but_for = {}) {
    return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
        const View wide = earlier[condition.name];
        return asks_nothing(condition.name, wide) || condition.name == but_for ||
               (later[condition.name].present() && condition.implies(wide, later[condition.name]));
    });
}

/// Which earlier rules leave nothing of the requests for one name to a later one.
class Shadows {
public:
    /// Notes a rule for the names it serves. REQUIRES: in the order of the file.
    void add(View rule) {
        for (const std::string& name : words_of(rule["when"]["model"])) {
            by_name_[name].push_back(rule);
        }
    }

    /// Empty: something is left. One rule, or two of which one takes the shorter and one the longer prompts.
    std::vector<View> over(View rule, const std::string& name) const {
        const auto found = by_name_.find(name);
        if (found == by_name_.end()) {
            return {};
        }
        const View when = rule["when"];
        std::optional<View> longer;
        std::optional<View> shorter;
        for (const View earlier : found->second) {
            if (takes_all_of(earlier["when"], when)) {
                return {earlier};
            }
            const auto bound = parse_comparison(earlier["when"][counted].text());
            if (bound && takes_all_of(earlier["when"], when, counted)) {
                auto& side = bound->at_least ? longer : shorter;
                if (!side || bounds_imply(earlier["when"][counted], (*side)["when"][counted])) {
                    side = earlier;
                }
            }
        }
        if (longer && shorter && bound_of(*longer) <= bound_of(*shorter) + 1) {
            return {*shorter, *longer};
        }
        return {};
    }

private:
    static std::int64_t bound_of(View rule) { return parse_comparison(rule["when"][counted].text())->bound; }
    std::map<std::string, std::vector<View>> by_name_;
};

/// `rule `a` at line 5 takes`, `rules `a` at line 5, `b` at line 6 together take`.
std::string who_takes(const std::vector<View>& rules) {
    constexpr std::size_t most_named = 10;
    std::vector<std::string> words;
    for (const View rule : rules) {
        if (words.size() == most_named) {
            words.emplace_back("...");
            break;
        }
        words.push_back(fmt::format("{} at line {}", quoted_name(rule), rule.node().line));
    }
    return rules.size() == 1 ? fmt::format("rule {} takes", words.front())
                             : fmt::format("rules {} together take", fmt::join(words, ", "));
}

void check_one(View rule, const Shadows& shadows, Findings& findings) {
    std::vector<View> takers;
    std::vector<std::string> taken;
    const auto names = words_of(rule["when"]["model"]);
    for (const std::string& name : names) {
        const auto over = shadows.over(rule, name);
        if (over.empty()) {
            continue;
        }
        taken.push_back(name);
        for (const View taker : over) {
            const bool known = std::any_of(takers.begin(), takers.end(),
                                           [&](View other) { return &other.node() == &taker.node(); });
            if (!known) {
                takers.push_back(taker);
            }
        }
    }
    if (taken.size() == names.size()) {
        findings.error(rule.node(), fmt::format("rule {} can never match: {} every request it could take",
                                                quoted_name(rule), who_takes(takers)));
        return;
    }
    for (const std::string& name : taken) {
        findings.warning(rule.node(),
                         fmt::format("rule {} never serves {}: {} every request for it that this one could",
                                     quoted_name(rule), quote(name), who_takes(shadows.over(rule, name))));
    }
}

}  // namespace

void check_shadowed_routes(View root, Findings& findings) {
    Shadows shadows;
    for (const View rule : root["routes"].mappings()) {
        if (!rule["when"]["model"].scalars().empty()) {
            check_one(rule, shadows, findings);
            shadows.add(rule);
        }
    }
}

}  // namespace gatehouse::config
