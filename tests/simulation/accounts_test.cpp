// Histories of requests that take from several accounts at once, end as a seed has it, and overlap with each
// other, with new readings of the file and with the ends of days, weeks and months. What the book says is
// held against sums of its own kind. A failure prints its seed; GATEHOUSE_SIMULATION_SEED replays from it,
// GATEHOUSE_SIMULATION_HISTORIES says how many.
#include "draws.hpp"

#include "gatehouse/policy/account.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::policy {
namespace {

using test::Draws;
using test::number_from;

constexpr std::array periods = {Period::day, Period::week, Period::month, Period::total};

/// What an account has seen, in sums that are never rolled: one for each period there was.
struct Seen {
    struct Sums {
        PicoUsdSum settled;
        PicoUsdSum reserved;
    };
    Sums& of(Period period, WallTime when) { return sums[{period, begin_of(period, when)}]; }
    PicoUsdSum used(Period period, WallTime when) {
        const auto& both = of(period, when);
        return both.settled + both.reserved;
    }

    Level level{};
    std::string name;
    LimitOptions limits;
    std::optional<BudgetOptions> budget;
    AccountRef ref;
    std::map<std::pair<Period, WallTime>, Sums> sums;
    std::int64_t running{0};
    // Of the last admission: what was allowed then, and by how much what was in flight has cost more since.
    PicoUsdSum allowed;
    PicoUsdSum underestimated;
};

struct Running {
    std::vector<std::size_t> levels;  // into the accounts
    Claim claim;
    std::vector<WallTime> filed;  // of the money, for each of them
};

class History {
public:
    explicit History(std::uint64_t seed) : draws_(seed) {
        // Two keys of one team and two models: what a request meets overlaps with others in part.
        constexpr std::array levels = {Level::key,   Level::key,   Level::team,   Level::organisation,
                                       Level::model, Level::model, Level::gateway};
        for (std::size_t i = 0; i < levels.size(); ++i) {
            Seen seen;
            seen.level = levels[i];
            seen.name = std::to_string(i);
            accounts_.push_back(std::move(seen));
        }
        read_file();
    }

    void play() {
        const auto steps = draws_.between(10, 50);
        for (std::int64_t i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
            pass_time();
            const auto what = draws_.between(1, 100);
            if (what <= 50) {
                begin();
            } else if (what <= 85) {
                end(draws_.chance(20));
            } else if (what <= 95) {
                spend_again();
            } else {
                read_file();
            }
        }
        while (!running_.empty()) {
            end(draws_.chance(50));
        }
        nothing_is_left();
    }

    std::int64_t operations() const { return operations_; }

private:
    void pass_time() {
        const auto most = draws_.chance(10) ? 40 * 86'400'000LL : 20'000LL;
        const Milliseconds passed(draws_.between(0, most));
        now_ += passed;
        wall_ += passed;
    }

    std::optional<std::int64_t> limit(std::int64_t most) {
        if (draws_.chance(50)) {
            return std::nullopt;
        }
        return draws_.chance(5) ? 0 : draws_.between(1, most);
    }

