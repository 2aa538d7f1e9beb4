#include "access_line.hpp"

#include "line.hpp"

#include "gatehouse/telemetry/trail.hpp"

#include <cmath>

namespace gatehouse::telemetry {
namespace {

/// The trace id of `00-<32 hex>-<16 hex>-<2 hex>`; empty for anything else.
std::string_view trace_id(std::string_view traceparent) noexcept {
    constexpr std::size_t whole = 55;
    return traceparent.size() == whole ? traceparent.substr(3, 32) : std::string_view{};
}

/// A time that was never reached, or before the start, is not a duration.
void since_start(Line& line, Line::Name name, const Trail& trail, Instant moment) {
    if (moment != Instant{} && moment >= trail.started) {
        line.milliseconds(name, moment - trail.started);
    }
}

void attempts(Line& line, const Trail& trail) {
    line.begin_list("attempts");
    for (const AttemptRecord& attempt : trail.attempts) {
        line.begin_record();
        line.text("provider", attempt.provider);
        line.text("model", attempt.model);
        line.word("why", attempt.reason);
        line.number("status", attempt.status);
        if (attempt.problem) {
            line.word("problem", name_of(*attempt.problem));
        }
        line.number("ms", attempt.took.count());
        line.end_record();
    }
    line.end_list();
}

void tokens(Line& line, const Trail& trail) {
    line.flag("usage_known", trail.usage_known);
    if (trail.usage_estimated) {
        line.flag("usage_estimated", true);
    }
    if (!trail.usage_known && !trail.usage_estimated) {
        return;
    }
    line.number("input_tokens", trail.input_tokens.value());
    line.number("cached_input_tokens", trail.cached_input_tokens.value());
    if (trail.cache_write_tokens.value() != 0) {
        line.number("cache_write_tokens", trail.cache_write_tokens.value());
    }
    line.number("output_tokens", trail.output_tokens.value());
    line.number("reasoning_tokens", trail.reasoning_tokens.value());
}

/// Of answers that are shared or kept; nothing where no cache applies.
void cache(Line& line, const Trail& trail) {
    if (trail.cache.empty()) {
        return;
    }
    line.word("cache", trail.cache);
    if (!trail.cache_tier.empty()) {
        line.word("cache_type", trail.cache_tier);
    }
    if (trail.cache_similarity) {
        constexpr double thousandths = 1000;
        line.number("cache_similarity_permille", std::lround(thousandths * *trail.cache_similarity));
    }
    if (trail.cache_age) {
        line.number("cache_age_s", trail.cache_age->count());
    }
    if (trail.saved != PicoUsd(0)) {
        line.written("saved_usd", usd_text(trail.saved));
    }
}

}  // namespace

void append_access_line(LineBuffer& out, LogFormat format, WallTime when, const Trail& trail,
                        std::string_view ledger) {
    Line line(out, format, LogLevel::info, when, "request");
    line.text("request_id", trail.request_id);
    line.text_if_any("trace_id", trace_id(trail.traceparent));
    line.text_if_any("method", trail.method);
    line.text_if_any("path", trail.route_path);
    line.text_if_any("endpoint", trail.endpoint);
    line.text_if_any("key", trail.caller);
    line.text_if_any("asked_model", trail.asked_model);
    line.text_if_any("model", trail.model);
    line.text_if_any("route", trail.route);
    if (!trail.prompt_class.empty()) {
        line.word("class", trail.prompt_class);
        line.number("class_percent", std::lround(100 * trail.class_probability));
    }
    line.text_if_any("provider", trail.provider);
    line.text_if_any("upstream_model", trail.upstream_model);
    line.flag("stream", trail.stream);
    line.number("status", trail.status);
    line.word("outcome", name_of(trail.outcome));
    if (trail.problem) {
        line.word("problem", name_of(*trail.problem));
    }
    attempts(line, trail);
    tokens(line, trail);
    if (!trail.endpoint.empty()) {
        line.written("cost_usd", trail.cost ? usd_text(*trail.cost) : std::string("null"));
    }
    cache(line, trail);
    line.text_if_any("finish_reason", trail.finish_reason);
    line.text_if_any("dropped_params", trail.dropped_params);
    line.number("request_bytes", static_cast<std::int64_t>(trail.request_bytes));
    line.number("reply_bytes", static_cast<std::int64_t>(trail.reply_bytes));
    since_start(line, "duration_ms", trail, trail.finished);
    since_start(line, "ttft_ms", trail, trail.first_content);
    line.milliseconds("overhead_ms", trail.overhead);
    if (!ledger.empty()) {
        line.word("ledger", ledger);
    }
    line.end();
}

}  // namespace gatehouse::telemetry
