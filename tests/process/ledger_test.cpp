// The ledger of a process that may end at any moment, and the commands that read it.
#include "process.hpp"
#include "support/eventually.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace gatehouse::process {
namespace {

using nlohmann::json;
using test::eventually;

std::string configuration(const Place& place) {
    return "data_dir: " + (place / "data").string() +
           "\nserver: {lanes: 2}\nauth: {required: false}\n"
           "providers: {sim: {kind: simulated, simulate: {first_token: 0ms, per_token: 0ms}}}\n"
           "models: {m: {targets: [{provider: sim, model: chat}]}}\n";
}

struct Ended {
    int code;
    std::string out;
    std::string err;
};

Ended run(std::vector<std::string> arguments) {
    Process process(std::move(arguments));
    const int code = process.end(std::chrono::seconds(60)).exit_code;
    return {code, process.standard_output(), process.standard_error()};
}

/// Requests as fast as they are answered, until the server is gone; their ids begin with `prefix`.
void ask_until_gone(std::uint16_t port, const std::string& prefix, std::atomic<int>& answered) {
    try {
        test::RawClient client(port);
        for (int i = 0;; ++i) {
            const auto fields =
                fmt::format("x-request-id: {}-{}\r\nx-gatehouse-tags: n={}\r\n", prefix, i, i % 7);
            const auto answer = client.exchange(request("POST", "/v1/chat/completions", chat("m"), fields));
            if (answer.status != 200 || !answer.complete) {
                return;
            }
            ++answered;
        }
    } catch (const std::exception&) {
        // Killed: that is what the test is for.
    }
}

/// Of the lines that are whole: requests whose row is said to be in the ledger.
std::set<std::string> acknowledged(const std::string& log) {
    std::set<std::string> ids;
    std::istringstream lines(log);
    for (std::string text; std::getline(lines, text) && !lines.eof();) {
        const auto line = json::parse(text, nullptr, false);
        if (line.is_object() && line.value("event", "") == "request" && line.contains("endpoint") &&
            line.contains("key") && !line.contains("ledger")) {
            ids.insert(line["request_id"]);
        }
    }
    return ids;
}

/// The first column of a query's rows.
std::set<std::string> read(const std::string& file, const std::string& query) {
    sqlite3* handle = nullptr;
    std::set<std::string> values;
    const auto take = [](void* out, int, char** columns, char**) {
        static_cast<std::set<std::string>*>(out)->insert(columns[0] == nullptr ? "null" : columns[0]);
        return 0;
    };
    if (sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK ||
        sqlite3_exec(handle, query.c_str(), take, &values, nullptr) != SQLITE_OK) {
        ADD_FAILURE() << sqlite3_errmsg(handle);
    }
    sqlite3_close(handle);
    return values;
}

int kills() {
    const char* const wanted = std::getenv("GATEHOUSE_TEST_KILLS");
    return wanted == nullptr ? 4 : std::max(1, std::atoi(wanted));
}

/// Under load until the kill; answers with what the log had said by then.
std::string serve_and_kill(const std::string& config, int number, int requests) {
    Gateway gateway(config);
    std::atomic<int> answered{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back(
            [&, i] { ask_until_gone(gateway.port(), fmt::format("run{}-client{}", number, i), answered); });
    }
    EXPECT_TRUE(eventually([&] { return answered >= requests; }, std::chrono::seconds(60)));
    gateway.process().signal(SIGKILL);
    for (auto& client : clients) {
        client.join();
    }
    EXPECT_EQ(gateway.process().end().signal, SIGKILL);
    return gateway.process().standard_output();
}

TEST(Kill, LosesNoRowThatTheLogTellsOf) {
    const Place place;
    const auto config = place.write("gatehouse.yaml", configuration(place));
    const auto database = (place / "data" / "gatehouse.db").string();
    std::size_t told = 0;
    std::size_t missing = 0;
    for (int number = 0; number < kills(); ++number) {
        // Another number of requests each time, so that the kill meets other moments of a commit.
        const auto log = serve_and_kill(config, number, 100 + number * 37 % 400);
        {
            const Gateway again(config);
            EXPECT_FALSE(again.has_logged("store_in_memory_only")) << "it finds its database whole";
        }
        const auto ids = acknowledged(log);
        const auto rows = read(
            database, fmt::format("SELECT request_id FROM request WHERE request_id LIKE 'run{}-%'", number));
        told += ids.size();
        for (const auto& id : ids) {
            missing += rows.count(id) == 0 ? 1 : 0;
        }
        EXPECT_EQ(read(database, "PRAGMA integrity_check"), std::set<std::string>{"ok"});
        EXPECT_EQ(
            read(database, "SELECT (SELECT COUNT(*) FROM request) = (SELECT SUM(requests) FROM usage_day)"),
            std::set<std::string>{"1"});
    }
    EXPECT_EQ(missing, 0U);
    EXPECT_GT(told, 0U);
    std::cout << "kills=" << kills() << " acknowledged=" << told << " missing=" << missing << '\n';
}

TEST(End, WaitsForTheLedger) {
    const Place place;
    const auto config = place.write("gatehouse.yaml", configuration(place));
    for (const bool twice : {false, true}) {
        Gateway gateway(config);
        test::RawClient client(gateway.port());
        const std::string id = twice ? "cut-short" : "drained";
        const auto fields = fmt::format("x-request-id: {}\r\nconnection: close\r\n", id);
        EXPECT_EQ(client.exchange(request("POST", "/v1/chat/completions", chat("m"), fields)).status, 200);
        gateway.process().signal(SIGTERM);
        if (twice) {
            ::kill(gateway.process().id(), SIGTERM);
        }
        gateway.process().end();
        EXPECT_EQ(acknowledged(gateway.process().standard_output()).count(id), 1U)
            << gateway.process().standard_output();
        EXPECT_EQ(read((place / "data" / "gatehouse.db").string(),
                       fmt::format("SELECT 1 FROM request WHERE request_id='{}'", id))
                      .size(),
                  1U);
    }
}

TEST(UsageCommand, ReadsTheLedgerOfARunningGateway) {
    const Place place;
    const auto config = place.write("gatehouse.yaml", configuration(place));
    const auto early = run({"usage", "--config", config});
    EXPECT_EQ(early.code, 1) << early.out;
    EXPECT_NE(early.err.find("cannot open"), std::string::npos) << early.err;

    const Gateway gateway(config);
    EXPECT_EQ(gateway.ask("POST", "/v1/chat/completions", chat("m")).status, 200);
    Ended told{};
    ASSERT_TRUE(eventually([&] {
        told = run({"usage", "--config", config, "--group-by", "key,model"});
        return told.out.find("anonymous") != std::string::npos;
    })) << told.err;
    EXPECT_EQ(told.code, 0);
    EXPECT_EQ(told.out.substr(0, 14), "key        mod") << told.out;
    const auto csv = run({"usage", "--data-dir", (place / "data").string(), "--format", "csv"});
    EXPECT_EQ(csv.code, 0) << csv.err;
    EXPECT_NE(csv.out.find("\r\nanonymous,1,"), std::string::npos) << csv.out;
    const auto page = json::parse(run({"usage", "--config", config, "--format=json", "--model=other"}).out);
    EXPECT_EQ(page["total"]["requests"], 0) << page;

    EXPECT_EQ(run({"usage", "--config", config, "--group-by", "colour"}).code, 2);
    EXPECT_EQ(run({"usage", "--config", config, "--from", "yesterday"}).code, 2);
    EXPECT_EQ(run({"usage"}).code, 2);
}

TEST(BackupCommand, CopiesTheDatabaseOfARunningGateway) {
    const Place place;
    const auto config = place.write("gatehouse.yaml", configuration(place));
    const auto copy = (place / "copy.db").string();
    const Gateway gateway(config);
    EXPECT_EQ(gateway.ask("POST", "/v1/chat/completions", chat("m"), "x-request-id: kept\r\n").status, 200);
    ASSERT_TRUE(eventually([&] { return acknowledged(gateway.log()).count("kept") == 1; }));
    const auto made = run({"backup", "--config", config, copy});
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(read(copy, "SELECT request_id FROM request"), std::set<std::string>{"kept"});
    const auto again = run({"backup", "--config", config, copy});
    EXPECT_EQ(again.code, 1) << again.out;
    EXPECT_EQ(run({"backup", "--config", config}).code, 2);
}

}  // namespace
}  // namespace gatehouse::process
