#include "gatehouse/telemetry/log.hpp"

#include "json/json_value.hpp"
#include "trails.hpp"

#include "gatehouse/telemetry/metrics.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <sstream>
#include <thread>

namespace gatehouse::telemetry {
namespace {

using namespace std::chrono_literals;
using dialect::test::JsonValue;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

/// A pipe whose read end is ours.
struct Pipe {
    Pipe() { EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0); }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    void close_end(std::size_t which) {
        if (ends[which] >= 0) {
            close(ends[which]);
        }
        ends[which] = -1;
    }

    /// What is there until `enough` says so, or for ten seconds.
    std::string read_until(const std::function<bool(const std::string&)>& enough) const {
        std::string all;
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (!enough(all) && std::chrono::steady_clock::now() < deadline) {
            pollfd entry{ends[0], POLLIN, 0};
            if (poll(&entry, 1, 100) <= 0) {
                continue;
            }
            std::array<char, 65'536> buffer{};
            const ssize_t got = read(ends[0], buffer.data(), buffer.size());
            if (got <= 0) {
                break;
            }
            all.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return all;
    }

    std::string read_line() const {
        return read_until([](const std::string& text) { return text.ends_with('\n'); });
    }

    std::array<int, 2> ends{-1, -1};
};

JsonValue parse(const std::string& line) {
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "not one line: " << line;
    auto parsed = JsonValue::parsed(line);
    EXPECT_TRUE(parsed.is_object()) << line;
    return parsed;
}

JsonValue access_json(const Trail& trail) {
    Pipe pipe;
    Log log({}, pipe.ends[1]);
    log.access(trail, std::chrono::system_clock::now());
    return parse(pipe.read_line());
}

TEST(Log, AnEventIsOneJsonObjectWithItsFields) {
    Pipe pipe;
    Log log({}, pipe.ends[1]);
    log.write(LogLevel::warning, "config_rejected",
              {{"file", "a \"b\"\n.yaml"}, {"errors", 3}, {"size", std::size_t{7}}});
    const auto line = parse(pipe.read_line());
    EXPECT_EQ(line["level"], "warning");
    EXPECT_EQ(line["event"], "config_rejected");
    EXPECT_EQ(line["file"], "a \"b\"\n.yaml");
    EXPECT_EQ(line["errors"], 3);
    EXPECT_EQ(line["size"], 7);
    EXPECT_THAT(line["time"].text(),
                MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
}

TEST(Log, AnEscapedExceptionIsALineAndANumberInTheMetrics) {
    Pipe pipe;
    Log log({}, pipe.ends[1]);
    set_process_log(&log);
    note_escaped("no \"room\"");
    EXPECT_EQ(log.escaped(), 1U);
    Metrics metrics;
    metrics.escaped_exception();
    EXPECT_THAT(metrics.render(), HasSubstr("\ngatehouse_escaped_exceptions_total 2\n"));
    set_process_log(nullptr);
    note_escaped("nobody listens");
    const auto line = parse(pipe.read_line());
    EXPECT_EQ(line["level"], "error");
    EXPECT_EQ(line["event"], "escaped_exception");
    EXPECT_EQ(line["what"], "no \"room\"");
}

TEST(Log, TheAccessLineTellsTheWholeTrail) {
    const auto line = access_json(finished_stream()).without("time");
    const auto expected = JsonValue::parsed(R"({
        "level": "info", "event": "request",
        "request_id": "req_0123456789abcdef", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "method": "POST", "path": "/v1/chat/completions", "endpoint": "chat.completions", "key": "team-search",
        "asked_model": "gpt-5-mini", "model": "gpt-5-mini", "route": "rest",
        "provider": "openai", "upstream_model": "gpt-5-mini-2025-08-07", "stream": true,
        "status": 200, "outcome": "ok",
        "attempts": [
            {"provider": "backup", "model": "gpt-5", "why": "first", "status": 503, "problem": "upstream_overloaded", "ms": 12},
            {"provider": "openai", "model": "gpt-5-mini-2025-08-07", "why": "next_target", "status": 200, "ms": 1400}],
        "usage_known": true, "input_tokens": 100, "cached_input_tokens": 28, "output_tokens": 40,
        "reasoning_tokens": 2, "cost_usd": 0.000425, "finish_reason": "stop", "request_bytes": 1024, "reply_bytes": 4096,
        "duration_ms": 1500.0, "ttft_ms": 250.0, "overhead_ms": 0.087})");
    EXPECT_EQ(line.sorted(), expected.sorted());
}

TEST(Log, TheAccessLineTellsACostThatIsNotKnownAndTokensThatWereEstimated) {
    auto trail = finished_stream();
    trail.cost.reset();
    trail.usage_known = false;
    trail.usage_estimated = true;
    const auto line = access_json(trail);
    EXPECT_EQ(line["cost_usd"], nullptr);
    EXPECT_EQ(line["usage_estimated"], true);
    EXPECT_EQ(line["input_tokens"], 100);
}

TEST(Log, TheAccessLineTellsTheClassThatARuleAskedFor) {
    auto trail = finished_stream();
    trail.prompt_class = "code";
    trail.class_probability = 0.8761;
    const auto line = access_json(trail);
    EXPECT_EQ(line["class"], "code");
    EXPECT_EQ(line["class_percent"], 88);
}

TEST(Log, ARefusedRequestSaysWhyAndLeavesOutWhatNeverHappened) {
    Trail trail;
    trail.request_id = "req_1";
    trail.method = "POST";
    trail.status = 401;
    trail.outcome = RequestOutcome::refused;
    trail.problem = ProblemKind::invalid_api_key;
    trail.started = Instant(5s);
    trail.finished = trail.started + 40us;
    const auto line = access_json(trail);
    EXPECT_EQ(line["outcome"], "refused");
    EXPECT_EQ(line["problem"], "invalid_api_key");
    EXPECT_EQ(line["duration_ms"], 0.04);
    EXPECT_EQ(line["attempts"], JsonValue::parsed("[]"));
    EXPECT_EQ(line["usage_known"], false);
    for (const char* absent :
         {"ttft_ms", "provider", "key", "model", "input_tokens", "cost_usd", "finish_reason", "trace_id"}) {
        EXPECT_FALSE(line.contains(absent)) << absent;
    }
}

TEST(Log, WhatAClientWroteStaysInsideItsField) {
    Trail trail = finished_stream();
    trail.asked_model = "x\",\"status\":999}\n{\"event\":\"forged\xFF\x1b[2J" + std::string(100'000, 'm');
    const auto line = access_json(trail);
    EXPECT_EQ(line["status"], 200);
    EXPECT_EQ(line["event"], "request");
    EXPECT_LT(line["asked_model"].text().size(), 600U);
}

TEST(Log, TheAccessLineHasNoFieldThatHoldsHeadersOrBodies) {
    const auto line = access_json(finished_stream());
    const std::vector<std::string> known = {"asked_model",
                                            "attempts",
                                            "cached_input_tokens",
                                            "cost_usd",
                                            "duration_ms",
                                            "endpoint",
                                            "event",
                                            "finish_reason",
                                            "input_tokens",
                                            "key",
                                            "level",
                                            "method",
                                            "model",
                                            "outcome",
                                            "output_tokens",
                                            "overhead_ms",
                                            "path",
                                            "provider",
                                            "reasoning_tokens",
                                            "reply_bytes",
                                            "request_bytes",
                                            "request_id",
                                            "route",
                                            "status",
                                            "stream",
                                            "time",
                                            "trace_id",
                                            "ttft_ms",
                                            "upstream_model",
                                            "usage_known"};
    EXPECT_EQ(line.sorted().members(), known);
}

TEST(Log, TextForATerminalIsOneReadableLine) {
    Pipe pipe;
    Log log({LogLevel::info, LogFormat::text, 100}, pipe.ends[1]);
    Trail trail = finished_stream();
    trail.asked_model = "two words\x1b[31m";
    log.access(trail, std::chrono::system_clock::now());
    const std::string line = pipe.read_line();
    EXPECT_THAT(line, MatchesRegex("[0-9T:.-]+Z info    request request_id=req_0123456789abcdef .*\n"));
    EXPECT_THAT(line, HasSubstr(" asked_model=\"two words\\u001b[31m\" "));
    EXPECT_THAT(line, HasSubstr(" attempts=backup/gpt-5/first/503/upstream_overloaded/12,"
                                "openai/gpt-5-mini-2025-08-07/next_target/200/1400 "));
    EXPECT_THAT(line, HasSubstr(" status=200 outcome=ok "));
}

TEST(Log, TheAccessLineTellsWhenTheRequestEndedAndWhatBecameOfItsRow) {
    Pipe pipe;
    Log log({LogLevel::info, LogFormat::json, 100}, pipe.ends[1]);
    log.access(finished_stream(), WallTime(1'790'000'000s));
    EXPECT_THAT(pipe.read_line(), Not(HasSubstr("\"ledger\"")));
    log.access(finished_stream(), WallTime(1'790'000'000s), "lost");
    const std::string line = pipe.read_line();
    EXPECT_THAT(line, HasSubstr("\"time\":\"2026-09-21T"));
    EXPECT_THAT(line, HasSubstr(",\"ledger\":\"lost\"}"));
}

TEST(Log, LinesBelowTheLevelAreNotWrittenAndTheLevelCanChange) {
    Pipe pipe;
    Log log({LogLevel::warning, LogFormat::text, 100}, pipe.ends[1]);
    log.access(finished_stream(), std::chrono::system_clock::now());
    log.write(LogLevel::info, "unwanted");
    log.write(LogLevel::error, "wanted");
    log.options({LogLevel::debug, LogFormat::text, 100});
    log.write(LogLevel::debug, "detail");
    log.flush();
    pipe.close_end(1);
    const std::string all = pipe.read_until([](const std::string&) { return false; });
    EXPECT_THAT(all, Not(HasSubstr("request")));
    EXPECT_THAT(all, Not(HasSubstr("unwanted")));
    EXPECT_THAT(all, HasSubstr("error   wanted\n"));
    EXPECT_THAT(all, HasSubstr("debug   detail\n"));
}

TEST(Log, AReaderThatStandsStillStopsNobodyAndMissesCountedLines) {
    constexpr int sent = 5'000;
    Pipe pipe;
    Log log({LogLevel::info, LogFormat::json, 50}, pipe.ends[1]);
    const std::string padding(400, 'p');
    for (int i = 0; i < sent; ++i) {
        log.write(LogLevel::info, "tick", {{"padding", padding}});
    }
    const std::uint64_t lost = log.lost();
    EXPECT_GT(lost, 0U);

    const std::string all = pipe.read_until([&](const std::string& text) {
        return text.ends_with('\n') && text.find("log_lines_lost") != std::string::npos &&
               static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) > sent - lost;
    });
    std::istringstream lines(all);
    std::uint64_t ticks = 0;
    std::uint64_t told = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto parsed = parse(line + "\n");
        ticks += parsed["event"] == "tick" ? 1 : 0;
        told +=
            parsed["event"] == "log_lines_lost" ? static_cast<std::uint64_t>(parsed["lines"].integer()) : 0;
    }
    EXPECT_EQ(ticks, sent - lost);
    EXPECT_EQ(told, lost);
}

TEST(Log, AClosedPipeLosesLinesAndDoesNotEndTheProcess) {
    Pipe pipe;
    Log log({}, pipe.ends[1]);
    pipe.close_end(0);
    log.write(LogLevel::info, "nobody_reads");
    log.flush();
    EXPECT_EQ(log.lost(), 1U);
}

TEST(Log, TheLastLinesAreWrittenWhenTheLogEnds) {
    Pipe pipe;
    {
        Log log({LogLevel::info, LogFormat::text, 1'000}, pipe.ends[1]);
        for (int i = 0; i < 100; ++i) {
            log.write(LogLevel::info, "line", {{"i", i}});
        }
    }
    pipe.close_end(1);
    const std::string all = pipe.read_until([](const std::string&) { return false; });
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 100);
    EXPECT_THAT(all, testing::EndsWith(" line i=99\n"));
}

TEST(Log, LinesOfManyThreadsStayWholeAndEachThreadsStayInOrder) {
    constexpr int threads = 4;
    constexpr int each = 2'000;
    Pipe pipe;
    std::string all;
    std::thread reader([&] {
        all = pipe.read_until([](const std::string& text) {
            return std::count(text.begin(), text.end(), '\n') == threads * each;
        });
    });
    {
        Log log({LogLevel::info, LogFormat::json, threads * each}, pipe.ends[1]);
        std::vector<std::thread> writers;
        for (int thread = 0; thread < threads; ++thread) {
            writers.emplace_back([&log, thread] {
                for (int i = 0; i < each; ++i) {
                    log.write(LogLevel::info, "line", {{"thread", thread}, {"i", i}});
                    log.options({LogLevel::info, LogFormat::json, threads * each});
                }
            });
        }
        for (std::thread& writer : writers) {
            writer.join();
        }
        EXPECT_EQ(log.lost(), 0U);
    }
    reader.join();
    std::array<int, threads> next{};
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) {
        const auto parsed = parse(line + "\n");
        int& expected = next.at(static_cast<std::size_t>(parsed["thread"].integer()));
        ASSERT_EQ(parsed["i"], expected);
        ++expected;
    }
    EXPECT_THAT(next, testing::Each(each));
}

TEST(ProcessLog, WithoutOneALineGoesNowhereAndAnEndedOneIsForgotten) {
    ASSERT_EQ(process_log(), nullptr);
    log(LogLevel::error, "unheard");
    Pipe pipe;
    {
        Log mine({}, pipe.ends[1]);
        set_process_log(&mine);
        log(LogLevel::error, "heard");
        EXPECT_EQ(parse(pipe.read_line())["event"], "heard");
    }
    EXPECT_EQ(process_log(), nullptr);
}

}  // namespace
}  // namespace gatehouse::telemetry
