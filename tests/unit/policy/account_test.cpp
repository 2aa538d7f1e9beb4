#include "gatehouse/policy/account.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::policy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t dollar = 1'000'000'000'000;

PicoUsd usd(std::int64_t dollars) {
    return PicoUsd(dollars * dollar);
}

BudgetOptions budget_of(std::int64_t dollars, Period period = Period::month) {
    BudgetOptions options;
    options.limit = usd(dollars);
    options.period = period;
    return options;
}

struct AccountBookTest : testing::Test {
    AccountRef open(Level level, const LimitOptions& limits,
                    const std::optional<BudgetOptions>& budget = std::nullopt) {
        return book.open(level, std::string(name_of(level)) + "-1", limits, budget, now);
    }
    static AccountSet of(std::initializer_list<const AccountRef*> refs) {
        AccountSet set;
        for (const auto* ref : refs) {
            set.add(*ref);
        }
        return set;
    }
    std::optional<Refusal> reserve(const AccountSet& set, Claim& claim) {
        return book.reserve(set, claim, now, wall);
    }

    AccountBook book;
    Instant now{std::chrono::hours(100)};
    WallTime wall{std::chrono::sys_days(std::chrono::year(2026) / 11 / 29)};
};

TEST_F(AccountBookTest, ARefusedRequestHasUsedNothingOfTheOthers) {
    const auto key = open(Level::key, {.requests_per_minute = 60, .concurrency = 10});
    const auto team = open(Level::team, {.requests_per_minute = 1});
    const auto set = of({&key, &team});
    EXPECT_FALSE(book.enter(set, now));
    const auto refusal = book.enter(set, now);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->level, Level::team);
    EXPECT_EQ(refusal->name, "team-1");
    EXPECT_EQ(refusal->measure, Measure::requests);
    EXPECT_EQ(refusal->limit, 1);
    EXPECT_EQ(refusal->wait, seconds(60));
    const auto report = book.report(set, now, wall);
    EXPECT_EQ(report[0].requests->remaining, 59);
    EXPECT_EQ(report[0].running, 1);
    EXPECT_EQ(report[1].running, 1);
}

TEST_F(AccountBookTest, TellsTheLevelThatIsWaitedForLongest) {
    const auto key = open(Level::key, {.requests_per_minute = 60});
    const auto team = open(Level::team, {.requests_per_minute = 30});
    const auto gateway = open(Level::gateway, {.requests_per_minute = 40});
    const auto set = of({&key, &team, &gateway});
    for (int i = 0; i < 30; ++i) {
        EXPECT_FALSE(book.enter(set, now));
    }
    for (int i = 0; i < 30; ++i) {
        EXPECT_FALSE(book.enter(of({&key}), now));
    }
    const auto refusal = book.enter(set, now);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->level, Level::team) << "key: one second, team: two";
    EXPECT_EQ(refusal->wait, seconds(2));
}

TEST_F(AccountBookTest, ZeroBlocksForEverAndAbsentIsNoLimit) {
    const auto blocked = open(Level::key, {.concurrency = 0});
    const auto open_one = open(Level::team, {});
    const auto refusal = book.enter(of({&blocked, &open_one}), now);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->measure, Measure::concurrency);
    EXPECT_EQ(refusal->wait, std::nullopt);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_FALSE(book.enter(of({&open_one}), now));
    }
    const auto no_requests = open(Level::model, {.requests_per_minute = 0});
    EXPECT_EQ(book.enter(of({&no_requests}), now)->wait, std::nullopt);
    const auto no_tokens = open(Level::gateway, {.tokens_per_minute = 0});
    Claim claim;
    EXPECT_EQ(reserve(of({&no_tokens}), claim)->wait, std::nullopt);
}

TEST_F(AccountBookTest, PlacesAreFreedByLeaving) {
    const auto key = open(Level::key, {.concurrency = 2});
    const auto set = of({&key});
    EXPECT_FALSE(book.enter(set, now));
    EXPECT_FALSE(book.enter(set, now));
    const auto refusal = book.enter(set, now);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->measure, Measure::concurrency);
    EXPECT_TRUE(refusal->wait);
    book.leave(set);
    EXPECT_FALSE(book.enter(set, now));
}

