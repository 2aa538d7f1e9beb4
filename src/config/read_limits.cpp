#include "readers.hpp"
#include "values.hpp"

#include <optional>
#include <utility>

namespace gatehouse::config {
namespace {

std::optional<std::int64_t> count_of(View value) {
    return value.is_scalar() ? parse_count(value.text()) : std::nullopt;
}

policy::Period period_of(std::string_view word) noexcept {
    for (const auto period : {policy::Period::day, policy::Period::week, policy::Period::total}) {
        if (name_of(period) == word) {
            return period;
        }
    }
    return policy::Period::month;
}

}  // namespace

policy::LimitOptions read_rate_limits(View limits) {
    policy::LimitOptions o;
    o.requests_per_minute = count_of(limits["requests_per_minute"]);
    o.tokens_per_minute = count_of(limits["tokens_per_minute"]);
    o.concurrency = count_of(limits["concurrency"]);
    return o;
}

std::optional<policy::BudgetOptions> read_budget(View budget) {
    if (!budget.present()) {
        return std::nullopt;
    }
    policy::BudgetOptions o;
    // What cannot be read was reported; until then nothing may be spent.
    o.limit = PicoUsd(parse_money(budget["usd"].text()).value_or(0));
    o.period = period_of(budget["period"].text());
    if (budget["warn_at"].is_scalar()) {
        o.warn_at = parse_percent(budget["warn_at"].text());
    }
    if (budget["unknown_price"].text() == "allow") {
        o.unknown_price = policy::UnknownPrice::allow;
    }
    return o;
}

pipeline::Groups read_groups(View root) {
    pipeline::Groups groups;
    for (const View team : root["teams"].mappings()) {
        groups.teams.push_back({team["name"].text(), team["organisation"].text(),
                                read_rate_limits(team["limits"]), read_budget(team["budget"])});
    }
    for (const View organisation : root["organisations"].mappings()) {
        groups.organisations.push_back({organisation["name"].text(), read_rate_limits(organisation["limits"]),
                                        read_budget(organisation["budget"])});
    }
    groups.gateway = read_rate_limits(root["limits"]);
    return groups;
}

}  // namespace gatehouse::config
