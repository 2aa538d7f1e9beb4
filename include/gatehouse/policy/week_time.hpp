// Hours of certain days of the week in a time zone: `Mon-Fri 08:00-18:00 Europe/Berlin`.
//
// Pure: a zone is the list of its offsets, which configuration reads when it is loaded. Room: policy. May
// include: core.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::policy {

/// The offsets of one zone, from the time of loading on.
class TimeZone {
public:
    struct Change {
        WallTime at;
        std::chrono::seconds offset;  // east of UTC, from then on
    };
    /// `first`: the offset before the first change. REQUIRES: `changes` ascend.
    TimeZone(std::string name, std::chrono::seconds first, std::vector<Change> changes);

    const std::string& name() const noexcept { return name_; }
    std::chrono::seconds offset_at(WallTime when) const noexcept;

private:
    std::string name_;
    std::chrono::seconds first_;
    std::vector<Change> changes_;
};

/// A moment on the clock on the wall.
struct LocalTime {
    unsigned day;     // of the week, Monday is 0
    unsigned minute;  // of the day
};
LocalTime local_time(WallTime when, std::chrono::seconds offset) noexcept;

/// Days and hours as they are written. Hours that end before they begin reach into the next day, whose name
/// does not matter: `Fri 22:00-06:00` ends on Saturday morning.
struct WeekTime {
    unsigned first_day{0};  // Monday is 0; days may run over the end of the week (`Sat-Mon`)
    unsigned last_day{6};
    unsigned from{0};         // minute of the day
    unsigned until{24 * 60};  // that minute is no longer in it
    std::shared_ptr<const TimeZone> zone;

    /// REQUIRES: there is a zone.
    bool holds(WallTime now) const noexcept;
};

}  // namespace gatehouse::policy
