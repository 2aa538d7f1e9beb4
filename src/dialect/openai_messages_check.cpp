#include "element_cuts.hpp"
#include "openai_parts.hpp"

#include <cstdint>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

constexpr std::string_view expected_role =
    "one of 'developer', 'system', 'user', 'assistant', 'tool' and 'function'";

bool is_role(std::string_view role) noexcept {
    return role == "user" || role == "assistant" || role == "system" || role == "tool" ||
           role == "developer" || role == "function";
}

/// An assistant's message may have calls in place of content, the others need it.
enum class Sender : std::uint8_t { missing, faulty, assistant, other };

Sender check_role(FieldReader& fields, const Place& at) {
    if (fields.peek() != JsonType::string) {
        fields.wrong_type(at, "a string");
        return Sender::faulty;
    }
    const auto role = fields.string(at);
    if (!is_role(role)) {
        fields.invalid(at, expected_role);
        return Sender::faulty;
    }
    return role == "assistant" ? Sender::assistant : Sender::other;
}

void check_part(FieldReader& fields, const Place& at) {
    bool has_type = false;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        if (fields.key() != "type") {
            fields.skip();
            continue;
        }
        has_type = true;
        if (fields.peek() == JsonType::string) {
            fields.skip();
        } else {
            fields.wrong_type({at, "type"}, "a string");
        }
    }
    if (!has_type) {
        fields.missing({at, "type"});
    }
}

void check_content(FieldReader& fields, const Place& at) {
    switch (fields.peek()) {
        case JsonType::string:
        case JsonType::null:
            fields.skip();
            return;
        case JsonType::array:
            fields.array(at);
            for (std::size_t part = 0; fields.next_element(); ++part) {
                check_part(fields, {at, part});
            }
            return;
        default:
            fields.wrong_type(at, "a string or an array of parts");
    }
}

/// Google's carrier of signatures.
void check_calls(FieldReader& fields, std::string_view body, std::vector<wire::ByteRange>& carriers) {
    if (fields.peek() != JsonType::array) {
        fields.skip();
        return;
    }
    fields.array({});
    while (fields.next_element()) {
        if (fields.peek() != JsonType::object) {
            fields.skip();
            continue;
        }
        fields.object({});
        while (fields.next_member()) {
            const bool carries = fields.key() == "extra_content";
            const auto value = fields.skip();
            if (carries && value.size() != 0) {
                cut_member(body, value, carriers);
            }
        }
    }
}

/// LiteLLM's, OpenRouter's and DeepSeek's.
bool carries_thoughts(std::string_view key) noexcept {
    return key == "thinking_blocks" || key == "reasoning_details" || key == "reasoning_content" ||
           key == "reasoning";
}

void check_message(FieldReader& fields, const Place& at, std::string_view body,
                   std::vector<wire::ByteRange>& carriers) {
    auto sender = Sender::missing;
    bool has_content = false;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "role") {
            sender = check_role(fields, {at, "role"});
        } else if (key == "content") {
            has_content = true;
            check_content(fields, {at, "content"});
        } else if (key == "tool_calls") {
            check_calls(fields, body, carriers);
        } else if (carries_thoughts(key)) {
            const auto value = fields.skip();
            if (value.size() != 0) {
                cut_member(body, value, carriers);
            }
        } else {
            fields.skip();
        }
    }
    if (sender == Sender::missing) {
        fields.missing({at, "role"});
    } else if (sender == Sender::other && !has_content) {
        fields.missing({at, "content"});
    }
}

}  // namespace

void check_openai_messages(FieldReader& fields, const Place& at, std::string_view body,
                           std::vector<wire::ByteRange>& carriers) {
    if (fields.peek() != JsonType::array) {
        fields.wrong_type(at, "an array of objects");
        return;
    }
    fields.array(at);
    std::size_t count = 0;
    while (fields.next_element()) {
        check_message(fields, {at, count++}, body, carriers);
    }
    if (count == 0) {
        fields.invalid(at, "at least one message");
    }
}

}  // namespace gatehouse::dialect
