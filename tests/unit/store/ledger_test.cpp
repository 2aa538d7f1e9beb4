#include "ledger_fixture.hpp"
#include "support/eventually.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

namespace gatehouse::store {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(LedgerTest, KeepsARowOfWhatATrailSays) {
    open();
    auto trail = trail_of("search", 1'234'567);
    trail.team = "web";
    trail.organisation = "acme";
    trail.tags = {{"task", "chat"}, {"env", "prod"}};
    trail.route = "rest";
    trail.stream = true;
    trail.first_content = trail.started + std::chrono::milliseconds(250);
    trail.cached_input_tokens = TokenCount(7);
    trail.saved = PicoUsd(5);
    append(std::move(trail));
    open();
    EXPECT_EQ(
        read("SELECT key||'|'||team||'|'||organisation||'|'||tags||'|'||endpoint||'|'||asked_model||'|'||"
             "model||'|'||provider||'|'||upstream_model||'|'||route FROM ledger"),
        "search|web|acme|{\"env\":\"prod\",\"task\":\"chat\"}|chat.completions|auto|small|openai|"
        "gpt-5-mini|rest ");
    EXPECT_EQ(
        read("SELECT request_id||'|'||finished||'|'||duration_us||'|'||first_content_us||'|'||stream||'|'"
             "||attempts||'|'||usage||'|'||cost_pico||'|'||saved_pico||'|'||outcome||'|'||status FROM"
             " ledger"),
        "req-search|2026-11-29T12:00:00.000Z|1500000|250000|1|1|reported|1234567|5|ok|200 ");
    EXPECT_EQ(read("SELECT input_tokens||'|'||cached_input_tokens||'|'||output_tokens FROM ledger"),
              "100|7|10 ");
    EXPECT_EQ(read("SELECT COUNT(*) FROM attempt"), "0 ") << "one that went well says nothing more";
}

TEST_F(LedgerTest, CountsNoTokenUnderTwoKinds) {
    open();
    auto trail = trail_of("media");
    trail.cache_write_tokens = TokenCount(50);
    trail.reasoning_tokens = TokenCount(4);
    trail.token_parts = {TokenCount(20), TokenCount(8), TokenCount(7),
                         TokenCount(5),  TokenCount(3), TokenCount(2)};
    append(std::move(trail));
    const auto report = usage(by({{UsageBy::key}}));
    EXPECT_THAT(report.total.tokens, testing::ElementsAre(80, 0, 30, 20, 8, 7, 5, 5, 4, 3, 2));
}

TEST_F(LedgerTest, KeepsWhatEachOfSeveralAttemptsCost) {
    open();
    auto trail = trail_of("a", 30);
    trail.attempts.insert(trail.attempts.begin(), {"backup", "gpt-5", "first", 503,
                                                   ProblemKind::upstream_overloaded, Milliseconds(3)});
    trail.attempts[0].cost = PicoUsd(10);
    append(std::move(trail));
    flush();
    EXPECT_EQ(read("SELECT provider||'|'||reason||'|'||status||'|'||IFNULL(problem, '')||'|'||"
                   "IFNULL(cost_pico, 'none') FROM attempt ORDER BY place"),
              "backup|first|503|upstream_overloaded|10 openai|first|200||none ");
}

TEST_F(LedgerTest, TellsAPriceOfNothingFromNone) {
    open();
    append(trail_of("free", 0));
    append(trail_of("unknown", std::nullopt));
    auto refused = trail_of("refused", std::nullopt);
    refused.attempts.clear();
    refused.outcome = telemetry::RequestOutcome::refused;
    append(std::move(refused));
    flush();
    EXPECT_EQ(read("SELECT IFNULL(cost_pico, 'none') FROM ledger ORDER BY id"), "0 none 0 ");
    const auto report = usage(by({{UsageBy::key}}));
    EXPECT_EQ(report.total.requests, 3);
    EXPECT_EQ(report.total.unpriced, 1);
    EXPECT_EQ(report.total.failed, 1);
}

TEST_F(LedgerTest, CutsTheNameThatAClientMadeUp) {
    open();
    auto trail = trail_of("a");
    trail.asked_model = std::string(255, 'x') + "é" + std::string(1'000'000, 'y');
    append(std::move(trail));
    flush();
    EXPECT_EQ(read("SELECT length(asked_model) FROM ledger"), "255 ") << "no half character";
}

TEST_F(LedgerTest, WritesTheLineOnceTheRowIsThere) {
    open();
    for (int i = 0; i < 200; ++i) {
        auto trail = trail_of("a");
        trail.request_id = "line-" + std::to_string(i) + "-";
        append(std::move(trail));
        if (i % 20 == 0) {
            const std::string id = "line-" + std::to_string(i) + "-";
            ASSERT_TRUE(test::eventually([&] { return log_text().find(id) != std::string::npos; }));
            EXPECT_EQ(read("SELECT COUNT(*) FROM request WHERE request_id='" + id + "'"), "1 ");
        }
    }
    store = {};
    EXPECT_EQ(read("SELECT COUNT(*) FROM request"), "200 ");
    const std::string text = log_text();
    EXPECT_NE(text.find("line-199-"), std::string::npos) << "the end waits for what is queued";
    EXPECT_THAT(text, Not(HasSubstr("\"ledger\"")));
}

TEST_F(LedgerTest, SaysInTheLineThatThereWasNoRoom) {
    options.ledger.waiting = 2;
    options.ledger.gather = std::chrono::hours(1);
    open();
    append(trail_of("first"));
    append(trail_of("second"));
    append(trail_of("third"));
    EXPECT_THAT(log_text(), HasSubstr("req-third"));
    EXPECT_THAT(log_text(), HasSubstr("\"ledger\":\"lost\""));
    EXPECT_THAT(log_text(), Not(HasSubstr("req-first")));
    EXPECT_EQ(store.ledger->counts().waiting, 2U);
    EXPECT_EQ(store.ledger->counts().lost, 1U);
    flush();
    EXPECT_EQ(read("SELECT request_id FROM request ORDER BY id"), "req-first req-second ");
    append(trail_of("fourth"));
    flush();
    EXPECT_EQ(store.ledger->counts().rows, 3U) << "there is room again";
}

TEST_F(LedgerTest, BoundsTheTextsThatWait) {
    options.ledger.waiting_bytes = 1'000'000;
    options.ledger.gather = std::chrono::hours(1);
    open();
    for (int i = 0; i < 5; ++i) {
        auto trail = trail_of("a");
        trail.asked_model = std::string(300'000, 'x');
        append(std::move(trail));
    }
    EXPECT_EQ(store.ledger->counts().waiting, 3U);
    EXPECT_EQ(store.ledger->counts().lost, 2U);
}

TEST_F(LedgerTest, GoesOnWhenTheDiskIsFull) {
    options.disk = 400'000;
    open();
    for (int i = 0; i < 200; ++i) {
        for (int k = 0; k < 50; ++k) {
            append(trail_of("key-" + std::to_string(i)));
        }
        flush();
    }
    const auto counts = store.ledger->counts();
    EXPECT_GT(counts.rows, 0U);
    EXPECT_GT(counts.lost, 0U);
    EXPECT_EQ(counts.rows + counts.lost, 10'000U);
    EXPECT_FALSE(counts.usable);
    const std::string text = log_text();
    EXPECT_THAT(text, HasSubstr("\"event\":\"ledger_rows_lost\""));
    EXPECT_THAT(text, HasSubstr("\"ledger\":\"lost\""));
    EXPECT_EQ(read("SELECT COUNT(*) FROM request"), std::to_string(counts.rows) + " ");
    EXPECT_EQ(read("SELECT SUM(requests) FROM usage_day"), std::to_string(counts.rows) + " ")
        << "sums and rows are one transaction";

    options.disk = 0;
    open();
    append(trail_of("later"));
    flush();
    EXPECT_TRUE(store.ledger->counts().usable);
    EXPECT_EQ(read("SELECT COUNT(*) FROM request"), std::to_string(counts.rows + 1) + " ");
}

TEST_F(LedgerTest, WithoutADiskLosesEveryRowAndSaysSo) {
    const auto ledger = ledger_without_disk();
    ledger->append(trail_of("a"), noon);
    EXPECT_THAT(log_text(), HasSubstr("\"ledger\":\"lost\""));
    EXPECT_EQ(ledger->counts().lost, 1U);
    EXPECT_FALSE(ledger->counts().usable);
    EXPECT_FALSE(ledger->spent_since({}));
    net::Lane lane;
    std::optional<Result<UsageReport>> answer;
    lane.spawn(ask(*ledger, lane, {}, answer));
    lane.run();
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->problem().kind(), ProblemKind::not_ready);
}

TEST_F(LedgerTest, TakesRowsOfManyThreadsBesideConversations) {
    open();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this, i] {
            for (int k = 0; k < 500; ++k) {
                append(trail_of("key-" + std::to_string(i), 1));
                store.conversations->keep({"c", ConversationKind::response, std::to_string(k)}, "body", noon);
            }
        });
    }
    std::atomic<bool> done{false};
    std::thread reader([&] {
        while (!done) {
            store.ledger->counts();
            EXPECT_TRUE(store.ledger->spent_since({}));
        }
    });
    for (auto& thread : threads) {
        thread.join();
    }
    done = true;
    reader.join();
    flush();
    EXPECT_EQ(groups(by({{UsageBy::key}})), "key-0=500:0 key-1=500:0 key-2=500:0 key-3=500:0 ");
}

