#include "anthropic_client_request.hpp"
#include "openai_chat_request.hpp"
#include "other_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::ToolChoiceKind;

constexpr std::size_t longest_name = 128;

bool is_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), fits);
}

void read_name(FieldReader& fields, const Place& at, std::optional<std::string>& name) {
    const bool text = fields.peek() == wire::JsonType::string;
    name = fields.string(at);
    if (text && !is_name(*name)) {
        fields.invalid(at, "up to 128 letters, digits, underscores and dashes");
    }
}

/// Hints that are no use to anybody but Anthropic.
bool is_hint(std::string_view key) {
    constexpr std::array<std::string_view, 4> hints{"input_examples", "defer_loading",
                                                    "eager_input_streaming", "allowed_callers"};
    return std::find(hints.begin(), hints.end(), key) != hints.end();
}

void read_tool(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    chat::Tool tool;
    std::optional<std::string> name;
    bool has_schema = false;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "name") {
            read_name(fields, {at, "name"}, name);
        } else if (key == "description") {
            tool.description = fields.optional_string({at, "description"}).value_or("");
        } else if (key == "input_schema") {
            has_schema = true;
            if (fields.peek() == wire::JsonType::object) {
                tool.schema = fields.json();
            } else {
                fields.wrong_type({at, "input_schema"}, "an object");
            }
        } else if (key == "strict") {
            tool.strict = fields.boolean({at, "strict"});
        } else if (key == "cache_control") {
            tool.cache = read_cache_control(fields, {at, "cache_control"});
        } else if (key == "type") {
            fields.optional_string({at, "type"});
        } else if (is_hint(key)) {
            if (fields.peek() == wire::JsonType::boolean) {
                if (fields.boolean({at, "hint"}).value_or(false)) {
                    conversation.others.push_back({fmt::format("tools.{}", key), "true"});
                }
            } else {
                read_other(fields, fmt::format("tools.{}", key), conversation.others);
            }
        } else {
            fields.skip();
        }
    }
    if (!name) {
        fields.missing({at, "name"});
    } else if (!has_schema) {
        fields.missing({at, "input_schema"});
    } else {
        tool.name = *std::move(name);
        conversation.tools.push_back(std::move(tool));
    }
}

}  // namespace

void read_anthropic_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.optional_array(at)) {
        return;
    }
    for (std::size_t i = 0; fields.next_element(); ++i) {
        const Place element(at, i);
        const auto type = fields.member_ahead("type");
        if (type && *type != "custom") {
            fields.skip();
            fields.unsupported(element, "only Anthropic has this tool");
        } else {
            read_tool(fields, element, conversation);
        }
    }
}

void read_anthropic_tool_choice(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    constexpr std::array<std::string_view, 4> types{"auto", "any", "none", "tool"};
    constexpr std::array kinds{ToolChoiceKind::automatic, ToolChoiceKind::required, ToolChoiceKind::none,
                               ToolChoiceKind::named};
    std::optional<std::size_t> type;
    std::optional<std::string> name;
    bool typed = false;
    if (!fields.optional_object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            typed = true;
            type = fields.word({at, "type"}, types);
        } else if (key == "name") {
            name = fields.optional_string({at, "name"});
        } else if (key == "disable_parallel_tool_use") {
            if (const auto disable = fields.boolean({at, "disable_parallel_tool_use"})) {
                conversation.parallel_tool_calls = !*disable;
            }
        } else {
            fields.skip();
        }
    }
    if (!typed) {
        fields.missing({at, "type"});
    }
    auto& choice = conversation.tool_choice;
    choice.kind = type ? kinds[*type] : ToolChoiceKind::unsaid;
    if (choice.kind == ToolChoiceKind::named) {
        if (!name) {
            fields.missing({at, "name"});
        }
        choice.names.push_back(std::move(name).value_or(""));
    }
}

}  // namespace gatehouse::dialect
