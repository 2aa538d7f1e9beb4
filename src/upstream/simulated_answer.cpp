#include "simulated_answer.hpp"

#include "simulated_schema.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t tokens_per_part = 85;
constexpr std::size_t gist_length = 160;

/// A tool in chat's form (below `function` or `custom`) or in that of responses (flat).
SimulatedTool read_tool(const Json& tool) {
    SimulatedTool read;
    const std::string type = string_in(tool, "type");
    read.custom = type == "custom";
    const Json& nested = member_of(tool, type.c_str());
    const Json& spec = nested.is_object() ? nested : tool;
    read.name = string_in(spec, "name");
    if (read.custom) {
        read.input = "simulated";
        return read;
    }
    const Json& parameters = member_of(spec, "parameters");
    read.input = parameters.is_object() ? text_form(instance_of(parameters)) : "{}";
    return read;
}

/// The name in a `tool_choice` object, in either form; empty if it names none.
std::string named_in(const Json& choice) {
    const std::string type = string_in(choice, "type");
    const Json& nested = member_of(choice, type.c_str());
    return string_in(nested.is_object() ? nested : choice, "name");
}

void keep_named(std::vector<SimulatedTool>& tools, const std::string& name) {
    std::erase_if(tools, [&name](const SimulatedTool& tool) { return tool.name != name; });
}

void keep_allowed(std::vector<SimulatedTool>& tools, const Json& choice) {
    const Json& nested = member_of(choice, "allowed_tools");
    const Json& allowed = member_of(nested.is_object() ? nested : choice, "tools");
    std::vector<std::string> names;
    if (allowed.is_array()) {
        for (const Json& tool : allowed) {
            names.push_back(named_in(tool));
        }
    }
    std::erase_if(tools, [&names](const SimulatedTool& tool) {
        return std::find(names.begin(), names.end(), tool.name) == names.end();
    });
}

/// All tools that the user names, else the first.
std::vector<SimulatedTool> called(const SimulatedPrompt& prompt) {
    std::vector<SimulatedTool> calls;
    for (const auto& tool : prompt.tools) {
        if (prompt.said.find(tool.name) != std::string::npos) {
            calls.push_back(tool);
        }
    }
    if (calls.empty()) {
        calls.push_back(prompt.tools.front());
    }
    if (!prompt.parallel) {
        calls.resize(1);
    }
    return calls;
}

std::string words_for(const SimulatedPrompt& prompt) {
    if (prompt.json) {
        return *prompt.json;
    }
    if (prompt.tool_result) {
        return "This is a simulated answer. The tool returned: \"" +
               gist_of(*prompt.tool_result, gist_length) + "\"";
    }
    return "This is a simulated answer, no model was asked. You said: \"" +
           gist_of(prompt.said, gist_length) + "\"";
}

}  // namespace

std::int64_t SimulatedAnswer::tokens() const {
    std::int64_t sum = count_simulated_tokens(text);
    for (const auto& call : calls) {
        sum += count_simulated_tokens(call.name) + count_simulated_tokens(call.input);
    }
    return sum;
}

SimulatedAnswer answer_to(const SimulatedPrompt& prompt, std::int64_t choice) {
    SimulatedAnswer answer;
    if (!prompt.tools.empty() && !prompt.tool_result) {
        answer.calls = called(prompt);
        return answer;
    }
    answer.text = words_for(prompt);
    if (choice > 0 && !prompt.json) {
        answer.text += " (choice " + std::to_string(choice + 1) + ")";
    }
    for (const auto& stop : prompt.stops) {
        answer.text.resize(std::min(answer.text.find(stop), answer.text.size()));
    }
    const auto tokens = simulated_tokens(answer.text);
    if (prompt.most_tokens && std::cmp_greater(tokens.size(), *prompt.most_tokens)) {
        const auto first_left_out = tokens[static_cast<std::size_t>(*prompt.most_tokens)];
        answer.text.resize(static_cast<std::size_t>(first_left_out.data() - answer.text.data()));
        answer.cut_short = true;
    }
    return answer;
}

std::string text_of(const nlohmann::ordered_json& content, std::int64_t& tokens) {
    std::string text;
    if (content.is_string()) {
        text = content.get<std::string>();
    }
    if (content.is_array()) {
        for (const Json& part : content) {
            const Json& words = member_of(part, "text");
            if (words.is_string()) {
                text += words.get_ref<const std::string&>();
            } else {
                tokens += tokens_per_part;
            }
        }
    }
    tokens += count_simulated_tokens(text);
    return text;
}

std::vector<std::string> stops_of(const nlohmann::ordered_json& body) {
    std::vector<std::string> stops;
    const Json& stop = member_of(body, "stop");
    if (stop.is_string()) {
        stops.push_back(stop.get<std::string>());
    } else if (stop.is_array()) {
        for (const Json& one : stop) {
            if (one.is_string()) {
                stops.push_back(one.get<std::string>());
            }
        }
    }
    std::erase_if(stops, [](const std::string& one) { return one.empty(); });
    stops.resize(std::min(stops.size(), most_simulated_stops));
    return stops;
}

std::string finish_of(const SimulatedAnswer& answer) {
    if (!answer.calls.empty()) {
        return "tool_calls";
    }
    return answer.cut_short ? "length" : "stop";
}

std::vector<SimulatedTool> tools_of(const nlohmann::ordered_json& body) {
    std::vector<SimulatedTool> tools;
    const Json& choice = member_of(body, "tool_choice");
    const Json& offered = member_of(body, "tools");
    if (!offered.is_array() || (choice.is_string() && choice.get_ref<const std::string&>() == "none")) {
        return tools;
    }
    for (const Json& tool : offered) {
        if (tools.size() == most_simulated_tools) {
            break;
        }
        auto read = read_tool(tool);
        if (!read.name
                 .empty()) {  // a hosted tool (web search and the like) has none and cannot be called here
            tools.push_back(std::move(read));
        }
    }
    if (choice.is_object()) {
        if (string_in(choice, "type") == "allowed_tools") {
            keep_allowed(tools, choice);
        } else {
            keep_named(tools, named_in(choice));
        }
    }
    return tools;
}

std::optional<std::string> json_by(const nlohmann::ordered_json& format, std::string_view said) {
    const std::string type = string_in(format, "type");
    if (type == "json_object") {
        Json object;
        object["simulated"] = true;
        object["you_said"] = gist_of(said, gist_length);
        return text_form(object);
    }
    if (type != "json_schema") {
        return std::nullopt;
    }
    const Json& nested = member_of(format, "json_schema");
    const Json& schema = member_of(nested.is_object() ? nested : format, "schema");
    return text_form(instance_of(schema.is_object() ? schema : Json::object({{"type", "object"}})));
}

std::optional<std::int64_t> count_in(const nlohmann::ordered_json& body, const char* key) {
    const Json& value = member_of(body, key);
    if (!value.is_number_integer() || value.get<std::int64_t>() <= 0) {
        return std::nullopt;
    }
    return value.get<std::int64_t>();
}

bool flag_in(const nlohmann::ordered_json& body, const char* key, bool otherwise) {
    const Json& value = member_of(body, key);
    return value.is_boolean() ? value.get<bool>() : otherwise;
}

std::string string_in(const nlohmann::ordered_json& body, const char* key) {
    const Json& value = member_of(body, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

const nlohmann::ordered_json& member_of(const nlohmann::ordered_json& body, const char* key) {
    static const Json nothing;
    if (!body.is_object()) {
        return nothing;
    }
    const auto found = body.find(key);
    return found == body.end() ? nothing : *found;
}

std::string text_form(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gatehouse::upstream
