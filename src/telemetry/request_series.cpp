#include "request_series.hpp"

#include <optional>

namespace gatehouse::telemetry {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// From a cache hit to the ten minutes of the longest allowed attempt.
constexpr std::array<nanoseconds, 15> whole_bounds = {5ms,    10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s,
                                                      2500ms, 5s,   10s,  30s,  60s,   180s,  600s};
constexpr std::array<nanoseconds, 12> gap_bounds = {1ms,   2500us, 5ms,   10ms, 25ms,   50ms,
                                                    100ms, 250ms,  500ms, 1s,   2500ms, 10s};
constexpr std::array<nanoseconds, 12> overhead_bounds = {50us, 100us, 250us, 500us, 1ms,   2500us,
                                                         5ms,  10ms,  25ms,  50ms,  100ms, 1s};

constexpr std::array<nanoseconds, 12> hit_bounds = {50us, 100us,  200us,  300us, 500us, 750us,
                                                    1ms,  1500us, 2500us, 5ms,   10ms,  100ms};

constexpr std::array<std::string_view, 5> token_kinds = {"input", "cached_input", "cache_write", "output",
                                                         "reasoning"};

std::uint64_t next_owner() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// Why the request did not end well; empty when it did.
std::string_view cause_of(const Trail& trail) noexcept {
    if (trail.problem) {
        return name_of(*trail.problem);
    }
    return trail.outcome == RequestOutcome::ok ? std::string_view{} : name_of(trail.outcome);
}

/// Nobody was called: what the answer holds is no one's bill.
bool was_free(const Trail& trail) noexcept {
    return trail.cache == "hit" || trail.cache == "coalesced";
}

std::string status_text(int status) {
    return status == 0 ? std::string() : std::to_string(status);
}

std::size_t mix(std::size_t hash, std::size_t next) noexcept {
    return (hash ^ next) * 0x9E3779B97F4A7C15ULL;
}

std::size_t slot(std::size_t hash, std::size_t slots) noexcept {
    return (hash >> 40U) % slots;
}

}  // namespace

struct RequestFamilies::Found {
    bool is(std::uint64_t of, const Trail& trail, std::string_view why) const noexcept {
        return owner == of && status == trail.status && stream == trail.stream && cause == why &&
               endpoint == trail.endpoint && model == trail.model && provider == trail.provider;
    }

    std::uint64_t owner{0};
    int status{0};
    bool stream{false};
    std::string_view cause;  // a static name
    std::string endpoint;
    std::string model;
    std::string provider;

    Counter* requests{nullptr};
    Counter* errors{nullptr};  // null: no cause
    Histogram* duration{nullptr};
    Histogram* overhead{nullptr};
    // Made when first needed, so that no series shows up for what never happens.
    Histogram* first_token{nullptr};
    Histogram* between_tokens{nullptr};
    std::array<Counter*, token_kinds.size()> tokens{};
    Counter* cost{nullptr};
    std::string_view cache;  // what the next two are of; static names
    std::string_view cache_tier;
    Counter* cache_requests{nullptr};
    Counter* cache_saved{nullptr};
};

struct RequestFamilies::FoundAttempt {
    std::uint64_t owner{0};
    std::string provider;
    std::optional<ProblemKind> problem;
    Counter* attempts{nullptr};
};

