#include "gatehouse/telemetry/metrics.hpp"

#include "trails.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

namespace gatehouse::telemetry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// The value of the sample written exactly so; empty when there is none.
std::string value_of(const std::string& text, const std::string& sample) {
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with(sample + " ")) {
            return line.substr(sample.size() + 1);
        }
    }
    return {};
}

long samples_of(const std::string& text, const std::string& name) {
    const auto lines = lines_of(text);
    return std::count_if(lines.begin(), lines.end(),
                         [&](const std::string& line) { return line.starts_with(name + "{"); });
}

TEST(Metrics, AFinishedRequestIsCountedUnderItsLabels) {
    Metrics metrics("1.2.3");
    metrics.request_finished(finished_stream());
    metrics.request_finished(finished_stream());
    const std::string text = metrics.render();
    EXPECT_EQ(
        value_of(text,
                 R"(gatehouse_requests_total{endpoint="chat.completions",model="gpt-5-mini",status="200"})"),
        "2");
    EXPECT_EQ(value_of(text, R"(gatehouse_tokens_total{model="gpt-5-mini",provider="openai",kind="input"})"),
              "200");
    EXPECT_EQ(
        value_of(text, R"(gatehouse_tokens_total{model="gpt-5-mini",provider="openai",kind="cached_input"})"),
        "56");
    EXPECT_EQ(value_of(text, R"(gatehouse_tokens_total{model="gpt-5-mini",provider="openai",kind="output"})"),
              "80");
    EXPECT_EQ(
        value_of(text, R"(gatehouse_tokens_total{model="gpt-5-mini",provider="openai",kind="reasoning"})"),
        "4");
    EXPECT_EQ(value_of(text, R"(gatehouse_cost_usd_total{model="gpt-5-mini",provider="openai"})"), "0.0008");
    EXPECT_EQ(value_of(text, R"(gatehouse_cost_usd_total{model="gpt-5-mini",provider="backup"})"), "0.00005");
    EXPECT_EQ(value_of(text, R"(gatehouse_upstream_attempts_total{provider="openai",outcome="ok"})"), "2");
    EXPECT_EQ(
        value_of(text,
                 R"(gatehouse_upstream_attempts_total{provider="backup",outcome="upstream_overloaded"})"),
        "2");
    EXPECT_EQ(samples_of(text, "gatehouse_request_errors_total"), 0);
    EXPECT_THAT(text, HasSubstr(R"(gatehouse_build_info{version="1.2.3",compiler=")"));
}

TEST(Metrics, HistogramsAreCumulativeAndExact) {
    Metrics metrics;
    metrics.request_finished(finished_stream());
    Trail fast = finished_stream();
    fast.finished = fast.started + 5ms;  // on a bound: belongs to it
    metrics.request_finished(fast);
    const std::string text = metrics.render();
    const std::string labels = R"(endpoint="chat.completions",model="gpt-5-mini",stream="true")";
    const std::string name = "gatehouse_request_duration_seconds";
    const auto bucket = [&](const std::string& bound) {
        return value_of(text, name + "_bucket{" + labels + ",le=\"" + bound + "\"}");
    };
    EXPECT_EQ(bucket("0.005"), "1");
    EXPECT_EQ(bucket("0.01"), "1");
    EXPECT_EQ(bucket("1"), "1");
    EXPECT_EQ(bucket("2.5"), "2");
    EXPECT_EQ(bucket("600"), "2");
    EXPECT_EQ(bucket("+Inf"), "2");
    EXPECT_EQ(value_of(text, name + "_count{" + labels + "}"), "2");
    EXPECT_EQ(value_of(text, name + "_sum{" + labels + "}"), "1.505");
    EXPECT_EQ(value_of(text, R"(gatehouse_time_to_first_token_seconds_sum{model="gpt-5-mini"})"), "0.5");
    EXPECT_EQ(value_of(text, R"(gatehouse_time_between_tokens_seconds_sum{model="gpt-5-mini"})"), "0.2");
    EXPECT_EQ(value_of(text, R"(gatehouse_time_between_tokens_seconds_bucket{model="gpt-5-mini",le="0.05"})"),
              "0");
    EXPECT_EQ(value_of(text, R"(gatehouse_time_between_tokens_seconds_bucket{model="gpt-5-mini",le="0.1"})"),
              "2");
    EXPECT_EQ(value_of(text, R"(gatehouse_overhead_seconds_sum{endpoint="chat.completions"})"), "0.0001745");
}

TEST(Metrics, WholeRepliesHaveNoTokenTimes) {
    Metrics metrics;
    Trail whole = finished_stream();
    whole.stream = false;
    metrics.request_finished(whole);
    const std::string text = metrics.render();
    EXPECT_THAT(text, Not(HasSubstr("gatehouse_time_to_first_token_seconds_count")));
    EXPECT_THAT(text, Not(HasSubstr("gatehouse_time_between_tokens_seconds_count")));
    EXPECT_THAT(text, HasSubstr(R"(stream="false")"));
}

TEST(Metrics, ErrorsAreCountedByWhatTheClientWasToldElseByTheOutcome) {
    Metrics metrics;
    Trail refused;
    refused.status = 401;
    refused.outcome = RequestOutcome::refused;
    refused.problem = ProblemKind::invalid_api_key;
    metrics.request_finished(refused);
    Trail left = finished_stream();
    left.outcome = RequestOutcome::client_closed;
    metrics.request_finished(left);
    const std::string text = metrics.render();
    EXPECT_EQ(value_of(text, R"(gatehouse_request_errors_total{endpoint="none",cause="invalid_api_key"})"),
              "1");
    EXPECT_EQ(
        value_of(text,
                 R"(gatehouse_request_errors_total{endpoint="chat.completions",cause="client_closed"})"),
        "1");
    EXPECT_EQ(value_of(text, R"(gatehouse_requests_total{endpoint="none",model="none",status="401"})"), "1");
}

TEST(Metrics, WhatAClientWroteIsNoLabel) {
    Metrics metrics;
    Trail trail = finished_stream();
    trail.asked_model = "sk-canary-model";
    trail.caller = "sk-canary-caller";
    trail.request_id = "sk-canary-request";
    trail.upstream_model = "sk-canary-upstream";
    trail.finish_reason = "sk-canary-reason";
    metrics.request_finished(trail);
    EXPECT_THAT(metrics.render(), Not(HasSubstr("sk-canary")));
}

TEST(Metrics, LabelValuesAreEscaped) {
    Metrics metrics;
    Trail trail = finished_stream();
    trail.model = "we\"ird\\model\n2";
    metrics.request_finished(trail);
    EXPECT_EQ(
        value_of(
            metrics.render(),
            R"(gatehouse_requests_total{endpoint="chat.completions",model="we\"ird\\model\n2",status="200"})"),
        "1");
}