TEST_F(LedgerTest, EndsWhileOthersWriteToTheDatabase) {
    for (int turn = 0; turn < 6; ++turn) {
        open();
        for (int i = 0; i < 600; ++i) {
            store.conversations->keep({"c", ConversationKind::response, std::to_string(i)}, "body", noon);
            append(trail_of("a"));
        }
        if (turn % 2 == 0) {
            store.ledger.reset();
            EXPECT_EQ(read("SELECT COUNT(*) % 600 FROM request"), "0 ");
            store.conversations.reset();
        } else {
            store.conversations.reset();
            EXPECT_EQ(read("SELECT COUNT(*) FROM conversation"), "600 ");
            store.ledger.reset();
        }
        store.keys.reset();
    }
}

TEST_F(LedgerTest, ALaneThatEndsIsNeverAnswered) {
    open();
    append(trail_of("a"));
    for (int i = 0; i < 50; ++i) {
        net::Lane lane;
        std::optional<Result<UsageReport>> answer;
        lane.spawn(ask(*store.ledger, lane, by({}), answer));
        lane.post([&lane] { lane.stop(); });
        lane.run();
    }
    // Those that nobody waits for any more are answered first, and only so many may wait.
    EXPECT_TRUE(test::eventually([&] {
        const auto report = asked(by({}));
        EXPECT_TRUE(report || report.problem().kind() == ProblemKind::overloaded);
        return report && report->total.requests == 1;
    }));
}

