// A finished request to tell of, for the tests of this room.
#pragma once

#include "gatehouse/telemetry/trail.hpp"

#include <chrono>

namespace gatehouse::telemetry {

/// A streamed chat that took 1.5 s, had its first token after 250 ms and ten more, 100 ms apart.
inline Trail finished_stream() {
    using namespace std::chrono_literals;
    Trail trail;
    trail.request_id = "req_0123456789abcdef";
    trail.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    trail.method = "POST";
    trail.route_path = "/v1/chat/completions";
    trail.endpoint = "chat.completions";
    trail.caller = "team-search";
    trail.asked_model = "gpt-5-mini";
    trail.model = "gpt-5-mini";
    trail.route = "rest";
    trail.stream = true;
    trail.provider = "openai";
    trail.upstream_model = "gpt-5-mini-2025-08-07";
    trail.attempts.push_back({"backup", "gpt-5", "first", 503, ProblemKind::upstream_overloaded, 12ms});
    trail.attempts.push_back({"openai", "gpt-5-mini-2025-08-07", "next_target", 200, std::nullopt, 1'400ms});
    trail.attempts[0].cost = PicoUsd(25'000'000);
    trail.attempts[1].cost = PicoUsd(400'000'000);
    add_up_cost(trail);
    trail.finish_reason = "stop";
    trail.status = 200;
    trail.outcome = RequestOutcome::ok;
    trail.input_tokens = TokenCount(100);
    trail.cached_input_tokens = TokenCount(28);
    trail.output_tokens = TokenCount(40);
    trail.reasoning_tokens = TokenCount(2);
    trail.usage_known = true;
    trail.request_bytes = 1'024;
    trail.reply_bytes = 4'096;
    trail.chunks = 11;
    trail.started = Instant(100s);
    trail.first_content = trail.started + 250ms;
    trail.finished = trail.started + 1'500ms;
    trail.overhead = 87'250ns;
    trail.between_tokens_sum = 1s;
    return trail;
}

}  // namespace gatehouse::telemetry
