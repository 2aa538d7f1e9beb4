#include "json_out.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <fmt/format.h>

namespace gatehouse::dialect {
namespace {

/// As protobuf's JSON writes a duration: `1.5s`, `48s`.
std::string duration(std::chrono::milliseconds wait) {
    auto text = fmt::format("{}.{:03}", wait.count() / 1000, wait.count() % 1000);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text + "s";
}

}  // namespace

std::string gemini_error_body(const ErrorView& error) {
    std::string out;
    JsonOut json(out);
    json.begin_object().key("error").begin_object();
    json.key("code").integer(error.status).key("message").string(error.message);
    json.key("status").string(error.type);
    if (error.wait && error.wait->count() >= 0) {
        json.key("details").begin_array().begin_object();
        json.key("@type").string("type.googleapis.com/google.rpc.RetryInfo");
        json.key("retryDelay").string(duration(*error.wait)).end_object().end_array();
    }
    json.end_object().end_object();
    return out;
}

std::string gemini_error_event(const ErrorView& error, bool json_array) {
    const auto body = gemini_error_body(error);
    return json_array ? ",\r\n" + body + "]" : "data: " + body + "\n\n";
}

}  // namespace gatehouse::dialect
