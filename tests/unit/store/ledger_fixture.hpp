// A store in a directory of the test's own, with a log of its own, and trails to put into its ledger.
#pragma once

#include "gatehouse/core/money.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/store/store.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace gatehouse::store {

inline const WallTime noon =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) + std::chrono::hours(12);
inline constexpr std::int64_t dollar = 1'000'000'000'000;

inline telemetry::Trail trail_of(std::string caller, std::optional<std::int64_t> pico = 0) {
    telemetry::Trail trail;
    trail.request_id = "req-" + caller;
    trail.endpoint = "chat.completions";
    trail.caller = std::move(caller);
    trail.asked_model = "auto";
    trail.model = "small";
    trail.provider = "openai";
    trail.upstream_model = "gpt-5-mini";
    trail.attempts.push_back({"openai", "gpt-5-mini", "first", 200, std::nullopt, Milliseconds(12)});
    trail.outcome = telemetry::RequestOutcome::ok;
    trail.status = 200;
    trail.usage_known = true;
    trail.input_tokens = TokenCount(100);
    trail.output_tokens = TokenCount(10);
    trail.cost = pico ? std::optional(PicoUsd(*pico)) : std::nullopt;
    trail.started = Instant(std::chrono::seconds(5));
    trail.finished = trail.started + std::chrono::milliseconds(1'500);
    return trail;
}

class LedgerTest : public testing::Test {
protected:
    LedgerTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-ledger-XXXXXX").string();
        directory = mkdtemp(pattern.data());
        options.directory = directory + "/data";
        options.ledger.retention = std::chrono::hours(24 * 36'500);
        options.ledger.gather = std::chrono::milliseconds(1);
        log_descriptor = ::open((directory + "/log").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        log = std::make_unique<telemetry::Log>(telemetry::LogOptions{}, log_descriptor);
        telemetry::set_process_log(log.get());
    }
    ~LedgerTest() override {
        store = {};
        telemetry::set_process_log(nullptr);
        log.reset();
        ::close(log_descriptor);
        std::filesystem::remove_all(directory);
    }

    void open() {
        store = {};
        auto opened = open_store(options);
        ASSERT_TRUE(opened) << opened.problem().message();
        store = std::move(*opened);
    }
    void append(telemetry::Trail trail, WallTime at = noon) { store.ledger->append(std::move(trail), at); }
    void flush() { ASSERT_TRUE(store.ledger->flush(std::chrono::seconds(20))); }

    std::string log_text() {
        log->flush();
        std::ifstream file(directory + "/log");
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    std::string database() const { return options.directory + "/gatehouse.db"; }

    /// The first column of a query's rows, with blanks between.
    static std::string read(const std::string& file, const std::string& query) {
        sqlite3* handle = nullptr;
        EXPECT_EQ(sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
        std::string text;
        sqlite3_busy_timeout(handle, 5'000);
        const auto take = [](void* out, int, char** values, char**) {
            static_cast<std::string*>(out)->append(values[0] == nullptr ? "null" : values[0]).append(" ");
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(handle, query.c_str(), take, &text, nullptr), SQLITE_OK)
            << sqlite3_errmsg(handle);
        sqlite3_close(handle);
        return text;
    }
    std::string read(const std::string& query) const { return read(database(), query); }

    static Task<void> ask(Ledger& ledger, net::Lane& lane, UsageQuery query,
                          std::optional<Result<UsageReport>>& answer) {
        answer = co_await ledger.usage(lane, std::move(query));
        lane.stop();
    }
    Result<UsageReport> asked(UsageQuery query) {
        net::Lane lane;
        std::optional<Result<UsageReport>> answer;
        lane.spawn(ask(*store.ledger, lane, std::move(query), answer));
        lane.run();
        return std::move(*answer);
    }
    UsageReport usage(UsageQuery query) {
        flush();
        auto report = asked(std::move(query));
        EXPECT_TRUE(report) << report.problem().message();
        return report ? std::move(*report) : UsageReport{};
    }
    static UsageQuery by(std::vector<UsageGrouping> groups) {
        UsageQuery query;
        query.group_by = std::move(groups);
        query.from = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
        query.to = std::chrono::sys_days(std::chrono::year(2026) / 12 / 31);
        return query;
    }
    /// "name,name=requests:whole dollars" of each group, with blanks between.
    std::string groups(const UsageQuery& query) {
        std::string text;
        for (const auto& group : usage(query).groups) {
            std::string names;
            for (const auto& name : group.names) {
                names += (names.empty() ? "" : ",") + name;
            }
            text += names + "=" + std::to_string(group.sums.requests) + ":" +
                    std::to_string(dollars_of(group.sums.cost).whole) + " ";
        }
        return text;
    }

    std::string directory;
    StoreOptions options;
    int log_descriptor{-1};
    std::unique_ptr<telemetry::Log> log;
    Store store;
};

}  // namespace gatehouse::store
