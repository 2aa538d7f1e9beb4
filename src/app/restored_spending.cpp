#include "restored_spending.hpp"

#include "gatehouse/policy/account.hpp"
#include "gatehouse/policy/budget.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::app {
namespace {

using policy::Level;

std::chrono::sys_days first_day(policy::Period period, WallTime now) {
    constexpr std::chrono::sys_days epoch;
    const auto begin = policy::begin_of(period, now);
    return begin <= WallTime() ? epoch : std::chrono::floor<std::chrono::days>(begin);
}

std::map<std::pair<Level, std::string>, PicoUsdSum> by_account(const std::vector<store::Spent>& rows) {
    std::map<std::pair<Level, std::string>, PicoUsdSum> sums;
    for (const auto& row : rows) {
        const std::pair<Level, const std::string&> places[] = {
            {Level::key, row.key}, {Level::team, row.team}, {Level::organisation, row.organisation}};
        for (const auto& [level, name] : places) {
            if (!name.empty()) {
                sums[{level, name}] += row.cost;
            }
        }
    }
    return sums;
}

}  // namespace

Status restore_spending(store::Ledger& ledger, pipeline::SharedAccounts& accounts, WallTime now) {
    for (std::size_t i = 0; i < policy::period_count; ++i) {
        const auto period = static_cast<policy::Period>(i);
        const auto rows = ledger.spent_since(first_day(period, now));
        if (!rows) {
            return rows.problem();
        }
        const auto sums = by_account(*rows);
        accounts.with([&](policy::AccountBook& book) {
            for (const auto& [account, spent] : sums) {
                book.restore(account.first, account.second, period, spent, now);
            }
        });
    }
    return done();
}

}  // namespace gatehouse::app
