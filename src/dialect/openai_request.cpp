#include "key_set.hpp"
#include "openai_parts.hpp"
#include "openai_words.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

/// A set of JSON types.
using Types = unsigned;
constexpr Types one_of(std::initializer_list<JsonType> types) noexcept {
    Types set = 0;
    for (const auto type : types) {
        set |= 1U << static_cast<unsigned>(type);
    }
    return set;
}
constexpr bool holds(Types set, JsonType type) noexcept {
    return (set & (1U << static_cast<unsigned>(type))) != 0;
}

constexpr Types text = one_of({JsonType::string});
constexpr Types text_or_list = one_of({JsonType::string, JsonType::array});
constexpr Types text_list_or_null = one_of({JsonType::string, JsonType::array, JsonType::null});

/// A field of an endpoint beside `model`, `stream` and `messages`.
struct FieldRule {
    std::string_view name;
    Types types;
    Types elements;  // of an array
    bool required;
    std::string_view expected;
    std::string_view expected_element;
};

constexpr std::array completions_rules{
    FieldRule{"prompt", text_list_or_null, one_of({JsonType::string, JsonType::number, JsonType::array}),
              true, "a string or an array", "a string or tokens"}};
constexpr std::array embeddings_rules{FieldRule{"input", text_or_list,
                                                one_of({JsonType::string, JsonType::number, JsonType::array}),
                                                true, "a string or an array", "a string or tokens"}};
// A stored prompt or conversation can stand in for `input`.
constexpr std::array responses_rules{FieldRule{"input", text_list_or_null, one_of({JsonType::object}), false,
                                               "a string or an array of items", "an object"}};
constexpr std::array moderations_rules{FieldRule{"input", text_or_list,
                                                 one_of({JsonType::string, JsonType::object}), true,
                                                 "a string or an array", "a string or an object"}};
constexpr std::array images_rules{FieldRule{"prompt", text, 0, true, "a string", ""}};
constexpr std::array speech_rules{
    FieldRule{"input", text, 0, true, "a string", ""},
    FieldRule{"voice", one_of({JsonType::string, JsonType::object}), 0, true, "a string or an object", ""}};

std::span<const FieldRule> rules_of(chat::Endpoint endpoint) noexcept {
    switch (endpoint) {
        case chat::Endpoint::completions:
            return completions_rules;
        case chat::Endpoint::embeddings:
            return embeddings_rules;
        case chat::Endpoint::responses:
            return responses_rules;
        case chat::Endpoint::moderations:
            return moderations_rules;
        case chat::Endpoint::images_generations:
            return images_rules;
        case chat::Endpoint::audio_speech:
            return speech_rules;
        default:
            return {};
    }
}

/// Elsewhere `stream` is a field like any other: the provider says what it thinks of it, and answers whole.
bool may_stream(chat::Endpoint endpoint) noexcept {
    return endpoint != chat::Endpoint::embeddings && endpoint != chat::Endpoint::moderations;
}

// OpenAI's own default; the SDKs leave `model` out of moderations.
constexpr std::string_view default_moderation_model = "omni-moderation-latest";

bool is_role(std::string_view role) noexcept {
    return role == "user" || role == "assistant" || role == "system" || role == "tool" ||
           role == "developer" || role == "function";
}

/// Reads one body. The first wrong field is remembered and reading goes on: text that is no JSON at all comes
/// first, wherever it stands.
class RequestReader {
public:
    RequestReader(chat::Endpoint endpoint, std::string_view body, wire::JsonLimits limits)
        : endpoint_(endpoint), body_(body), json_(body, limits), rules_(rules_of(endpoint)) {
        request_.endpoint = endpoint;
    }

    Result<chat::Request> read();

private:
    /// An assistant's message may have calls in place of content, the others need it.
    enum class Role : std::uint8_t { missing, faulty, assistant, other };

    void read_members();
    void read_member(std::string_view key);
    void read_model();
    void read_stream();
    void read_stream_options();
    void read_include_usage();
    void read_messages();
    void read_message(std::size_t index);
    Role read_role(std::size_t index);
    void read_content(std::size_t index);
    void read_part(std::size_t index, std::size_t part);
    void read_field(const FieldRule& rule);
    void check_required();

    /// Notes the fault, unless there is one.
    void fault(ProblemKind kind, std::string param, std::string message);
    void missing(std::string param);
    /// Notes a value of the wrong type and passes over it.
    void wrong_type(std::string param, std::string_view expected);
    std::string model_value(wire::ByteRange range) const;

    chat::Endpoint endpoint_;
    std::string_view body_;
    wire::JsonReader json_;
    std::span<const FieldRule> rules_;
    chat::Request request_;
    KeySet keys_;
    std::string repeated_;
    std::optional<Problem> fault_;
    bool has_model_{false};
    bool has_messages_{false};
    unsigned has_fields_{0};  // one bit for each of rules_
};

