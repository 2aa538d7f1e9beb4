#include "model_name.hpp"

#include <algorithm>
#include <cstddef>

namespace gatehouse::policy {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::size_t leading_digits(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

constexpr std::string_view tuned = "ft:";

std::string_view without_path(std::string_view name) noexcept {
    const std::size_t slash = name.rfind('/');
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

/// `v1` or `v1:0`.
bool is_revision(std::string_view text) noexcept {
    if (!text.starts_with('v')) {
        return false;
    }
    text.remove_prefix(1);
    const std::size_t colon = text.find(':');
    return all_digits(text.substr(0, colon)) &&
           (colon == std::string_view::npos || all_digits(text.substr(colon + 1)));
}

/// `2026-04-01`.
bool is_dashed_date(std::string_view text) noexcept {
    return text.size() == 10 && text[4] == '-' && text[7] == '-' && all_digits(text.substr(0, 4)) &&
           all_digits(text.substr(5, 2)) && all_digits(text.substr(8, 2));
}

}  // namespace

std::string_view without_owner(std::string_view name) noexcept {
    name = without_path(name);
    constexpr std::string_view platform = "anthropic.";
    if (const std::size_t at = name.find(platform); at != std::string_view::npos) {
        name.remove_prefix(at + platform.size());
    }
    if (name.starts_with(tuned)) {
        name.remove_prefix(tuned.size());
        name = name.substr(0, name.find(':'));
    }
    return name;
}

bool is_tuned(std::string_view name) noexcept {
    return without_path(name).starts_with(tuned);
}

std::string_view without_date(std::string_view name) noexcept {
    if (const std::size_t dash = name.rfind('-');
        dash != std::string_view::npos && is_revision(name.substr(dash + 1))) {
        name = name.substr(0, dash);
    }
    constexpr std::size_t short_date = 9;
    constexpr std::size_t long_date = 11;
    if (name.size() > short_date) {
        const std::string_view tail = name.substr(name.size() - short_date);
        if ((tail[0] == '-' || tail[0] == '@') && all_digits(tail.substr(1))) {
            return name.substr(0, name.size() - short_date);
        }
    }
    if (name.size() > long_date) {
        const std::string_view tail = name.substr(name.size() - long_date);
        if (tail[0] == '-' && is_dashed_date(tail.substr(1))) {
            return name.substr(0, name.size() - long_date);
        }
    }
    return name;
}

bool is_other_version(std::string_view rest) noexcept {
    const std::size_t digits = leading_digits(rest);
    const bool ends = digits == rest.size() || rest[digits] == '-' || rest[digits] == '.';
    return (digits == 1 || digits == 2) && ends;
}

}  // namespace gatehouse::policy
