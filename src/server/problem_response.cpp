#include "problem_response.hpp"

#include "gatehouse/policy/retry.hpp"
#include "gatehouse/wire/http1_writer.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace gatehouse::server {
namespace {

using telemetry::RequestOutcome;

/// May an SDK send the same request again by itself? `no` where waiting cannot cure.
enum class Again : std::uint8_t { no, yes };

struct Row {
    int status;
    std::string_view type;
    std::string_view code;
    Again again;
    RequestOutcome outcome;
};

constexpr std::string_view invalid_request = "invalid_request_error";
constexpr std::string_view server_error = "server_error";
constexpr std::string_view upstream_error = "upstream_error";

constexpr Row refused(int status, std::string_view code, Again again = Again::no) {
    return {status, invalid_request, code, again, RequestOutcome::refused};
}

constexpr Row gateway(int status, std::string_view code, RequestOutcome outcome, Again again = Again::yes) {
    return {status, server_error, code, again, outcome};
}

constexpr Row upstream(int status, std::string_view code, Again again,
                       std::string_view type = upstream_error) {
    return {status, type, code, again, RequestOutcome::upstream_error};
}

Row client_row(ProblemKind kind) noexcept {
    switch (kind) {
        case ProblemKind::request_timeout:
            return refused(408, "request_timeout", Again::yes);
        case ProblemKind::uri_too_long:
            return refused(414, "uri_too_long");
        case ProblemKind::headers_too_large:
            return refused(431, "headers_too_large");
        case ProblemKind::expectation_failed:
            return refused(417, "expectation_failed");
        case ProblemKind::http_version:
            return refused(505, "http_version_not_supported");
        case ProblemKind::not_found:
            return refused(404, "not_found");
        case ProblemKind::method_not_allowed:
            return refused(405, "method_not_allowed");
        case ProblemKind::invalid_api_key:
            return {401, "authentication_error", "invalid_api_key", Again::no, RequestOutcome::refused};
        case ProblemKind::unsupported_media_type:
            return refused(415, "unsupported_media_type");
        case ProblemKind::request_too_large:
            return refused(413, "request_too_large");
        case ProblemKind::invalid_json:
            return refused(400, "invalid_json");
        case ProblemKind::missing_parameter:
            return refused(400, "missing_required_parameter");
        case ProblemKind::invalid_type:
            return refused(400, "invalid_type");
        case ProblemKind::invalid_value:
            return refused(400, "invalid_value");
        case ProblemKind::unsupported_parameter:
            return refused(400, "unsupported_parameter");
        case ProblemKind::model_not_allowed:
            return {403, "permission_error", "model_not_allowed", Again::no, RequestOutcome::refused};
        case ProblemKind::permission_denied:
            return {403, "permission_error", "permission_denied", Again::no, RequestOutcome::refused};
        case ProblemKind::rate_limited:
            return {429, "rate_limit_error", "rate_limit_exceeded", Again::yes, RequestOutcome::refused};
        case ProblemKind::budget_spent:
            return {429, "insufficient_quota", "insufficient_quota", Again::no, RequestOutcome::refused};
        case ProblemKind::price_unknown:
            return {403, "permission_error", "price_unknown", Again::no, RequestOutcome::refused};
        case ProblemKind::model_not_found:
            return refused(404, "model_not_found");
        case ProblemKind::conversation_not_found:
            return refused(400, "previous_response_not_found");
        case ProblemKind::threads_unsupported:
            return refused(400, "unsupported_parameter");
        case ProblemKind::not_cached:
            return refused(504, "not_cached");
        case ProblemKind::conflict:
            return refused(409, "conflict");
        case ProblemKind::invalid_configuration:
            return refused(400, "invalid_configuration");
        default:
            return refused(400, "bad_request");
    }
}

Row upstream_row(const Problem& problem) noexcept {
    switch (problem.kind()) {
        case ProblemKind::upstream_timeout:
            return upstream(504, "upstream_timeout", Again::yes);
        case ProblemKind::upstream_rate_limited:
            return upstream(429, "upstream_rate_limited", Again::yes);
        case ProblemKind::upstream_quota:
            // A provider's 429 keeps its status; a bill that was not paid (402, 403) is the operator's
            // matter.
            return problem.upstream_status() == 429
                       ? upstream(429, "upstream_rate_limited", Again::no)
                       : upstream(502, "upstream_credentials_rejected", Again::no);
        case ProblemKind::upstream_credentials:
            return upstream(502, "upstream_credentials_rejected", Again::no);
        case ProblemKind::upstream_not_found:
            return upstream(404, "model_not_found", Again::no, invalid_request);
        case ProblemKind::upstream_rejected:
            return upstream(400, "", Again::no, invalid_request);
        case ProblemKind::context_length:
            return upstream(400, "context_length_exceeded", Again::no, invalid_request);
        case ProblemKind::content_policy:
            return upstream(400, "content_filter", Again::no, invalid_request);
        case ProblemKind::upstream_tls:
        case ProblemKind::upstream_redirect:
            return upstream(502, upstream_error, Again::no);
        default:
            return upstream(502, upstream_error, Again::yes);
    }
}

Row row_of(const Problem& problem) noexcept {
    if (policy::is_providers_failure(problem.kind())) {
        return upstream_row(problem);
    }
    switch (problem.kind()) {
        case ProblemKind::upstream_rejected:
        case ProblemKind::context_length:
        case ProblemKind::content_policy:
            return upstream_row(problem);
        case ProblemKind::upstream_unavailable:
            return gateway(503, "overloaded", RequestOutcome::upstream_error);
        case ProblemKind::overloaded:
            return gateway(503, "overloaded", RequestOutcome::refused);
        case ProblemKind::shutting_down:
            return gateway(503, "shutting_down", RequestOutcome::refused);
        case ProblemKind::not_ready:
            return gateway(503, "not_ready", RequestOutcome::refused);
        case ProblemKind::storage_unavailable:
            return gateway(503, "storage_unavailable", RequestOutcome::refused);
        case ProblemKind::internal:
        case ProblemKind::timed_out:
            return gateway(500, "internal_error", RequestOutcome::internal_error);
        case ProblemKind::closed:
        case ProblemKind::client_gone:
        case ProblemKind::cancelled:
            return gateway(500, "internal_error", RequestOutcome::client_closed);
        default:
            return client_row(problem.kind());
    }
}

/// A provider's own code is shown where the fault is in the request itself.
bool shows_providers_code(ProblemKind kind) noexcept {
    return kind == ProblemKind::upstream_rejected || kind == ProblemKind::context_length ||
           kind == ProblemKind::content_policy;
}

constexpr std::chrono::milliseconds longest_wait_obeyed{60'000};

/// What the other vendors' clients know of an error: a status and one word.
struct Word {
    int status;
    std::string_view word;
};

bool is_busy(ProblemKind kind) noexcept {
    return kind == ProblemKind::overloaded || kind == ProblemKind::shutting_down ||
           kind == ProblemKind::not_ready || kind == ProblemKind::storage_unavailable ||
           kind == ProblemKind::upstream_overloaded || kind == ProblemKind::upstream_unavailable;
}

/// Anthropic's API, "Errors": statuses and types.
Word anthropic_word(const Row& row, ProblemKind kind) noexcept {
    if (is_busy(kind)) {
        return {529, "overloaded_error"};
    }
    if (kind == ProblemKind::conversation_not_found) {
        return {404, "not_found_error"};
    }
    switch (row.status) {
        case 401:
            return {401, "authentication_error"};
        case 403:
            return {403, "permission_error"};
        case 404:
            return {404, "not_found_error"};
        case 413:
            return {413, "request_too_large"};
        case 429:
            return {429, "rate_limit_error"};
        case 504:
            return {504, "timeout_error"};
        case 502:
            return {row.code == upstream_error ? 500 : 502, "api_error"};
        case 500:
            return {500, "api_error"};
        default:
            return {row.status, invalid_request};
    }
}

/// google.rpc.Code, as Google's HTTP APIs spell it.
Word gemini_word(const Row& row, ProblemKind kind) noexcept {
    if (is_busy(kind)) {
        return {503, "UNAVAILABLE"};
    }
    switch (row.status) {
        case 401:
            return {401, "UNAUTHENTICATED"};
        case 403:
            return {403, "PERMISSION_DENIED"};
        case 404:
            return {404, "NOT_FOUND"};
        case 429:
            return {429, "RESOURCE_EXHAUSTED"};
        case 504:
            return {504, "DEADLINE_EXCEEDED"};
        case 500:
        case 502:
            return {500, "INTERNAL"};
        default:
            return {row.status, "INVALID_ARGUMENT"};
    }
}

// What Claude Code and others look for to shorten a conversation.
constexpr std::string_view prompt_too_long = "prompt is too long";

/// What steers Anthropic's SDKs in a thread that cannot go on: they send all of it again, or do without.
std::string_view anthropic_details(ProblemKind kind) noexcept {
    switch (kind) {
        case ProblemKind::conversation_not_found:
            return R"({"error_code":"thread_not_found"})";
        case ProblemKind::threads_unsupported:
            return R"({"error_code":"thread_unsupported_request","unsupported":[]})";
        default:
            return {};
    }
}

std::string message_for(const Problem& problem, chat::Vendor vendor) {
    if (vendor == chat::Vendor::anthropic && problem.kind() == ProblemKind::context_length &&
        !problem.message().starts_with(prompt_too_long)) {
        return std::string(prompt_too_long) + ": " + problem.message();
    }
    return problem.message();
}

}  // namespace

dialect::ErrorView view_of(const Problem& problem, chat::Vendor vendor) noexcept {
    const Row row = row_of(problem);
    dialect::ErrorView view;
    if (vendor != chat::Vendor::openai) {
        const Word word = vendor == chat::Vendor::anthropic ? anthropic_word(row, problem.kind())
                                                            : gemini_word(row, problem.kind());
        view.status = word.status;
        view.type = word.word;
        if (vendor == chat::Vendor::anthropic) {
            view.details = anthropic_details(problem.kind());
        }
        view.message = problem.message();
        view.wait = problem.wait();
        return view;
    }
    view.status = row.status;
    view.type = row.type;
    view.code = row.code;
    if (shows_providers_code(problem.kind()) && !problem.code().empty()) {
        view.code = problem.code();
    }
    view.param = problem.param();
    view.message = problem.message();
    return view;
}

std::string error_body_of(const Problem& problem, chat::Vendor vendor, std::string_view request_id) {
    auto view = view_of(problem, vendor);
    const auto message = message_for(problem, vendor);
    view.message = message;
    view.request_id = request_id;
    switch (vendor) {
        case chat::Vendor::anthropic:
            return dialect::anthropic_error_body(view);
        case chat::Vendor::gemini:
            return dialect::gemini_error_body(view);
        case chat::Vendor::openai:
            break;
    }
    return dialect::openai_error_body(view);
}

std::string error_event_of(const Problem& problem, const BegunStream& stream) {
    const auto vendor = chat::vendor_of(stream.endpoint);
    auto view = view_of(problem, vendor);
    const auto message = message_for(problem, vendor);
    view.message = message;
    view.request_id = stream.request_id;
    switch (vendor) {
        case chat::Vendor::anthropic:
            return dialect::anthropic_error_event(view);
        case chat::Vendor::gemini:
            if (stream.json_array && !stream.array_open) {
                return '[' + dialect::gemini_error_body(view) + ']';
            }
            return dialect::gemini_error_event(view, stream.json_array);
        case chat::Vendor::openai:
            break;
    }
    return stream.response != nullptr
               ? stream.response->last_words(view)
               : dialect::openai_error_event(stream.endpoint, view, stream.model, stream.chunks);
}

void append_problem_fields(std::string& fields, const Problem& problem) {
    const Row row = row_of(problem);
    auto wait = problem.wait();
    if (!wait && (problem.kind() == ProblemKind::overloaded || problem.kind() == ProblemKind::shutting_down ||
                  problem.kind() == ProblemKind::upstream_unavailable)) {
        wait = std::chrono::seconds(1);
    }
    if (wait) {
        const auto ms = std::max(*wait, std::chrono::milliseconds(0));
        wire::append_field(fields, "retry-after",
                           static_cast<std::size_t>(std::chrono::ceil<std::chrono::seconds>(ms).count()));
        wire::append_field(fields, "retry-after-ms", static_cast<std::size_t>(ms.count()));
    }
    const bool never = !wait && problem.kind() == ProblemKind::rate_limited;
    if (row.again == Again::no || never || (wait && *wait > longest_wait_obeyed)) {
        wire::append_field(fields, "x-should-retry", "false");
    }
    if (problem.kind() == ProblemKind::invalid_api_key) {
        wire::append_field(fields, "www-authenticate", "Bearer realm=\"gatehouse\"");
    }
    if (problem.kind() == ProblemKind::method_not_allowed) {
        wire::append_field(fields, "allow", problem.detail());
    }
}

bool ends_connection(const Problem& problem) noexcept {
    switch (problem.kind()) {
        case ProblemKind::bad_framing:
        case ProblemKind::request_timeout:
        case ProblemKind::uri_too_long:
        case ProblemKind::headers_too_large:
        case ProblemKind::expectation_failed:
        case ProblemKind::http_version:
        case ProblemKind::shutting_down:
            return true;
        default:
            return false;
    }
}

telemetry::RequestOutcome outcome_of(const Problem& problem) noexcept {
    return row_of(problem).outcome;
}

}  // namespace gatehouse::server
