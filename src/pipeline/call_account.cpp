#include "call_account.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::pipeline {
namespace {

using telemetry::Trail;

void tell_answer(const Trail& call, Trail& to) {
    to.model = call.model;
    to.route = call.route;
    to.prompt_class = call.prompt_class;
    to.class_probability = call.class_probability;
    to.class_scores = call.class_scores;
    to.provider = call.provider;
    to.upstream_model = call.upstream_model;
    to.dropped_params = call.dropped_params;
    to.finish_reason = call.finish_reason;
    to.translated = call.translated;
    to.input_tokens = call.input_tokens;
    to.cached_input_tokens = call.cached_input_tokens;
    to.cache_write_tokens = call.cache_write_tokens;
    to.output_tokens = call.output_tokens;
    to.reasoning_tokens = call.reasoning_tokens;
    to.token_parts = call.token_parts;
    to.usage_known = call.usage_known;
    to.usage_estimated = call.usage_estimated;
    to.saved_tokens = call.saved_tokens;
}

}  // namespace

void tell_opener(const Trail& call, Trail& opener) {
    tell_answer(call, opener);
    opener.attempts = call.attempts;
    opener.cost = call.cost;
    opener.saved = call.saved;
    opener.cache = call.cache;
    opener.cache_tier = call.cache_tier;
    opener.cache_similarity = call.cache_similarity;
    opener.cache_age = call.cache_age;
    opener.request_rate = call.request_rate;
    opener.token_rate = call.token_rate;
    opener.refused_by = call.refused_by;
    opener.refused_for = call.refused_for;
    opener.budget_warning = call.budget_warning;
    opener.budget_warning_level = call.budget_warning_level;
    opener.upstream_began = call.upstream_began;
    opener.upstream_replied = call.upstream_replied;
    opener.upstream_time = call.upstream_time;
}

void tell_follower(const Trail& call, Trail& follower) {
    tell_answer(call, follower);
    follower.cache = "coalesced";
    follower.saved = (PicoUsdSum(call.cost.value_or(PicoUsd())) + call.saved).clamped();
}

CallAccount::CallAccount(const Trail& opener) {
    trail_.request_id = opener.request_id;
    trail_.traceparent = opener.traceparent;
    trail_.endpoint = opener.endpoint;
    trail_.caller = opener.caller;
    trail_.asked_model = opener.asked_model;
    trail_.model = opener.model;
    trail_.stream = opener.stream;
    trail_.request_rate = opener.request_rate;
    trail_.token_rate = opener.token_rate;
    trail_.started = opener.started;
}

void CallAccount::settle() {
    settled_ = true;
    if (opener_) {
        auto kept = std::move(*opener_);
        opener_.reset();
        tell_opener(trail_, kept.trail);
        // Of the provider's time it is told no more than its client has waited.
        const std::chrono::nanoseconds stayed = kept.trail.finished - kept.trail.started;
        kept.trail.upstream_time = std::min(kept.trail.upstream_time, stayed);
        kept.close(std::move(kept.trail));
    }
}

void CallAccount::close_with(Trail&& trail, std::function<void(Trail&&)> close) {
    opener_ = Kept{std::move(trail), std::move(close)};
    if (settled_) {
        settle();
    }
}

}  // namespace gatehouse::pipeline
