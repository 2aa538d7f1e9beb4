#include "usage_groups.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace gatehouse::store {
namespace {

/// Beyond them no new ones are made, however many are asked for.
constexpr std::size_t most_groups_held = 100'000;

std::string day_text(std::int64_t day) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::size_t place_of(UsageBy by) noexcept {
    return static_cast<std::size_t>(by) - static_cast<std::size_t>(UsageBy::key);
}

std::string value_in(const std::string& tags, const std::string& name) {
    const auto object = nlohmann::json::parse(tags, nullptr, false);
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string();
}

}  // namespace

Names::Names(Database& database)
    : find_dimension_(database.handle(),
                      "SELECT key, team, organisation, endpoint, model, provider, upstream_model"
                      " FROM dimension WHERE id=?1"),
      find_tag_set_(database.handle(), "SELECT tags FROM tag_set WHERE id=?1") {}

const Names::Dimension& Names::dimension(std::int64_t id) {
    const auto [found, added] = dimensions_.try_emplace(id);
    if (added) {
        find_dimension_.bind(1, id);
        if (find_dimension_.step()) {
            for (std::size_t i = 0; i < found->second.size(); ++i) {
                found->second[i] = find_dimension_.blob(static_cast<int>(i));
            }
        }
        find_dimension_.reset();
    }
    return found->second;
}

const std::string& Names::tag(std::int64_t tag_set, const std::string& name) {
    const auto [found, added] = tags_.try_emplace(tag_set);
    if (added) {
        find_tag_set_.bind(1, tag_set);
        if (find_tag_set_.step()) {
            found->second = value_in(find_tag_set_.blob(0), name);
        }
        find_tag_set_.reset();
    }
    return found->second;
}

UsageGroups::UsageGroups(const UsageQuery& query, Names& names)
    : query_(query),
      names_(names),
      by_day_(std::any_of(query.group_by.begin(), query.group_by.end(),
                          [](const UsageGrouping& one) { return one.by == UsageBy::day; })) {
    for (const auto& grouping : query.group_by) {
        if (grouping.by == UsageBy::tag) {
            tag_ = &grouping.tag;
        }
    }
}

std::vector<std::string> UsageGroups::names_of(std::int64_t day, const Names::Dimension& names,
                                               const std::string& tag) const {
    std::vector<std::string> all;
    for (const auto& grouping : query_.group_by) {
        switch (grouping.by) {
            case UsageBy::day:
                all.push_back(day_text(day));
                break;
            case UsageBy::tag:
                all.push_back(tag);
                break;
            default:
                all.push_back(names[place_of(grouping.by)]);
        }
    }
    return all;
}

/// Null: there are too many.
UsageSums* UsageGroups::group_of(std::int64_t day, std::int64_t dimension, const std::string& tag) {
    const auto& names = names_.dimension(dimension);
    auto key = names_of(day, names, tag);
    const auto found = groups_.find(key);
    if (found != groups_.end()) {
        return &found->second;
    }
    if (groups_.size() >= most_groups_held) {
        cut_ = true;
        return nullptr;
    }
    return &groups_[std::move(key)];
}

// Days come one after the other, and each has a handful of dimensions that all days have.
void UsageGroups::begin_day(std::int64_t day) {
    if (day_ != day && by_day_) {
        of_dimension_.clear();
        moves_.clear();
    }
    day_ = day;
}

void UsageGroups::add(std::int64_t day, std::int64_t dimension, const UsageSums& sums) {
    begin_day(day);
    const auto [known, added] = of_dimension_.try_emplace(dimension, nullptr);
    if (added) {
        known->second = group_of(day, dimension, {});
    }
    if (known->second != nullptr) {
        *known->second += sums;
    }
    total_ += sums;
}

UsageGroups::Move UsageGroups::move_of(std::int64_t day, std::int64_t dimension, std::int64_t tag_set) {
    const auto& value = names_.tag(tag_set, *tag_);
    return value.empty() ? Move{} : Move{group_of(day, dimension, {}), group_of(day, dimension, value)};
}

void UsageGroups::move_tagged(std::int64_t day, std::int64_t dimension, std::int64_t tag_set,
                              const UsageSums& sums) {
    if (tag_ == nullptr) {
        return;
    }
    begin_day(day);
    const auto [known, added] = moves_.try_emplace({dimension, tag_set});
    if (added) {
        known->second = move_of(day, dimension, tag_set);
    }
    if (known->second.from != nullptr) {
        *known->second.from -= sums;
    }
    if (known->second.to != nullptr) {
        *known->second.to += sums;
    }
}

UsageReport UsageGroups::report() && {
    UsageReport report;
    report.total = total_;
    report.cut = cut_;
    for (auto& [names, sums] : groups_) {
        if (sums.requests != 0) {
            report.groups.push_back({names, sums});
        }
    }
    if (query_.group_by.empty() || query_.group_by.front().by != UsageBy::day) {
        std::sort(report.groups.begin(), report.groups.end(), [](const UsageGroup& a, const UsageGroup& b) {
            return a.sums.cost != b.sums.cost           ? a.sums.cost > b.sums.cost
                   : a.sums.requests != b.sums.requests ? a.sums.requests > b.sums.requests
                                                        : a.names < b.names;
        });
    }
    if (report.groups.size() > query_.most_groups) {
        report.groups.resize(query_.most_groups);
        report.cut = true;
    }
    return report;
}

}  // namespace gatehouse::store
