// How single values are written: counts with k and M, money, percentages, instants, addresses, URLs,
// comparisons.
//
// Pure; nothing for text that is not such a value. Durations and sizes are core's.
// Room: config. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::config {

/// `600`, `5k`, `2M`.
std::optional<std::int64_t> parse_count(std::string_view text) noexcept;
/// `80%`, `2.5%`, in hundredths of a percent; at most two decimals.
std::optional<std::int64_t> parse_percent(std::string_view text) noexcept;
/// A plain decimal number, in millionths; at most six decimals.
std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept;
/// US dollars, in millionths of a millionth; at most twelve decimals, below nine million dollars.
std::optional<std::int64_t> parse_money(std::string_view text) noexcept;
/// RFC 3339, e.g. `2027-01-01T00:00:00Z`; whole seconds, `Z` or an offset.
std::optional<WallTime> parse_timestamp(std::string_view text) noexcept;

/// An address to listen on: an IP literal (IPv6 in brackets) or `localhost`, and a port.
struct Address {
    std::string host;
    std::uint16_t port{0};  // 0: any free one
    bool loopback{false};
    bool wildcard{false};
};
std::optional<Address> parse_address(std::string_view text);
/// Would the second of the two fail to bind while the first holds its port?
bool addresses_collide(const Address& a, const Address& b) noexcept;

/// What is wrong with a base URL (http or https, host, optional port and path, nothing else); empty if
/// nothing is.
std::string_view url_fault(std::string_view text);

/// `>= 60k`, `<= 500`, `>= 80%`: a bound on a number or a share, for routing rules.
struct Comparison {
    bool at_least{true};  // else: at most
    std::int64_t bound{0};
    bool share{false};  // the bound is hundredths of a percent
};
std::optional<Comparison> parse_comparison(std::string_view text) noexcept;

/// `Mon-Fri 08:00-18:00 Europe/Berlin`: a day or a range of days, hours, a zone.
struct WeekHours {
    unsigned first_day{0};  // Monday is 0
    unsigned last_day{0};
    unsigned from{0};  // minutes of the day
    unsigned until{0};
    std::string zone;  // its name, whether there is such a zone or not
};
std::optional<WeekHours> parse_week_hours(std::string_view text);

}  // namespace gatehouse::config
