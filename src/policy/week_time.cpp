#include "gatehouse/policy/week_time.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::policy {
namespace {

constexpr unsigned days_a_week = 7;

}  // namespace

TimeZone::TimeZone(std::string name, std::chrono::seconds first, std::vector<Change> changes)
    : name_(std::move(name)), first_(first), changes_(std::move(changes)) {}

std::chrono::seconds TimeZone::offset_at(WallTime when) const noexcept {
    const auto next = std::upper_bound(changes_.begin(), changes_.end(), when,
                                       [](WallTime time, const Change& change) { return time < change.at; });
    return next == changes_.begin() ? first_ : std::prev(next)->offset;
}

LocalTime local_time(WallTime when, std::chrono::seconds offset) noexcept {
    using std::chrono::days;
    const auto local = std::chrono::floor<std::chrono::minutes>(when + offset);
    const auto day = std::chrono::floor<days>(local);
    const auto minute = (local - day).count();
    const std::chrono::weekday weekday{std::chrono::sys_days(day.time_since_epoch())};
    return {weekday.iso_encoding() - 1, static_cast<unsigned>(minute)};
}

bool WeekTime::holds(WallTime now) const noexcept {
    const auto local = local_time(now, zone->offset_at(now));
    const auto in_days = [this](unsigned day) {
        const auto span = (last_day + days_a_week - first_day) % days_a_week;
        return (day + days_a_week - first_day) % days_a_week <= span;
    };
    if (from < until) {
        return in_days(local.day) && from <= local.minute && local.minute < until;
    }
    const auto day_before = (local.day + days_a_week - 1) % days_a_week;
    return (in_days(local.day) && local.minute >= from) || (in_days(day_before) && local.minute < until);
}

}  // namespace gatehouse::policy
