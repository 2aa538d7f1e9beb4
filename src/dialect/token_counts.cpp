#include "gatehouse/dialect/token_counts.hpp"

#include "kept_json.hpp"
#include "translation_parts.hpp"

#include <variant>

namespace gatehouse::dialect {
namespace {

class Counting {
public:
    explicit Counting(Countable& found) : found_(found) {}

    void operator()(const chat::Text& text) { add(text.text); }
    void operator()(const chat::Refusal& refusal) { add(refusal.text); }
    void operator()(const chat::Reasoning& thought) { add(thought.text); }
    void operator()(const chat::Media& media) {
        if (media.media_type.starts_with("text/")) {
            add(media.data);
        } else {
            ++found_.media;
        }
    }
    void operator()(const chat::ToolCall& call) {
        add(call.name);
        add(call.arguments);
    }
    void operator()(const chat::ToolResult& result) {
        for (const auto& part : result.parts) {
            std::visit(*this, part);
        }
    }
    void operator()(const chat::Tool& tool) {
        ++found_.tools;
        add(tool.name);
        add(tool.description);
        add(tool.schema);
    }

private:
    void add(std::string_view text) {
        if (!text.empty()) {
            found_.text += text;
            found_.text += '\n';
        }
    }

    Countable& found_;
};

/// Google's clients may wrap the request whose tokens are to be counted.
std::string_view gemini_prompt(const chat::Request& request) {
    const std::string_view body = request.original.bytes;
    if (request.endpoint != chat::Endpoint::count_content_tokens) {
        return body;
    }
    auto wrapped = member_of(body, "generateContentRequest");
    if (wrapped.empty()) {
        wrapped = member_of(body, "generate_content_request");
    }
    return wrapped.starts_with('{') ? wrapped : body;
}

Result<chat::Conversation> read_prompt(const chat::Request& request) {
    switch (request.endpoint) {
        case chat::Endpoint::messages:
        case chat::Endpoint::count_message_tokens:
            return read_anthropic(request.original.bytes);
        case chat::Endpoint::generate_content:
        case chat::Endpoint::count_content_tokens:
            return read_gemini(gemini_prompt(request));
        case chat::Endpoint::responses:
        case chat::Endpoint::count_response_tokens:
            return read_responses(request.original.bytes);
        default:
            return read_openai_chat(request.original.bytes);
    }
}

}  // namespace

Result<Countable> countable_of(const chat::Request& request) {
    const auto said = read_prompt(request);
    if (!said) {
        return said.problem();
    }
    Countable found;
    Counting count(found);
    found.messages = said->messages.size();
    for (const auto& message : said->messages) {
        for (const auto& part : message.parts) {
            std::visit(count, part.what);
        }
    }
    for (const auto& tool : said->tools) {
        count(tool);
    }
    found.text += said->output.schema;
    return found;
}

std::string token_count_body(chat::Endpoint endpoint, std::int64_t tokens) {
    std::string body = "{\"input_tokens\":";
    if (endpoint == chat::Endpoint::count_content_tokens) {
        body = "{\"totalTokens\":";
    } else if (endpoint == chat::Endpoint::count_response_tokens) {
        body = "{\"object\":\"response.input_tokens\",\"input_tokens\":";
    }
    body += std::to_string(tokens);
    body += '}';
    return body;
}

}  // namespace gatehouse::dialect
