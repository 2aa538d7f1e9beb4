#include "gatehouse/core/result.hpp"

namespace gatehouse::inline core {

const Problem::Words Problem::no_words{};

std::string_view name_of(ProblemKind kind) noexcept {
    switch (kind) {
        case ProblemKind::bad_framing:
            return "bad_framing";
        case ProblemKind::request_timeout:
            return "request_timeout";
        case ProblemKind::uri_too_long:
            return "uri_too_long";
        case ProblemKind::headers_too_large:
            return "headers_too_large";
        case ProblemKind::expectation_failed:
            return "expectation_failed";
        case ProblemKind::http_version:
            return "http_version";
        case ProblemKind::not_found:
            return "not_found";
        case ProblemKind::method_not_allowed:
            return "method_not_allowed";
        case ProblemKind::invalid_api_key:
            return "invalid_api_key";
        case ProblemKind::unsupported_media_type:
            return "unsupported_media_type";
        case ProblemKind::request_too_large:
            return "request_too_large";
        case ProblemKind::invalid_json:
            return "invalid_json";
        case ProblemKind::missing_parameter:
            return "missing_parameter";
        case ProblemKind::invalid_type:
            return "invalid_type";
        case ProblemKind::invalid_value:
            return "invalid_value";
        case ProblemKind::unsupported_parameter:
            return "unsupported_parameter";
        case ProblemKind::model_not_allowed:
            return "model_not_allowed";
        case ProblemKind::rate_limited:
            return "rate_limited";
        case ProblemKind::budget_spent:
            return "budget_spent";
        case ProblemKind::price_unknown:
            return "price_unknown";
        case ProblemKind::permission_denied:
            return "permission_denied";
        case ProblemKind::model_not_found:
            return "model_not_found";
        case ProblemKind::conversation_not_found:
            return "conversation_not_found";
        case ProblemKind::threads_unsupported:
            return "threads_unsupported";
        case ProblemKind::not_cached:
            return "not_cached";
        case ProblemKind::conflict:
            return "conflict";
        case ProblemKind::overloaded:
            return "overloaded";
        case ProblemKind::shutting_down:
            return "shutting_down";
        case ProblemKind::internal:
            return "internal";
        case ProblemKind::not_ready:
            return "not_ready";
        case ProblemKind::storage_unavailable:
            return "storage_unavailable";
        case ProblemKind::upstream_connect:
            return "upstream_connect";
        case ProblemKind::upstream_tls:
            return "upstream_tls";
        case ProblemKind::upstream_redirect:
            return "upstream_redirect";
        case ProblemKind::upstream_timeout:
            return "upstream_timeout";
        case ProblemKind::upstream_lost:
            return "upstream_lost";
        case ProblemKind::upstream_protocol:
            return "upstream_protocol";
        case ProblemKind::upstream_overloaded:
            return "upstream_overloaded";
        case ProblemKind::upstream_failed:
            return "upstream_failed";
        case ProblemKind::upstream_rate_limited:
            return "upstream_rate_limited";
        case ProblemKind::upstream_quota:
            return "upstream_quota";
        case ProblemKind::upstream_credentials:
            return "upstream_credentials";
        case ProblemKind::upstream_not_found:
            return "upstream_not_found";
        case ProblemKind::upstream_unavailable:
            return "upstream_unavailable";
        case ProblemKind::upstream_rejected:
            return "upstream_rejected";
        case ProblemKind::context_length:
            return "context_length";
        case ProblemKind::content_policy:
            return "content_policy";
        case ProblemKind::timed_out:
            return "timed_out";
        case ProblemKind::closed:
            return "closed";
        case ProblemKind::client_gone:
            return "client_gone";
        case ProblemKind::cancelled:
            return "cancelled";
        case ProblemKind::invalid_configuration:
            return "invalid_configuration";
    }
    return "internal";
}

}  // namespace gatehouse::inline core
