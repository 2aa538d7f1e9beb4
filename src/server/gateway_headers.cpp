#include "gateway_headers.hpp"

#include "request_labels.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/policy/own_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

namespace gatehouse::server {
namespace {

/// The words a header may say; an empty list: its own check, or any text.
struct Known {
    std::string_view name;
    std::array<std::string_view, 4> words;
};

constexpr std::array<Known, policy::own_headers.size()> known_headers{{
    {"x-gatehouse-timeout", {}},
    {"x-gatehouse-ttft-timeout", {}},
    {"x-gatehouse-cache", {"off", "exact", "signature", "semantic"}},
    {"x-gatehouse-cache-threshold", {}},
    {"x-gatehouse-cache-scope", {}},
    {"x-gatehouse-fallback", {"off"}},
    {"x-gatehouse-params", {"strict", "lossy"}},
    {"x-gatehouse-tags", {}},
    {"x-gatehouse-debug", {"1", "0"}},
}};
static_assert(std::equal(known_headers.begin(), known_headers.end(), policy::own_headers.begin(),
                         [](const Known& known, std::string_view name) { return known.name == name; }),
              "what is read here is what rules may ask for");

Problem invalid(std::string_view name, std::string message) {
    return Problem(ProblemKind::invalid_value, std::move(message)).with_param(std::string(name));
}

Result<Milliseconds> duration(std::string_view name, std::string_view value) {
    const auto ms = parse_duration_ms(value);
    if (!ms || *ms <= 0) {
        return invalid(name, "`" + std::string(name) + "` must be a duration with its unit, such as `30s`.");
    }
    return Milliseconds(*ms);
}

/// Similarities are from 0 to 1.
Result<double> similarity(std::string_view name, std::string_view value) {
    double number = -1;
    const auto* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, number, std::chars_format::fixed);
    if (read.ec != std::errc{} || read.ptr != end || !(number >= 0 && number <= 1)) {
        return invalid(name, "`" + std::string(name) + "` must be a number from 0 to 1, such as `0.92`.");
    }
    return number;
}

/// What is set aside for a client under a name of its own choice.
Result<std::string> partition(std::string_view name, std::string_view value) {
    constexpr std::size_t longest = 128;
    const bool visible = std::all_of(value.begin(), value.end(), [](char c) { return c >= '!' && c <= '~'; });
    if (value.empty() || value.size() > longest || !visible) {
        return invalid(name, "`" + std::string(name) + "` must be 1 to 128 visible ASCII characters.");
    }
    return std::string(value);
}

policy::CacheTier tier_named(std::string_view word) noexcept {
    for (const auto tier :
         {policy::CacheTier::exact, policy::CacheTier::signature, policy::CacheTier::semantic}) {
        if (word == policy::name_of(tier)) {
            return tier;
        }
    }
    return policy::CacheTier::none;
}

/// What one of the headers about answers that are kept says; nothing of the others.
Status read_cache_header(std::string_view name, std::string_view value, policy::CacheWish& wish) {
    if (name == "x-gatehouse-cache") {
        wish.most = tier_named(value);
    }
    if (name == "x-gatehouse-cache-threshold") {
        auto number = similarity(name, value);
        if (!number) {
            return std::move(number.problem());
        }
        wish.threshold = *number;
    }
    if (name == "x-gatehouse-cache-scope") {
        auto part = partition(name, value);
        if (!part) {
            return std::move(part.problem());
        }
        wish.partition = std::move(*part);
    }
    return done();
}

bool says_one_of(const Known& known, std::string_view value) noexcept {
    if (known.words.front().empty()) {
        return true;
    }
    return !value.empty() && std::find(known.words.begin(), known.words.end(), value) != known.words.end();
}

}  // namespace

Result<GatewayHeaders> read_gateway_headers(const wire::Fields& fields) {
    GatewayHeaders out;
    constexpr auto prefix = policy::own_header_prefix;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto field = fields[i];
        if (equals_ignoring_case(field.name, "cache-control")) {
            policy::add_cache_control(field.value, out.cache);
        }
        if (field.name.size() < prefix.size() ||
            !equals_ignoring_case(field.name.substr(0, prefix.size()), prefix)) {
            continue;
        }
        const auto known = std::find_if(known_headers.begin(), known_headers.end(), [&](const Known& each) {
            return equals_ignoring_case(each.name, field.name);
        });
        if (known == known_headers.end()) {
            return invalid(to_lower(field.name), "Unknown header `" + to_lower(field.name) + "`.");
        }
        if (!says_one_of(*known, field.value)) {
            return invalid(known->name, "`" + std::string(known->name) + "` has a value that is not known.");
        }
        if (known->name == "x-gatehouse-params") {
            out.strict_params = field.value == "strict";
        }
        if (known->name == "x-gatehouse-debug") {
            out.debug = field.value == "1";
        }
        if (known->name == "x-gatehouse-fallback") {
            out.fallback_off = true;
        }
        if (known->name == "x-gatehouse-tags") {
            auto added = add_tags(field.value, out.tags);
            if (!added) {
                return std::move(added.problem());
            }
        }
        auto kept = read_cache_header(known->name, field.value, out.cache);
        if (!kept) {
            return std::move(kept.problem());
        }
        const bool total = known->name == "x-gatehouse-timeout";
        if (total || known->name == "x-gatehouse-ttft-timeout") {
            auto value = duration(known->name, field.value);
            if (!value) {
                return std::move(value.problem());
            }
            (total ? out.timeout : out.first_token_timeout) = *value;
        }
    }
    return out;
}

}  // namespace gatehouse::server
