#include "blanks.hpp"
#include "gemini_client_reply.hpp"
#include "openai_words.hpp"
#include "reply_words.hpp"

#include "gatehouse/wire/json_reader.hpp"

namespace gatehouse::dialect {
namespace {

bool is_object(std::string_view text) {
    wire::JsonReader json(text, reply_limits);
    if (json.peek() != wire::JsonType::object) {
        return false;
    }
    json.skip();
    return json.finish();
}

}  // namespace

bool is_sound(const GatheredCall& call) {
    return call.custom || is_blank(call.arguments) || is_object(call.arguments);
}

void write_arguments(JsonOut& json, const GatheredCall& call) {
    if (call.custom) {
        json.begin_object().key("input").string(call.arguments).end_object();
    } else if (is_blank(call.arguments)) {
        json.raw("{}");
    } else if (is_object(call.arguments)) {
        json.raw(compact_json(call.arguments));
    } else {
        json.begin_object().key("_raw").string(call.arguments).end_object();
    }
}

std::string_view gemini_finish_reason(chat::Finish finish, bool refused) noexcept {
    switch (finish) {
        case chat::Finish::length:
            return "MAX_TOKENS";
        case chat::Finish::content_filter:
            return "SAFETY";
        case chat::Finish::stop:
        case chat::Finish::tool_calls:
            break;
    }
    return refused ? "SAFETY" : "STOP";
}

void write_usage_metadata(JsonOut& json, const chat::Usage& usage) {
    const auto prompt = usage.prompt().value();
    json.key("usageMetadata").begin_object().key("promptTokenCount").integer(prompt);
    if (usage.cached_input.value() != 0) {
        json.key("cachedContentTokenCount").integer(usage.cached_input.value());
    }
    json.key("candidatesTokenCount").integer(usage.said().value());
    if (usage.reasoning.value() != 0) {
        json.key("thoughtsTokenCount").integer(usage.reasoning.value());
    }
    json.key("totalTokenCount").integer(prompt + usage.completion().value()).end_object();
}

}  // namespace gatehouse::dialect