RequestFamilies::RequestFamilies()
    : requests({"gatehouse_requests_total", "Finished requests.", {"endpoint", "model", "status"}}),
      errors({"gatehouse_request_errors_total",
              "Requests that did not end well, by what their client was told.",
              {"endpoint", "cause"}}),
      duration({"gatehouse_request_duration_seconds",
                "From the request's head to its last byte.",
                {"endpoint", "model", "stream"}},
               Histogram::Bounds(whole_bounds)),
      first_token({"gatehouse_time_to_first_token_seconds",
                   "From the request's head to the first content given to the client, streams only.",
                   {"model"}},
                  Histogram::Bounds(whole_bounds)),
      between_tokens({"gatehouse_time_between_tokens_seconds",
                      "Mean gap between the content events of one stream.",
                      {"model"}},
                     Histogram::Bounds(gap_bounds)),
      overhead({"gatehouse_overhead_seconds",
                "Time of a request that was spent here, not waiting for a provider.",
                {"endpoint"}},
               Histogram::Bounds(overhead_bounds)),
      tokens(
          {"gatehouse_tokens_total",
           "Tokens as providers reported them, or as estimated where they did not; the kinds do not overlap.",
           {"model", "provider", "kind"}}),
      cost({"gatehouse_cost_usd_total",
            "US dollars that calls to providers cost, as far as prices are known.",
            {"model", "provider"}}),
      attempts({"gatehouse_upstream_attempts_total",
                "Calls to providers, by what came of them.",
                {"provider", "outcome"}}),
      limit_refusals(
          {"gatehouse_limit_refusals_total",
           "Requests refused by a limit or a budget, by whose it is and what there was too little of.",
           {"level", "measure"}}),
      budget_warnings({"gatehouse_budget_warnings_total",
                       "Requests that met a budget past its `warn_at`, by whose it is.",
                       {"level"}}),
      cache_requests({"gatehouse_cache_requests_total",
                      "Requests that a cache applies to, by what came of it and by the tier of a hit.",
                      {"model", "outcome", "tier"}}),
      cache_saved({"gatehouse_cache_saved_usd_total",
                   "US dollars that answers without a call would have cost, as far as that is known.",
                   {"model"}}),
      cache_saved_tokens({"gatehouse_cache_saved_tokens_total",
                          "Tokens of answers that no provider was called for.",
                          {"model", "kind"}}),
      cache_hit_duration({"gatehouse_cache_hit_duration_seconds",
                          "From the request's head to its last byte, of answers from the cache.",
                          {"tier"}},
                         Histogram::Bounds(hit_bounds)),
      owner_(next_owner()) {}

RequestFamilies::Found& RequestFamilies::find(const Trail& trail) {
    thread_local std::array<Found, 256> cache;
    const std::string_view cause = cause_of(trail);
    std::size_t hash = std::hash<std::string_view>{}(trail.model);
    hash = mix(hash, std::hash<std::string_view>{}(trail.provider));
    hash = mix(hash, std::hash<std::string_view>{}(trail.endpoint));
    hash = mix(hash, static_cast<std::size_t>(trail.status) * 2 + (trail.stream ? 1 : 0));
    Found& found = cache[slot(hash, cache.size())];
    if (found.is(owner_, trail, cause)) {
        return found;
    }
    Found fresh;
    fresh.owner = owner_;
    fresh.status = trail.status;
    fresh.stream = trail.stream;
    fresh.cause = cause;
    fresh.endpoint = trail.endpoint;
    fresh.model = trail.model;
    fresh.provider = trail.provider;
    fresh.requests = &requests.find({trail.endpoint, trail.model, status_text(trail.status)});
    fresh.errors = cause.empty() ? nullptr : &errors.find({trail.endpoint, cause});
    fresh.duration = &duration.find({trail.endpoint, trail.model, trail.stream ? "true" : "false"});
    fresh.overhead = &overhead.find({trail.endpoint});
    found = std::move(fresh);
    return found;
}

Counter& RequestFamilies::find_attempt(const AttemptRecord& attempt) {
    thread_local std::array<FoundAttempt, 64> cache;
    const std::size_t kind = attempt.problem ? static_cast<std::size_t>(*attempt.problem) + 1 : 0;
    const std::size_t hash = mix(std::hash<std::string_view>{}(attempt.provider), kind);
    FoundAttempt& found = cache[slot(hash, cache.size())];
    if (found.owner != owner_ || found.problem != attempt.problem || found.provider != attempt.provider) {
        Counter& counter =
            attempts.find({attempt.provider, attempt.problem ? name_of(*attempt.problem) : "ok"});
        found = {owner_, attempt.provider, attempt.problem, &counter};
    }
    return *found.attempts;
}