TEST(Metrics, AFamilyStopsGrowingAndCountsTheRestAsOther) {
    constexpr long bound = 2'000;
    Metrics metrics;
    Trail trail = finished_stream();
    for (int i = 0; i < bound + 500; ++i) {
        trail.model = "model-" + std::to_string(i);
        metrics.request_finished(trail);
    }
    const std::string text = metrics.render();
    EXPECT_EQ(samples_of(text, "gatehouse_requests_total"), bound + 1);
    EXPECT_EQ(value_of(text, R"(gatehouse_requests_total{endpoint="other",model="other",status="other"})"),
              "500");
    EXPECT_EQ(
        value_of(text,
                 R"(gatehouse_requests_total{endpoint="chat.completions",model="model-0",status="200"})"),
        "1");
}

TEST(Metrics, TwoInstancesOfOneThreadDoNotShareSeries) {
    const std::string sample =
        R"(gatehouse_requests_total{endpoint="chat.completions",model="gpt-5-mini",status="200"})";
    auto first = std::make_unique<Metrics>();
    first->request_finished(finished_stream());
    first.reset();
    Metrics second;
    second.request_finished(finished_stream());
    Metrics third;
    third.request_finished(finished_stream());
    second.request_finished(finished_stream());
    EXPECT_EQ(value_of(second.render(), sample), "2");
    EXPECT_EQ(value_of(third.render(), sample), "1");
}

