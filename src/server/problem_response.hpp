// The one map from a Problem to what a client sees: status, type, code, param, headers.
// Room: server, private.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/response_so_far.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <string>
#include <string_view>

namespace gatehouse::server {

/// As clients of `vendor` see it. REQUIRES: `problem` outlives the view.
dialect::ErrorView view_of(const Problem& problem, chat::Vendor vendor = chat::Vendor::openai) noexcept;
/// The error object as a client of `vendor` expects it.
std::string error_body_of(const Problem& problem, chat::Vendor vendor, std::string_view request_id);
/// How a stream is addressed that has begun and fails.
struct BegunStream {
    chat::Endpoint endpoint;
    std::string_view model;  // as asked
    std::string_view request_id;
    bool json_array{false};                           // Gemini's: elements of an array instead of events
    bool array_open{false};                           // an element has been sent
    const dialect::ResponseSoFar* response{nullptr};  // of the Responses API: what has been sent
    dialect::ChunksSoFar chunks{};                    // of chat completions: the same
};
/// The last words of that stream.
std::string error_event_of(const Problem& problem, const BegunStream& stream);
/// Retry-After, x-should-retry, WWW-Authenticate, Allow: appends those that apply to `fields`.
void append_problem_fields(std::string& fields, const Problem& problem);
/// Can the connection not go on after this Problem?
bool ends_connection(const Problem& problem) noexcept;
/// How a request ended that was answered with this Problem.
telemetry::RequestOutcome outcome_of(const Problem& problem) noexcept;

}  // namespace gatehouse::server
