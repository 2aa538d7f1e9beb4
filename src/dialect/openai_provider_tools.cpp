#include "kept_json.hpp"
#include "openai_provider.hpp"
#include "schema_fault.hpp"
#include "tool_schema.hpp"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::ToolChoiceKind;

constexpr std::string_view free_text =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false})";

class ToolsWriter {
public:
    ToolsWriter(JsonOut& json, const chat::Conversation& conversation, const OpenaiPlan& plan,
                const chat::ModelFacts& facts, OpenaiForm form, Losses& losses, ReplyMap& map)
        : json_(json),
          said_(conversation),
          plan_(plan),
          facts_(facts),
          nested_(form == OpenaiForm::chat),
          losses_(losses),
          map_(map) {}

    void write() {
        choose();
        for (const auto& tool : said_.tools) {
            if (tool.custom && keeps_custom_tools(facts_)) {
                custom_.insert(tool.name);
            }
        }
        if (said_.tools.empty() && plan_.json_tool.empty()) {
            return;
        }
        json_.key("tools").begin_array();
        for (const auto& tool : said_.tools) {
            if (only_.empty() || only_.count(tool.name) > 0) {
                write_tool(tool);
            }
        }
        if (!plan_.json_tool.empty()) {
            chat::Tool answer;
            answer.name = plan_.json_tool;
            answer.description =
                said_.output.description.empty() ? "Gives the answer." : said_.output.description;
            answer.schema = said_.output.schema;
            write_tool(answer);
        }
        json_.end_array();
        write_choice();
        if (!said_.parallel_tool_calls.value_or(true)) {
            json_.key("parallel_tool_calls").boolean(false);
        }
    }

private:
    /// What cannot be forced is made likely: no other tool is offered.
    void choose() {
        const auto& choice = said_.tool_choice;
        kind_ = choice.kind;
        const bool list = kind_ == ToolChoiceKind::allowed && !facts_.newer_fields;
        const bool forced = kind_ == ToolChoiceKind::required || kind_ == ToolChoiceKind::named ||
                            (kind_ == ToolChoiceKind::allowed && choice.must_call);
        const bool lost = forced && !facts_.forced_tool;
        if (list || (lost && kind_ != ToolChoiceKind::required)) {
            only_.insert(choice.names.begin(), choice.names.end());
        }
        if (lost) {
            losses_.drop("tool_choice");
        }
        if (lost || list) {
            kind_ = lost || !choice.must_call ? ToolChoiceKind::automatic : ToolChoiceKind::required;
        }
        if (!plan_.json_tool.empty()) {
            const bool alone = said_.tools.empty() || choice.kind == ToolChoiceKind::none;
            kind_ = alone ? ToolChoiceKind::named : ToolChoiceKind::required;
            map_.json_tool = plan_.json_tool;
            map_.json_waits = !alone;
        }
    }

    bool is_custom(std::string_view name) const { return custom_.count(name) > 0; }

    void write_tool(const chat::Tool& tool) {
        const bool custom = tool.custom && keeps_custom_tools(facts_);
        const auto name = OpenaiNames::tool(tool.name);
        if (name != tool.name) {
            map_.names.emplace_back(name, tool.name);
        }
        json_.begin_object().key("type").string(custom ? "custom" : "function");
        if (nested_) {
            json_.key(custom ? "custom" : "function").begin_object();
        }
        json_.key("name").string(name);
        auto description = tool.description;
        if (tool.custom && !custom && !tool.schema.empty()) {
            description +=
                fmt::format("{}Format of the input: {}", description.empty() ? "" : "\n", tool.schema);
        }
        if (!description.empty()) {
            json_.key("description").string(description);
        }
        if (custom) {
            if (!tool.schema.empty()) {
                write_format(tool.schema);
            }
        } else if (tool.custom) {
            map_.custom_tools.push_back(tool.name);
            json_.key("parameters").raw(free_text);
            write_strict(false);
        } else {
            write_parameters(tool);
        }
        if (nested_) {
            json_.end_object();
        }
        json_.end_object();
    }