void RequestReader::fault(ProblemKind kind, std::string param, std::string message) {
    if (!fault_) {
        fault_ = Problem(kind, std::move(message)).with_param(std::move(param));
    }
}

void RequestReader::missing(std::string param) {
    auto message = fmt::format("Missing required parameter: '{}'.", param);
    fault(ProblemKind::missing_parameter, std::move(param), std::move(message));
}

void RequestReader::wrong_type(std::string param, std::string_view expected) {
    auto message = fmt::format("Invalid type for '{}': expected {}, but got {} instead.", param, expected,
                               with_article(json_.peek()));
    fault(ProblemKind::invalid_type, std::move(param), std::move(message));
    json_.skip();
}

Result<chat::Request> RequestReader::read() {
    const auto type = json_.peek();
    if (type == JsonType::object) {
        read_members();
    } else {
        json_.skip();
    }
    if (!json_.finish()) {
        return json_.problem();
    }
    if (type != JsonType::object) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body must be a JSON object, but is {}.", with_article(type)));
    }
    if (!repeated_.empty()) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body has a repeated key: '{}'.", repeated_));
    }
    check_required();
    if (fault_) {
        return std::move(*fault_);
    }
    return std::move(request_);
}

void RequestReader::check_required() {
    if (!has_model_) {
        if (endpoint_ == chat::Endpoint::moderations) {
            request_.model = default_moderation_model;
        } else {
            missing("model");
        }
    }
    if (endpoint_ == chat::Endpoint::chat_completions && !has_messages_) {
        missing("messages");
    }
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (rules_[i].required && (has_fields_ & (1U << i)) == 0) {
            missing(std::string(rules_[i].name));
        }
    }
}

void RequestReader::read_members() {
    json_.begin_object();
    request_.original.object_begin = static_cast<std::size_t>(body_.find('{')) + 1;
    while (json_.next_member()) {
        const auto key = json_.key();
        if (repeated_.empty() && !keys_.add(key, body_)) {
            // An empty key that comes twice needs a name too.
            repeated_ = key.empty() ? "\"\"" : redact(key, 64);
        }
        read_member(key);
    }
}

void RequestReader::read_member(std::string_view key) {
    if (key == "model") {
        read_model();
        return;
    }
    if (key == "stream" && may_stream(endpoint_)) {
        read_stream();
        return;
    }
    if (key == "stream_options") {
        read_stream_options();
        return;
    }
    if (key == "messages" && endpoint_ == chat::Endpoint::chat_completions) {
        read_messages();
        return;
    }
    if (endpoint_ == chat::Endpoint::chat_completions && (key == "tools" || key == "functions")) {
        request_.offers_tools = read_presence(json_) || request_.offers_tools;
        return;
    }
    if (endpoint_ == chat::Endpoint::chat_completions && key == "reasoning_effort" &&
        json_.peek() == JsonType::string) {
        request_.effort = chat::effort_named(json_.string()).value_or(chat::Effort::unsaid);
        return;
    }
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (key == rules_[i].name) {
            has_fields_ |= 1U << i;
            read_field(rules_[i]);
            return;
        }
    }
    json_.skip();
}

void RequestReader::read_model() {
    has_model_ = true;
    if (json_.peek() != JsonType::string) {
        wrong_type("model", "a string");
        return;
    }
    request_.original.model = json_.skip();
    request_.model = model_value(request_.original.model);
    if (request_.model.empty()) {
        fault(ProblemKind::invalid_value, "model",
              "Invalid value for 'model': expected the name of a model.");
    }
}

std::string RequestReader::model_value(wire::ByteRange range) const {
    if (range.size() < 2) {
        return {};  // the reader failed, and `finish` will say so
    }
    return wire::unescape_json(body_.substr(range.begin + 1, range.size() - 2));
}

void RequestReader::read_stream() {
    const auto type = json_.peek();
    if (type == JsonType::boolean) {
        request_.stream = json_.boolean();
    } else if (type == JsonType::null) {
        json_.null();
    } else {
        wrong_type("stream", "a boolean");
    }
}

void RequestReader::read_stream_options() {
    auto& original = request_.original;
    const auto type = json_.peek();
    const std::size_t begin = json_.offset();
    if (type == JsonType::null) {
        original.stream_options = json_.skip();
        return;
    }
    if (type != JsonType::object) {
        wrong_type("stream_options", "an object");
        return;
    }
    json_.begin_object();
    bool empty = true;
    while (json_.next_member()) {
        empty = false;
        if (json_.key() == "include_usage") {
            read_include_usage();
        } else {
            json_.skip();
        }
    }
    // Only blanks lie between the brace that closed the object and the reader.
    original.stream_options = {begin, body_.rfind('}', json_.offset() - 1) + 1};
    original.stream_options_is_empty_object = empty;
}

