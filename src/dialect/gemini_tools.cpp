#include "gemini_request.hpp"
#include "gemini_schema.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::dialect {
namespace {

using chat::OutputKind;
using chat::Tool;
using chat::ToolChoice;
using chat::ToolChoiceKind;

/// Parameters of a tool that takes free text.
constexpr std::string_view free_text_schema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

bool must_call(const ToolChoice& choice) noexcept {
    return choice.kind == ToolChoiceKind::required || choice.kind == ToolChoiceKind::named ||
           (choice.kind == ToolChoiceKind::allowed && choice.must_call);
}

bool is_tool(const std::vector<Tool>& tools, std::string_view name) {
    return std::any_of(tools.begin(), tools.end(), [&](const Tool& tool) { return tool.name == name; });
}

GeminiSchemaForm form_of(const chat::ModelFacts& facts) noexcept {
    return facts.json_schemas ? GeminiSchemaForm::json_schema : GeminiSchemaForm::open_api;
}

/// The format of a free-text tool is more than "any text".
bool is_grammar(std::string_view format) {
    std::string type;
    wire::JsonReader json(format, wire::JsonLimits{});
    if (format.empty() || !json.begin_object()) {
        return false;
    }
    while (json.next_member()) {
        if (json.key() == "type" && json.peek() == wire::JsonType::string) {
            type = json.string();
        } else {
            json.skip();
        }
    }
    return type == "grammar";
}

class ToolsWriter {
public:
    ToolsWriter(const GeminiTask& task, const GeminiTools& plan, JsonOut& json)
        : task_(task), tools_(task.conversation.tools), plan_(plan), json_(json) {}

    void write() {
        const bool answer_tool = plan_.answer == GeminiAnswer::schema_tool;
        if (tools_.empty() && !answer_tool) {
            return;
        }
        json_.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
        for (std::size_t i = 0; i < tools_.size(); ++i) {
            write_tool(i);
        }
        if (answer_tool) {
            const auto& output = task_.conversation.output;
            write_function(plan_.answer_tool,
                           output.description.empty() ? "Gives the answer. Call it to answer."
                                                      : std::string_view(output.description),
                           output.schema, "response_format");
        }
        json_.end_array().end_object().end_array();
        write_choice();
    }

private:
    void write_tool(std::size_t index) {
        const auto& tool = tools_[index];
        const auto field = fmt::format("tools[{}]", index);
        if (tool.cache) {
            task_.losses.drop("cache_control");
        }
        if (tool.custom && is_grammar(tool.schema)) {
            task_.losses.drop("tools");
        }
        write_function(task_.names.of(tool.name), tool.description,
                       tool.custom ? free_text_schema : std::string_view(tool.schema), field);
    }

    void write_function(std::string_view name, std::string_view description, std::string_view schema,
                        std::string_view field) {
        if (task_.losses.refused()) {
            return;  // it goes nowhere, and schemas are the dear part
        }
        json_.begin_object().key("name").string(name).key("description").string(description);
        const auto parameters =
            gemini_schema(schema, form_of(task_.facts), GeminiSchemaUse::parameters, task_.schemas);
        if (!parameters) {
            task_.losses.refuse(field, "its schema is too deep, or refers to what it does not hold");
        } else if (!parameters->empty()) {
            json_.key(task_.facts.json_schemas ? "parametersJsonSchema" : "parameters").raw(*parameters);
        }
        json_.end_object();
    }

    void write_choice() {
        const auto& choice = task_.conversation.tool_choice;
        if (plan_.answer == GeminiAnswer::schema_tool) {
            write_mode("ANY", choice.kind == ToolChoiceKind::none ? std::vector{plan_.answer_tool}
                                                                  : allowed_with_answer(choice));
            return;
        }
        const bool forced = must_call(choice);
        if (forced && !task_.facts.forced_tool) {
            task_.losses.drop("tool_choice");
        }
        const bool any = forced && task_.facts.forced_tool;
        bool listed = choice.kind == ToolChoiceKind::named || choice.kind == ToolChoiceKind::allowed;
        if (listed && plan_.answer != GeminiAnswer::text) {
            task_.losses.drop("tool_choice");  // beside a form of the answer there is AUTO only
            listed = false;
        }
        if (choice.kind == ToolChoiceKind::none) {
            write_mode("NONE", {});
        } else if (any || listed) {
            write_mode(any ? "ANY" : "VALIDATED",
                       listed ? own_names(choice.names) : std::vector<std::string>());
        } else if (is_strict() && plan_.answer == GeminiAnswer::text) {
            write_mode("VALIDATED", {});
        } else if (choice.kind != ToolChoiceKind::unsaid) {
            write_mode("AUTO", {});
        }
    }

