#include "openai_chat_words.hpp"

#include "openai_words.hpp"

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

void read_called(JsonReader& json, Texts& texts, ChatCallPiece& call) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "name") {
            call.name = texts.read(json);
        } else if (key == "arguments" || key == "input") {
            call.arguments = texts.read(json);
        } else {
            json.skip();
        }
    }
}

void read_call(JsonReader& json, Texts& texts, ChatCallPiece& call) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "index" && json.peek() == JsonType::number) {
            call.index = json.integer();
        } else if (key == "id") {
            call.id = texts.read(json);
        } else if (key == "function") {
            read_called(json, texts, call);
        } else if (key == "custom" && json.peek() == JsonType::object) {
            call.custom = true;
            read_called(json, texts, call);
        } else {
            json.skip();
        }
    }
}

/// A string; some servers send parts.
void read_content(JsonReader& json, Texts& texts, ChatMessagePiece& message) {
    if (json.peek() != JsonType::array) {
        message.texts.push_back(texts.read(json));
        return;
    }
    json.begin_array();
    while (json.next_element()) {
        if (!begin_object(json)) {
            continue;
        }
        while (json.next_member()) {
            if (json.key() == "text") {
                message.texts.push_back(texts.read(json));
            } else {
                json.skip();
            }
        }
    }
}

/// `{"type":"image_url","image_url":{"url":…}}`, a convention of several gateways.
void read_images(JsonReader& json, Texts& texts, ChatMessagePiece& message) {
    if (!begin_array(json)) {
        return;
    }
    while (json.next_element()) {
        if (!begin_object(json)) {
            continue;
        }
        while (json.next_member()) {
            if (json.key() != "image_url" || !begin_object(json)) {
                if (json.key() != "image_url") {
                    json.skip();
                }
                continue;
            }
            while (json.next_member()) {
                if (json.key() == "url") {
                    message.images.push_back(texts.read(json));
                } else {
                    json.skip();
                }
            }
        }
    }
}

void read_annotations(JsonReader& json, std::string_view data, ChatMessagePiece& message) {
    if (!begin_array(json)) {
        return;
    }
    while (json.next_element()) {
        const bool object = json.peek() == JsonType::object;
        const auto annotation = read_json(json, data);
        if (object) {
            message.annotations.push_back(annotation);
        }
    }
}

void read_message(JsonReader& json, std::string_view data, Texts& texts, ChatMessagePiece& message) {
    if (!begin_object(json)) {
        return;
    }
    std::string_view reasoning;  // by the less common name
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "content") {
            read_content(json, texts, message);
        } else if (key == "reasoning_content") {
            message.reasoning = texts.read(json);
        } else if (key == "reasoning") {
            reasoning = texts.read(json);
        } else if (key == "refusal") {
            message.refusal = texts.read(json);
        } else if (key == "tool_calls") {
            if (begin_array(json)) {
                while (json.next_element()) {
                    read_call(json, texts, message.calls.emplace_back());
                }
            }
        } else if (key == "function_call" && json.peek() == JsonType::object) {
            read_called(json, texts, message.function_call.emplace());
        } else if (key == "images") {
            read_images(json, texts, message);
        } else if (key == "annotations") {
            read_annotations(json, data, message);
        } else {
            json.skip();
        }
    }
    if (message.reasoning.empty()) {
        message.reasoning = reasoning;
    }
}

void read_logprobs(JsonReader& json, std::string_view data, ChatChoicePiece& choice) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() == "content" && json.peek() == JsonType::array) {
            choice.logprobs = read_json(json, data);
        } else {
            json.skip();
        }
    }
}

void read_choice(JsonReader& json, std::string_view data, ChatReplyKind kind, Texts& texts,
                 ChatChoicePiece& choice) {
    const std::string_view member = kind == ChatReplyKind::whole ? "message" : "delta";
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        if (key == member) {
            read_message(json, data, texts, choice.message);
        } else if (key == "finish_reason") {
            choice.finish_reason = texts.read(json);
        } else if (key == "index" && json.peek() == JsonType::number) {
            choice.index = json.integer().value_or(-1);
        } else if (key == "logprobs") {
            read_logprobs(json, data, choice);
        } else {
            json.skip();
        }
    }
}

}  // namespace

bool read_chat_reply(std::string_view data, ChatReplyKind kind, Texts& texts, chat::Usage& usage,
                     ChatReplyPiece& piece) {
    JsonReader json(data, reply_limits);
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "id") {
            piece.id = texts.read(json);
        } else if (key == "model") {
            piece.model = texts.read(json);
        } else if (key == "choices") {
            piece.has_choices = json.peek() == JsonType::array;
            if (begin_array(json)) {
                while (json.next_element()) {
                    if (json.peek() == JsonType::object) {
                        read_choice(json, data, kind, texts, piece.choices.emplace_back());
                    } else {
                        json.skip();
                    }
                }
            }
        } else if (key == "usage") {
            piece.has_usage = json.peek() == JsonType::object;
            read_usage(json, usage);
        } else if (key == "service_tier") {
            read_service(json, usage.service);
        } else if (key == "error") {
            piece.error = read_truth(json);
        } else {
            json.skip();
        }
    }
    return json.finish();
}

}  // namespace gatehouse::dialect
