#include "openai_chat_request.hpp"
#include "responses_request.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::ToolChoiceKind;

constexpr std::string_view at_openai_only = "tools of this type run at OpenAI only";

/// As long as the longest that a provider takes; those that take less get another name.
std::string read_response_tool_name(FieldReader& fields, const Place& at) {
    constexpr std::size_t longest = 128;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    const bool text = fields.peek() == wire::JsonType::string;
    auto name = fields.string(at);
    const bool fine = !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), fits);
    if (text && !fine) {
        fields.invalid(at, "up to 128 letters, digits, underscores and dashes");
    }
    return name;
}

/// A type of tools that run anywhere. A fault for all others.
bool runs_anywhere(FieldReader& fields, const Place& at, const std::optional<std::string>& type) {
    if (!type) {
        fields.missing({at, "type"});
        return false;
    }
    if (*type != "function" && *type != "custom") {
        fields.unsupported({at, "type"}, at_openai_only);
        return false;
    }
    return true;
}

void read_tool(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.object(at)) {
        return;
    }
    chat::Tool tool;
    std::optional<std::string> type;
    std::optional<std::string> name;
    std::string parameters;
    std::string format;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            type = fields.string({at, "type"});
        } else if (key == "name") {
            name = read_response_tool_name(fields, {at, "name"});
        } else if (key == "description") {
            tool.description = fields.optional_string({at, "description"}).value_or("");
        } else if (key == "parameters") {
            parameters = fields.optional_object_json({at, "parameters"});
        } else if (key == "format") {
            format = fields.optional_object_json({at, "format"});
        } else if (key == "strict") {
            tool.strict = fields.boolean({at, "strict"});
        } else {
            fields.skip();
        }
    }
    if (!runs_anywhere(fields, at, type)) {
        return;
    }
    if (!name) {
        fields.missing({at, "name"});
        return;
    }
    tool.name = *std::move(name);
    tool.custom = *type == "custom";
    tool.schema = tool.custom ? std::move(format) : std::move(parameters);
    conversation.tools.push_back(std::move(tool));
}

/// `{"type":"function","name":…}`: the name.
std::string read_chosen(FieldReader& fields, const Place& at) {
    std::optional<std::string> type;
    std::optional<std::string> name;
    if (!fields.object(at)) {
        return {};
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            type = fields.string({at, "type"});
        } else if (key == "name") {
            name = fields.string({at, "name"});
        } else {
            fields.skip();
        }
    }
    if (runs_anywhere(fields, at, type) && !name) {
        fields.missing({at, "name"});
    }
    return std::move(name).value_or("");
}

}  // namespace

void read_response_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.optional_array(at)) {
        return;
    }
    for (std::size_t i = 0; fields.next_element(); ++i) {
        read_tool(fields, {at, i}, conversation);
    }
}

void read_response_tool_choice(FieldReader& fields, const Place& at, chat::ToolChoice& choice) {
    static constexpr std::array<std::string_view, 3> words{"none", "auto", "required"};
    static constexpr std::array kinds{ToolChoiceKind::none, ToolChoiceKind::automatic,
                                      ToolChoiceKind::required};
    if (fields.null()) {
        return;
    }
    if (fields.peek() == wire::JsonType::string) {
        if (const auto word = fields.word(at, words)) {
            choice.kind = kinds.at(*word);
        }
        return;
    }
    if (fields.peek() != wire::JsonType::object) {
        fields.wrong_type(at, "a string or an object");
    } else if (fields.member_ahead("type") == "allowed_tools") {
        read_allowed_tools(fields, at, read_chosen, choice);
    } else {
        choice.kind = ToolChoiceKind::named;
        choice.names = {read_chosen(fields, at)};
    }
}

}  // namespace gatehouse::dialect
