#include "asked_endpoint.hpp"

#include "body_fallbacks.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/gemini_path.hpp"

#include <utility>

namespace gatehouse::server {
namespace {

/// Google's clients begin a path with `/v1/` or `/v1beta/`, by their version and settings.
std::string_view behind_version(std::string_view path) noexcept {
    return path.substr(path.find('/', 1) + 1);
}

}  // namespace

std::optional<AskedEndpoint> asked_endpoint(const Route& route, std::string_view path) {
    if (route.action != Action::generate) {
        return AskedEndpoint{route.endpoint};
    }
    auto named = dialect::read_gemini_path(behind_version(path));
    const auto verb = named ? dialect::gemini_verb(named->verb) : std::nullopt;
    if (!verb) {
        return std::nullopt;
    }
    return AskedEndpoint{verb->endpoint, true, std::move(named->model), verb->stream};
}

Result<chat::Request> decode_body(const AskedEndpoint& asked, std::string body, wire::JsonLimits limits) {
    // What is to be counted is a request to /v1/responses in every respect.
    const bool counts_response = asked.endpoint == chat::Endpoint::count_response_tokens;
    const auto endpoint = counts_response ? chat::Endpoint::responses : asked.endpoint;
    const auto& words = dialect::dialect_of(chat::vendor_of(endpoint));
    auto request = words.decode_request(endpoint, std::move(body), limits);
    if (request && request->original.names_fallbacks) {
        auto taken = take_fallbacks(request->original.bytes, limits);
        if (!taken) {
            return std::move(taken.problem());
        }
        request = words.decode_request(endpoint, std::move(taken->body), limits);
        if (request) {
            request->fallbacks = std::move(taken->models);
        }
    }
    if (request && counts_response) {
        request->endpoint = asked.endpoint;
        request->stream = false;
    }
    if (request && asked.in_path) {
        request->model = asked.model;
        request->stream = asked.stream;
    }
    return request;
}

}  // namespace gatehouse::server
