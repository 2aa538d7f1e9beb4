#include "gemini_client_request.hpp"
#include "gemini_parts.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gatehouse::dialect {
namespace {

using chat::ToolChoiceKind;
using wire::JsonType;

// Those that Google runs itself (wire-formats 6.1): no other provider has them under the same conditions.
constexpr std::array<std::string_view, 10> hosted{
    "googleSearch", "googleSearchRetrieval", "codeExecution",       "urlContext", "fileSearch",
    "googleMaps",   "computerUse",           "enterpriseWebSearch", "retrieval",  "mcpServers"};
constexpr std::array<std::string_view, 4> modes{"AUTO", "ANY", "NONE", "VALIDATED"};

void read_declaration(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.object(at)) {
        return;
    }
    chat::Tool tool;
    std::string google_schema;
    while (fields.next_member()) {
        const auto key = camel_case(fields.key());
        if (key == "name") {
            tool.name = fields.optional_string({at, "name"}).value_or("");
        } else if (key == "description") {
            tool.description = fields.optional_string({at, "description"}).value_or("");
        } else if (key == "parameters") {
            google_schema = read_google_schema(fields, {at, "parameters"});
        } else if (key == "parametersJsonSchema") {
            tool.schema = fields.optional_object_json({at, "parametersJsonSchema"});
        } else {
            add_other(conversation.others, "tools.functionDeclarations." + std::string(key), fields.json());
        }
    }
    if (tool.name.empty()) {
        fields.missing({at, "name"});
    } else if (!google_schema.empty() && !tool.schema.empty()) {
        fields.invalid({at, "parameters"}, "either parameters or parametersJsonSchema");
    }
    if (tool.schema.empty()) {
        tool.schema = std::move(google_schema);
    }
    conversation.tools.push_back(std::move(tool));
}

void read_tool(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.optional_object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = camel_case(fields.key());
        if (key == "functionDeclarations") {
            read_each(fields, {at, "functionDeclarations"},
                      [&](const Place& each) { read_declaration(fields, each, conversation); });
            continue;
        }
        const auto known = std::find(hosted.begin(), hosted.end(), key);
        if (!fields.null()) {
            fields.skip();
            const auto place = known == hosted.end() ? at : Place(at, *known);
            fields.unsupported(place, "this tool is Google's own");
        }
    }
}

void read_calling(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.optional_object(at)) {
        return;
    }
    std::optional<std::size_t> mode;
    auto& names = conversation.tool_choice.names;
    while (fields.next_member()) {
        const auto key = camel_case(fields.key());
        if (key == "mode") {
            mode = read_enumerator(fields, {at, "mode"}, modes);
        } else if (key == "allowedFunctionNames") {
            names.clear();
            read_each(fields, {at, "allowedFunctionNames"},
                      [&](const Place& each) { names.push_back(fields.string(each)); });
        } else {
            add_other(conversation.others, "toolConfig.functionCallingConfig." + std::string(key),
                      fields.json());
        }
    }
    auto& choice = conversation.tool_choice;
    const bool listed = !names.empty();
    if (!mode) {
        choice = {};
    } else if (modes[*mode] == "NONE") {
        choice = {ToolChoiceKind::none, {}, false};
    } else if (modes[*mode] == "ANY") {
        choice.kind = !listed             ? ToolChoiceKind::required
                      : names.size() == 1 ? ToolChoiceKind::named
                                          : ToolChoiceKind::allowed;
        choice.must_call = choice.kind == ToolChoiceKind::allowed;
    } else {
        choice.kind = listed ? ToolChoiceKind::allowed : ToolChoiceKind::automatic;
    }
}

}  // namespace

void read_gemini_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    read_each(fields, at, [&](const Place& each) { read_tool(fields, each, conversation); });
}

void read_gemini_tool_config(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (!fields.optional_object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = camel_case(fields.key());
        if (key == "functionCallingConfig") {
            read_calling(fields, {at, "functionCallingConfig"}, conversation);
        } else {
            add_other(conversation.others, "toolConfig." + std::string(key), fields.json());
        }
    }
}

void check_gemini_tool_choice(FieldReader& fields, const chat::Conversation& conversation) {
    std::set<std::string_view> known;
    for (const auto& tool : conversation.tools) {
        known.insert(tool.name);
    }
    const Place body;
    const Place config(body, "toolConfig");
    const Place calling(config, "functionCallingConfig");
    const auto& choice = conversation.tool_choice;
    const Place names(calling, "allowedFunctionNames");
    for (std::size_t i = 0; i < choice.names.size(); ++i) {
        if (!known.contains(choice.names[i])) {
            fields.invalid({names, i}, "the name of a declared function");
        }
    }
    if (choice.kind == ToolChoiceKind::required && conversation.tools.empty()) {
        fields.invalid({calling, "mode"}, "functions to call where one must be called");
    }
}

}  // namespace gatehouse::dialect
