#include "gemini_request.hpp"

#include "translation_parts.hpp"

#include "gatehouse/dialect/gemini_path.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

class ExtrasReader {
public:
    ExtrasReader(const std::vector<chat::Member>& others, Losses& losses) : losses_(losses) {
        for (const auto& other : others) {
            read(other);
        }
    }

    GeminiExtras take() && { return std::move(extras_); }

private:
    void read(const chat::Member& other) {
        if (other.name == "web_search_options") {
            losses_.refuse(other.name, "searching the web is not switched on");
        } else if (other.name == "audio") {
            losses_.refuse(other.name, "the model gives no audio");
        } else if (other.name == "modalities") {
            read_modalities(other);
        } else if ((other.name == "safety_settings" || other.name == "safetySettings") &&
                   is(other.value, JsonType::array)) {
            extras_.safety_settings = other.value;
        } else if (other.name == "extra_body" && is(other.value, JsonType::object)) {
            read_body(other.value);
        } else {
            losses_.drop(other.name);
        }
    }

    static bool is(std::string_view json, JsonType type) { return JsonReader(json, {}).peek() == type; }

    void read_modalities(const chat::Member& other) {
        if (other.value.find("\"audio\"") != std::string::npos) {
            losses_.refuse(other.name, "the model gives no audio");
        } else {
            extras_.modalities = other.value;
            std::transform(other.value.begin(), other.value.end(), extras_.modalities.begin(), [](char c) {
                return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            });
        }
    }

    void read_body(std::string_view body) {
        JsonReader json(body, {});
        json.begin_object();
        while (json.next_member()) {
            if (json.key() == "google" && json.peek() == JsonType::object) {
                read_google(body, json);
            } else {
                json.skip();
                losses_.drop("extra_body");
            }
        }
    }

    void read_google(std::string_view body, JsonReader& json) {
        json.begin_object();
        while (json.next_member()) {
            const std::string key(json.key());
            const auto type = json.peek();
            const auto range = json.skip();
            const auto value = body.substr(range.begin, range.size());
            if (key == "thinking_config" && type == JsonType::object) {
                extras_.thinking_config = value;
            } else if (key == "cached_content" && type == JsonType::string) {
                extras_.cached_content = value;
            } else if (key == "safety_settings" && type == JsonType::array) {
                extras_.safety_settings = value;
            } else {
                losses_.drop("extra_body");
            }
        }
    }

    Losses& losses_;
    GeminiExtras extras_;
};

void note_lost_fields(const chat::Conversation& conversation, Losses& losses) {
    if (!conversation.end_user.empty()) {
        losses.drop("user");
    }
    if (conversation.parallel_tool_calls == false && !conversation.tools.empty()) {
        losses.drop("parallel_tool_calls");
    }
    const auto named = [](const chat::Message& message) {
        return message.role != chat::Role::tool && !message.name.empty();
    };
    if (std::any_of(conversation.messages.begin(), conversation.messages.end(), named)) {
        losses.drop("messages.name");
    }
}

/// The first tool whose name another before it has.
std::optional<Problem> repeated_name(const std::vector<chat::Tool>& tools) {
    std::set<std::string_view> names;
    const auto repeated = std::find_if(
        tools.begin(), tools.end(), [&](const chat::Tool& tool) { return !names.insert(tool.name).second; });
    if (repeated == tools.end()) {
        return std::nullopt;
    }
    return Problem(ProblemKind::invalid_value, "Two tools have the same name.")
        .with_param("tools[" + std::to_string(repeated - tools.begin()) + "]");
}

ReplyMap reply_map(const GeminiTask& task, const GeminiTools& tools) {
    ReplyMap map;
    map.json_tool = tools.answer_tool;
    map.json_waits = !tools.answer_tool.empty() && !task.conversation.tools.empty();
    map.names = task.names.changed();
    for (const auto& tool : task.conversation.tools) {
        if (tool.custom) {
            map.custom_tools.push_back(tool.name);
        }
    }
    return map;
}

}  // namespace

Result<Written> write_gemini(const chat::Conversation& conversation, bool stream,
                             const TranslateOptions& options) {
    if (auto problem = repeated_name(conversation.tools)) {
        return *std::move(problem);
    }
    TurnRules rules;
    rules.blank_text = true;
    rules.text_signatures = true;
    auto turns = in_turns(conversation, rules);
    if (!turns) {
        return std::move(turns).problem();
    }
    static const chat::ModelFacts unknown_model;
    Losses losses(options.strict);
    GeminiSchemaBudget schemas;
    const GeminiTask task{conversation,
                          options.facts == nullptr ? unknown_model : *options.facts,
                          GeminiNames(conversation.tools),
                          ExtrasReader(conversation.others, losses).take(),
                          losses,
                          schemas};
    note_lost_fields(conversation, losses);
    const auto tools = plan_gemini_tools(task);
    const auto* instruction =
        tools.answer == GeminiAnswer::asked_for ? "Answer with one JSON object and nothing else." : "";
    Written written;
    written.body.reserve(options.likely_size);
    JsonOut json(written.body);
    json.begin_object();
    write_gemini_contents(task, *turns, instruction, json);
    write_gemini_tools(task, tools, json);
    write_gemini_generation(task, tools.answer, json);
    if (!task.extras.safety_settings.empty()) {
        json.key("safetySettings").raw(task.extras.safety_settings);
    }
    if (!task.extras.cached_content.empty()) {
        json.key("cachedContent").raw(task.extras.cached_content);
    }
    json.end_object();
    if (auto problem = losses.problem()) {
        return *std::move(problem);
    }
    written.path = gemini_path(options.model, stream ? "streamGenerateContent?alt=sse" : "generateContent");
    written.dropped = losses.dropped();
    written.map = reply_map(task, tools);
    return written;
}

}  // namespace gatehouse::dialect
