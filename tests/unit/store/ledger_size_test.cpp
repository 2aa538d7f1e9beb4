// How the ledger is kept from growing: what is too old goes, and what clients make up is bounded.
#include "ledger_fixture.hpp"
#include "support/eventually.hpp"

namespace gatehouse::store {
namespace {

TEST_F(LedgerTest, RemovesWhatIsTooOldButNotWhatWasSpent) {
    const auto now = std::chrono::system_clock::now();
    options.ledger.clear_every = std::chrono::milliseconds(1);
    open();
    for (int i = 0; i < 1'200; ++i) {
        auto old = trail_of("a", dollar);
        old.tags = {{"run", std::to_string(i % 3)}};
        old.outcome = telemetry::RequestOutcome::upstream_error;
        old.attempts[0].problem = ProblemKind::upstream_failed;
        append(std::move(old), now - std::chrono::hours(24 * 40));
    }
    append(trail_of("b", 2 * dollar), now);
    flush();
    store.ledger->retain(std::chrono::hours(24 * 10));
    EXPECT_TRUE(test::eventually([&] { return read("SELECT COUNT(*) FROM usage_day") == "1 "; }));
    EXPECT_EQ(read("SELECT request_id FROM ledger"), "req-b ");
    EXPECT_EQ(read("SELECT COUNT(*) FROM attempt"), "0 ");
    EXPECT_TRUE(test::eventually([&] { return read("SELECT COUNT(*) FROM tag_set") == "0 "; }));
    EXPECT_EQ(read("SELECT key FROM dimension"), "b ");
    const auto ever = store.ledger->spent_since({});
    ASSERT_TRUE(ever);
    ASSERT_EQ(ever->size(), 2U);
    EXPECT_EQ(dollars_of(ever->front().cost).whole, 1'200);
    append(trail_of("a", dollar), now);
    flush();
    EXPECT_EQ(dollars_of(store.ledger->spent_since({})->front().cost).whole, 1'201)
        << "its name is found anew";
    const auto today = std::chrono::floor<std::chrono::days>(now);
    EXPECT_EQ(dollars_of(store.ledger->spent_since(today)->front().cost).whole, 1);
}

TEST_F(LedgerTest, KeepsTheSumsOfAMonthHoweverShortRowsAreKept) {
    const auto now = std::chrono::system_clock::now();
    options.ledger.retention = std::chrono::hours(24);
    options.ledger.clear_every = std::chrono::milliseconds(1);
    open();
    append(trail_of("a", dollar), now - std::chrono::hours(24 * 31));
    append(trail_of("a", 2 * dollar), now - std::chrono::hours(24 * 40));
    flush();
    EXPECT_TRUE(test::eventually([&] { return read("SELECT COUNT(*) FROM request") == "0 "; }));
    EXPECT_TRUE(test::eventually([&] { return read("SELECT COUNT(*) FROM usage_day") == "1 "; }));
    open();
    const auto month_ago = std::chrono::floor<std::chrono::days>(now - std::chrono::hours(24 * 31));
    const auto spent = store.ledger->spent_since(month_ago);
    ASSERT_TRUE(spent);
    ASSERT_EQ(spent->size(), 1U) << "a restart must not give a budget of a month back";
    EXPECT_EQ(dollars_of(spent->front().cost).whole, 1);
    EXPECT_EQ(dollars_of(store.ledger->spent_since({})->front().cost).whole, 3);
}

TEST_F(LedgerTest, RemovesTheAttemptsOfEveryRowThatItRemoves) {
    const auto now = std::chrono::system_clock::now();
    options.ledger.clear_every = std::chrono::milliseconds(1);
    const auto tried_twice = [](const char* caller) {
        auto trail = trail_of(caller);
        trail.attempts.push_back(trail.attempts.front());
        trail.attempts.front().problem = ProblemKind::upstream_failed;
        return trail;
    };
    open();
    append(tried_twice("ahead"), now + std::chrono::hours(24));  // the clock was wrong when it began
    append(tried_twice("old"), now - std::chrono::hours(24 * 40));
    flush();
    store.ledger->retain(std::chrono::hours(24));
    EXPECT_TRUE(test::eventually([&] { return read("SELECT COUNT(*) FROM request") == "1 "; }));
    EXPECT_EQ(read("SELECT COUNT(*) FROM attempt"), "2 ");
    append(tried_twice("new"), now);  // with the number of the one that went
    flush();
    EXPECT_EQ(store.ledger->counts().lost, 0U);
    EXPECT_EQ(read("SELECT request_id FROM request ORDER BY id"), "req-ahead req-new ");
}

TEST_F(LedgerTest, LooksAtNamesAgainOnlyWhenDaysHaveGone) {
    options.ledger.clear_every = std::chrono::milliseconds(1);
    open();
    append(trail_of("a"), std::chrono::system_clock::now());
    flush();
    read("INSERT INTO dimension VALUES(1000, 'without a day', '', '', '', '', '', '', '')");
    append(trail_of("old"), std::chrono::system_clock::now() - std::chrono::hours(24 * 80));
    flush();
    for (int i = 0; i < 20; ++i) {  // each waits for what the writer does between them
        flush();
    }
    EXPECT_EQ(read("SELECT COUNT(*) FROM dimension"), "3 ");
    store.ledger->retain(std::chrono::hours(24 * 40));
    EXPECT_TRUE(test::eventually([&] { return read("SELECT key FROM dimension") == "a "; }));
}

TEST_F(LedgerTest, OneDayHasItsFillOfSetsOfTags) {
    options.ledger.tag_sets_of_day = 20;
    open();
    const auto tagged = [](const std::string& run, bool refused = false) {
        auto trail = trail_of("a", dollar);
        trail.tags = {{"run", run}};
        trail.outcome = refused ? telemetry::RequestOutcome::refused : telemetry::RequestOutcome::ok;
        return trail;
    };
    for (int i = 0; i < 5; ++i) {
        append(tagged("refused-" + std::to_string(i), true));
    }
    flush();
    EXPECT_EQ(read("SELECT COUNT(*) FROM tag_set"), "2 ") << "a tenth is for refusals";
    for (int i = 0; i < 30; ++i) {
        append(tagged(std::to_string(i)));
    }
    flush();
    EXPECT_EQ(read("SELECT COUNT(*) FROM tag_set"), "20 ");
    EXPECT_EQ(read("SELECT COUNT(*) FROM request WHERE tag_set IS NULL"), "15 ");
    EXPECT_EQ(store.ledger->counts().without_tags, 15U);
    EXPECT_EQ(read("SELECT COUNT(*) FROM usage_tag_day"), "20 ");
    open();
    append(tagged("refused-1", true));
    append(tagged("1"));
    append(tagged("another"));
    append(tagged("another"), noon + std::chrono::hours(24));
    flush();
    EXPECT_EQ(store.ledger->counts().without_tags, 1U) << "a restart knows what the day has";
    EXPECT_EQ(read("SELECT COUNT(*) FROM tag_set"), "21 ");
    EXPECT_EQ(usage(by({})).total.requests, 39) << "every row counts";
}

TEST_F(LedgerTest, LongSetsOfTagsFillADaySooner) {
    options.ledger.tag_sets_of_day = 20;
    open();
    for (int i = 0; i < 5; ++i) {
        auto trail = trail_of("a");
        trail.tags = {{"run", std::to_string(i) + std::string(4'000, 'x')}};
        append(std::move(trail));
    }
    flush();
    EXPECT_EQ(read("SELECT COUNT(*) FROM tag_set"), "2 ");
    EXPECT_EQ(store.ledger->counts().without_tags, 3U);
}

TEST_F(LedgerTest, TheLinesOfAllRowsThatMayWaitFitIntoTheLog) {
    EXPECT_LT(options.ledger.waiting, telemetry::LogOptions{}.queue);
}

TEST_F(LedgerTest, QuestionsAboutUsageDoNotLetTheLogGrow) {
    options.ledger.longest_log = 100'000;
    open();
    const std::string log_of_database = database() + "-wal";
    for (int i = 0; i < 2'000; ++i) {
        append(trail_of("a"));
    }
    flush();
    EXPECT_GT(std::filesystem::file_size(log_of_database), options.ledger.longest_log);
    EXPECT_EQ(usage(by({})).total.requests, 2'000);
    EXPECT_TRUE(test::eventually([&] { return std::filesystem::file_size(log_of_database) == 0; }));
    EXPECT_EQ(usage(by({})).total.requests, 2'000);
}

}  // namespace
}  // namespace gatehouse::store
