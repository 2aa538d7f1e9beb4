#include "openai_chat_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Tool;
using chat::ToolChoice;
using chat::ToolChoiceKind;

constexpr std::array<std::string_view, 2> tool_types{"function", "custom"};
constexpr std::size_t longest_name = 64;

bool is_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), fits);
}

std::string read_name(FieldReader& fields, const Place& at) {
    const bool text = fields.peek() == wire::JsonType::string;
    auto name = fields.string(at);
    if (text && !is_name(name)) {
        fields.invalid(at, "up to 64 letters, digits, underscores and dashes");
    }
    return name;
}

/// What stands inside a tool's `function` or `custom`, and in an element of `functions`.
std::optional<Tool> read_definition(FieldReader& fields, const Place& at, bool custom) {
    if (!fields.optional_object(at)) {
        return std::nullopt;
    }
    Tool tool;
    tool.custom = custom;
    bool named = false;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "name") {
            named = true;
            tool.name = read_name(fields, {at, "name"});
        } else if (key == "description") {
            tool.description = fields.optional_string({at, "description"}).value_or("");
        } else if (!custom && key == "parameters") {
            tool.schema = fields.optional_object_json({at, "parameters"});
        } else if (custom && key == "format") {
            tool.schema = fields.optional_object_json({at, "format"});
        } else if (!custom && key == "strict") {
            tool.strict = fields.boolean({at, "strict"});
        } else if (key == "cache_control") {
            tool.cache = read_cache_control(fields, {at, "cache_control"});
        } else {
            fields.skip();
        }
    }
    if (!named) {
        fields.missing({at, "name"});
    }
    return tool;
}

std::optional<Tool> read_tool(FieldReader& fields, const Place& at) {
    if (!fields.object(at)) {
        return std::nullopt;
    }
    std::optional<std::size_t> type;
    bool typed = false;
    std::optional<Tool> function;
    std::optional<Tool> custom;
    std::optional<chat::CacheLifetime> cache;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            typed = true;
            type = fields.word({at, "type"}, tool_types);
        } else if (key == "function") {
            function = read_definition(fields, {at, "function"}, false);
        } else if (key == "custom") {
            custom = read_definition(fields, {at, "custom"}, true);
        } else if (key == "cache_control") {
            cache = read_cache_control(fields, {at, "cache_control"});
        } else {
            fields.skip();
        }
    }
    if (!type) {
        if (!typed) {
            fields.missing({at, "type"});
        }
        return std::nullopt;
    }
    auto& tool = *type == 1 ? custom : function;
    if (!tool) {
        fields.missing({at, tool_types[*type]});
    } else if (cache) {
        tool->cache = cache;
    }
    return std::move(tool);
}

/// `{"name":…}`; empty, and a fault, if there is none.
std::string read_named(FieldReader& fields, const Place& at) {
    std::optional<std::string> name;
    if (!fields.object(at)) {
        return {};
    }
    while (fields.next_member()) {
        if (fields.key() == "name") {
            name = fields.string({at, "name"});
        } else {
            fields.skip();
        }
    }
    if (!name) {
        fields.missing({at, "name"});
    }
    return std::move(name).value_or("");
}

/// An element of `allowed_tools.tools`: `{"type":"function","function":{"name":…}}`.
std::string read_allowed_name(FieldReader& fields, const Place& at) {
    std::optional<std::string> name;
    if (!fields.object(at)) {
        return {};
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            fields.word({at, "type"}, tool_types);
        } else if (key == "function") {
            name = read_named(fields, {at, "function"});
        } else if (key == "custom") {
            name = read_named(fields, {at, "custom"});
        } else {
            fields.skip();
        }
    }
    if (!name) {
        fields.missing({at, "function"});
    }
    return std::move(name).value_or("");
}

