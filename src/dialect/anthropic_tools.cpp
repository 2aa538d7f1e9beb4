#include "anthropic_grammar.hpp"
#include "anthropic_request.hpp"
#include "schema_fault.hpp"
#include "tool_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::ToolChoiceKind;

constexpr std::string_view no_parameters = R"({"type":"object","properties":{}})";
constexpr std::string_view free_text =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false})";

// Of all strict tools of a request together.
constexpr std::size_t most_strict = 20;
constexpr std::size_t most_optional_in_strict = 24;
constexpr std::size_t most_unions = 16;

class ToolsWriter {
public:
    ToolsWriter(JsonOut& json, const chat::Conversation& conversation, const Turns& turns,
                const AnthropicPlan& plan, const chat::ModelFacts& facts, AnthropicCacheMarks& marks,
                Losses& losses, ReplyMap& map)
        : json_(json),
          conversation_(conversation),
          turns_(turns),
          plan_(plan),
          facts_(facts),
          marks_(marks),
          losses_(losses),
          map_(map) {}

    void write() {
        choose();
        const auto tools = tools_to_send();
        const auto told = names_in_history();
        if (tools.empty() && told.empty() && plan_.json_tool.empty()) {
            return;
        }
        json_.key("tools").begin_array();
        for (const auto* tool : tools) {
            write_tool(*tool);
        }
        for (const auto name : told) {
            json_.begin_object().key("name").string(name).key("input_schema").raw(no_parameters).end_object();
        }
        if (!plan_.json_tool.empty()) {
            write_json_tool();
        }
        json_.end_array();
        if (conversation_.tools.empty() && plan_.json_tool.empty()) {
            kind_ = "none";
        }
        write_choice();
    }

private:
    /// Which of Anthropic's choices says it, and which tools are left then.
    void choose() {
        const auto& choice = conversation_.tool_choice;
        const bool may_force = facts_.forced_tool && plan_.thinking != AnthropicThinking::enabled;
        switch (choice.kind) {
            case ToolChoiceKind::unsaid:
                break;
            case ToolChoiceKind::automatic:
                kind_ = "auto";
                break;
            case ToolChoiceKind::none:
                kind_ = "none";
                break;
            case ToolChoiceKind::required:
                kind_ = may_force ? "any" : "auto";
                break;
            case ToolChoiceKind::named:
                kind_ = may_force ? "tool" : "auto";
                name_ = choice.names.empty() ? std::string() : choice.names.front();
                if (!may_force) {
                    only_.insert(choice.names.begin(), choice.names.end());
                }
                break;
            case ToolChoiceKind::allowed:
                kind_ = choice.must_call && may_force ? "any" : "auto";
                only_.insert(choice.names.begin(), choice.names.end());
                break;
        }
        const bool forced = choice.kind == ToolChoiceKind::required || choice.kind == ToolChoiceKind::named ||
                            (choice.kind == ToolChoiceKind::allowed && choice.must_call);
        if (forced && !may_force) {
            losses_.drop("tool_choice");
        }
        if (!plan_.json_tool.empty()) {
            const bool alone = conversation_.tools.empty() || choice.kind == ToolChoiceKind::none;
            kind_ = alone ? "tool" : "any";
            name_ = plan_.json_tool;
            map_.json_tool = plan_.json_tool;
            map_.json_waits = !alone;
        }
    }

    std::vector<const chat::Tool*> tools_to_send() const {
        std::vector<const chat::Tool*> tools;
        for (const auto& tool : conversation_.tools) {
            if (only_.empty() || only_.count(tool.name) > 0) {
                tools.push_back(&tool);
            }
        }
        return tools;
    }

    /// A history with calls needs their tools, even where the client no longer offers any.
    std::vector<std::string_view> names_in_history() const {
        std::vector<std::string_view> names;
        std::set<std::string_view> seen;
        if (!conversation_.tools.empty()) {
            return names;
        }
        for (const auto& turn : turns_.turns) {
            for (const auto* part : turn.parts) {
                const auto* call = std::get_if<chat::ToolCall>(&part->what);
                if (call != nullptr && call->name != plan_.json_tool && seen.insert(call->name).second) {
                    names.push_back(call->name);
                }
            }
        }
        return names;
    }

    void write_tool(const chat::Tool& tool) {
        json_.begin_object().key("name").string(tool.name);
        auto description = tool.description;
        if (tool.custom) {
            map_.custom_tools.push_back(tool.name);
            if (!tool.schema.empty()) {
                description +=
                    fmt::format("{}Format of the input: {}", description.empty() ? "" : "\n", tool.schema);
            }
        }
        if (!description.empty()) {
            json_.key("description").string(description);
        }
        if (tool.custom) {
            json_.key("input_schema").raw(free_text);
        } else if (const auto fault = tool.schema.empty() ? std::string() : fault_of_schema(tool.schema);
                   !fault.empty()) {
            losses_.refuse("tools", fmt::format("of the parameters of '{}', {}", tool.name, fault));
        } else {
            write_schema(tool);
        }
        marks_.write(json_, tool.cache);
        json_.end_object();
    }

    void write_schema(const chat::Tool& tool) {
        const auto schema = tool_schema(tool.schema);
        if (!tool.strict.value_or(false)) {
            json_.key("input_schema").raw(schema);
            return;
        }
        const auto grammar = facts_.output_schema ? anthropic_grammar(schema) : std::nullopt;
        if (!grammar || strict_ == most_strict || optional_ + grammar->optional > most_optional_in_strict ||
            unions_ + grammar->unions > most_unions) {
            losses_.drop("tools.strict");
            json_.key("input_schema").raw(schema);
            return;
        }
        ++strict_;
        optional_ += grammar->optional;
        unions_ += grammar->unions;
        json_.key("input_schema").raw(grammar->schema).key("strict").boolean(true);
    }

    void write_json_tool() {
        const auto& output = conversation_.output;
        json_.begin_object().key("name").string(plan_.json_tool).key("description");
        json_.string(output.description.empty() ? std::string_view("Gives the answer.")
                                                : std::string_view(output.description));
        json_.key("input_schema").raw(tool_schema(output.schema)).end_object();
    }

    void write_choice() {
        const bool one_at_a_time = !conversation_.parallel_tool_calls.value_or(true) && kind_ != "none";
        if (kind_.empty() && !one_at_a_time) {
            return;
        }
        json_.key("tool_choice").begin_object().key("type").string(kind_.empty() ? "auto" : kind_);
        if (kind_ == "tool") {
            json_.key("name").string(name_);
        }
        if (one_at_a_time) {
            json_.key("disable_parallel_tool_use").boolean(true);
        }
        json_.end_object();
    }

    JsonOut& json_;
    const chat::Conversation& conversation_;
    const Turns& turns_;
    const AnthropicPlan& plan_;
    const chat::ModelFacts& facts_;
    AnthropicCacheMarks& marks_;
    Losses& losses_;
    ReplyMap& map_;
    std::string_view kind_;            // of tool_choice; empty: none is sent
    std::string name_;                 // of a choice by name
    std::set<std::string_view> only_;  // tools to send; empty: all
    std::size_t strict_{0};
    std::size_t optional_{0};
    std::size_t unions_{0};
};

}  // namespace

void write_anthropic_tools(JsonOut& json, const chat::Conversation& conversation, const Turns& turns,
                           const AnthropicPlan& plan, const chat::ModelFacts& facts,
                           AnthropicCacheMarks& marks, Losses& losses, ReplyMap& map) {
    ToolsWriter(json, conversation, turns, plan, facts, marks, losses, map).write();
}

}  // namespace gatehouse::dialect
