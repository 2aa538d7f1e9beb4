// The trail of one request: what was asked, what was tried, what came of it. Filled on the way, turned into
// response headers, one access-log line and metrics at the end.
//
// One writer at a time (the request's own coroutine); no lock.
// Room: telemetry. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/units.hpp"

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

/// One upstream call.
struct AttemptRecord {
    std::string provider;
    std::string model;                   // upstream name
    std::string_view reason;             // why it was made: `first`, `retry` …; a static name
    int status{0};                       // provider's HTTP status; 0: none came
    std::optional<ProblemKind> problem;  // absent: it answered
    Milliseconds took{0};
    Instant began{};                     // while it runs; then zero, and `problem` and `took` count
    std::optional<PicoUsd> cost{};       // absent: no price is known for it, or it has not ended
    std::optional<TokenCount> tokens{};  // prompt and answer; absent: nobody said or counted them
};

/// What is left of one of the limits that a request met.
struct RateNote {
    std::int64_t limit{0};
    std::int64_t remaining{0};
    std::optional<Milliseconds> full_after{};  // nothing: never
};

/// Parts of a trail's tokens that have prices of their own.
struct TokenParts {
    TokenCount cache_write_1h;                         // of those written to the provider's cache
    TokenCount input_image, input_audio, input_video;  // of the input
    TokenCount output_audio, output_image;             // of the output
};

enum class RequestOutcome : std::uint8_t {
    running,
    ok,
    refused,
    upstream_error,
    stream_error,
    client_closed,
    internal_error
};
/// Its stable name in logs.
std::string_view name_of(RequestOutcome outcome) noexcept;

class LateCosts;
class TrailSource;

struct Trail {
    // Who asked what. Views outlive the trail (static names); strings are owned.
    std::string request_id;
    std::string traceparent;  // as sent upstream
    std::string_view method;  // of the known ones; "" otherwise
    std::string_view
        route_path;  // the path template, e.g. `/v1/models/{id}`; never the raw path (bounded label)
    std::string_view endpoint;                              // `chat.completions` …; "" for none
    std::string caller;                                     // key name; "" before identification
    std::string team;                                       // the key's; "" for none
    std::string organisation;                               // the team's; "" for none
    std::vector<std::pair<std::string, std::string>> tags;  // of the key and of the request
    std::string asked_model;  // as the client wrote it; for the log, not for labels
    std::string model;        // the configured model entry that matched: bounded, the label
    std::string route;        // the rule that decided; "" if none
    std::string_view
        prompt_class;  // that a rule was asked about; "" if none was, or none was clear; a static name
    double class_probability{0};
    std::vector<std::pair<std::string_view, double>> class_scores;  // what the classifier gave each class
    bool stream{false};

    // What happened.
    std::vector<AttemptRecord> attempts;
    std::string provider;  // of the answer
    std::string upstream_model;
    std::string dropped_params;  // comma separated
    std::string finish_reason;
    std::optional<ProblemKind> problem;  // what the client was told
    int status{0};
    RequestOutcome outcome{RequestOutcome::running};
    TokenCount input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens;
    TokenParts token_parts;
    bool usage_known{false};
    bool usage_estimated{false};  // counted here, as the provider did not say it or not all of it
    // Money. The cost is that of all its upstream calls, nothing for none; absent: no price is known for one
    // of them.
    std::optional<PicoUsd> cost{PicoUsd(0)};
    PicoUsd saved;            // what an answer that needed no call would have cost, or the part that did not
    TokenCount saved_tokens;  // of the input, of the part that did not; the counts above are the calls'
    // Of answers that are shared or kept; static names.
    std::string_view cache{};       // hit, miss, bypass, refresh, coalesced; "" where no cache applies
    std::string_view cache_tier{};  // that the hit is of; "" for none
    std::optional<double> cache_similarity{};
    std::optional<std::chrono::seconds> cache_age{};
    // Limits. Of the level with the least left; absent: none has such a limit.
    std::optional<RateNote> request_rate{};
    std::optional<RateNote> token_rate{};
    // Who refused the request, and what there was too little of; "": nobody. Static names.
    std::string_view refused_by{};
    std::string_view refused_for{};
    std::string budget_warning{};             // of the budget that is most used, if it is past its warning
    std::string_view budget_warning_level{};  // whose it is; a static name
    bool translated{false};  // the answer is made of another dialect's; its usage is told at the end only
    std::uint64_t request_bytes{0};
    std::uint64_t reply_bytes{0};
    std::uint64_t chunks{0};  // content deltas delivered

    // When. Zero instants: did not happen.
    Instant started{};           // head complete
    Instant upstream_began{};    // first attempt sent
    Instant upstream_replied{};  // head (whole) or first event of the answering attempt
    Instant first_content{};     // first content handed to the client's socket
    Instant finished{};
    std::chrono::nanoseconds upstream_time{0};  // spent waiting for the provider; the rest is ours
    std::chrono::nanoseconds overhead{0};
    std::chrono::nanoseconds between_tokens_sum{0};  // of the chunks - 1 gaps between content deltas

    // Null: all that it costs is known when its request ends. Else its account is closed there.
    std::shared_ptr<LateCosts> late_costs{};
    // Null: all that is known of its calls stands here. To be asked before a head is written.
    const TrailSource* source{nullptr};
};

/// Knows more of a request's calls than its trail, as long as another coroutine makes them.
class TrailSource {
public:
    virtual ~TrailSource() = default;
    /// Puts on the trail what is known by now.
    virtual void bring_up_to_date(Trail& trail) const = 0;
};

/// The costs of a request whose client has left, while the calls that it pays for go on for others.
class LateCosts {
public:
    virtual ~LateCosts() = default;
    /// Calls `close` with the trail once they stand on it: at once, or later on the same thread.
    virtual void close_with(Trail&& trail, std::function<void(Trail&&)> close) = 0;
};

/// Makes the cost that of the attempts.
void add_up_cost(Trail& trail) noexcept;

}  // namespace gatehouse::telemetry
