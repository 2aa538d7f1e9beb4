#include "anthropic_client_request.hpp"
#include "openai_chat_request.hpp"
#include "reply_words.hpp"
#include "signature_carrier.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Part;
using chat::Role;

constexpr std::array<std::string_view, 3> role_names{"user", "assistant", "system"};
constexpr std::array said_roles{Role::user, Role::assistant, Role::system};

/// Blocks of tools that run at Anthropic, and of what else only its own servers can go on with.
bool is_server_block(std::string_view type) {
    constexpr std::array<std::string_view, 5> others{"server_tool_use", "mcp_tool_use", "container_upload",
                                                     "tool_reference", "compaction"};
    return (type != "tool_result" && type.ends_with("_tool_result")) ||
           std::find(others.begin(), others.end(), type) != others.end();
}

bool is_bare_signature_of_gemini(const Part& part) {
    const auto* thought = std::get_if<chat::Reasoning>(&part.what);
    return thought != nullptr && thought->origin == chat::Vendor::gemini && thought->text.empty() &&
           !thought->signature.empty();
}

chat::Reasoning as_thought(std::string text, std::string signature) {
    chat::Reasoning thought;
    thought.text = std::move(text);
    thought.origin = chat::Vendor::anthropic;
    if (auto carried = carried_signature(signature)) {
        thought.origin = carried->origin;
        signature = std::move(carried->signature);
    }
    thought.signature = std::move(signature);
    return thought;
}

class TurnsReader {
public:
    TurnsReader(FieldReader& fields, chat::Conversation& conversation)
        : fields_(fields), conversation_(conversation) {}

    void read(const Place& at) {
        if (!fields_.array(at)) {
            return;
        }
        while (fields_.next_element()) {
            read_message({at, index_});
            ++index_;
        }
        if (index_ == 0) {
            fields_.invalid(at, "at least one message");
        }
    }

private:
    void read_message(const Place& at);
    void read_content(const Place& at, Role role);
    void read_block(const Place& at, Role role);
    void read_thinking(const Place& at);
    void read_redacted(const Place& at);
    void read_call(const Place& at);
    void read_result(const Place& at);
    void read_result_content(const Place& at, std::vector<Part>& parts);
    void add(Role role);

    FieldReader& fields_;
    chat::Conversation& conversation_;
    std::size_t index_{0};
    std::vector<Part> results_;  // of the message that is being read
    std::vector<Part> parts_;    // and the rest of it
};

void TurnsReader::read_message(const Place& at) {
    const auto said = fields_.member_ahead("role");
    const auto* const found =
        std::find(role_names.begin(), role_names.end(), said ? std::string_view(*said) : std::string_view());
    const bool known = found != role_names.end();
    const auto role = known ? said_roles[static_cast<std::size_t>(found - role_names.begin())] : Role::user;
    bool has_role = false;
    bool has_content = false;
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "role") {
            has_role = true;
            fields_.word({at, "role"}, role_names);
        } else if (key == "content" && !known) {
            has_content = true;
            fields_.skip();
        } else if (key == "content") {
            has_content = true;
            results_.clear();
            parts_.clear();
            read_content({at, "content"}, role);
        } else {
            fields_.skip();
        }
    }
    if (!has_role) {
        fields_.missing({at, "role"});
    } else if (!has_content) {
        fields_.missing({at, "content"});
    }
    add(role);
}

void TurnsReader::add(Role role) {
    const bool results_only = !results_.empty() && parts_.empty();
    for (auto& result : std::exchange(results_, {})) {
        chat::Message message;
        message.role = Role::tool;
        message.index = index_;
        message.parts.push_back(std::move(result));
        conversation_.messages.push_back(std::move(message));
    }
    if (results_only) {
        return;
    }
    chat::Message message;
    message.role = role;
    message.index = index_;
    message.parts = std::exchange(parts_, {});
    conversation_.messages.push_back(std::move(message));
}

void TurnsReader::read_content(const Place& at, Role role) {
    if (fields_.peek() == wire::JsonType::string) {
        parts_.push_back({chat::Text{fields_.string(at)}, std::nullopt});
    } else if (fields_.peek() != wire::JsonType::array) {
        fields_.wrong_type(at, "a string or an array of content blocks");
    } else {
        fields_.array(at);
        for (std::size_t i = 0; fields_.next_element(); ++i) {
            read_block({at, i}, role);
        }
    }
}

void TurnsReader::read_block(const Place& at, Role role) {
    const auto type = block_type(fields_, at);
    if (!type) {
        return;
    }
    if (role == Role::system && *type != "text") {
        refuse_block(fields_, at, *type);
    } else if (read_shown_block(fields_, at, *type, parts_, conversation_.others)) {
        return;
    } else if (role == Role::user && *type == "tool_result") {
        read_result(at);
    } else if (role == Role::assistant && *type == "tool_use") {
        read_call(at);
    } else if (role == Role::assistant && *type == "thinking") {
        read_thinking(at);
    } else if (role == Role::assistant && *type == "redacted_thinking") {
        read_redacted(at);
    } else if (role == Role::assistant && *type == "fallback") {
        fields_.skip();  // tells that another model went on, and nothing to the next one
    } else {
        refuse_block(fields_, at, *type);
    }
}

void TurnsReader::read_thinking(const Place& at) {
    std::optional<std::string> text;
    std::optional<std::string> signature;
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "thinking") {
            text = fields_.string({at, "thinking"});
        } else if (key == "signature") {
            signature = fields_.string({at, "signature"});
        } else {
            fields_.skip();
        }
    }
    if (!text) {
        fields_.missing({at, "thinking"});
    } else if (!signature) {
        fields_.missing({at, "signature"});
    } else {
        parts_.push_back({as_thought(*std::move(text), *std::move(signature)), std::nullopt});
    }
}