    /// Of an allowed list the answer is part as well.
    std::vector<std::string> allowed_with_answer(const ToolChoice& choice) const {
        if (choice.kind != ToolChoiceKind::allowed) {
            return {};
        }
        auto names = own_names(choice.names);
        names.push_back(plan_.answer_tool);
        return names;
    }

    std::vector<std::string> own_names(const std::vector<std::string>& names) const {
        std::vector<std::string> out;
        for (const auto& name : names) {
            out.push_back(task_.names.of(name));
        }
        return out;
    }

    bool is_strict() const {
        return std::any_of(tools_.begin(), tools_.end(),
                           [](const Tool& tool) { return tool.strict == true; });
    }

    void write_mode(std::string_view mode, const std::vector<std::string>& names) {
        json_.key("toolConfig").begin_object().key("functionCallingConfig").begin_object();
        json_.key("mode").string(mode);
        if (!names.empty()) {
            json_.key("allowedFunctionNames").begin_array();
            for (const auto& name : names) {
                json_.string(name);
            }
            json_.end_array();
        }
        json_.end_object().end_object();
    }

    const GeminiTask& task_;
    const std::vector<Tool>& tools_;
    const GeminiTools& plan_;
    JsonOut& json_;
};

}  // namespace

GeminiNames::GeminiNames(const std::vector<chat::Tool>& tools) : tools_(tools) {
    for (const auto& tool : tools) {
        taken_.insert(tool.name);
    }
}

std::string GeminiNames::of(std::string_view name) const {
    const char first = name.empty() ? '_' : name.front();
    const bool fine = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_';
    std::string own(name);
    for (bool taken = !fine; taken; taken = taken_.count(own) > 0) {
        own.insert(own.begin(), '_');
    }
    return own;
}

std::vector<std::pair<std::string, std::string>> GeminiNames::changed() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& tool : tools_) {
        auto own = of(tool.name);
        if (own != tool.name) {
            out.emplace_back(std::move(own), tool.name);
        }
    }
    return out;
}

/// A call that is forced is the answer: then its form does not matter to a model that cannot have both.
GeminiTools plan_gemini_tools(const GeminiTask& task) {
    GeminiTools plan;
    const auto& output = task.conversation.output;
    const auto& tools = task.conversation.tools;
    const auto& choice = task.conversation.tool_choice;
    const bool beside_tools = !tools.empty();
    const bool together = !beside_tools || task.facts.schema_with_tools;
    const bool schema = output.kind == OutputKind::json_schema && !output.schema.empty();
    if (output.kind == OutputKind::text) {
        return plan;
    }
    if (beside_tools && must_call(choice)) {
        if (task.facts.schema_with_tools) {
            task.losses.refuse("tool_choice", "the model cannot be made to call beside a form of its answer");
        }
        return plan;
    }
    if (!schema) {
        plan.answer = together ? GeminiAnswer::json : GeminiAnswer::asked_for;
        if (!together) {
            task.losses.drop("response_format");
        }
        return plan;
    }
    if (task.facts.output_schema && together) {
        plan.answer = GeminiAnswer::schema;
        return plan;
    }
    if (!task.facts.forced_tool) {
        task.losses.refuse("response_format", "the model takes no schema here");
        return plan;
    }
    plan.answer = GeminiAnswer::schema_tool;
    plan.answer_tool = "json";
    while (is_tool(tools, plan.answer_tool)) {
        plan.answer_tool += '_';
    }
    return plan;
}

void write_gemini_tools(const GeminiTask& task, const GeminiTools& plan, JsonOut& json) {
    ToolsWriter(task, plan, json).write();
}

}  // namespace gatehouse::dialect
