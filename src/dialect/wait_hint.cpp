#include "wait_hint.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace gatehouse::dialect {
namespace {

constexpr double longest_ms = 24.0 * 3600 * 1000;

/// A number of digits with at most one point, nothing else; `text` loses what was read.
std::optional<double> take_decimal(std::string_view& text) noexcept {
    std::size_t end = 0;
    bool point = false;
    while (end < text.size()) {
        const char c = text[end];
        // A point counts only between digits: the one behind "820ms." ends the sentence.
        const bool fraction = c == '.' && !point && end > 0 && end + 1 < text.size() &&
                              text[end + 1] >= '0' && text[end + 1] <= '9';
        if (!fraction && (c < '0' || c > '9')) {
            break;
        }
        point = point || fraction;
        ++end;
    }
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + end, value, std::chars_format::fixed);
    if (end == 0 || read.ec != std::errc() || read.ptr != text.data() + end) {
        return std::nullopt;
    }
    text.remove_prefix(end);
    return value;
}

std::optional<double> take_unit_ms(std::string_view& text) noexcept {
    struct Unit {
        std::string_view name;
        double ms;
    };
    // Longer names first: "ms" is no "m".
    static constexpr std::array units{Unit{"milliseconds", 1}, Unit{"seconds", 1000},  Unit{"second", 1000},
                                      Unit{"minutes", 60'000}, Unit{"minute", 60'000}, Unit{"ms", 1},
                                      Unit{"us", 1e-3},        Unit{"\u00b5s", 1e-3},  Unit{"ns", 1e-6},
                                      Unit{"h", 3'600'000},    Unit{"m", 60'000},      Unit{"s", 1000}};
    for (const auto& unit : units) {
        if (text.starts_with(unit.name)) {
            text.remove_prefix(unit.name.size());
            return unit.ms;
        }
    }
    return std::nullopt;
}

std::optional<Milliseconds> sane(double ms) noexcept {
    if (!(ms >= 0) || ms > longest_ms) {
        return std::nullopt;
    }
    return Milliseconds(static_cast<Milliseconds::rep>(std::ceil(ms)));
}

/// As many number-and-unit pairs as there are; `text` loses what was read.
std::optional<double> take_duration_ms(std::string_view& text) noexcept {
    double sum = 0;
    bool any = false;
    for (;;) {
        std::string_view rest = text;
        const auto number = take_decimal(rest);
        if (!number) {
            break;
        }
        if (!any && rest.starts_with(' ')) {
            rest.remove_prefix(1);
        }
        const auto unit = take_unit_ms(rest);
        if (!unit) {
            break;
        }
        sum += *number * *unit;
        any = true;
        text = rest;
    }
    return any ? std::optional(sum) : std::nullopt;
}

std::optional<Milliseconds> plain_number(std::string_view text, double unit_ms) noexcept {
    text = trim(text);
    const auto value = take_decimal(text);
    return value && text.empty() ? sane(*value * unit_ms) : std::nullopt;
}

std::optional<Milliseconds> until(const std::optional<WallTime>& date, WallTime now) noexcept {
    if (!date || *date < now) {
        return std::nullopt;
    }
    return sane(std::chrono::duration<double, std::milli>(*date - now).count());
}

/// One limit of a provider: what is left of it, and when it is whole again.
struct LimitFields {
    std::string_view remaining;
    std::string_view reset;
};

constexpr std::array openai_limits{
    LimitFields{"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
    LimitFields{"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"}};
constexpr std::array anthropic_limits{
    LimitFields{"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
    LimitFields{"anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
    LimitFields{"anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"},
    LimitFields{"anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"}};

/// The latest reset among the limits that have nothing left. OpenAI says how long, Anthropic when.
std::optional<Milliseconds> rate_limit_reset(const wire::Fields& fields, WallTime now) noexcept {
    std::optional<Milliseconds> latest;
    const auto look = [&](const LimitFields& limit, const auto& parse) {
        const auto left = fields.find(limit.remaining);
        const auto when = fields.find(limit.reset);
        if (!left || !when || trim(*left) != "0") {
            return;
        }
        const std::optional<Milliseconds> wait = parse(trim(*when));
        if (wait && (!latest || *wait > *latest)) {
            latest = wait;
        }
    };
    for (const auto& limit : openai_limits) {
        look(limit, parse_go_duration);
    }
    for (const auto& limit : anthropic_limits) {
        look(limit, [&](std::string_view text) { return until(parse_rfc3339(text), now); });
    }
    return latest;
}

std::optional<int> digits(std::string_view text) noexcept {
    const auto value = parse_unsigned(text);
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<std::chrono::sys_days> day_of(std::optional<int> year, std::optional<int> month,
                                            std::optional<int> day) noexcept {
    if (!year || !month || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

/// `08:49:37`.
std::optional<std::chrono::seconds> time_of_day(std::string_view text) noexcept {
    const auto hour = digits(text.substr(0, 2));
    const auto minute = digits(text.substr(3, 2));
    const auto second = digits(text.substr(6, 2));
    if (text[2] != ':' || text[5] != ':' || !hour || !minute || !second || *hour > 23 || *minute > 59 ||
        *second > 60) {
        return std::nullopt;
    }
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

/// `Z`, `+01:30`.
std::optional<std::chrono::minutes> utc_offset(std::string_view text) noexcept {
    if (text == "Z" || text == "z") {
        return std::chrono::minutes(0);
    }
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const auto hours = digits(text.substr(1, 2));
    const auto minutes = digits(text.substr(4, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const std::chrono::minutes offset(*hours * 60 + *minutes);
    return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<Milliseconds> parse_go_duration(std::string_view text) noexcept {
    if (text.find(' ') != std::string_view::npos) {
        return std::nullopt;
    }
    const auto ms = take_duration_ms(text);
    return ms && text.empty() ? sane(*ms) : std::nullopt;
}

std::optional<WallTime> parse_http_date(std::string_view text) noexcept {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    // 0123456789012345678901234567 8
    // Sun, 06 Nov 1994 08:49:37 GMT
    const bool shaped = text.size() == 29 && text.substr(3, 2) == ", " && text[7] == ' ' && text[11] == ' ' &&
                        text[16] == ' ' && text[19] == ':' && text[22] == ':' && text.substr(25) == " GMT";
    if (!shaped) {
        return std::nullopt;
    }
    const auto month = months.find(text.substr(8, 3));
    if (month == std::string_view::npos || month % 3 != 0) {
        return std::nullopt;
    }
    const auto date =
        day_of(digits(text.substr(12, 4)), static_cast<int>(month / 3 + 1), digits(text.substr(5, 2)));
    const auto time = time_of_day(text.substr(17, 8));
    return date && time ? std::optional<WallTime>(*date + *time) : std::nullopt;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) noexcept {
    // 0123456789012345678 9
    // 2026-11-22T10:00:17 .25Z
    const bool shaped =
        text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't');
    if (!shaped) {
        return std::nullopt;
    }
    const auto date = day_of(digits(text.substr(0, 4)), digits(text.substr(5, 2)), digits(text.substr(8, 2)));
    const auto time = time_of_day(text.substr(11, 8));
    text.remove_prefix(19);
    double fraction = 0;
    if (text.starts_with('.')) {
        const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
        const auto read = std::from_chars(text.data(), text.data() + end, fraction, std::chars_format::fixed);
        if (end < 2 || read.ec != std::errc() || read.ptr != text.data() + end) {
            return std::nullopt;
        }
        text.remove_prefix(end);
    }
    const auto offset = utc_offset(text);
    if (!date || !time || !offset) {
        return std::nullopt;
    }
    const auto part = std::chrono::ceil<Milliseconds>(std::chrono::duration<double>(fraction));
    return WallTime(*date + *time) - *offset + part;
}

std::optional<Milliseconds> wait_hint(const wire::Fields& fields, WaitFrom from, WallTime now) {
    if (const auto ms = fields.find("retry-after-ms")) {
        if (const auto wait = plain_number(*ms, 1)) {
            return wait;
        }
    }
    if (const auto after = fields.find("retry-after")) {
        const auto seconds = plain_number(*after, 1000);
        if (const auto wait = seconds ? seconds : until(parse_http_date(trim(*after)), now)) {
            return wait;
        }
    }
    return from == WaitFrom::rate_limit_headers ? rate_limit_reset(fields, now) : std::nullopt;
}

std::optional<Milliseconds> exhausted_for(const wire::Fields& fields, WallTime now) {
    constexpr std::string_view openai_names = "x-ratelimit-remaining-";
    constexpr std::string_view anthropic_names = "anthropic-ratelimit-";
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].value != "0") {
            continue;
        }
        const auto name = to_lower(fields[i].name);
        if (name.starts_with(openai_names) ||
            (name.starts_with(anthropic_names) && name.ends_with("-remaining"))) {
            return rate_limit_reset(fields, now);
        }
    }
    return std::nullopt;
}

std::optional<Milliseconds> wait_in_message(std::string_view message) {
    const std::string lower = to_lower(message);
    for (const std::string_view words : {"try again in ", "retry in "}) {
        const auto at = lower.find(words);
        if (at == std::string::npos) {
            continue;
        }
        std::string_view rest = std::string_view(lower).substr(at + words.size());
        const auto ms = take_duration_ms(rest);
        return ms ? sane(*ms) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace gatehouse::dialect