void TurnsReader::read_redacted(const Place& at) {
    std::optional<std::string> data;
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        if (fields_.key() == "data") {
            data = fields_.string({at, "data"});
        } else {
            fields_.skip();
        }
    }
    if (!data) {
        fields_.missing({at, "data"});
        return;
    }
    auto thought = as_thought({}, *std::move(data));
    thought.redacted = std::exchange(thought.signature, {});
    parts_.push_back({std::move(thought), std::nullopt});
}

void TurnsReader::read_call(const Place& at) {
    std::optional<std::string> id;
    std::optional<std::string> name;
    std::optional<std::string> input;
    Part part;
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "id") {
            id = fields_.string({at, "id"});
        } else if (key == "name") {
            name = fields_.string({at, "name"});
        } else if (key == "input") {
            if (fields_.peek() == wire::JsonType::object) {
                input = compact_json(fields_.json());
            } else {
                input.emplace();
                fields_.wrong_type({at, "input"}, "an object");
            }
        } else if (key == "cache_control") {
            part.cache = read_cache_control(fields_, {at, "cache_control"});
        } else {
            fields_.skip();  // `caller`, `toolset_name`: how it came about
        }
    }
    if (!id) {
        fields_.missing({at, "id"});
    } else if (!name) {
        fields_.missing({at, "name"});
    } else if (!input) {
        fields_.missing({at, "input"});
    } else {
        chat::ToolCall call;
        call.id = *std::move(id);
        call.name = *std::move(name);
        call.arguments = *std::move(input);
        if (!parts_.empty() && is_bare_signature_of_gemini(parts_.back())) {
            call.signature = std::move(std::get<chat::Reasoning>(parts_.back().what).signature);
            parts_.pop_back();
        }
        part.what = std::move(call);
        parts_.push_back(std::move(part));
    }
}

void TurnsReader::read_result(const Place& at) {
    std::optional<std::string> id;
    std::vector<Part> content;
    chat::ToolResult result;
    Part part;
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "tool_use_id") {
            id = fields_.string({at, "tool_use_id"});
        } else if (key == "content") {
            content.clear();
            read_result_content({at, "content"}, content);
        } else if (key == "is_error") {
            result.is_error = fields_.boolean({at, "is_error"}).value_or(false);
        } else if (key == "cache_control") {
            part.cache = read_cache_control(fields_, {at, "cache_control"});
        } else {
            fields_.skip();
        }
    }
    if (!id) {
        fields_.missing({at, "tool_use_id"});
        return;
    }
    result.call_id = *std::move(id);
    const bool marked = part.cache.has_value();
    for (auto& shown : content) {
        part.cache = shown.cache && !marked ? shown.cache : part.cache;
        if (auto* text = std::get_if<chat::Text>(&shown.what); text != nullptr && !text->text.empty()) {
            result.parts.emplace_back(std::move(*text));
        } else if (auto* media = std::get_if<chat::Media>(&shown.what)) {
            result.parts.emplace_back(std::move(*media));
        }
    }
    part.what = std::move(result);
    results_.push_back(std::move(part));
}

void TurnsReader::read_result_content(const Place& at, std::vector<Part>& parts) {
    if (fields_.null()) {
        return;
    }
    if (fields_.peek() == wire::JsonType::string) {
        parts.push_back({chat::Text{fields_.string(at)}, std::nullopt});
        return;
    }
    if (fields_.peek() != wire::JsonType::array) {
        fields_.wrong_type(at, "a string or an array of content blocks");
        return;
    }
    fields_.array(at);
    for (std::size_t i = 0; fields_.next_element(); ++i) {
        const Place element(at, i);
        const auto type = block_type(fields_, element);
        if (type && !read_shown_block(fields_, element, *type, parts, conversation_.others)) {
            refuse_block(fields_, element, *type);
        }
    }
}

}  // namespace

std::optional<std::string> block_type(FieldReader& fields, const Place& at) {
    if (fields.peek() != wire::JsonType::object) {
        fields.wrong_type(at, "an object");
        return std::nullopt;
    }
    auto type = fields.member_ahead("type");
    if (type) {
        return type;
    }
    bool typed = false;
    fields.object(at);
    while (fields.next_member()) {
        if (fields.key() == "type" && !std::exchange(typed, true)) {
            fields.string({at, "type"});
        } else {
            fields.skip();
        }
    }
    if (!typed) {
        fields.missing({at, "type"});
    }
    return std::nullopt;
}

void refuse_block(FieldReader& fields, const Place& at, std::string_view type) {
    fields.skip();
    if (is_server_block(type)) {
        fields.unsupported(at, "only Anthropic can go on with what its own tools did");
    } else {
        fields.invalid({at, "type"}, "a content block that may stand there");
    }
}

std::vector<chat::Part> read_anthropic_system(FieldReader& fields, const Place& at) {
    std::vector<Part> parts;
    std::vector<chat::Member> none;  // text has nothing that could be lost
    if (fields.null()) {
        return parts;
    }
    if (fields.peek() == wire::JsonType::string) {
        parts.push_back({chat::Text{fields.string(at)}, std::nullopt});
        return parts;
    }
    if (fields.peek() != wire::JsonType::array) {
        fields.wrong_type(at, "a string or an array of text blocks");
        return parts;
    }
    fields.array(at);
    for (std::size_t i = 0; fields.next_element(); ++i) {
        const Place element(at, i);
        const auto type = block_type(fields, element);
        if (type == "text") {
            read_shown_block(fields, element, *type, parts, none);
        } else if (type) {
            refuse_block(fields, element, *type);
        }
    }
    return parts;
}

void read_anthropic_turns(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    TurnsReader(fields, conversation).read(at);
}

}  // namespace gatehouse::dialect
