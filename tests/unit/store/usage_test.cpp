// What the ledger's sums say.
#include "ledger_fixture.hpp"

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <limits>

namespace gatehouse::store {
namespace {

class UsageTest : public LedgerTest {
protected:
    /// Two keys of one team and one of another, on two days, some with tags.
    void fill() {
        open();
        const auto add = [this](const char* key, const char* team, const char* task, std::int64_t dollars,
                                int days_ago) {
            auto trail = trail_of(key, dollars * dollar);
            trail.team = team;
            trail.organisation = "acme";
            trail.model = days_ago == 0 ? "small" : "large";
            if (*task != '\0') {
                trail.tags = {{"task", task}, {"env", "prod"}};
            }
            append(std::move(trail), noon - std::chrono::hours(24 * days_ago));
        };
        add("a", "web", "chat", 1, 0);
        add("a", "web", "chat", 2, 1);
        add("a", "web", "", 4, 0);
        add("b", "web", "index", 8, 0);
        add("c", "", "", 16, 1);
        flush();
    }
};

TEST_F(UsageTest, IsGroupedByAnyOfItsNames) {
    fill();
    EXPECT_EQ(groups(by({{UsageBy::key}})), "c=1:16 b=1:8 a=3:7 ");
    EXPECT_EQ(groups(by({{UsageBy::team}})), "=1:16 web=4:15 ");
    EXPECT_EQ(groups(by({{UsageBy::organisation}})), "acme=5:31 ");
    EXPECT_EQ(groups(by({{UsageBy::model}})), "large=2:18 small=3:13 ");
    EXPECT_EQ(groups(by({{UsageBy::provider}})), "openai=5:31 ");
    EXPECT_EQ(groups(by({{UsageBy::endpoint}})), "chat.completions=5:31 ");
    EXPECT_EQ(groups(by({{UsageBy::upstream_model}})), "gpt-5-mini=5:31 ");
    EXPECT_EQ(groups(by({{UsageBy::day}})), "2026-11-28=2:18 2026-11-29=3:13 ");
    EXPECT_EQ(groups(by({})), "=5:31 ");
}

TEST_F(UsageTest, IsGroupedByATagWithTheRestApart) {
    fill();
    EXPECT_EQ(groups(by({{UsageBy::tag, "task"}})), "=2:20 index=1:8 chat=2:3 ");
    EXPECT_EQ(groups(by({{UsageBy::tag, "env"}})), "=2:20 prod=3:11 ");
    EXPECT_EQ(groups(by({{UsageBy::tag, "other"}})), "=5:31 ");
    EXPECT_EQ(
        groups(by({{UsageBy::day}, {UsageBy::tag, "task"}})),
        "2026-11-28,=1:16 2026-11-28,chat=1:2 2026-11-29,=1:4 2026-11-29,chat=1:1 2026-11-29,index=1:8 ");
}

TEST_F(UsageTest, IsGroupedByTwoNamesAndNarrowed) {
    fill();
    EXPECT_EQ(groups(by({{UsageBy::key}, {UsageBy::model}})),
              "c,large=1:16 b,small=1:8 a,small=2:5 a,large=1:2 ");
    auto query = by({{UsageBy::tag, "task"}});
    query.key = "a";
    EXPECT_EQ(groups(query), "=1:4 chat=2:3 ");
    query = by({{UsageBy::key}});
    query.team = "web";
    query.model = "small";
    EXPECT_EQ(groups(query), "b=1:8 a=2:5 ");
    query.from = query.to = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28);
    EXPECT_EQ(groups(query), "");
    query.model.reset();
    EXPECT_EQ(groups(query), "a=1:2 ");
    query.provider = "none";
    EXPECT_EQ(groups(query), "");
}

TEST_F(UsageTest, OfMoreGroupsThanAskedForHasTheDearest) {
    fill();
    auto query = by({{UsageBy::key}});
    query.most_groups = 2;
    const auto report = usage(query);
    ASSERT_EQ(report.groups.size(), 2U);
    EXPECT_EQ(report.groups[0].names[0], "c");
    EXPECT_TRUE(report.cut);
    EXPECT_EQ(dollars_of(report.total.cost).whole, 31);
}

TEST_F(UsageTest, IsExactBeyond64Bits) {
    open();
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < 40; ++i) {
        auto trail = trail_of("a", most);
        trail.saved = PicoUsd(most);
        append(std::move(trail), noon - std::chrono::hours(24 * (i % 3)));
        flush();
    }
    PicoUsdSum expected;
    for (int i = 0; i < 40; ++i) {
        expected += PicoUsd(most);
    }
    EXPECT_EQ(usage(by({{UsageBy::key}})).total.cost, expected);
    EXPECT_EQ(usage(by({{UsageBy::key}})).total.saved, expected);
    EXPECT_EQ(store.ledger->spent_since({})->front().cost, expected);
    EXPECT_EQ(dollars_of(expected).whole, 368'934'881);
    EXPECT_EQ(dollars_of(expected).above, 474'191'032'280);
}

TEST_F(UsageTest, KnowsWhatWasSpentSinceADay) {
    fill();
    const auto text = [&](std::chrono::sys_days first) {
        std::string all;
        const auto spent = store.ledger->spent_since(first);
        EXPECT_TRUE(spent);
        for (const auto& one : *spent) {
            all += one.key + "/" + one.team + "/" + one.organisation + "=" +
                   std::to_string(dollars_of(one.cost).whole) + " ";
        }
        return all;
    };
    EXPECT_EQ(text({}), "a/web/acme=7 b/web/acme=8 c//acme=16 ");
    EXPECT_EQ(text(std::chrono::sys_days(std::chrono::year(2026) / 11 / 29)), "a/web/acme=5 b/web/acme=8 ");
}

TEST_F(UsageTest, IsReadByAnotherConnection) {
    fill();
    const auto report = read_usage(options.directory, by({{UsageBy::key}}));
    ASSERT_TRUE(report) << report.problem().message();
    EXPECT_EQ(dollars_of(report->total.cost).whole, 31);
    EXPECT_FALSE(read_usage(directory + "/none", by({})));
}

/// With GATEHOUSE_LEDGER_ROWS=1000000 and the release preset's speed this is the figure of
/// docs/benchmarks.md.
TEST_F(UsageTest, OfManyRowsIsSummedFast) {
    const char* const wanted = std::getenv("GATEHOUSE_LEDGER_ROWS");
    const int rows = wanted == nullptr ? 5'000 : std::atoi(wanted);
    options.ledger.waiting = 1'000'000;
    options.ledger.waiting_bytes = 1'000'000'000;
    open();
    telemetry::set_process_log(nullptr);
    const auto since = [](Instant began) {
        return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began)
            .count();
    };
    const auto filling = std::chrono::steady_clock::now();
    for (int i = 0; i < rows; ++i) {
        auto trail = trail_of("key-" + std::to_string(i % 50), i);
        trail.team = "team-" + std::to_string(i % 10);
        trail.model = "model-" + std::to_string(i / 50 % 6);
        trail.provider = "provider-" + std::to_string(i / 50 % 3);
        trail.tags = {{"task", std::to_string(i / 300 % 20)}};
        append(std::move(trail), noon - std::chrono::minutes(43L * i % (60 * 24 * 30)));
        if (i % 10'000 == 0) {
            flush();
        }
    }
    flush();
    std::cout << "rows=" << rows << " cells=" << read("SELECT COUNT(*) FROM usage_day")
              << "with_tags=" << read("SELECT COUNT(*) FROM usage_tag_day") << "filled_us=" << since(filling)
              << " cpu_us=" << std::clock() * 1'000'000 / CLOCKS_PER_SEC
              << " commits=" << store.ledger->counts().commits
              << " commit_us=" << store.ledger->counts().commit_time.count() / 1'000 << '\n';
    for (const auto& [name, query] :
         {std::pair{"key", by({{UsageBy::key}})}, std::pair{"day", by({{UsageBy::day}})},
          std::pair{"day,key,model", by({{UsageBy::day}, {UsageBy::key}, {UsageBy::model}})},
          std::pair{"tag:task", by({{UsageBy::tag, "task"}})}}) {
        const auto began = std::chrono::steady_clock::now();
        const auto cpu_began = std::clock();
        const auto report = usage(query);
        std::cout << "group_by=" << name << " groups=" << report.groups.size() << " us=" << since(began)
                  << " cpu_us=" << (std::clock() - cpu_began) * 1'000'000 / CLOCKS_PER_SEC << '\n';
        EXPECT_EQ(report.total.requests, rows);
    }
}

}  // namespace
}  // namespace gatehouse::store
