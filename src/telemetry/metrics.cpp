#include "gatehouse/telemetry/metrics.hpp"

#include "exposition.hpp"
#include "process_stats.hpp"
#include "request_series.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::telemetry {
namespace {

#ifdef __clang__
constexpr std::string_view compiler = "clang " __clang_version__;
#else
constexpr std::string_view compiler = "gcc " __VERSION__;
#endif

using Gauge = std::atomic<std::int64_t>;

void change(Gauge& gauge, std::int64_t by) noexcept {
    gauge.fetch_add(by, std::memory_order_relaxed);
}

std::int64_t value_of(const Gauge& gauge) noexcept {
    return gauge.load(std::memory_order_relaxed);
}

std::int64_t value_of(const Counter& counter) noexcept {
    return static_cast<std::int64_t>(counter.value());
}

std::chrono::nanoseconds since_epoch(WallTime when) noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch());
}

}  // namespace

struct Metrics::State {
    explicit State(std::string_view version)
        : framing_errors(
              {"gatehouse_framing_errors_total", "Messages refused before there was a request.", {"kind"}}),
          reloads(
              {"gatehouse_config_reloads_total", "Attempts to load a changed configuration.", {"result"}}),
          build({"gatehouse_build_info", "Always 1; what is running.", {"version", "compiler"}}) {
        build.find({version, compiler}).add();
    }

    RequestFamilies requests;
    Family<Counter> framing_errors;
    Family<Counter> reloads;
    Family<Counter> build;
    Counter& reload_successes{reloads.find({"success"})};
    Counter& reload_failures{reloads.find({"failure"})};
    Gauge connections{0};
    Gauge streams{0};
    Gauge in_flight{0};
    Counter connections_refused;
    Counter escaped_exceptions;
    Guarded<std::function<std::vector<PoolGauge>()>> pools;
    Guarded<std::function<std::vector<TargetGauge>()>> targets;
    Guarded<std::function<std::optional<LedgerGauge>()>> ledger;
    Guarded<std::function<std::vector<BudgetGauge>()>> budgets;
    Guarded<std::function<CacheGauge()>> cache;
    Guarded<std::function<SharedCallsGauge()>> shared_calls;
    const WallTime started{std::chrono::system_clock::now()};
    std::atomic<WallTime> last_reload{started};
};

Metrics::Metrics(std::string_view version) : state_(std::make_unique<State>(version)) {}
Metrics::~Metrics() = default;

void Metrics::request_finished(const Trail& trail) {
    state_->requests.record(trail);
}

void Metrics::connection_opened() noexcept {
    change(state_->connections, 1);
}

void Metrics::connection_closed() noexcept {
    change(state_->connections, -1);
}

void Metrics::connection_refused() noexcept {
    state_->connections_refused.add();
}

void Metrics::stream_opened() noexcept {
    change(state_->streams, 1);
}

void Metrics::stream_closed() noexcept {
    change(state_->streams, -1);
}

void Metrics::request_started() noexcept {
    change(state_->in_flight, 1);
}

void Metrics::request_ended() noexcept {
    change(state_->in_flight, -1);
}

void Metrics::framing_error(std::string_view kind) {
    state_->framing_errors.find({kind}).add();
}

void Metrics::config_reload(bool success) noexcept {
    (success ? state_->reload_successes : state_->reload_failures).add();
    if (success) {
        state_->last_reload.store(std::chrono::system_clock::now(), std::memory_order_relaxed);
    }
}

void Metrics::escaped_exception() noexcept {
    state_->escaped_exceptions.add();
}

void Metrics::upstream_pools(std::function<std::vector<PoolGauge>()> source) {
    state_->pools.with([&](auto& pools) { pools = std::move(source); });
}

void Metrics::upstream_targets(std::function<std::vector<TargetGauge>()> source) {
    state_->targets.with([&](auto& targets) { targets = std::move(source); });
}

void Metrics::ledger(std::function<std::optional<LedgerGauge>()> source) {
    state_->ledger.with([&](auto& ledger) { ledger = std::move(source); });
}

