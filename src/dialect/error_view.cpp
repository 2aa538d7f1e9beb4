#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/wire/json_reader.hpp"

namespace gatehouse::dialect {
namespace {

std::string string_or_null(std::string_view text) {
    return text.empty() ? std::string("null") : wire::json_string(text);
}

/// The object with its four members: the SDKs need all of them.
std::string error_object(const ErrorView& error) {
    std::string out = "{\"message\":";
    out += wire::json_string(error.message);
    out += ",\"type\":";
    out += wire::json_string(error.type);
    out += ",\"param\":";
    out += string_or_null(error.param);
    out += ",\"code\":";
    out += string_or_null(error.code);
    out += '}';
    return out;
}

/// A chunk that clients which do not look at `error` understand too.
std::string last_chunk(std::string_view object, std::string_view choice, const ErrorView& error,
                       std::string_view model) {
    std::string out = "data: {\"id\":\"gatehouse-error\",\"object\":\"";
    out.append(object).append("\",\"created\":0,\"model\":").append(wire::json_string(model));
    out.append(",\"choices\":[").append(choice).append("],\"error\":").append(error_object(error));
    out.append("}\n\ndata: [DONE]\n\n");
    return out;
}

}  // namespace

std::string openai_error_body(const ErrorView& error) {
    return "{\"error\":" + error_object(error) + "}";
}

std::string openai_error_event(chat::Endpoint endpoint, const ErrorView& error, std::string_view model) {
    switch (endpoint) {
        case chat::Endpoint::chat_completions:
            return last_chunk("chat.completion.chunk", R"({"index":0,"delta":{},"finish_reason":"error"})",
                              error, model);
        case chat::Endpoint::completions:
            return last_chunk("text_completion",
                              R"({"text":"","index":0,"logprobs":null,"finish_reason":"error"})", error,
                              model);
        default:
            return "event: error\ndata: {\"type\":\"error\",\"error\":" + error_object(error) + "}\n\n";
    }
}

}  // namespace gatehouse::dialect