TEST(Metrics, GaugesGoUpAndDown) {
    Metrics metrics;
    metrics.connection_opened();
    metrics.connection_opened();
    metrics.connection_closed();
    metrics.stream_opened();
    metrics.request_started();
    metrics.request_started();
    metrics.request_ended();
    metrics.connection_refused();
    metrics.framing_error("bad_header");
    metrics.config_reload(false);
    metrics.escaped_exception();
    EXPECT_EQ(metrics.open_connections(), 1);
    EXPECT_EQ(metrics.open_streams(), 1);
    EXPECT_EQ(metrics.requests_in_flight(), 1);
    metrics.stream_closed();
    EXPECT_EQ(metrics.open_streams(), 0);
    const std::string text = metrics.render();
    EXPECT_EQ(value_of(text, "gatehouse_connections_open"), "1");
    EXPECT_EQ(value_of(text, "gatehouse_streams_open"), "0");
    EXPECT_EQ(value_of(text, "gatehouse_requests_in_flight"), "1");
    EXPECT_EQ(value_of(text, "gatehouse_connections_refused_total"), "1");
    EXPECT_EQ(value_of(text, R"(gatehouse_framing_errors_total{kind="bad_header"})"), "1");
    EXPECT_EQ(value_of(text, R"(gatehouse_config_reloads_total{result="failure"})"), "1");
    EXPECT_EQ(value_of(text, R"(gatehouse_config_reloads_total{result="success"})"), "0");
    EXPECT_EQ(value_of(text, "gatehouse_escaped_exceptions_total"), "1");
}

TEST(Metrics, OnlyASuccessfulReloadMovesItsTime) {
    Metrics metrics;
    const std::string sample = "gatehouse_config_last_reload_success_timestamp_seconds";
    const double at_start = std::stod(value_of(metrics.render(), sample));
    metrics.config_reload(false);
    EXPECT_EQ(std::stod(value_of(metrics.render(), sample)), at_start);
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    do {
        metrics.config_reload(true);
    } while (std::stod(value_of(metrics.render(), sample)) <= at_start &&
             std::chrono::steady_clock::now() < deadline);
    EXPECT_GT(std::stod(value_of(metrics.render(), sample)), at_start);
}

TEST(Metrics, PoolsOfOneProviderAreAddedUp) {
    Metrics metrics;
    metrics.upstream_pools([] {
        return std::vector<PoolGauge>{
            {"openai", 5, 3, 10, 100, 1}, {"openai", 2, 2, 4, 50, 0}, {"sim", 0, 0, 0, 0, 0}};
    });
    const std::string text = metrics.render();
    EXPECT_EQ(value_of(text, R"(gatehouse_upstream_connections{provider="openai",state="busy"})"), "2");
    EXPECT_EQ(value_of(text, R"(gatehouse_upstream_connections{provider="openai",state="idle"})"), "5");
    EXPECT_EQ(value_of(text, R"(gatehouse_upstream_dials_total{provider="openai"})"), "14");
    EXPECT_EQ(value_of(text, R"(gatehouse_upstream_reused_total{provider="openai"})"), "150");
    EXPECT_EQ(value_of(text, R"(gatehouse_upstream_redialled_total{provider="openai"})"), "1");
    EXPECT_EQ(value_of(text, R"(gatehouse_upstream_connections{provider="sim",state="busy"})"), "0");
}

TEST(Metrics, TheProcessTellsOfItself) {
    const std::string text = Metrics().render();
    EXPECT_GT(std::stod(value_of(text, "gatehouse_process_resident_memory_bytes")), 1e6);
    EXPECT_GE(std::stod(value_of(text, "gatehouse_process_open_fds")), 3);
    EXPECT_GT(std::stod(value_of(text, "gatehouse_process_cpu_seconds_total")), 0);
    EXPECT_GT(std::stod(value_of(text, "gatehouse_process_start_time_seconds")), 1.7e9);
}

TEST(Metrics, ManyThreadsLoseNoCountAndEveryScrapeAgreesWithItself) {
    constexpr int threads = 4;
    constexpr int each = 3'000;
    Metrics metrics;
    std::atomic<bool> done{false};
    std::thread scraper([&] {
        do {
            const std::string text = metrics.render();
            const std::string labels = R"({endpoint="chat.completions",model="m0",stream="true")";
            const auto all =
                value_of(text, "gatehouse_request_duration_seconds_bucket" + labels + ",le=\"+Inf\"}");
            EXPECT_EQ(all, value_of(text, "gatehouse_request_duration_seconds_count" + labels + "}"));
        } while (!done);
    });
    std::vector<std::thread> recorders;
    for (int thread = 0; thread < threads; ++thread) {
        recorders.emplace_back([&metrics] {
            Trail trail = finished_stream();
            for (int i = 0; i < each; ++i) {
                trail.model = "m" + std::to_string(i % 3);
                metrics.request_finished(trail);
            }
        });
    }
    for (std::thread& recorder : recorders) {
        recorder.join();
    }
    done = true;
    scraper.join();
    const std::string text = metrics.render();
    for (const char* model : {"m0", "m1", "m2"}) {
        EXPECT_EQ(
            value_of(text, std::string(R"(gatehouse_requests_total{endpoint="chat.completions",model=")") +
                               model + R"(",status="200"})"),
            std::to_string(threads * each / 3));
    }
}

