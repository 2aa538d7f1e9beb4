#include "gatehouse/core/text.hpp"

#include <array>
#include <limits>
#include <utility>

namespace gatehouse::inline core {
namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Splits `250ms` into 250 and `ms`.
std::optional<std::pair<std::uint64_t, std::string_view>> number_and_unit(std::string_view text) noexcept {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) {
        ++digits;
    }
    const auto number = parse_unsigned(text.substr(0, digits));
    if (!number) {
        return std::nullopt;
    }
    return std::pair(*number, text.substr(digits));
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

std::string to_lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = lower(c);
    }
    return result;
}

std::string_view trim(std::string_view text) noexcept {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view digits) noexcept {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    if (digits.empty()) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (most - digit) / 10) {
            return std::nullopt;
        }
        value = value * 10 + digit;
    }
    return value;
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) noexcept {
    struct Unit {
        std::string_view name;
        std::uint64_t milliseconds;
    };
    constexpr std::array units = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                  Unit{"d", 86'400'000}};
    constexpr std::uint64_t longest = 10ULL * 365 * 86'400'000;
    const auto parts = number_and_unit(text);
    if (!parts) {
        return std::nullopt;
    }
    for (const Unit& unit : units) {
        if (parts->second == unit.name && parts->first <= longest / unit.milliseconds) {
            return static_cast<std::int64_t>(parts->first * unit.milliseconds);
        }
    }
    return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
    struct Unit {
        std::string_view name;
        std::uint64_t bytes;
    };
    constexpr std::array units = {Unit{"B", 1}, Unit{"KiB", 1ULL << 10U}, Unit{"MiB", 1ULL << 20U},
                                  Unit{"GiB", 1ULL << 30U}};
    const auto parts = number_and_unit(text);
    if (!parts) {
        return std::nullopt;
    }
    for (const Unit& unit : units) {
        if (parts->second == unit.name &&
            parts->first <= std::numeric_limits<std::uint64_t>::max() / unit.bytes) {
            return parts->first * unit.bytes;
        }
    }
    return std::nullopt;
}

std::string without_controls(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            c = ' ';
        }
    }
    return result;
}

}  // namespace gatehouse::inline core