void Metrics::account_budgets(std::function<std::vector<BudgetGauge>()> source) {
    state_->budgets.with([&](auto& budgets) { budgets = std::move(source); });
}

void Metrics::kept_answers(std::function<CacheGauge()> source) {
    state_->cache.with([&](auto& cache) { cache = std::move(source); });
}

void Metrics::shared_calls(std::function<SharedCallsGauge()> source) {
    state_->shared_calls.with([&](auto& shared_calls) { shared_calls = std::move(source); });
}

std::int64_t Metrics::open_connections() const noexcept {
    return value_of(state_->connections);
}

std::int64_t Metrics::open_streams() const noexcept {
    return value_of(state_->streams);
}

std::int64_t Metrics::requests_in_flight() const noexcept {
    return value_of(state_->in_flight);
}

namespace {

void render_requests(Exposition& out, const RequestFamilies& families) {
    out.counters(families.requests);
    out.counters(families.errors);
    out.histograms(families.duration);
    out.histograms(families.first_token);
    out.histograms(families.between_tokens);
    out.histograms(families.overhead);
    out.counters(families.tokens);
    out.dollars(families.cost);
    out.counters(families.attempts);
    out.counters(families.limit_refusals);
    out.counters(families.budget_warnings);
    out.counters(families.cache_requests);
    out.dollars(families.cache_saved);
    out.counters(families.cache_saved_tokens);
    out.histograms(families.cache_hit_duration);
}

void render_pools(Exposition& out, const std::vector<PoolGauge>& pools) {
    std::map<std::string, PoolGauge> providers;  // by label text
    for (const PoolGauge& pool : pools) {
        std::string label = "provider=\"";
        append_label_text(label, pool.provider);
        label.push_back('"');
        PoolGauge& sum = providers[label];
        sum.open += pool.open;
        sum.idle += pool.idle;
        sum.dialled += pool.dialled;
        sum.reused += pool.reused;
        sum.redialled += pool.redialled;
    }
    constexpr std::string_view connections = "gatehouse_upstream_connections";
    out.head(MetricType::gauge, connections, "Connections to providers.");
    for (const auto& [label, pool] : providers) {
        out.sample(connections, label + ",state=\"busy\"", pool.open > pool.idle ? pool.open - pool.idle : 0);
        out.sample(connections, label + ",state=\"idle\"", pool.idle);
    }
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t PoolGauge::* field) {
        out.head(MetricType::counter, name, help);
        for (const auto& [label, pool] : providers) {
            out.sample(name, label, pool.*field);
        }
    };
    counter("gatehouse_upstream_dials_total", "New connections to providers.", &PoolGauge::dialled);
    counter("gatehouse_upstream_reused_total", "Requests sent on a kept connection.", &PoolGauge::reused);
    counter("gatehouse_upstream_redialled_total", "Kept connections found closed, and replaced.",
            &PoolGauge::redialled);
}

/// A pattern's targets bear names that clients chose, so their number is bounded here too.
constexpr std::size_t most_targets_shown = 500;

void render_targets(Exposition& out, const std::vector<TargetGauge>& targets) {
    std::vector<std::string> labels;
    const auto shown = std::min(targets.size(), most_targets_shown);
    for (std::size_t i = 0; i < shown; ++i) {
        std::string label = "provider=\"";
        append_label_text(label, targets[i].provider);
        label += "\",model=\"";
        append_label_text(label, targets[i].model);
        label.push_back('"');
        labels.push_back(std::move(label));
    }
    constexpr std::string_view state = "gatehouse_upstream_breaker_state";
    out.head(MetricType::gauge, state, "1 for the state that the circuit breaker of a target is in.");
    for (std::size_t i = 0; i < shown; ++i) {
        for (const std::string_view each : {"closed", "open", "half_open", "recovering"}) {
            out.sample(state, labels[i] + ",state=\"" + std::string(each) + "\"",
                       each == targets[i].breaker ? 1 : 0);
        }
    }
    constexpr std::string_view in_flight = "gatehouse_upstream_calls_in_flight";
    out.head(MetricType::gauge, in_flight, "Calls of a target that have not ended.");
    for (std::size_t i = 0; i < shown; ++i) {
        out.sample(in_flight, labels[i], targets[i].in_flight);
    }
}

