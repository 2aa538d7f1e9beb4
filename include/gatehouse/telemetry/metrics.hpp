// Counters, gauges and histograms in the Prometheus text format (version 0.0.4).
//
// Labels are bounded: endpoints, configured models, providers, statuses, problem kinds; never what a client
// wrote. Should a bound fail all the same, a family stops at 2,000 series and counts the rest under `other`.
// Recording is a few relaxed atomic adds; the series of a label set are found once per thread.
// Room: telemetry. May include: core.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::telemetry {

struct Trail;

/// Numbers that only their owner knows at scrape time; one per pool, those of one provider are added up.
struct PoolGauge {
    std::string provider;
    std::uint64_t open{0}, idle{0}, dialled{0}, reused{0}, redialled{0};  // `open` includes the idle ones
};

/// How one target stands at scrape time.
struct TargetGauge {
    std::string provider;
    std::string model;
    std::string_view breaker;  // its state; a static name
    std::uint64_t in_flight{0};
};

/// How the ledger stands at scrape time.
struct LedgerGauge {
    std::uint64_t rows{0}, lost{0}, waiting{0}, commits{0};
    std::chrono::nanoseconds commit_time{0};  // of all commits
    bool usable{true};
    std::uint64_t without_tags{0};
};

/// Keys may be many: those whose budgets are used most are shown.
inline constexpr std::size_t most_budgets_shown = 1'000;

/// How much of one budget is used at scrape time.
struct BudgetGauge {
    std::string_view level;  // whose it is; a static name
    std::string name;        // configured, so there are few
    std::int64_t used{0};    // settled and reserved, hundredths of a percent
};

/// How the answers that are kept stand at scrape time.
struct CacheGauge {
    std::uint64_t entries{0}, bytes{0}, evicted{0}, expired{0}, too_large{0}, not_written{0};
    std::uint64_t questions{0}, question_bytes{0};                       // that are found by their meaning
    std::vector<std::pair<std::string_view, std::uint64_t>> refusals{};  // by reason; static names
    std::uint64_t judged_right{0}, judged_wrong{0};                      // by the callers that got them
};

/// Calls to providers that several requests may share, and the requests that read them, at scrape time.
struct SharedCallsGauge {
    std::uint64_t calls{0}, requests{0};
};

/// Any thread may call any function.
class Metrics {
public:
    /// `version` is shown in gatehouse_build_info.
    explicit Metrics(std::string_view version = "unknown");
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Everything that a finished request tells: requests by endpoint, model, status; errors by cause;
    /// duration, time to first token, time between tokens, own overhead; tokens by kind; upstream attempts.
    void request_finished(const Trail& trail);
    void connection_opened() noexcept;
    void connection_closed() noexcept;
    void connection_refused() noexcept;  // over the limit
    void stream_opened() noexcept;
    void stream_closed() noexcept;
    void request_started() noexcept;  // in flight
    void request_ended() noexcept;
    /// Refused before there was a request; `kind` is one of a few names of ours.
    void framing_error(std::string_view kind);
    /// The time of the last success is the process start until the first reload.
    void config_reload(bool success) noexcept;
    void escaped_exception() noexcept;

    /// Called at each scrape, on the scraping thread, outside any lock of ours.
    void upstream_pools(std::function<std::vector<PoolGauge>()> source);
    void upstream_targets(std::function<std::vector<TargetGauge>()> source);
    /// Without one, or while it gives nothing, there is no ledger.
    void ledger(std::function<std::optional<LedgerGauge>()> source);
    void account_budgets(std::function<std::vector<BudgetGauge>()> source);
    void kept_answers(std::function<CacheGauge()> source);
    void shared_calls(std::function<SharedCallsGauge()> source);
    std::int64_t open_connections() const noexcept;
    std::int64_t open_streams() const noexcept;
    std::int64_t requests_in_flight() const noexcept;

    /// The whole exposition. Valid by `promtool check metrics`. `gatehouse_` prefix, base units.
    std::string render() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::telemetry
