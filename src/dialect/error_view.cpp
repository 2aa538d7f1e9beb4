#include "json_out.hpp"
#include "kept_json.hpp"
#include "openai_chat_reply.hpp"

#include "gatehouse/core/text.hpp"
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

/// As the chunks before it have it.
ReplyHead head_of(std::string_view first, std::string_view model) {
    ReplyHead head;
    head.id = string_of(member_of(first, "id"));
    head.model = string_of(member_of(first, "model"));
    head.created = static_cast<std::int64_t>(parse_unsigned(member_of(first, "created")).value_or(0));
    if (head.id.empty()) {
        head.id = "gatehouse-error";
    }
    if (head.model.empty()) {
        head.model = model;
    }
    return head;
}

/// A chunk that clients which do not look at `error` understand too.
std::string last_chunks(std::string_view object, std::string_view choice, const ErrorView& error,
                        std::string_view model, const ChunksSoFar& so_far) {
    const auto head = head_of(so_far.first, model);
    std::string out = "data: ";
    JsonOut json(out);
    json.begin_object();
    head.write(json, object);
    json.key("choices").begin_array().raw(choice).end_array();
    if (so_far.wants_usage) {
        json.key("usage").null();
    }
    json.key("error").raw(error_object(error)).end_object();
    out += "\n\n";
    if (so_far.wants_usage && so_far.usage && so_far.usage->known) {
        out += "data: ";
        JsonOut last(out);
        last.begin_object();
        head.write(last, object);
        last.key("choices").begin_array().end_array().key("usage");
        write_usage(last, *so_far.usage, so_far.cost);
        last.end_object();
        out += "\n\n";
    }
    out += "data: [DONE]\n\n";
    return out;
}

}  // namespace

std::string openai_error_body(const ErrorView& error) {
    return "{\"error\":" + error_object(error) + "}";
}

std::string openai_error_event(chat::Endpoint endpoint, const ErrorView& error, std::string_view model,
                               const ChunksSoFar& so_far) {
    switch (endpoint) {
        case chat::Endpoint::chat_completions:
            return last_chunks("chat.completion.chunk", R"({"index":0,"delta":{},"finish_reason":"error"})",
                               error, model, so_far);
        case chat::Endpoint::completions:
            return last_chunks("text_completion",
                               R"({"text":"","index":0,"logprobs":null,"finish_reason":"error"})", error,
                               model, so_far);
        default:
            return "event: error\ndata: {\"type\":\"error\",\"error\":" + error_object(error) + "}\n\n";
    }
}

}  // namespace gatehouse::dialect