void render_ledger(Exposition& out, const LedgerGauge& ledger) {
    const auto count = [&](MetricType type, std::string_view name, std::string_view help,
                           std::uint64_t value) {
        out.single(type, name, help, static_cast<std::int64_t>(value));
    };
    count(MetricType::counter, "gatehouse_ledger_rows_total", "Rows committed to the ledger.", ledger.rows);
    count(MetricType::counter, "gatehouse_ledger_rows_lost_total",
          "Rows that the ledger does not have: too many waited, or the disk refused them.", ledger.lost);
    count(MetricType::counter, "gatehouse_ledger_rows_without_tags_total",
          "Rows whose tags are not kept: there were too many sets of tags that day.", ledger.without_tags);
    count(MetricType::gauge, "gatehouse_ledger_rows_waiting", "Rows on their way to the disk.",
          ledger.waiting);
    count(MetricType::counter, "gatehouse_ledger_commits_total", "Transactions of rows.", ledger.commits);
    out.single(MetricType::counter, "gatehouse_ledger_commit_seconds_total", "Time that they took.",
               ledger.commit_time);
    count(MetricType::gauge, "gatehouse_ledger_usable", "0 when the last commit failed, or none is possible.",
          ledger.usable ? 1 : 0);
}

void render_shared_calls(Exposition& out, const SharedCallsGauge& shared) {
    out.single(MetricType::gauge, "gatehouse_shared_calls",
               "Calls in flight that identical requests share or may share, the newest one of each kind.",
               static_cast<std::int64_t>(shared.calls));
    out.single(MetricType::gauge, "gatehouse_shared_call_requests",
               "Requests that have a place at such a call, or at an older one of its kind.",
               static_cast<std::int64_t>(shared.requests));
}

void render_budgets(Exposition& out, std::vector<BudgetGauge> budgets) {
    if (budgets.size() > most_budgets_shown) {
        std::sort(budgets.begin(), budgets.end(),
                  [](const auto& a, const auto& b) { return a.used > b.used; });
        budgets.resize(most_budgets_shown);
    }
    constexpr std::string_view used = "gatehouse_budget_used_ratio";
    out.head(MetricType::gauge, used, "Share of a budget that is settled or reserved; 1 is all of it.");
    for (const auto& budget : budgets) {
        std::string label = "level=\"" + std::string(budget.level) + "\",name=\"";
        append_label_text(label, budget.name);
        label.push_back('"');
        out.share(used, label, budget.used);
    }
}

void render_cache(Exposition& out, const CacheGauge& cache) {
    const auto count = [&](MetricType type, std::string_view name, std::string_view help,
                           std::uint64_t value) {
        out.single(type, name, help, static_cast<std::int64_t>(value));
    };
    count(MetricType::gauge, "gatehouse_cache_entries", "Answers that are kept.", cache.entries);
    count(MetricType::gauge, "gatehouse_cache_bytes", "Memory that they take, with all that belongs to them.",
          cache.bytes);
    count(MetricType::counter, "gatehouse_cache_evictions_total", "Answers that made room for others.",
          cache.evicted);
    count(MetricType::counter, "gatehouse_cache_expired_total", "Answers whose time was over.",
          cache.expired);
    count(MetricType::counter, "gatehouse_cache_too_large_total", "Answers that were too large to be kept.",
          cache.too_large);
    count(MetricType::counter, "gatehouse_cache_not_written_total",
          "Answers that a restart loses: too many waited, or the disk refused them.", cache.not_written);
    count(MetricType::gauge, "gatehouse_cache_questions", "Questions that are found by their meaning.",
          cache.questions);
    count(MetricType::gauge, "gatehouse_cache_question_bytes", "Memory that they take.",
          cache.question_bytes);
    constexpr std::string_view refusals = "gatehouse_cache_refusals_total";
    out.head(MetricType::counter, refusals,
             "Answers that were there and not given, or why none could be looked for, by reason.");
    for (const auto& [reason, number] : cache.refusals) {
        out.sample(refusals, "reason=\"" + std::string(reason) + "\"", number);
    }
    constexpr std::string_view feedback = "gatehouse_cache_feedback_total";
    out.head(MetricType::counter, feedback,
             "Answers found by their meaning that their callers have judged, by verdict.");
    out.sample(feedback, "verdict=\"right\"", cache.judged_right);
    out.sample(feedback, "verdict=\"wrong\"", cache.judged_wrong);
}