void RequestFamilies::count_tokens(Found& found, const Trail& trail) {
    const std::array counts = {trail.input_tokens, trail.cached_input_tokens, trail.cache_write_tokens,
                               trail.output_tokens, trail.reasoning_tokens};
    static_assert(std::tuple_size_v<decltype(counts)> == token_kinds.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i].value() <= 0) {
            continue;
        }
        if (was_free(trail)) {
            cache_saved_tokens.find({trail.model, token_kinds[i]})
                .add(static_cast<std::uint64_t>(counts[i].value()));
            continue;
        }
        if (found.tokens[i] == nullptr) {
            found.tokens[i] = &tokens.find({trail.model, trail.provider, token_kinds[i]});
        }
        found.tokens[i]->add(static_cast<std::uint64_t>(counts[i].value()));
    }
    if (trail.saved_tokens.value() > 0) {
        cache_saved_tokens.find({trail.model, token_kinds.front()})
            .add(static_cast<std::uint64_t>(trail.saved_tokens.value()));
    }
}

/// Calls that cost nothing make no series.
void RequestFamilies::count_cost(Found& found, const Trail& trail) {
    for (const AttemptRecord& attempt : trail.attempts) {
        if (!attempt.cost || attempt.cost->value() <= 0) {
            continue;
        }
        const auto amount = static_cast<std::uint64_t>(attempt.cost->value());
        if (attempt.provider != trail.provider) {
            cost.find({trail.model, attempt.provider}).add(amount);
            continue;
        }
        if (found.cost == nullptr) {
            found.cost = &cost.find({trail.model, trail.provider});
        }
        found.cost->add(amount);
    }
}

void RequestFamilies::count_cache(Found& found, const Trail& trail) {
    if (trail.cache.empty()) {
        return;
    }
    if (found.cache_requests == nullptr || found.cache != trail.cache ||
        found.cache_tier != trail.cache_tier) {
        found.cache = trail.cache;
        found.cache_tier = trail.cache_tier;
        found.cache_requests = &cache_requests.find({trail.model, trail.cache, trail.cache_tier});
    }
    found.cache_requests->add();
    if (trail.cache == "hit") {
        cache_hit_duration.find({trail.cache_tier}).observe(trail.finished - trail.started);
    }
    if (trail.saved > PicoUsd(0)) {
        if (found.cache_saved == nullptr) {
            found.cache_saved = &cache_saved.find({trail.model});
        }
        found.cache_saved->add(static_cast<std::uint64_t>(trail.saved.value()));
    }
}

void RequestFamilies::record(const Trail& trail) {
    Found& found = find(trail);
    found.requests->add();
    if (found.errors != nullptr) {
        found.errors->add();
    }
    found.duration->observe(trail.finished - trail.started);
    found.overhead->observe(trail.overhead);
    if (trail.stream && trail.first_content != Instant{}) {
        if (found.first_token == nullptr) {
            found.first_token = &first_token.find({trail.model});
        }
        found.first_token->observe(trail.first_content - trail.started);
    }
    if (trail.stream && trail.chunks > 1) {
        if (found.between_tokens == nullptr) {
            found.between_tokens = &between_tokens.find({trail.model});
        }
        found.between_tokens->observe(trail.between_tokens_sum / static_cast<std::int64_t>(trail.chunks - 1));
    }
    count_tokens(found, trail);
    count_cost(found, trail);
    count_cache(found, trail);
    if (!trail.refused_by.empty()) {
        limit_refusals.find({trail.refused_by, trail.refused_for}).add();
    }
    if (!trail.budget_warning_level.empty()) {
        budget_warnings.find({trail.budget_warning_level}).add();
    }
    for (const AttemptRecord& attempt : trail.attempts) {
        find_attempt(attempt).add();
    }
}

}  // namespace gatehouse::telemetry