ToolChoice read_choice_object(FieldReader& fields, const Place& at) {
    constexpr std::array<std::string_view, 3> types{"function", "custom", "allowed_tools"};
    std::optional<std::size_t> type;
    bool typed = false;
    std::array<std::optional<ToolChoice>, 3> said;
    fields.object(at);
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            typed = true;
            type = fields.word({at, "type"}, types);
        } else if (key == "function") {
            said[0] = ToolChoice{ToolChoiceKind::named, {read_named(fields, {at, "function"})}, false};
        } else if (key == "custom") {
            said[1] = ToolChoice{ToolChoiceKind::named, {read_named(fields, {at, "custom"})}, false};
        } else if (key == "allowed_tools") {
            said[2].emplace();
            read_allowed_tools(fields, {at, "allowed_tools"}, read_allowed_name, *said[2]);
        } else {
            fields.skip();
        }
    }
    if (!type) {
        if (!typed) {
            fields.missing({at, "type"});
        }
        return {};
    }
    if (!said[*type]) {
        fields.missing({at, types[*type]});
    }
    return std::move(said[*type]).value_or(ToolChoice{});
}

}  // namespace

void read_allowed_tools(FieldReader& fields, const Place& at, ToolNameReader read_name, ToolChoice& choice) {
    constexpr std::array<std::string_view, 2> modes{"auto", "required"};
    bool listed = false;
    choice.kind = ToolChoiceKind::allowed;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "mode") {
            choice.must_call = fields.word({at, "mode"}, modes) == 1;
        } else if (key == "tools") {
            listed = true;
            const Place tools(at, "tools");
            if (fields.array(tools)) {
                while (fields.next_element()) {
                    choice.names.push_back(read_name(fields, {tools, choice.names.size()}));
                }
            }
        } else {
            fields.skip();
        }
    }
    if (!listed) {
        fields.missing({at, "tools"});
    }
}

void read_chat_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.optional_array(at)) {
        return;
    }
    std::size_t index = 0;
    while (fields.next_element()) {
        if (auto tool = read_tool(fields, {at, index++})) {
            conversation.tools.push_back(*std::move(tool));
        }
    }
}

void read_chat_functions(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.optional_array(at)) {
        return;
    }
    std::size_t index = 0;
    while (fields.next_element()) {
        const Place element(at, index++);
        if (fields.peek() != wire::JsonType::object) {
            fields.wrong_type(element, "an object");
        } else if (auto tool = read_definition(fields, element, false)) {
            conversation.tools.push_back(*std::move(tool));
        }
    }
}

void read_chat_tool_choice(FieldReader& fields, const Place& at, ToolChoice& choice) {
    if (fields.null()) {
        return;
    }
    if (fields.peek() == wire::JsonType::object) {
        choice = read_choice_object(fields, at);
        return;
    }
    constexpr std::array<std::string_view, 3> words{"none", "auto", "required"};
    constexpr std::array kinds{ToolChoiceKind::none, ToolChoiceKind::automatic, ToolChoiceKind::required};
    if (fields.peek() != wire::JsonType::string) {
        fields.wrong_type(at, "a string or an object");
    } else if (const auto word = fields.word(at, words)) {
        choice.kind = kinds[*word];
    }
}

void read_chat_function_choice(FieldReader& fields, const Place& at, ToolChoice& choice) {
    if (fields.peek() == wire::JsonType::object) {
        choice = ToolChoice{ToolChoiceKind::named, {read_named(fields, at)}, false};
    } else {
        read_chat_tool_choice(fields, at, choice);
    }
}

void check_chat_tool_choice(FieldReader& fields, const chat::Conversation& conversation) {
    const auto& choice = conversation.tool_choice;
    const Place body;
    const Place at(body, "tool_choice");
    const auto known = [&](const std::string& name) {
        return std::any_of(conversation.tools.begin(), conversation.tools.end(),
                           [&](const Tool& tool) { return tool.name == name; });
    };
    const bool lists = choice.kind == ToolChoiceKind::named || choice.kind == ToolChoiceKind::allowed;
    if (lists && !std::all_of(choice.names.begin(), choice.names.end(), known)) {
        fields.invalid(at, "the names of tools that are in 'tools'");
    } else if (choice.kind == ToolChoiceKind::allowed && choice.names.empty()) {
        fields.invalid(at, "at least one tool that is allowed");
    } else if (choice.kind == ToolChoiceKind::required && conversation.tools.empty()) {
        fields.invalid(at, "'tools' to choose from");
    }
}

}  // namespace gatehouse::dialect
