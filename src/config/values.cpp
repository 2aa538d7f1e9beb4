#include "values.hpp"

#include "gatehouse/core/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <limits>

namespace gatehouse::config {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// `12.5` with up to `decimals` digits after the point, scaled by ten to that power.
std::optional<std::int64_t> scaled(std::string_view text, std::size_t decimals) noexcept {
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    std::string_view fraction;
    if (point != std::string_view::npos) {
        fraction = text.substr(point + 1);
        if (fraction.empty() || fraction.size() > decimals ||
            !std::all_of(fraction.begin(), fraction.end(), is_digit)) {
            return std::nullopt;
        }
    }
    const auto number = parse_unsigned(whole);
    if (!number) {
        return std::nullopt;
    }
    std::uint64_t value = *number;
    for (std::size_t i = 0; i < decimals; ++i) {
        const auto digit = i < fraction.size() ? static_cast<std::uint64_t>(fraction[i] - '0') : 0U;
        if (value > (static_cast<std::uint64_t>(largest) - digit) / 10) {
            return std::nullopt;
        }
        value = value * 10 + digit;
    }
    return value > static_cast<std::uint64_t>(largest) ? std::nullopt
                                                       : std::optional(static_cast<std::int64_t>(value));
}

/// Exactly `digits` decimal digits at `at`, as a number.
std::optional<int> fixed(std::string_view text, std::size_t at, std::size_t digits) noexcept {
    if (text.size() < at + digits) {
        return std::nullopt;
    }
    const auto value = parse_unsigned(text.substr(at, digits));
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

/// `hh:mm` as minutes; `24:00` counts as the end of a day.
std::optional<int> minutes_of_day(std::string_view text) noexcept {
    const auto hour = fixed(text, 0, 2);
    const auto minute = fixed(text, 3, 2);
    if (text.size() != 5 || text[2] != ':' || !hour || !minute || *minute > 59 ||
        *hour * 60 + *minute > 24 * 60) {
        return std::nullopt;
    }
    return *hour * 60 + *minute;
}

bool is_alphanumeric(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

// The HTTP client refuses other hosts and paths at its start, where no line of the file is known any more.
constexpr std::size_t longest_host = 253;

bool is_host(std::string_view host) {
    if (host.starts_with('[')) {
        in6_addr six{};
        const std::string address(host.substr(1, host.size() - 2));
        return host.ends_with(']') && inet_pton(AF_INET6, address.c_str(), &six) == 1;
    }
    return !host.empty() && host.size() <= longest_host && std::all_of(host.begin(), host.end(), [](char c) {
        return is_alphanumeric(c) || std::string_view("-._").find(c) != std::string_view::npos;
    });
}

bool is_plain_path(std::string_view path) {
    const std::string closed = std::string(path) + "/";
    return closed.find("/./") == std::string::npos && closed.find("/../") == std::string::npos &&
           std::all_of(path.begin(), path.end(), [](char c) {
               return is_alphanumeric(c) ||
                      std::string_view("/-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
           });
}

/// Monday is 0.
std::optional<unsigned> day_number(std::string_view day) noexcept {
    constexpr std::array<std::string_view, 7> days = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const auto* const found = std::find(days.begin(), days.end(), day);
    return found == days.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - days.begin()));
}

}  // namespace

std::optional<std::int64_t> parse_count(std::string_view text) noexcept {
    std::uint64_t factor = 1;
    if (!text.empty() && (text.back() == 'k' || text.back() == 'M')) {
        factor = text.back() == 'k' ? 1'000 : 1'000'000;
        text.remove_suffix(1);
    }
    const auto number = parse_unsigned(text);
    if (!number || *number > static_cast<std::uint64_t>(largest) / factor) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(*number * factor);
}

std::optional<std::int64_t> parse_percent(std::string_view text) noexcept {
    if (text.empty() || text.back() != '%') {
        return std::nullopt;
    }
    return scaled(text.substr(0, text.size() - 1), 2);
}

std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept {
    return scaled(text, 6);
}

std::optional<std::int64_t> parse_money(std::string_view text) noexcept {
    return scaled(text, 12);
}

std::optional<WallTime> parse_timestamp(std::string_view text) noexcept {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() <= form.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] == '0' ? !is_digit(text[i]) : text[i] != form[i]) {
            return std::nullopt;
        }
    }
    const auto number = [&](std::size_t at, std::size_t digits) {
        return fixed(text, at, digits).value_or(-1);
    };
    const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    // The system clock counts nanoseconds in 64 bits: it ends in the year 2262.
    if (!date.ok() || number(0, 4) < 1970 || number(0, 4) > 2261 || number(11, 2) > 23 ||
        number(14, 2) > 59 || number(17, 2) > 59) {
        return std::nullopt;
    }
    std::chrono::minutes offset{0};
    const std::string_view zone = text.substr(form.size());
    if (zone != "Z") {
        const auto distance = minutes_of_day(zone.substr(1));
        if ((zone[0] != '+' && zone[0] != '-') || !distance) {
            return std::nullopt;
        }
        offset = std::chrono::minutes(zone[0] == '+' ? *distance : -*distance);
    }
    return std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
           std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2)) - offset;
}