void RequestReader::read_include_usage() {
    auto& original = request_.original;
    if (original.include_usage.size() != 0 && repeated_.empty()) {
        repeated_ = "stream_options.include_usage";
    }
    const auto type = json_.peek();
    if (type != JsonType::boolean && type != JsonType::null) {
        wrong_type("stream_options.include_usage", "a boolean");
        return;
    }
    original.include_usage = json_.skip();
    request_.wants_usage = type == JsonType::boolean && original.include_usage.size() == 4;
}

void RequestReader::read_messages() {
    has_messages_ = true;
    if (json_.peek() != JsonType::array) {
        wrong_type("messages", "an array of objects");
        return;
    }
    json_.begin_array();
    std::size_t count = 0;
    while (json_.next_element()) {
        read_message(count++);
    }
    if (count == 0) {
        fault(ProblemKind::invalid_value, "messages",
              "Invalid value for 'messages': expected at least one message.");
    }
}

void RequestReader::read_message(std::size_t index) {
    if (json_.peek() != JsonType::object) {
        wrong_type(fmt::format("messages[{}]", index), "an object");
        return;
    }
    json_.begin_object();
    auto role = Role::missing;
    bool has_content = false;
    while (json_.next_member()) {
        const auto key = json_.key();
        if (key == "role") {
            role = read_role(index);
        } else if (key == "content") {
            has_content = true;
            read_content(index);
        } else {
            json_.skip();
        }
    }
    if (role == Role::missing) {
        missing(fmt::format("messages[{}].role", index));
    } else if (role == Role::other && !has_content) {
        missing(fmt::format("messages[{}].content", index));
    }
}

RequestReader::Role RequestReader::read_role(std::size_t index) {
    if (json_.peek() != JsonType::string) {
        wrong_type(fmt::format("messages[{}].role", index), "a string");
        return Role::faulty;
    }
    const auto plain = json_.plain_string();
    const std::string escaped = plain ? std::string() : json_.string();
    const std::string_view role = plain ? *plain : std::string_view(escaped);
    if (!is_role(role)) {
        fault(ProblemKind::invalid_value, fmt::format("messages[{}].role", index),
              fmt::format(
                  "Invalid value for 'messages[{}].role': expected one of 'developer', 'system', 'user', "
                  "'assistant', 'tool' and 'function'.",
                  index));
        return Role::faulty;
    }
    return role == "assistant" ? Role::assistant : Role::other;
}

void RequestReader::read_content(std::size_t index) {
    switch (json_.peek()) {
        case JsonType::string:
        case JsonType::null:
            json_.skip();
            return;
        case JsonType::array: {
            std::size_t part = 0;
            json_.begin_array();
            while (json_.next_element()) {
                read_part(index, part++);
            }
            return;
        }
        default:
            wrong_type(fmt::format("messages[{}].content", index), "a string or an array of parts");
    }
}

void RequestReader::read_part(std::size_t index, std::size_t part) {
    if (json_.peek() != JsonType::object) {
        wrong_type(fmt::format("messages[{}].content[{}]", index, part), "an object");
        return;
    }
    json_.begin_object();
    bool has_type = false;
    while (json_.next_member()) {
        if (json_.key() != "type") {
            json_.skip();
            continue;
        }
        has_type = true;
        if (json_.peek() == JsonType::string) {
            json_.skip();
        } else {
            wrong_type(fmt::format("messages[{}].content[{}].type", index, part), "a string");
        }
    }
    if (!has_type) {
        missing(fmt::format("messages[{}].content[{}].type", index, part));
    }
}

void RequestReader::read_field(const FieldRule& rule) {
    const auto type = json_.peek();
    if (!holds(rule.types, type)) {
        wrong_type(std::string(rule.name), rule.expected);
        return;
    }
    if (type != JsonType::array) {
        json_.skip();
        return;
    }
    std::size_t count = 0;
    json_.begin_array();
    while (json_.next_element()) {
        if (holds(rule.elements, json_.peek())) {
            json_.skip();
        } else {
            wrong_type(fmt::format("{}[{}]", rule.name, count), rule.expected_element);
        }
        ++count;
    }
    if (count == 0 && rule.required) {
        fault(ProblemKind::invalid_value, std::string(rule.name),
              fmt::format("Invalid value for '{}': the array is empty.", rule.name));
    }
}

}  // namespace

Result<chat::Request> read_openai_request(chat::Endpoint endpoint, std::string body,
                                          wire::JsonLimits limits) {
    auto request = RequestReader(endpoint, body, limits).read();
    if (request) {
        request->original.bytes = std::move(body);
    }
    return request;
}

}  // namespace gatehouse::dialect
