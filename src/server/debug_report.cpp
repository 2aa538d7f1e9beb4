#include "debug_report.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace gatehouse::server {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
    out += out.back() == '{' ? "\"" : ",\"";
    out += name;
    out += "\":";
    out += value;
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
    append_member(out, name, wire::json_string(text));
}

std::string attempt_object(const telemetry::AttemptRecord& attempt, Instant now) {
    const bool running = attempt.began != Instant{};
    const auto took = running ? std::chrono::duration_cast<Milliseconds>(now - attempt.began) : attempt.took;
    const bool failed = attempt.problem && !running;
    std::string out = "{";
    append_text(out, "provider", attempt.provider);
    append_text(out, "model", attempt.model);
    append_text(out, "why", attempt.reason);
    append_member(out, "status", std::to_string(attempt.status));
    append_member(out, "problem",
                  failed ? wire::json_string(name_of(*attempt.problem)) : std::string("null"));
    append_member(out, "ms", std::to_string(took.count()));
    append_member(out, "cost_usd", attempt.cost ? usd_text(*attempt.cost) : std::string("null"));
    return out + "}";
}

/// Nothing when no rule asked for a class.
void append_class(std::string& out, const telemetry::Trail& trail) {
    if (trail.class_scores.empty()) {
        return;
    }
    const bool found = !trail.prompt_class.empty();
    append_member(out, "class", found ? wire::json_string(trail.prompt_class) : "null");
    append_member(out, "class_probability", found ? probability_text(trail.class_probability) : "null");
    std::string scores = "{";
    for (const auto& [name, probability] : trail.class_scores) {
        append_member(scores, name, probability_text(probability));
    }
    append_member(out, "class_scores", scores + "}");
}

constexpr std::string_view blanks = " \t\r\n";

}  // namespace

std::string probability_text(double probability) {
    return fmt::format("{:.2f}", probability);
}

std::string debug_object(const telemetry::Trail& trail, Instant now) {
    std::string out = "{";
    append_text(out, "request_id", trail.request_id);
    append_text(out, "route", trail.route);
    append_text(out, "model", trail.model);
    if (!trail.cache.empty()) {
        append_text(out, "cache", trail.cache);
    }
    append_class(out, trail);
    std::string attempts = "[";
    for (const auto& attempt : trail.attempts) {
        attempts += attempts.size() == 1 ? "" : ",";
        attempts += attempt_object(attempt, now);
    }
    append_member(out, "attempts", attempts + "]");
    append_text(out, "dropped_params", trail.dropped_params);
    return out + "}";
}

std::string with_debug_object(std::string_view body, const telemetry::Trail& trail, Instant now) {
    const auto end = body.find_last_not_of(blanks);
    const auto begin = body.find_first_not_of(blanks);
    if (begin == std::string_view::npos || body[begin] != '{' || body[end] != '}') {
        return std::string(body);
    }
    const bool empty = body.find_last_not_of(blanks, end - 1) == begin;
    std::string out(body.substr(0, end));
    out += empty ? "\"gatehouse\":" : ",\"gatehouse\":";
    out += debug_object(trail, now);
    out += '}';
    return out;
}

std::string debug_comment(const telemetry::Trail& trail, Instant now) {
    return ": gatehouse " + debug_object(trail, now) + "\n\n";
}

}  // namespace gatehouse::server