TEST_F(LedgerTest, BringsADatabaseOfConversationsAloneToItsForm) {
    open();
    store.conversations->keep({"c", ConversationKind::response, "r"}, "body", noon);
    store = {};
    read(
        "DROP VIEW ledger; DROP TABLE request; DROP TABLE attempt; DROP TABLE dimension; DROP TABLE tag_set;"
        "DROP TABLE usage_day; DROP TABLE usage_tag_day; DROP TABLE spent_before; DROP TABLE caller_key;"
        "DROP TABLE audit; PRAGMA user_version=1");
    open();
    append(trail_of("a"));
    flush();
    EXPECT_EQ(read("SELECT COUNT(*) FROM ledger"), "1 ");
    EXPECT_EQ(read("SELECT COUNT(*) FROM conversation"), "1 ");
}

TEST_F(LedgerTest, IsOffWhereItIsTurnedOff) {
    options.ledger.enabled = false;
    open();
    EXPECT_EQ(store.ledger, nullptr);
    EXPECT_NE(store.conversations, nullptr);
}

TEST_F(LedgerTest, IsCopiedWhileItIsWritten) {
    open();
    std::atomic<bool> done{false};
    std::atomic<int> appended{0};
    std::thread writer([&] {
        while (!done) {
            append(trail_of("a", 1));
            ++appended;
            std::this_thread::yield();
        }
    });
    const std::string copy = directory + "/copy.db";
    EXPECT_TRUE(test::eventually([&] { return appended > 300; }));
    const auto copied = back_up(options.directory, copy);
    done = true;
    writer.join();
    ASSERT_TRUE(copied) << copied.problem().message();
    EXPECT_EQ(read(copy, "PRAGMA integrity_check"), "ok ");
    EXPECT_EQ(read(copy, "SELECT COUNT(*) = (SELECT SUM(requests) FROM usage_day) FROM request"), "1 ");
    EXPECT_EQ(std::filesystem::status(copy).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

    const auto again = back_up(options.directory, copy);
    ASSERT_FALSE(again);
    EXPECT_THAT(again.problem().message(), HasSubstr("exists"));
    store = {};
    read("PRAGMA user_version=99");
    EXPECT_TRUE(back_up(options.directory, directory + "/of_another_version.db"));
    EXPECT_FALSE(read_usage(options.directory, by({})));
    EXPECT_FALSE(back_up(directory + "/nowhere", directory + "/other.db"));
    EXPECT_FALSE(std::filesystem::exists(directory + "/other.db"));
}

}  // namespace
}  // namespace gatehouse::store