/// Runs `promtool check metrics` on `text`; its exit status and what it said.
std::pair<int, std::string> promtool(const std::string& text) {
    char path[] = "/tmp/gatehouse-metrics-XXXXXX";
    const int file = mkstemp(path);
    EXPECT_GE(file, 0);
    close(file);
    std::ofstream(path) << text;
    const std::string command = "promtool check metrics < " + std::string(path) + " 2>&1";
    FILE* const pipe = popen(command.c_str(), "r");
    std::string said;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
        said.push_back(static_cast<char>(c));
    }
    const int status = pclose(pipe);
    unlink(path);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

TEST(Metrics, RefusalsAreCountedByLevelAndMeasure) {
    Metrics metrics;
    Trail refused = finished_stream();
    refused.refused_by = "team";
    refused.refused_for = "tokens";
    refused.budget_warning_level = "key";
    metrics.request_finished(refused);
    metrics.request_finished(finished_stream());
    const std::string text = metrics.render();
    EXPECT_EQ(value_of(text, R"(gatehouse_limit_refusals_total{level="team",measure="tokens"})"), "1");
    EXPECT_EQ(value_of(text, R"(gatehouse_budget_warnings_total{level="key"})"), "1");
}

TEST(Metrics, BudgetsAreSharesOfOneAndTheFullestAreShown) {
    Metrics metrics;
    metrics.account_budgets([] {
        std::vector<BudgetGauge> budgets(1'500, BudgetGauge{"key", "idle", 0});
        for (std::size_t i = 0; i < budgets.size(); ++i) {
            budgets[i].name += std::to_string(i);
        }
        budgets.push_back({"team", "we\"ird", 8'250});
        budgets.push_back({"organisation", "acme", 10'001});
        return budgets;
    });
    const std::string text = metrics.render();
    EXPECT_EQ(value_of(text, R"(gatehouse_budget_used_ratio{level="team",name="we\"ird"})"), "0.8250");
    EXPECT_EQ(value_of(text, R"(gatehouse_budget_used_ratio{level="organisation",name="acme"})"), "1.0001");
    EXPECT_EQ(samples_of(text, "gatehouse_budget_used_ratio"), 1'000);
}

TEST(Metrics, PromtoolFindsNothingToSay) {
    Metrics metrics("1.2.3");
    metrics.request_finished(finished_stream());
    Trail odd = finished_stream();
    odd.model = "we\"ird\\model\n2\xFF";
    odd.problem = ProblemKind::upstream_timeout;
    metrics.request_finished(odd);
    metrics.framing_error("bad_header");
    metrics.upstream_pools([] { return std::vector<PoolGauge>{{"openai", 5, 3, 10, 100, 1}}; });
    metrics.account_budgets([] { return std::vector<BudgetGauge>{{"key", "a", 8'000}}; });
    const auto [status, said] = promtool(metrics.render());
    ASSERT_NE(status, 127) << "promtool is missing: install the Debian package `prometheus` "
                              "(docker/dependencies.sh install test)";
    EXPECT_EQ(status, 0) << said;
    EXPECT_EQ(said, "");

    EXPECT_NE(promtool("gatehouse_broken{ 1\n").first, 0) << "the check itself does not notice errors";
}

TEST(Metrics, TellHowTheLedgerStandsWhereThereIsOne) {
    Metrics metrics;
    EXPECT_EQ(metrics.render().find("gatehouse_ledger"), std::string::npos);
    metrics.ledger([] { return std::optional<LedgerGauge>(); });
    EXPECT_EQ(metrics.render().find("gatehouse_ledger"), std::string::npos);
    metrics.ledger(
        [] { return std::optional(LedgerGauge{10, 2, 3, 4, std::chrono::milliseconds(250), false, 5}); });
    const auto text = metrics.render();
    for (const char* const line :
         {"gatehouse_ledger_rows_total 10", "gatehouse_ledger_rows_lost_total 2",
          "gatehouse_ledger_rows_without_tags_total 5", "gatehouse_ledger_rows_waiting 3",
          "gatehouse_ledger_commits_total 4", "gatehouse_ledger_commit_seconds_total 0.25",
          "gatehouse_ledger_usable 0"}) {
        EXPECT_NE(text.find(std::string("\n") + line + "\n"), std::string::npos) << line;
    }
}

}  // namespace
}  // namespace gatehouse::telemetry
