#include "gatehouse/core/text.hpp"
#include "gatehouse/server/usage.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace gatehouse::server {
namespace {

using store::UsageBy;
using store::UsageGrouping;
using store::UsageQuery;

constexpr std::size_t most_groupings = 3;
constexpr std::string_view tag_prefix = "tag:";
constexpr std::chrono::days usual_range{30};
constexpr std::chrono::days longest_range{3'660};
constexpr std::chrono::days longest_of_callers{92};

struct GroupingWord {
    std::string_view word;
    UsageBy by;
    bool of_callers;  // callers may ask for it
};
constexpr std::array<GroupingWord, 8> grouping_words{{{"day", UsageBy::day, true},
                                                      {"key", UsageBy::key, false},
                                                      {"team", UsageBy::team, false},
                                                      {"organisation", UsageBy::organisation, false},
                                                      {"endpoint", UsageBy::endpoint, true},
                                                      {"model", UsageBy::model, true},
                                                      {"provider", UsageBy::provider, true},
                                                      {"upstream_model", UsageBy::upstream_model, true}}};

struct FilterWord {
    std::string_view word;
    std::optional<std::string> UsageQuery::* filter;
    bool of_callers;
};
const std::array<FilterWord, 5> filter_words{{{"key", &UsageQuery::key, false},
                                              {"team", &UsageQuery::team, false},
                                              {"organisation", &UsageQuery::organisation, false},
                                              {"model", &UsageQuery::model, true},
                                              {"provider", &UsageQuery::provider, true}}};

Problem wrong(std::string_view word, std::string message) {
    return Problem(ProblemKind::invalid_value, std::move(message)).with_param(std::string(word));
}

/// `2026-11-29`.
std::optional<std::chrono::sys_days> day_in(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const auto year = parse_unsigned(text.substr(0, 4));
    const auto month = parse_unsigned(text.substr(5, 2));
    const auto day = parse_unsigned(text.substr(8, 2));
    if (!year || !month || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *year < 1971) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date);
}

std::optional<UsageGrouping> grouping_in(std::string_view word, UsageScope scope) {
    if (word.starts_with(tag_prefix) && word.size() > tag_prefix.size()) {
        return UsageGrouping{UsageBy::tag, std::string(word.substr(tag_prefix.size()))};
    }
    const auto* const found = std::find_if(grouping_words.begin(), grouping_words.end(),
                                           [&](const GroupingWord& known) { return known.word == word; });
    const bool may = found != grouping_words.end() && (found->of_callers || scope == UsageScope::everybody);
    return may ? std::optional(UsageGrouping{found->by}) : std::nullopt;
}

Status read_group_by(std::string_view list, UsageScope scope, UsageQuery& query) {
    query.group_by.clear();
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        const auto word = trim(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
        const auto grouping = grouping_in(word, scope);
        if (!grouping) {
            const std::string_view known = scope == UsageScope::everybody
                                               ? "`day`, `key`, `team`, `organisation`, `endpoint`, `model`, "
                                                 "`provider`, `upstream_model` and `tag:NAME`"
                                               : "`day`, `endpoint`, `model`, `provider`, `upstream_model` "
                                                 "and `tag:NAME`";
            return wrong("group_by", "`group_by` is a list of " + std::string(known) + ".");
        }
        const bool twice = std::any_of(query.group_by.begin(), query.group_by.end(),
                                       [&](const UsageGrouping& one) { return one.by == grouping->by; });
        if (twice || query.group_by.size() == most_groupings) {
            return wrong("group_by", "`group_by` is up to three different words, one tag among them.");
        }
        query.group_by.push_back(*grouping);
    }
    return done();
}

Status read_format(std::string_view word, UsageFormat& format) {
    if (word == "json") {
        format = UsageFormat::json;
    } else if (word == "csv") {
        format = UsageFormat::csv;
    } else if (word == "table") {
        format = UsageFormat::table;
    } else {
        return wrong("format", "`format` is `json`, `csv` or `table`.");
    }
    return done();
}

Status check_range(const UsageQuery& query, UsageScope scope) {
    if (query.from > query.to) {
        return wrong("from", "`from` is later than `to`.");
    }
    const auto most = scope == UsageScope::everybody ? longest_range : longest_of_callers;
    if (query.to - query.from >= most) {
        return wrong("from", "From `from` to `to` there may be " + std::to_string(most.count()) + " days.");
    }
    return done();
}

}  // namespace

Result<UsageQuestion> read_usage_question(const std::vector<std::pair<std::string, std::string>>& words,
                                          UsageScope scope, WallTime now) {
    UsageQuestion question;
    auto& query = question.query;
    query.group_by = {{scope == UsageScope::everybody ? UsageBy::key : UsageBy::day}};
    std::optional<std::chrono::sys_days> from;
    query.to = std::chrono::floor<std::chrono::days>(now);
    for (const auto& [word, value] : words) {
        auto read = done();
        const auto* const filter =
            std::find_if(filter_words.begin(), filter_words.end(),
                         [&word](const FilterWord& known) { return known.word == word; });
        const bool may =
            filter != filter_words.end() && (filter->of_callers || scope == UsageScope::everybody);
        if (may) {
            query.*filter->filter = value;
        } else if (word == "group_by") {
            read = read_group_by(value, scope, query);
        } else if (word == "format") {
            read = read_format(value, question.format);
        } else if (word == "from" || word == "to") {
            const auto day = day_in(value);
            if (!day) {
                return wrong(word, "`" + word + "` is a day such as `2026-11-29`.");
            }
            (word == "from" ? from.emplace() : query.to) = *day;
        } else {
            return wrong(word, "There is no such parameter.");
        }
        if (!read) {
            return std::move(read.problem());
        }
    }
    query.from = from.value_or(query.to - usual_range + std::chrono::days(1));
    auto range = check_range(query, scope);
    if (!range) {
        return std::move(range.problem());
    }
    return question;
}

}  // namespace gatehouse::server
