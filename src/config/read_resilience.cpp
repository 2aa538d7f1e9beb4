#include "readers.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace gatehouse::config {

policy::RetryOptions read_retry(View root) {
    const View retry = root["retry"];
    policy::RetryOptions o;
    o.attempts = static_cast<int>(retry["attempts"].count(static_cast<std::size_t>(o.attempts)));
    o.deadline = retry["deadline"].duration(o.deadline);
    o.budget = retry["budget"].share(o.budget);
    o.backoff_base = retry["backoff"]["base"].duration(o.backoff_base);
    o.backoff_cap = retry["backoff"]["cap"].duration(o.backoff_cap);
    return o;
}

std::optional<policy::HedgeOptions> read_hedge(View root) {
    const View hedge = root["hedge"];
    if (!hedge.present()) {
        return std::nullopt;
    }
    policy::HedgeOptions o;
    const View after = hedge["after"];
    constexpr std::array<std::pair<std::string_view, double>, 4> quantiles = {
        {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}}};
    const auto named = std::find_if(quantiles.begin(), quantiles.end(),
                                    [&](const auto& each) { return after.text() == each.first; });
    if (named != quantiles.end()) {
        o.quantile = named->second;
    } else if (after.present()) {
        o.after = after.duration({});
    }
    o.max_share = hedge["max_share"].share(o.max_share);
    return o;
}

policy::BreakerOptions read_breaker(View root) {
    const View breaker = root["circuit_breaker"];
    policy::BreakerOptions o;
    o.failure_rate = breaker["failure_rate"].share(o.failure_rate);
    o.min_calls = static_cast<int>(breaker["min_calls"].count(static_cast<std::size_t>(o.min_calls)));
    o.failures = static_cast<int>(breaker["failures"].count(static_cast<std::size_t>(o.failures)));
    o.window = breaker["window"].duration(o.window);
    o.open_for = breaker["open_for"].duration(o.open_for);
    o.all_open = breaker["all_open"].text() == "fail" ? policy::AllOpen::fail : policy::AllOpen::try_one;
    return o;
}

}  // namespace gatehouse::config