std::optional<Address> parse_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const auto port = parse_unsigned(text.substr(colon + 1));
    if (!port || *port > 65'535) {
        return std::nullopt;
    }
    Address address;
    address.port = static_cast<std::uint16_t>(*port);
    address.host = std::string(text.substr(0, colon));
    if (address.host == "localhost") {
        address.loopback = true;
        return address;
    }
    if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
        address.host = address.host.substr(1, address.host.size() - 2);
        in6_addr six{};
        if (inet_pton(AF_INET6, address.host.c_str(), &six) != 1) {
            return std::nullopt;
        }
        address.loopback = IN6_IS_ADDR_LOOPBACK(&six);
        address.wildcard = IN6_IS_ADDR_UNSPECIFIED(&six);
        return address;
    }
    in_addr four{};
    if (inet_pton(AF_INET, address.host.c_str(), &four) != 1) {
        return std::nullopt;
    }
    address.loopback = (ntohl(four.s_addr) >> 24U) == 127U;
    address.wildcard = four.s_addr == 0;
    return address;
}

bool addresses_collide(const Address& a, const Address& b) noexcept {
    if (a.port != b.port || a.port == 0) {
        return false;
    }
    const bool both_local = a.loopback && b.loopback && (a.host == "localhost" || b.host == "localhost");
    return a.host == b.host || a.wildcard || b.wildcard || both_local;
}

std::string_view url_fault(std::string_view text) {
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!printable) {
        return "it holds a space or a character that is not ASCII";
    }
    std::string_view rest;
    for (const std::string_view scheme : {std::string_view("https://"), std::string_view("http://")}) {
        if (text.size() > scheme.size() && equals_ignoring_case(text.substr(0, scheme.size()), scheme)) {
            rest = text.substr(scheme.size());
        }
    }
    if (rest.empty()) {
        return "it must begin with http:// or https:// and name a host";
    }
    if (rest.find_first_of("?#") != std::string_view::npos) {
        return "it may not have a query or a fragment";
    }
    const std::size_t slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    if (authority.find('@') != std::string_view::npos) {
        return "credentials do not belong into the URL";
    }
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (!is_host(authority.substr(0, has_port ? colon : authority.size()))) {
        return "its host is not a name or an address";
    }
    if (has_port) {
        const auto port = parse_unsigned(authority.substr(colon + 1));
        if (!port || *port == 0 || *port > 65'535) {
            return "its port is not a number from 1 to 65535";
        }
    }
    if (slash != std::string_view::npos && !is_plain_path(rest.substr(slash))) {
        return "its path holds an escape, a dot segment or a character that no base URL needs";
    }
    return {};
}

std::optional<Comparison> parse_comparison(std::string_view text) noexcept {
    Comparison result;
    if (text.substr(0, 2) == "<=") {
        result.at_least = false;
    } else if (text.substr(0, 2) != ">=") {
        return std::nullopt;
    }
    const std::string_view bound = trim(text.substr(2));
    result.share = !bound.empty() && bound.back() == '%';
    const auto number = result.share ? parse_percent(bound) : parse_count(bound);
    if (!number) {
        return std::nullopt;
    }
    result.bound = *number;
    return result;
}

std::optional<WeekHours> parse_week_hours(std::string_view text) {
    const std::size_t first = text.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
    if (second == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view days = text.substr(0, first);
    const std::string_view hours = text.substr(first + 1, second - first - 1);
    const std::string_view zone = text.substr(second + 1);
    const bool range = days.size() == 7 && days[3] == '-';
    const auto first_day = day_number(range ? days.substr(0, 3) : days);
    const auto last_day = range ? day_number(days.substr(4)) : first_day;
    if (!first_day || !last_day || hours.size() != 11 || hours[5] != '-' || zone.empty() ||
        zone.find(' ') != std::string_view::npos) {
        return std::nullopt;
    }
    const auto from = minutes_of_day(hours.substr(0, 5));
    const auto until = minutes_of_day(hours.substr(6));
    if (!from || !until || *from == *until) {
        return std::nullopt;
    }
    return WeekHours{*first_day, *last_day, static_cast<unsigned>(*from), static_cast<unsigned>(*until),
                     std::string(zone)};
}

}  // namespace gatehouse::config
