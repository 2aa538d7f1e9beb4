#include "gatehouse/store/usage.hpp"

#include "usage_columns.hpp"

#include "gatehouse/core/money.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace gatehouse::store {

UsageSums& UsageSums::operator+=(const UsageSums& other) noexcept {
    requests += other.requests;
    failed += other.failed;
    unpriced += other.unpriced;
    estimated += other.estimated;
    attempts += other.attempts;
    cached += other.cached;
    for (std::size_t kind = 0; kind < tokens.size(); ++kind) {
        tokens[kind] += other.tokens[kind];
    }
    cost += other.cost;
    saved += other.saved;
    return *this;
}

UsageSums& UsageSums::operator-=(const UsageSums& other) noexcept {
    requests -= other.requests;
    failed -= other.failed;
    unpriced -= other.unpriced;
    estimated -= other.estimated;
    attempts -= other.attempts;
    cached -= other.cached;
    for (std::size_t kind = 0; kind < tokens.size(); ++kind) {
        tokens[kind] -= other.tokens[kind];
    }
    cost -= other.cost;
    saved -= other.saved;
    return *this;
}

namespace {

constexpr std::string_view before_tokens = "requests, failed, unpriced, estimated, attempts, cached";
constexpr std::string_view after_tokens = "cost_usd, cost_pico, saved_usd, saved_pico";

/// Both columns of an amount, with what is added to them.
std::string added_amount(std::string_view name) {
    const std::string usd = std::string(name) + "_usd";
    const std::string pico = std::string(name) + "_pico";
    const std::string above = "(" + pico + "+excluded." + pico + ")";
    return usd + "=" + usd + "+excluded." + usd + "+" + above + "/1000000000000," + pico + "=" + above +
           "%1000000000000";
}

}  // namespace

std::string usage_column_list() {
    std::string list(before_tokens);
    for (const auto kind : token_kinds) {
        list.append(", ").append(kind);
    }
    return list.append(", ").append(after_tokens);
}

std::string usage_upsert(std::string_view table, std::string_view keys) {
    const auto key_count = static_cast<int>(1 + std::count(keys.begin(), keys.end(), ','));
    std::string text = "INSERT INTO ";
    text.append(table)
        .append("(")
        .append(keys)
        .append(", ")
        .append(usage_column_list())
        .append(") VALUES(?1");
    for (int place = 2; place <= key_count + usage_column_count; ++place) {
        text.append(",?").append(std::to_string(place));
    }
    text.append(") ON CONFLICT(").append(keys).append(") DO UPDATE SET ");
    const auto add = [&text](std::string_view column) {
        text.append(column).append("=").append(column).append("+excluded.").append(column).append(",");
    };
    for (const std::string_view column :
         {"requests", "failed", "unpriced", "estimated", "attempts", "cached"}) {
        add(column);
    }
    for (const auto kind : token_kinds) {
        add(kind);
    }
    return text.append(added_amount("cost")).append(",").append(added_amount("saved"));
}

void bind_usage(Statement& statement, int first, const UsageSums& sums) {
    for (const auto value :
         {sums.requests, sums.failed, sums.unpriced, sums.estimated, sums.attempts, sums.cached}) {
        statement.bind(first++, value);
    }
    for (const auto count : sums.tokens) {
        statement.bind(first++, count);
    }
    for (const auto& amount : {dollars_of(sums.cost), dollars_of(sums.saved)}) {
        statement.bind(first, amount.whole).bind(first + 1, amount.above);
        first += 2;
    }
}

UsageSums usage_in(const Statement& statement, int first) {
    UsageSums sums;
    for (auto* const value :
         {&sums.requests, &sums.failed, &sums.unpriced, &sums.estimated, &sums.attempts, &sums.cached}) {
        *value = statement.integer(first++);
    }
    for (auto& count : sums.tokens) {
        count = statement.integer(first++);
    }
    sums.cost = sum_of({statement.integer(first), statement.integer(first + 1)});
    sums.saved = sum_of({statement.integer(first + 2), statement.integer(first + 3)});
    return sums;
}

}  // namespace gatehouse::store