    void read_file() {
        for (auto& account : accounts_) {
            account.limits = {limit(20), limit(5'000), limit(6)};
            account.budget.reset();
            if (draws_.chance(70)) {
                BudgetOptions budget;
                budget.limit = PicoUsd(draws_.between(0, 5'000));
                budget.period = periods[static_cast<std::size_t>(draws_.between(0, 3))];
                account.budget = budget;
                account.allowed = std::max<PicoUsdSum>(budget.limit, account.used(budget.period, wall_));
                account.underestimated = {};
            }
            account.ref = book_.open(account.level, account.name, account.limits, account.budget, now_);
        }
        book_.prune(wall_);
    }

    AccountSet set_of(const std::vector<std::size_t>& levels) const {
        AccountSet set;
        for (const auto i : levels) {
            set.add(accounts_[i].ref);
        }
        return set;
    }

    static bool same(const AccountReport& a, const AccountReport& b) {
        return a.requests == b.requests && a.tokens == b.tokens && a.running == b.running &&
               a.budget.has_value() == b.budget.has_value() &&
               (!a.budget ||
                (a.budget->settled == b.budget->settled && a.budget->reserved == b.budget->reserved));
    }

    void expect_unchanged(const std::vector<AccountReport>& before, const AccountSet& set) {
        const auto after = book_.report(set, now_, wall_);
        for (std::size_t i = 0; i < before.size(); ++i) {
            EXPECT_TRUE(same(before[i], after[i])) << "a refusal took something from " << before[i].name;
        }
    }

    void begin() {
        Running request;
        request.levels = {static_cast<std::size_t>(draws_.between(0, 1)), 2, 3,
                          static_cast<std::size_t>(draws_.between(4, 5)), 6};
        const auto set = set_of(request.levels);
        const auto before = book_.report(set, now_, wall_);
        ++operations_;
        if (book_.enter(set, now_)) {
            expect_unchanged(before, set);
            return;
        }
        for (const auto i : request.levels) {
            const auto& most = accounts_[i].limits.concurrency;
            ++accounts_[i].running;
            EXPECT_TRUE(!most || accounts_[i].running <= *most) << "level " << i;
        }
        request.claim = {draws_.between(0, 3'000), PicoUsd(draws_.between(0, 1'500)), {}};
        ++operations_;
        if (book_.reserve(set, request.claim, now_, wall_)) {
            book_.give_back_request(set, now_);
            book_.leave(set);
            for (const auto i : request.levels) {
                --accounts_[i].running;
            }
            expect_unchanged(before, set);
            return;
        }
        for (const auto i : request.levels) {
            for (const auto period : periods) {
                accounts_[i].of(period, wall_).reserved += request.claim.money;
            }
            request.filed.push_back(wall_);
            admitted(accounts_[i]);
        }
        running_.push_back(std::move(request));
    }

    void admitted(Seen& account) {
        if (!account.budget) {
            return;
        }
        EXPECT_LE(account.used(account.budget->period, wall_), account.budget->limit)
            << "admitted beyond the budget of " << account.name;
        account.allowed = account.budget->limit;
        account.underestimated = {};
    }

    void spend_again() {
        if (running_.empty()) {
            return;
        }
        auto& request = running_[static_cast<std::size_t>(
            draws_.between(0, static_cast<std::int64_t>(running_.size()) - 1))];
        const auto set = set_of(request.levels);
        const auto before = book_.report(set, now_, wall_);
        const PicoUsd held = request.claim.money;
        const PicoUsd more(draws_.between(0, 1'500));
        ++operations_;
        if (book_.reserve_more(set, request.claim, more, wall_)) {
            EXPECT_EQ(request.claim.money, held);
            expect_unchanged(before, set);
            return;
        }
        for (std::size_t k = 0; k < request.levels.size(); ++k) {
            auto& account = accounts_[request.levels[k]];
            for (const auto period : periods) {
                const bool ended = begin_of(period, request.filed[k]) != begin_of(period, wall_);
                if (ended) {
                    account.of(period, request.filed[k]).reserved -= held;
                }
                account.of(period, wall_).reserved += ended ? held + PicoUsdSum(more) : PicoUsdSum(more);
            }
            request.filed[k] = wall_;
            admitted(account);
        }
    }

    /// `aborted`: at most what was set aside has come.
    void end(bool aborted) {
        if (running_.empty()) {
            return;
        }
        const auto chosen = draws_.between(0, static_cast<std::int64_t>(running_.size()) - 1);
        const Running request = running_[static_cast<std::size_t>(chosen)];
        running_.erase(running_.begin() + chosen);
        const auto reserved = request.claim.money.value();
        const PicoUsd cost(draws_.between(0, aborted ? reserved : reserved + reserved / 4));
        const auto set = set_of(request.levels);
        ++operations_;
        book_.settle(set, request.claim, {draws_.between(0, 4'000), cost}, now_, wall_);
        book_.leave(set);
        for (std::size_t k = 0; k < request.levels.size(); ++k) {
            auto& account = accounts_[request.levels[k]];
            --account.running;
            for (const auto period : periods) {
                auto& sums = account.of(period, request.filed[k]);
                sums.reserved -= request.claim.money;
                sums.settled += cost;
            }
            account.underestimated += PicoUsd(std::max<std::int64_t>(cost.value() - reserved, 0));
            check(account);
        }
    }

    void check(Seen& account) {
        AccountSet alone;
        alone.add(account.ref);
        const auto report = book_.report(alone, now_, wall_).front();
        EXPECT_EQ(report.running, account.running);
        if (!report.budget) {
            return;
        }
        const auto period = account.budget->period;
        const auto& sums = account.of(period, wall_);
        EXPECT_EQ(report.budget->settled, sums.settled);
        EXPECT_EQ(report.budget->reserved, sums.reserved);
        EXPECT_LE(sums.settled + sums.reserved, account.allowed + account.underestimated)
            << "overrun by more than what was in flight was underestimated, account " << account.name;
    }

    void nothing_is_left() {
        for (auto& account : accounts_) {
            for (const auto period : periods) {
                BudgetOptions budget;
                budget.period = period;
                account.budget = budget;
                account.ref = book_.open(account.level, account.name, account.limits, budget, now_);
                AccountSet alone;
                alone.add(account.ref);
                const auto report = book_.report(alone, now_, wall_).front();
                EXPECT_EQ(report.running, 0);
                EXPECT_EQ(report.budget->reserved, PicoUsdSum()) << name_of(period);
                EXPECT_EQ(report.budget->settled, account.of(period, wall_).settled) << name_of(period);
            }
        }
    }

    Draws draws_;
    AccountBook book_;
    Instant now_{std::chrono::hours(1'000)};
    WallTime wall_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) + std::chrono::hours(23)};
    std::vector<Seen> accounts_;
    std::vector<Running> running_;
    std::int64_t operations_{0};
};

TEST(AccountsSimulation, NothingIsOverrunAndNothingLeaks) {
    const auto first = number_from("GATEHOUSE_SIMULATION_SEED", 1);
    const auto histories = number_from("GATEHOUSE_SIMULATION_HISTORIES", 4'000);
    std::int64_t operations = 0;
    for (std::uint64_t seed = first; seed < first + histories; ++seed) {
        History history(seed);
        history.play();
        operations += history.operations();
        ASSERT_FALSE(testing::Test::HasFailure()) << "GATEHOUSE_SIMULATION_SEED=" << seed;
    }
    RecordProperty("operations", std::to_string(operations));
}

}  // namespace
}  // namespace gatehouse::policy