void render_process(Exposition& out, WallTime started) {
    const ProcessStats stats = process_stats();
    out.single(MetricType::gauge, "gatehouse_process_start_time_seconds", "Start of the process, Unix time.",
               since_epoch(started));
    out.single(MetricType::gauge, "gatehouse_process_resident_memory_bytes", "Resident memory.",
               stats.resident_bytes);
    out.single(MetricType::gauge, "gatehouse_process_open_fds", "Open file descriptors.",
               stats.open_descriptors);
    out.single(MetricType::counter, "gatehouse_process_cpu_seconds_total", "CPU time, user and system.",
               stats.cpu);
}

}  // namespace

std::string Metrics::render() const {
    Exposition out;
    render_requests(out, state_->requests);
    out.single(MetricType::gauge, "gatehouse_connections_open", "Open client connections.",
               value_of(state_->connections));
    out.single(MetricType::counter, "gatehouse_connections_refused_total",
               "Client connections closed at once because the limit was reached.",
               value_of(state_->connections_refused));
    out.single(MetricType::gauge, "gatehouse_streams_open", "Streamed replies that are running.",
               value_of(state_->streams));
    out.single(MetricType::gauge, "gatehouse_requests_in_flight", "Requests that are running.",
               value_of(state_->in_flight));
    out.counters(state_->framing_errors);
    const auto pools = state_->pools.with([](const auto& source) { return source; });
    render_pools(out, pools ? pools() : std::vector<PoolGauge>{});
    const auto targets = state_->targets.with([](const auto& source) { return source; });
    render_targets(out, targets ? targets() : std::vector<TargetGauge>{});
    const auto ledger = state_->ledger.with([](const auto& source) { return source; });
    if (const auto standing = ledger ? ledger() : std::nullopt) {
        render_ledger(out, *standing);
    }
    const auto budgets = state_->budgets.with([](const auto& source) { return source; });
    render_budgets(out, budgets ? budgets() : std::vector<BudgetGauge>{});
    const auto cache = state_->cache.with([](const auto& source) { return source; });
    render_cache(out, cache ? cache() : CacheGauge{});
    const auto shared_calls = state_->shared_calls.with([](const auto& source) { return source; });
    render_shared_calls(out, shared_calls ? shared_calls() : SharedCallsGauge{});
    out.counters(state_->reloads);
    out.single(MetricType::gauge, "gatehouse_config_last_reload_success_timestamp_seconds",
               "Unix time at which the running configuration was loaded.",
               since_epoch(state_->last_reload.load(std::memory_order_relaxed)));
    const Log* const log = process_log();
    const auto noted = log != nullptr ? static_cast<std::int64_t>(log->escaped()) : 0;
    out.single(MetricType::counter, "gatehouse_escaped_exceptions_total",
               "Exceptions that reached a last net, of a session or of other work: bugs, or no memory.",
               value_of(state_->escaped_exceptions) + noted);
    out.single(MetricType::counter, "gatehouse_log_lines_lost_total", "Log lines that could not be written.",
               log != nullptr ? static_cast<std::int64_t>(log->lost()) : 0);
    out.gauges(state_->build);
    render_process(out, state_->started);
    return out.take();
}

}  // namespace gatehouse::telemetry
