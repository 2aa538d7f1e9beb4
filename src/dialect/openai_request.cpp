#include "element_cuts.hpp"
#include "field_reader.hpp"
#include "key_set.hpp"
#include "openai_field_rules.hpp"
#include "openai_parts.hpp"
#include "openai_words.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

/// Elsewhere `stream` is a field like any other: the provider says what it thinks of it, and answers whole.
bool may_stream(chat::Endpoint endpoint) noexcept {
    return endpoint != chat::Endpoint::embeddings && endpoint != chat::Endpoint::moderations;
}

bool may_have_items(chat::Endpoint endpoint) noexcept {
    return endpoint == chat::Endpoint::responses || endpoint == chat::Endpoint::count_response_tokens;
}

// OpenAI's own default; the SDKs leave `model` out of moderations.
constexpr std::string_view default_moderation_model = "omni-moderation-latest";

/// Reads one body. The first wrong field is remembered and reading goes on: text that is no JSON at all comes
/// first, wherever it stands.
class RequestReader {
public:
    RequestReader(chat::Endpoint endpoint, std::string_view body, wire::JsonLimits limits)
        : endpoint_(endpoint), body_(body), fields_(body, limits), rules_(openai_rules_of(endpoint)) {
        request_.endpoint = endpoint;
    }

    Result<chat::Request> read();

private:
    void read_members();
    void read_member(std::string_view key);
    void read_model(const Place& at);
    void read_stream_options(const Place& at);
    void read_include_usage(const Place& at);
    void read_field(const OpenaiFieldRule& rule, const Place& at);
    /// Marks the items that OpenAI cannot read.
    void read_items(const Place& at);
    void check_required();

    chat::Endpoint endpoint_;
    std::string_view body_;
    FieldReader fields_;
    std::span<const OpenaiFieldRule> rules_;
    chat::Request request_;
    KeySet keys_;
    std::string repeated_;
    bool has_model_{false};
    bool has_messages_{false};
    unsigned has_fields_{0};  // one bit for each of rules_
};

Result<chat::Request> RequestReader::read() {
    const auto type = fields_.peek();
    if (type == JsonType::object) {
        read_members();
        check_required();
    } else {
        fields_.skip();
    }
    auto status = fields_.status();
    if (!status && status.problem().kind() == ProblemKind::invalid_json) {
        return std::move(status).problem();
    }
    if (type != JsonType::object) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body must be a JSON object, but is {}.", with_article(type)));
    }
    if (!repeated_.empty()) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body has a repeated key: '{}'.", repeated_));
    }
    if (!status) {
        return std::move(status).problem();
    }
    return std::move(request_);
}

void RequestReader::check_required() {
    const Place body;
    if (!has_model_) {
        if (endpoint_ == chat::Endpoint::moderations) {
            request_.model = default_moderation_model;
        } else {
            fields_.missing({body, "model"});
        }
    }
    if (endpoint_ == chat::Endpoint::chat_completions && !has_messages_) {
        fields_.missing({body, "messages"});
    }
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (rules_[i].required && (has_fields_ & (1U << i)) == 0) {
            fields_.missing({body, rules_[i].name});
        }
    }
}

void RequestReader::read_members() {
    fields_.object({});
    request_.original.object_begin = static_cast<std::size_t>(body_.find('{')) + 1;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (repeated_.empty() && !keys_.add(key, body_)) {
            // An empty key that comes twice needs a name too.
            repeated_ = key.empty() ? "\"\"" : redact(key, 64);
        }
        read_member(key);
    }
}

