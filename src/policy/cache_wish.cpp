#include "gatehouse/policy/cache_wish.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace gatehouse::policy {
namespace {

/// RFC 9111, 1.2.2: a number too large is a very long time.
constexpr std::int64_t most_seconds = std::int64_t{1} << 31U;

std::optional<Milliseconds> delta_seconds(std::string_view text) noexcept {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);  // a recipient takes both forms
    }
    const bool digits =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) {
        return std::nullopt;
    }
    std::int64_t seconds = most_seconds;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (read.ec != std::errc{}) {
        seconds = most_seconds;
    }
    return Milliseconds(std::min(seconds, most_seconds) * 1000);
}

void add_directive(std::string_view directive, CacheWish& wish) {
    const auto equals = std::min(directive.find('='), directive.size());
    const auto name = trim(directive.substr(0, equals));
    const auto value = equals < directive.size() ? trim(directive.substr(equals + 1)) : std::string_view();
    if (equals_ignoring_case(name, "no-cache")) {
        wish.no_cache = true;
    } else if (equals_ignoring_case(name, "no-store")) {
        wish.no_store = true;
    } else if (equals_ignoring_case(name, "only-if-cached")) {
        wish.only_if_cached = true;
    } else if (equals_ignoring_case(name, "max-age")) {
        const auto age = delta_seconds(value);
        if (age) {
            wish.max_age = wish.max_age ? std::min(*wish.max_age, *age) : *age;
        }
    }
}

}  // namespace

std::string_view name_of(CacheTier tier) noexcept {
    switch (tier) {
        case CacheTier::none:
            return "off";
        case CacheTier::exact:
            return "exact";
        case CacheTier::signature:
            return "signature";
        case CacheTier::semantic:
            return "semantic";
    }
    return "off";
}

void add_cache_control(std::string_view field, CacheWish& wish) {
    while (!field.empty()) {
        const auto end = std::min(field.find(','), field.size());
        add_directive(field.substr(0, end), wish);
        field.remove_prefix(std::min(end + 1, field.size()));
    }
}

CacheTier tier_for(const CacheOptions& options, const CacheWish& wish) noexcept {
    return std::min(most_allowed(options), wish.most.value_or(CacheTier::semantic));
}

double threshold_for(const CacheOptions& options, const CacheWish& wish) noexcept {
    return std::max(options.semantic.threshold, wish.threshold.value_or(0));
}

}  // namespace gatehouse::policy
