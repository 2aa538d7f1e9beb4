#include "request_head.hpp"

#include "gatehouse/core/ids.hpp"
#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/http1_writer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::server {
namespace {

/// The client's field as a header line; empty if it sent none.
std::string passed_field(const wire::Fields& fields, std::string_view name) {
    std::string out;
    if (const auto value = fields.find(name)) {
        wire::append_known_field(out, name, *value);
    }
    return out;
}

/// Anthropic's providers refuse a request without a version; a client that names none means the first.
std::string version_field(const wire::Fields& fields) {
    std::string out;
    wire::append_known_field(out, "anthropic-version",
                             fields.find("anthropic-version").value_or("2023-06-01"));
    return out;
}

void add_listed(std::string_view list, std::vector<std::string>& to) {
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        const auto item = trim(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
        if (!item.empty()) {
            to.emplace_back(item);
        }
    }
}

std::vector<std::string> betas_in(const wire::Fields& fields) {
    std::vector<std::string> betas;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (equals_ignoring_case(fields[i].name, "anthropic-beta")) {
            add_listed(fields[i].value, betas);
        }
    }
    return betas;
}

/// Header lines that mean something to providers of the client's own vendor only.
std::string vendor_fields(const wire::Fields& fields, chat::Vendor vendor) {
    switch (vendor) {
        case chat::Vendor::openai:
            return passed_field(fields, "OpenAI-Beta");
        case chat::Vendor::anthropic:
            return version_field(fields);
        case chat::Vendor::gemini:
            break;
    }
    return {};
}

}  // namespace

void take_head(const wire::Fields& fields, const GatewayHeaders& narrowed, chat::Request& request) {
    request.strict_params = narrowed.strict_params;
    // Without its traceparent a tracestate means nothing (https://www.w3.org/TR/trace-context/, 3.3).
    if (valid_traceparent(fields.find("traceparent").value_or(""))) {
        request.passed_fields = passed_field(fields, "tracestate");
    }
    request.vendor_fields = vendor_fields(fields, request.vendor);
    if (request.vendor == chat::Vendor::anthropic) {
        request.betas = betas_in(fields);
    }
}

}  // namespace gatehouse::server
