#include "time_zones.hpp"

#include <date/tz.h>

#include <chrono>
#include <exception>

namespace gatehouse::config {
namespace {

using std::chrono::seconds;

constexpr date::sys_days first_day = date::year{2020} / 1 / 1;
constexpr date::sys_days last_day = date::year{2100} / 1 / 1;

std::shared_ptr<const policy::TimeZone> read(const date::time_zone& zone) {
    auto info = zone.get_info(date::sys_seconds(first_day));
    const seconds first = info.offset;
    seconds before = first;
    std::vector<policy::TimeZone::Change> changes;
    while (info.end < last_day) {
        info = zone.get_info(info.end);
        if (info.offset != before) {
            before = info.offset;
            changes.push_back({info.begin, info.offset});
        }
    }
    return std::make_shared<const policy::TimeZone>(zone.name(), first, std::move(changes));
}

}  // namespace

// The library reports what is missing or broken by exceptions.
std::shared_ptr<const policy::TimeZone> find_time_zone(const std::string& name) {
    try {
        return read(*date::locate_zone(name));
    } catch (const std::exception&) {
        return nullptr;
    }
}

std::vector<std::string> time_zone_names() {
    std::vector<std::string> names;
    try {
        for (const auto& zone : date::get_tzdb().zones) {
            names.push_back(zone.name());
        }
    } catch (const std::exception&) {
        names.clear();  // there is nothing to read them from
    }
    return names;
}

}  // namespace gatehouse::config
