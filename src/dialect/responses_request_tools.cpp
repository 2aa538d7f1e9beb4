#include "responses_request.hpp"

#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::ToolChoiceKind;

void read_tool(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.object(at)) {
        return;
    }
    chat::Tool tool;
    std::string type;
    std::string parameters;
    std::string format;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            type = fields.string({at, "type"});
        } else if (key == "name") {
            tool.name = fields.string({at, "name"});
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
    if (type != "function" && type != "custom") {
        fields.unsupported({at, "type"}, "tools of this type run at OpenAI only");
        return;
    }
    if (tool.name.empty()) {
        fields.missing({at, "name"});
    }
    tool.custom = type == "custom";
    tool.schema = tool.custom ? std::move(format) : std::move(parameters);
    conversation.tools.push_back(std::move(tool));
}

/// `tools` of `allowed_tools`.
void read_allowed(FieldReader& fields, const Place& at, chat::ToolChoice& choice) {
    if (!fields.array(at)) {
        return;
    }
    for (std::size_t i = 0; fields.next_element(); ++i) {
        const Place tool(at, i);
        if (!fields.object(tool)) {
            continue;
        }
        while (fields.next_member()) {
            if (fields.key() == "name") {
                choice.names.push_back(fields.string({tool, "name"}));
            } else {
                fields.skip();
            }
        }
    }
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
    if (!fields.object(at)) {
        return;
    }
    std::string type;
    std::string name;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            type = fields.string({at, "type"});
        } else if (key == "name") {
            name = fields.string({at, "name"});
        } else if (key == "mode") {
            choice.must_call = fields.string({at, "mode"}) == "required";
        } else if (key == "tools") {
            read_allowed(fields, {at, "tools"}, choice);
        } else {
            fields.skip();
        }
    }
    if (type == "allowed_tools") {
        choice.kind = ToolChoiceKind::allowed;
    } else if (type == "function" || type == "custom") {
        choice.kind = ToolChoiceKind::named;
        choice.names = {std::move(name)};
    } else {
        fields.unsupported({at, "type"}, "tools of this type run at OpenAI only");
    }
}

}  // namespace gatehouse::dialect