TEST_F(AccountBookTest, ARequestThatSomebodyElseRefusedIsGivenBack) {
    const auto key = open(Level::key, {.requests_per_minute = 1});
    const auto set = of({&key});
    EXPECT_FALSE(book.enter(set, now));
    book.give_back_request(set, now);
    book.leave(set);
    EXPECT_FALSE(book.enter(set, now));
    EXPECT_TRUE(book.enter(set, now));
}

TEST_F(AccountBookTest, TokensAndMoneyAreSetAsideInAllOrInNone) {
    const auto key = open(Level::key, {.tokens_per_minute = 1'000}, budget_of(10));
    const auto team = open(Level::team, {}, budget_of(3));
    const auto set = of({&key, &team});
    Claim claim{600, usd(2), {}};
    EXPECT_FALSE(reserve(set, claim));
    Claim dear{300, usd(2), {}};
    const auto refusal = reserve(set, dear);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->level, Level::team);
    EXPECT_EQ(refusal->measure, Measure::money);
    EXPECT_EQ(refusal->limit, usd(3).value());
    EXPECT_EQ(refusal->wait, std::chrono::hours(48)) << "the rest of November";
    EXPECT_EQ(book.tightest(set, Measure::tokens, now)->remaining, 400);
    EXPECT_EQ(book.budget_used(set, wall), 6'666);

    book.settle(set, claim, {100, PicoUsd(dollar / 2)}, now, wall);
    EXPECT_EQ(book.tightest(set, Measure::tokens, now)->remaining, 900);
    EXPECT_EQ(book.budget_used(set, wall), 1'666);
    EXPECT_FALSE(reserve(set, dear));
}

TEST_F(AccountBookTest, MoreThanABudgetHoldsIsNeverThere) {
    const auto key = open(Level::key, {}, budget_of(1));
    Claim claim{0, usd(2), {}};
    EXPECT_EQ(reserve(of({&key}), claim)->wait, std::nullopt);
    const auto all = open(Level::team, {}, budget_of(1, Period::total));
    Claim first{0, usd(1), {}};
    EXPECT_FALSE(reserve(of({&all}), first));
    Claim second{0, usd(1), {}};
    EXPECT_EQ(reserve(of({&all}), second)->wait, std::nullopt);
}

TEST_F(AccountBookTest, OneMoreCallNeedsMoneyOfItsOwn) {
    const auto key = open(Level::key, {}, budget_of(5));
    const auto set = of({&key});
    Claim claim{0, usd(2), {}};
    EXPECT_FALSE(reserve(set, claim));
    EXPECT_FALSE(book.reserve_more(set, claim, usd(2), wall));
    EXPECT_EQ(claim.money, usd(4));
    EXPECT_TRUE(book.reserve_more(set, claim, usd(2), wall));
    EXPECT_EQ(claim.money, usd(4));
    book.settle(set, claim, {0, usd(3)}, now, wall);
    const auto report = book.report(set, now, wall);
    EXPECT_EQ(report[0].budget->settled, usd(3));
    EXPECT_EQ(report[0].budget->reserved, PicoUsdSum());
}

TEST_F(AccountBookTest, MoreInANewPeriodMovesTheWholeClaimThere) {
    const auto key = open(Level::key, {}, budget_of(5, Period::day));
    const auto set = of({&key});
    Claim claim{0, usd(3), {}};
    EXPECT_FALSE(reserve(set, claim));
    const auto tomorrow = wall + std::chrono::hours(24);
    EXPECT_TRUE(book.reserve_more(set, claim, usd(3), tomorrow)) << "six of five";
    EXPECT_FALSE(book.reserve_more(set, claim, usd(2), tomorrow));
    EXPECT_EQ(book.report(set, now, tomorrow)[0].budget->reserved, usd(5));
    book.settle(set, claim, {0, usd(4)}, now, tomorrow);
    EXPECT_EQ(book.report(set, now, tomorrow)[0].budget->settled, usd(4));
    EXPECT_EQ(book.report(set, now, tomorrow)[0].budget->reserved, PicoUsdSum());
}

TEST_F(AccountBookTest, StateSurvivesANewReadingOfTheFile) {
    const auto before = open(Level::key, {.requests_per_minute = 10}, budget_of(10));
    Claim claim{0, usd(4), {}};
    EXPECT_FALSE(reserve(of({&before}), claim));
    EXPECT_FALSE(book.enter(of({&before}), now));
    const auto after = open(Level::key, {.requests_per_minute = 5, .tokens_per_minute = 100}, budget_of(5));
    const auto report = book.report(of({&after}), now, wall);
    EXPECT_EQ(report[0].requests->limit, 5);
    EXPECT_EQ(report[0].requests->remaining, 4);
    EXPECT_EQ(report[0].running, 1);
    EXPECT_EQ(report[0].tokens->remaining, 100) << "a new limit begins with all of it";
    Claim more{0, usd(2), {}};
    EXPECT_TRUE(reserve(of({&after}), more));
    book.settle(of({&before}), claim, {0, usd(1)}, now, wall);
    EXPECT_FALSE(reserve(of({&after}), more));
}

TEST_F(AccountBookTest, ForgetsWhatNobodyNamesAndNothingWasSpentOf) {
    {
        const auto spent = open(Level::key, {}, budget_of(10));
        const auto unspent = open(Level::team, {.requests_per_minute = 1});
        Claim claim{0, usd(1), {}};
        EXPECT_FALSE(reserve(of({&spent}), claim));
        book.settle(of({&spent}), claim, {0, usd(1)}, now, wall);
        book.prune(wall);
        EXPECT_EQ(book.size(), 2U) << "somebody holds them";
        EXPECT_EQ(book.report(now, wall).size(), 2U);
    }
    EXPECT_TRUE(book.report(now, wall).empty());
    book.prune(wall);
    EXPECT_EQ(book.size(), 1U);
    EXPECT_EQ(book.report(of({}), now, wall).size(), 0U);
    const auto again = open(Level::key, {}, budget_of(10));
    EXPECT_EQ(book.budget_used(of({&again}), wall), 1'000);
}

TEST_F(AccountBookTest, WarnsPastTheShareThatTheOperatorNamed) {
    auto watched = budget_of(10);
    watched.warn_at = 8'000;
    const auto key = open(Level::key, {}, watched);
    const auto team = open(Level::team, {}, budget_of(1'000));
    const auto set = of({&key, &team});
    EXPECT_FALSE(book.warning(set, wall));
    book.restore(Level::key, "key-1", Period::month, usd(8), wall);
    book.restore(Level::key, "nobody", Period::month, usd(8), wall);
    const auto warning = book.warning(set, wall);
    ASSERT_TRUE(warning);
    EXPECT_EQ(warning->level, Level::key);
    EXPECT_EQ(warning->name, "key-1");
    EXPECT_EQ(warning->used, 8'000);
    EXPECT_EQ(warning->ends, wall + std::chrono::hours(48));
}

TEST_F(AccountBookTest, ListsTheBudgetsThatAreMostUsed) {
    std::vector<AccountRef> refs;
    for (std::int64_t i = 0; i < 6; ++i) {
        const auto name = "key-" + std::to_string(i);
        refs.push_back(book.open(Level::key, name, {}, budget_of(10), now));
        book.restore(Level::key, name, Period::month, usd(i % 3), wall);
    }
    refs.push_back(book.open(Level::team, "limited", {.requests_per_minute = 1}, std::nullopt, now));
    refs.erase(refs.begin() + 5);  // nobody's any more
    const auto listed = [&](std::size_t most) {
        std::string words;
        for (const auto& each : book.budgets(wall, most)) {
            words += each.name + "=" + std::to_string(each.used) + " ";
        }
        return words;
    };
    EXPECT_EQ(listed(100), "key-0=0 key-1=1000 key-2=2000 key-3=0 key-4=1000 ");
    EXPECT_EQ(listed(2), "key-1=1000 key-2=2000 ") << "of equal ones the first";
    EXPECT_EQ(listed(0), "");
}

TEST_F(AccountBookTest, ABudgetThatComesLaterKnowsWhatNobodySetAside) {
    const auto free = open(Level::key, {});
    EXPECT_FALSE(free.limits_anything());
    const auto spend = [&](PicoUsd cost, WallTime when) {
        const bool quick = free.note(cost, when);
        if (!quick) {
            book.note(free, cost, when);
        }
        return quick;
    };
    EXPECT_FALSE(spend(usd(1), wall)) << "the first of its day";
    EXPECT_TRUE(spend(usd(2), wall + std::chrono::hours(1)));
    EXPECT_FALSE(spend(usd(4), wall + std::chrono::hours(24)));
    EXPECT_TRUE(spend(usd(8), wall + std::chrono::hours(25)));
    EXPECT_FALSE(spend(usd(16), wall + std::chrono::hours(23))) << "it began yesterday";
    EXPECT_FALSE(spend(usd(1'000'000), wall + std::chrono::hours(25))) << "more than is kept aside";

    const auto later = wall + std::chrono::hours(26);
    const auto settled = [&](Period period) {
        const auto key = open(Level::key, {}, budget_of(1, period));
        return book.report(of({&key}), now, later)[0].budget->settled;
    };
    EXPECT_EQ(settled(Period::day), usd(1'000'012));
    EXPECT_EQ(settled(Period::month), usd(1'000'031));
    EXPECT_TRUE(spend(usd(32), later));
    const auto key = open(Level::key, {}, budget_of(1'000'064, Period::month));
    Claim claim;
    claim.money = usd(2);
    EXPECT_TRUE(book.reserve(of({&key}), claim, now, later)) << "what is noted now counts at once";
    claim.money = usd(1);
    EXPECT_FALSE(book.reserve(of({&key}), claim, now, later));
}

TEST_F(AccountBookTest, LosesNothingOfWhatManyThreadsNote) {
    const auto free = open(Level::key, {});
    book.note(free, PicoUsd(1), wall);
    constexpr int each = 10'000;
    std::vector<std::thread> lanes;
    for (int lane = 0; lane < 4; ++lane) {
        lanes.emplace_back([&] {
            for (int i = 0; i < each; ++i) {
                EXPECT_TRUE(free.note(PicoUsd(1), wall));
            }
        });
    }
    const auto key = open(Level::key, {}, budget_of(1));
    for (int i = 0; i < 1'000; ++i) {
        book.report(of({&key}), now, wall);  // collects meanwhile
    }
    for (auto& lane : lanes) {
        lane.join();
    }
    EXPECT_EQ(book.report(of({&key}), now, wall)[0].budget->settled, PicoUsd(4 * each + 1));
}

TEST_F(AccountBookTest, RemembersWhatNamesHaveSpentThatNobodyHolds) {
    book.restore(Level::team, "team-1", Period::month, usd(3), wall);
    book.restore(Level::team, "team-1", Period::total, usd(5), wall);
    book.prune(wall);
    EXPECT_EQ(book.size(), 1U);
    EXPECT_TRUE(book.report(now, wall).empty());
    const auto team = open(Level::team, {}, budget_of(10));
    EXPECT_EQ(book.report(now, wall).at(0).budget->settled, usd(3));
    EXPECT_EQ(book.budget_used(of({&team}), wall), 3'000);
}

TEST_F(AccountBookTest, ShowsTheLevelWithTheLeastLeft) {
    const auto key = open(Level::key, {.requests_per_minute = 100});
    const auto team = open(Level::team, {.requests_per_minute = 20, .tokens_per_minute = 5});
    const auto set = of({&key, &team});
    EXPECT_FALSE(book.enter(set, now));
    const auto view = book.tightest(set, Measure::requests, now);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->limit, 20);
    EXPECT_EQ(view->remaining, 19);
    EXPECT_EQ(view->full_after, milliseconds(3'000));
    EXPECT_EQ(book.tightest(of({&key}), Measure::tokens, now), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::policy