    /// Chat completions nest the grammar of a custom tool, responses do not.
    void write_format(std::string_view format) {
        const auto grammar = nested_ ? std::string_view() : member_of(format, "grammar");
        if (!grammar.starts_with('{')) {
            json_.key("format").raw(format);
            return;
        }
        std::string flat = R"({"type":"grammar")";
        flat += is_blank_json(inside_of(grammar)) ? "" : ",";
        flat += inside_of(grammar);
        flat += '}';
        json_.key("format").raw(flat);
    }

    void write_parameters(const chat::Tool& tool) {
        if (const auto fault = tool.schema.empty() ? std::string() : fault_of_schema(tool.schema);
            !fault.empty()) {
            losses_.refuse("tools", fmt::format("of the parameters of '{}', {}", tool.name, fault));
            return;
        }
        // OpenAI's rules for the top of a schema are those of Anthropic.
        const auto schema = tool_schema(tool.schema);
        const auto closed = tool.strict.value_or(false) ? closed_schema(schema) : std::nullopt;
        if (tool.strict.value_or(false) && !closed) {
            losses_.drop("tools.strict");
        }
        json_.key("parameters").raw(closed ? *closed : schema);
        write_strict(closed.has_value());
    }

    /// Responses are strict unless told otherwise.
    void write_strict(bool strict) {
        if (strict || !nested_) {
            json_.key("strict").boolean(strict);
        }
    }

    void write_choice() {
        switch (kind_) {
            case ToolChoiceKind::unsaid:
                break;
            case ToolChoiceKind::automatic:
                json_.key("tool_choice").string("auto");
                break;
            case ToolChoiceKind::none:
                json_.key("tool_choice").string("none");
                break;
            case ToolChoiceKind::required:
                json_.key("tool_choice").string("required");
                break;
            case ToolChoiceKind::named:
                json_.key("tool_choice");
                write_named(!plan_.json_tool.empty()          ? plan_.json_tool
                            : said_.tool_choice.names.empty() ? std::string_view()
                                                              : said_.tool_choice.names.front());
                break;
            case ToolChoiceKind::allowed:
                write_allowed();
                break;
        }
    }

    void write_named(std::string_view name) {
        const std::string_view type = is_custom(name) ? "custom" : "function";
        json_.begin_object().key("type").string(type);
        if (nested_) {
            json_.key(type).begin_object();
        }
        json_.key("name").string(OpenaiNames::tool(name));
        if (nested_) {
            json_.end_object();
        }
        json_.end_object();
    }

    void write_allowed() {
        json_.key("tool_choice").begin_object().key("type").string("allowed_tools");
        if (nested_) {
            json_.key("allowed_tools").begin_object();
        }
        json_.key("mode").string(said_.tool_choice.must_call ? "required" : "auto");
        json_.key("tools").begin_array();
        for (const auto& name : said_.tool_choice.names) {
            write_named(name);
        }
        json_.end_array();
        if (nested_) {
            json_.end_object();
        }
        json_.end_object();
    }

    JsonOut& json_;
    const chat::Conversation& said_;
    const OpenaiPlan& plan_;
    const chat::ModelFacts& facts_;
    bool nested_;
    Losses& losses_;
    ReplyMap& map_;
    ToolChoiceKind kind_{ToolChoiceKind::unsaid};
    std::set<std::string_view> custom_;  // tools that go there as such
    std::set<std::string_view> only_;    // tools to send; empty: all
};

}  // namespace

void write_openai_tools(JsonOut& json, const chat::Conversation& conversation, const OpenaiPlan& plan,
                        const chat::ModelFacts& facts, OpenaiForm form, Losses& losses, ReplyMap& map) {
    ToolsWriter(json, conversation, plan, facts, form, losses, map).write();
}

void write_openai_schema_format(JsonOut& json, const chat::OutputFormat& output, Losses& losses) {
    json.key("name").string(output.name.empty() ? "response" : OpenaiNames::tool(output.name));
    if (!output.description.empty()) {
        json.key("description").string(output.description);
    }
    if (const auto fault = fault_of_schema(output.schema); !fault.empty()) {
        losses.refuse("response_format", fault);
        return;
    }
    const auto closed = output.strict.value_or(false) ? closed_schema(output.schema) : std::nullopt;
    if (output.strict.value_or(false) && !closed) {
        losses.drop("response_format.strict");
    }
    json.key("schema").raw(closed ? *closed : output.schema);
    json.key("strict").boolean(closed.has_value());
}

}  // namespace gatehouse::dialect