void RequestReader::read_member(std::string_view key) {
    const Place body;
    const bool chats = endpoint_ == chat::Endpoint::chat_completions;
    if (key == "model") {
        read_model({body, "model"});
    } else if (key == "fallbacks") {
        request_.original.names_fallbacks = true;
        fields_.skip();
    } else if (key == "stream" && may_stream(endpoint_)) {
        request_.stream = fields_.boolean({body, "stream"}).value_or(request_.stream);
    } else if (key == "stream_options") {
        read_stream_options({body, "stream_options"});
    } else if (key == "messages" && chats) {
        has_messages_ = true;
        check_openai_messages(fields_, {body, "messages"}, body_, request_.original.carriers);
    } else if (key == "temperature") {
        request_.temperature = fields_.any_number();
    } else if (chats && (key == "tools" || key == "functions")) {
        request_.offers_tools = fields_.presence() || request_.offers_tools;
    } else if (chats && key == "reasoning_effort" && fields_.peek() == JsonType::string) {
        request_.effort = chat::effort_named(fields_.any_string()).value_or(chat::Effort::unsaid);
    } else {
        if (key == "input" && may_have_items(endpoint_) && fields_.peek() == JsonType::array) {
            read_items({body, "input"});
            return;
        }
        for (std::size_t i = 0; i < rules_.size(); ++i) {
            if (key == rules_[i].name) {
                has_fields_ |= 1U << i;
                read_field(rules_[i], {body, rules_[i].name});
                return;
            }
        }
        fields_.skip();
    }
}

void RequestReader::read_model(const Place& at) {
    has_model_ = true;
    if (fields_.peek() != JsonType::string) {
        fields_.wrong_type(at, "a string");
        return;
    }
    const auto range = fields_.skip();
    request_.original.model = range;
    if (range.size() > 2) {
        request_.model = wire::unescape_json(body_.substr(range.begin + 1, range.size() - 2));
    }
    if (request_.model.empty()) {
        fields_.invalid(at, "the name of a model");
    }
}

void RequestReader::read_stream_options(const Place& at) {
    auto& original = request_.original;
    const std::size_t begin = fields_.offset();
    if (fields_.peek() == JsonType::null) {
        original.stream_options = fields_.skip();
        return;
    }
    if (!fields_.object(at)) {
        return;
    }
    bool empty = true;
    while (fields_.next_member()) {
        empty = false;
        if (fields_.key() == "include_usage") {
            read_include_usage({at, "include_usage"});
        } else {
            fields_.skip();
        }
    }
    // Only blanks lie between the brace that closed the object and the reader.
    original.stream_options = {begin, body_.rfind('}', fields_.offset() - 1) + 1};
    original.stream_options_is_empty_object = empty;
}

void RequestReader::read_include_usage(const Place& at) {
    auto& original = request_.original;
    if (original.include_usage.size() != 0 && repeated_.empty()) {
        repeated_ = "stream_options.include_usage";
    }
    const auto type = fields_.peek();
    if (type != JsonType::boolean && type != JsonType::null) {
        fields_.wrong_type(at, "a boolean");
        return;
    }
    original.include_usage = fields_.skip();
    request_.wants_usage = type == JsonType::boolean && original.include_usage.size() == 4;
}

void RequestReader::read_field(const OpenaiFieldRule& rule, const Place& at) {
    const auto type = fields_.peek();
    if (!rule.types.contains(type)) {
        fields_.wrong_type(at, rule.expected);
        return;
    }
    if (type != JsonType::array) {
        fields_.skip();
        return;
    }
    std::size_t count = 0;
    fields_.array(at);
    while (fields_.next_element()) {
        if (rule.elements.contains(fields_.peek())) {
            fields_.skip();
        } else {
            fields_.wrong_type({at, count}, rule.expected_element);
        }
        ++count;
    }
    if (count == 0 && rule.required) {
        fields_.invalid(at, "at least one element");
    }
}

void RequestReader::read_items(const Place& at) {
    ElementCuts cuts(request_.original.foreign);
    std::size_t count = 0;
    fields_.array(at);
    while (fields_.next_element()) {
        const std::size_t begin = fields_.offset();
        const Place item(at, count++);
        if (fields_.peek() != JsonType::object) {
            fields_.wrong_type(item, "an object");
            continue;
        }
        const bool foreign = read_foreign_item(fields_, body_);
        const auto range = container_range(body_, begin, fields_.offset(), '}');
        if (foreign) {
            cuts.cut(range);
        } else {
            cuts.keep(range);
        }
    }
    cuts.end();
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
