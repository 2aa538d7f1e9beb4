#include "cors.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <algorithm>

namespace gatehouse::server {
namespace {

constexpr std::string_view exposed =
    "x-request-id, x-gatehouse-provider, x-gatehouse-model, x-gatehouse-attempts, x-gatehouse-route, "
    "x-gatehouse-class, x-gatehouse-class-probability, "
    "x-gatehouse-cache, x-gatehouse-cache-type, x-gatehouse-cache-similarity, age, x-gatehouse-cost-usd, "
    "x-gatehouse-saved-usd, "
    "x-gatehouse-overhead-ms, x-gatehouse-dropped-params, retry-after, retry-after-ms, x-should-retry, "
    "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
    "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, "
    "x-gatehouse-budget-warning, "
    "openai-processing-ms";

bool allows(const CorsOptions& options, std::string_view origin) noexcept {
    return std::any_of(options.origins.begin(), options.origins.end(),
                       [&](const std::string& each) { return each == "*" || each == origin; });
}

}  // namespace

void append_cors_fields(std::string& block, const wire::Fields& fields, const CorsOptions& options) {
    if (options.origins.empty()) {
        return;
    }
    wire::append_field(block, "vary", "origin");
    const auto origin = fields.find("origin");
    if (origin && allows(options, *origin)) {
        wire::append_field(block, "access-control-allow-origin", *origin);
        wire::append_field(block, "access-control-expose-headers", exposed);
    }
}

void append_preflight_fields(std::string& block, const wire::Fields& fields, const CorsOptions& options,
                             std::string_view methods) {
    const auto origin = fields.find("origin");
    if (!origin || !allows(options, *origin) || !fields.find("access-control-request-method")) {
        return;
    }
    wire::append_field(block, "access-control-allow-methods", methods);
    // The SDKs send headers of their own that change with their versions, so what is asked for is allowed:
    // the key decides, not the header's name.
    const auto asked = fields.find("access-control-request-headers");
    if (asked) {
        wire::append_field(block, "access-control-allow-headers", *asked);
    }
    wire::append_field(block, "access-control-max-age", "600");
}

}  // namespace gatehouse::server
